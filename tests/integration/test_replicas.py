"""Reads from a streaming replica: never behind what was asked for, never in the way when it fails.

Two embedded servers, the second made of the first by pg_basebackup. A paused replay stands for a
replica that lags.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from conftest import _stop, browsing

from api.instance import Instance, opened
from api.replicas import Lease, Replicas
from api.settings import Settings
from domain.codec import read
from domain.errors import Refused
from domain.roles import Role
from store.cluster import Cluster
from store.database import READER, Database
from store.datafolder import CLUSTER
from store.embedded import Embedded
from store.keys import add_key

MEMBERS = """query ($r: Int, $time: DateTime) {
  members(coalition: "c", asOf: "2020-01-01", atPosition: $r, recordedAt: $time) {
    position edges { node { member { id } } } } }"""


@dataclass
class Pair:
    """A primary with a record, and its replica."""

    instance: Instance
    replica: str
    data: Path
    members: int = 0

    def joins(self) -> int:
        """Someone else, who does not tell this service, records a member; the position."""
        self.members += 1
        name = f"m{self.members}"
        entries = [
            {"type": "EntityRegistered", "id": name, "kind": "COUNTRY", "names": {"en": name}},
            {
                "type": "MemberJoined",
                "id": f"{name}-joins",
                "coalition": "c",
                "member": name,
                "when": "2010-01-01",
                "citations": [{"source": "s"}],
            },
        ]
        self.instance.record.apply([read(entry) for entry in entries], actor="someone")
        return self.instance.catch_up()

    def replay(self, *, paused: bool) -> None:
        """Let the replica lag, or follow."""
        with psycopg.connect(self.replica, autocommit=True) as connection:
            connection.execute(f"SELECT pg_wal_replay_{'pause' if paused else 'resume'}()".encode())
            wanted = "paused" if paused else "not paused"
            for _ in range(500):
                state = connection.execute("SELECT pg_get_wal_replay_pause_state()").fetchone()
                if state == (wanted,):
                    return
                time.sleep(0.01)
        raise AssertionError(f"the replay is not {wanted}")

    def wait(self, position: int) -> None:
        """Until the replica has a position, and before that the tables."""
        with psycopg.connect(self.replica, autocommit=True) as connection:
            for _ in range(3000):
                with suppress(psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
                    row = connection.execute("SELECT position FROM projections.progress").fetchone()
                    if row is not None and row[0] >= position:
                        return
                time.sleep(0.01)
        raise AssertionError("the replica does not follow")


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Settings, str, Path]]:
    """The settings of the primary, the replica's address and data folder."""
    folder = Path(tempfile.mkdtemp(prefix="sijill-test-", dir="/tmp"))
    folder.chmod(0o755)
    primary, replica = folder / "primary", folder / "replica"
    try:
        with ExitStack() as stack:
            server = stack.enter_context(Embedded(primary, say=lambda words: None))
            _copy(server, replica)
            follower = stack.enter_context(Embedded(replica, say=lambda words: None))
            settings = Settings(server.url, folder, "127.0.0.1", 0, read_urls=(follower.url,))
            yield settings, follower.url, replica
    finally:
        _stop(replica)
        _stop(primary)
        shutil.rmtree(folder, ignore_errors=True)


def _copy(server: Embedded, to: Path) -> None:
    cluster = Cluster.of(server.data)
    to.mkdir(0o711)
    new = to / CLUSTER
    backup = ["-d", server.url, "-D", str(new), "-R", "-X", "stream", "-c", "fast", "--no-sync"]
    subprocess.run([str(cluster.programs / "pg_basebackup"), *backup], check=True)
    if cluster.account is not None:
        for path in (new, *new.rglob("*")):
            os.chown(path, cluster.account.uid, cluster.account.gid, follow_symlinks=False)


@pytest.fixture(scope="module")
def pair(servers: tuple[Settings, str, Path]) -> Iterator[Pair]:
    settings, url, data = servers
    with opened(settings, lambda words: None) as instance:
        entries = [
            {"type": "SourceRegistered", "id": "s", "title": "S", "published": "2012-01-01"},
            {"type": "EntityRegistered", "id": "c", "kind": "COALITION", "names": {"en": "C"}},
        ]
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        pair = Pair(instance, url, data)
        pair.wait(pair.joins())
        yield pair


@pytest.fixture
def client(pair: Pair) -> Iterator[httpx.Client]:
    pair.replay(paused=False)
    pair.wait(pair.joins())
    with browsing(pair.instance) as client:
        yield client
    pair.replay(paused=False)


def members(client: httpx.Client, **variables: Any) -> tuple[int, int]:
    """The position answered at, and how many members there are."""
    response = client.post("/graphql", json={"query": MEMBERS, "variables": variables})
    assert response.status_code == 200, response.text
    assert "errors" not in response.json(), response.text
    answer = response.json()["data"]["members"]
    return answer["position"], len(answer["edges"])


def test_reads_are_answered_by_the_replica_and_follow_it(pair: Pair, client: httpx.Client) -> None:
    before = members(client)
    pair.replay(paused=True)
    position = pair.joins()

    behind = members(client)
    pair.replay(paused=False)
    pair.wait(position)

    assert behind == before
    assert members(client) == (position, before[1] + 1)


def test_a_position_that_the_replica_lacks_is_answered_by_the_primary(
    pair: Pair, client: httpx.Client
) -> None:
    _, count = members(client)
    pair.replay(paused=True)
    position = pair.joins()

    assert members(client, r=position) == (position, count + 1)
    # And from then on nobody is answered as of an earlier one.
    assert members(client) == (position, count + 1)


def test_a_position_past_the_log_is_refused_and_slows_nobody_down(
    pair: Pair, client: httpx.Client
) -> None:
    query = {"query": MEMBERS, "variables": {"r": 2_000_000_000}}

    refused = client.post("/graphql", json=query).json()
    start = time.monotonic()
    for _ in range(20):
        members(client)

    assert refused["errors"][0]["extensions"]["code"] == "POSITION_NOT_REACHED"
    assert time.monotonic() - start < 20 * 0.25


def test_what_was_recorded_by_a_time_is_asked_of_the_primary(
    pair: Pair, client: httpx.Client
) -> None:
    _, count = members(client)
    pair.replay(paused=True)
    position = pair.joins()

    assert members(client, time=datetime.now(UTC).isoformat()) == (position, count + 1)


def test_a_writer_reads_what_it_wrote(pair: Pair, client: httpx.Client) -> None:
    with pair.instance.database.connect() as owner:
        _, key = add_key(owner, "writer", Role.CONTRIBUTOR)
    members(client)
    pair.replay(paused=True)

    wrote = client.post(
        "/graphql",
        json={
            "query": """mutation { apply(requestId: "r1", entries: [
                {type: "EntityRegistered", id: "new", kind: "COUNTRY", names: {en: "New"}}
            ]) { position } }"""
        },
        headers={"authorization": f"Bearer {key}"},
    ).json()
    found = client.post("/graphql", json={"query": '{ entity(id: "new") { name } }'}).json()

    assert wrote["data"]["apply"]["position"] > 0
    assert found == {"data": {"entity": {"name": "New"}}}


def test_a_replica_that_catches_up_in_time_is_waited_for(pair: Pair) -> None:
    pair.replay(paused=True)
    position = pair.joins()

    async def ask() -> tuple[bool, bool]:
        database = pair.instance.database
        primary = await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, **database.session(READER)
        )
        async with (
            primary,
            Replicas(
                [Database(pair.replica)], lambda: Held(primary), _session, lambda words: None
            ) as replicas,
        ):
            late = await _is_replica(replicas, position)
            asyncio.get_running_loop().call_later(0.05, lambda: pair.replay(paused=False))
            return late, await _is_replica(replicas, position)

    assert asyncio.run(ask()) == (False, True)


class Held:
    """A connection that is kept."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self.connection = connection

    async def __aenter__(self) -> psycopg.AsyncConnection[Any]:
        return self.connection

    async def __aexit__(self, *exc: object) -> None:
        pass


def _session(database: Database) -> dict[str, Any]:
    return database.session(READER)


async def _is_replica(replicas: Replicas, position: int) -> bool:
    async with Lease(replicas).connection(position) as connection:
        row = await (await connection.execute("SELECT pg_is_in_recovery()")).fetchone()
    assert row is not None
    return bool(row[0])


def test_a_server_that_is_no_replica_is_not_read_from(
    pair: Pair, instance: Instance, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = instance.database.url
    settings = Settings(
        pair.instance.settings.database_url, pair.data, "127.0.0.1", 0, read_urls=(stranger,)
    )
    mine = Instance(settings, pair.instance.database, pair.instance.record)

    with browsing(mine) as client:
        for _ in range(100):  # on a busy machine an answer may not wait for the stranger's reply
            position, _ = members(client)
            assert position == pair.instance.catch_up()
            if caplog.text:
                break
            time.sleep(0.1)

    assert "is no replica of the database" in caplog.text


def test_several_replicas_are_given_as_urls_apart_by_spaces() -> None:
    one, other = "postgresql://a/sijill", "postgresql://b/sijill"

    assert Settings.read({"SIJILL_READ_URL": f"{one} {other}"}).read_urls == (one, other)
    assert Settings.read({"SIJILL_READ_URL": "host=a dbname=s"}).read_urls == ("host=a dbname=s",)
    assert Settings.read({}).read_urls == ()
    with pytest.raises(Refused, match="mixes URLs with other words"):
        Settings.read({"SIJILL_READ_URL": f"{one} host=b"})


def test_a_lost_replica_costs_no_answer(pair: Pair) -> None:
    pair.replay(paused=False)
    with browsing(pair.instance) as client:
        before = members(client)
        _kill(pair.data)
        answers = [members(client) for _ in range(30)]

    assert answers == [before] * 30


def _kill(data: Path) -> None:
    """The replica's processes, at once, as when its machine is gone."""
    cluster = Cluster.of(data)
    cluster.kill(list(cluster.processes()), signal.SIGKILL)
