"""`sijill rebuild` beside a server that is read and written: no reader notices, no kill harms."""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from conftest import NewInstance, serving
from projected import tables
from running import SIJILL, is_running
from strategies import big_record
from thorough import THOROUGH, times

from api.instance import Instance
from domain.codec import read
from domain.roles import Role
from projections.rebuild import FEW, LIVE, rebuild
from store.keys import add_key

FACTS = times(4_000, FEW)
"""Of the thorough suite so many that processes of their own fold them."""
READERS = 4
RATE = times(30, 100)
"""Questions a second, of all readers together."""
MEMBERS = """query ($c: ID!, $at: Int) {
  members(coalition: $c, asOf: "2018-06-30", first: 100, atPosition: $at) { position
    count { certain possible } edges { node { member { id } standing contested
      since { edtf } until { edtf } facts { id } sources { id } } } } }"""
RECORD = """mutation ($entries: [JSON!]!, $id: ID!) {
  apply(entries: $entries, requestId: $id) { position recorded } }"""
HOMES = [f"coalition-{number:03}" for number in range(100)]


@pytest.fixture(scope="module")
def recorded(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        entries = big_record(11, facts=FACTS, coalitions=len(HOMES))
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        yield instance


def starts(instance: Instance) -> subprocess.Popen[bytes]:
    """A rebuild as a user starts it."""
    environment = {**os.environ, "SIJILL_DATABASE_URL": instance.database.url}
    return subprocess.Popen(
        [SIJILL, "rebuild", "--json"], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


class Load:
    """Readers and a writer of a served record, at a steady rate until they are told to end."""

    def __init__(self, url: str, key: str, pinned: int) -> None:
        self.url, self.key, self.pinned = url, key, pinned
        self.done = threading.Event()
        self.first: dict[str, bytes] = {}
        """The pinned answers, by coalition."""
        self.unpinned: dict[tuple[str, int], set[bytes]] = {}
        """What was answered of a coalition without a position, by the one that it named."""
        self.reads, self.writes = itertools.count(), itertools.count()
        self.lock = threading.Lock()
        self.problems: list[str] = []

    def guarded(self, work: Callable[[httpx.Client], None]) -> None:
        try:
            headers = {"authorization": f"Bearer {self.key}"}
            with httpx.Client(base_url=self.url, headers=headers, timeout=60) as client:
                work(client)
        except Exception as error:
            self.problems.append(f"{type(error).__name__}: {error}")

    def ask(self, client: httpx.Client, home: str, at: int | None) -> bytes:
        variables = {"c": home, "at": at}
        answer = client.post("/graphql", json={"query": MEMBERS, "variables": variables})
        if answer.status_code != 200 or "errors" in answer.json():
            raise AssertionError(f"{answer.status_code} {answer.text[:300]}")
        return answer.content

    def read_on(self, client: httpx.Client) -> None:
        due = time.monotonic()
        while not self.done.is_set():
            number = next(self.reads)
            home = HOMES[number % len(HOMES)]
            if number % 2:
                assert self.ask(client, home, self.pinned) == self.first[home], home
            else:
                found = self.ask(client, home, None)
                position = json.loads(found)["data"]["members"]["position"]
                with self.lock:
                    self.unpinned.setdefault((home, position), set()).add(found)
            due += READERS / RATE
            self.done.wait(max(0, due - time.monotonic()))

    def write_on(self, client: httpx.Client) -> None:
        while not self.done.is_set():
            number = next(self.writes)
            home = HOMES[number % len(HOMES)]
            fact = {
                "type": "MemberJoined", "id": f"load-{number}", "coalition": home,
                "member": f"country-{number % 60:03}", "when": "2016",
                "citations": [{"source": "source-001"}],
            }  # fmt: skip
            variables = {"entries": [fact], "id": f"load-{number}"}
            answer = client.post("/graphql", json={"query": RECORD, "variables": variables})
            assert answer.json()["data"]["apply"]["recorded"] == 1, answer.text
            self.done.wait(0.2)


@pytest.mark.timeout(900)
def test_a_rebuild_under_load_fails_no_reader_and_mixes_no_answer(recorded: Instance) -> None:
    with recorded.database.connect() as owner:
        _, key = add_key(owner, "a writer", Role.CONTRIBUTOR)
    with serving(recorded) as url:
        load = Load(url, key, recorded.catch_up())
        with httpx.Client(base_url=url, timeout=60) as client:
            load.first = {home: load.ask(client, home, load.pinned) for home in HOMES}
        works = [*[load.read_on] * READERS, load.write_on]
        threads = [threading.Thread(target=load.guarded, args=[work]) for work in works]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        try:
            for _ in range(times(1, 5)):
                program = starts(recorded)
                out, words = program.communicate(timeout=300)
                assert program.returncode == 0, words
                assert json.loads(out)["differing"] == []
            lasted = time.monotonic() - began
            reads, writes = next(load.reads), next(load.writes)
        finally:
            load.done.set()
            for thread in threads:
                thread.join()

        assert load.problems == []
        assert writes > 3
        print(f"{reads} reads ({reads / lasted:.0f} a second), {writes} writes, {lasted:.1f} s")
        with httpx.Client(base_url=url, timeout=60) as client:
            for (home, position), answers in load.unpinned.items():
                assert answers == {load.ask(client, home, position)}
    assert len({position for _, position in load.unpinned}) > 3


@pytest.mark.timeout(1800)
def test_killed_anywhere_on_its_way_a_rebuild_leaves_the_old_answers(recorded: Instance) -> None:
    before = tables(recorded)
    began = time.monotonic()
    with starts(recorded) as program:
        program.communicate(timeout=300)
    assert program.returncode == 0
    lasts = time.monotonic() - began
    number = times(5, 50)
    most = 0
    for part in range(number):
        with starts(recorded) as program:
            time.sleep(lasts * (part + random.Random(part).random()) / number)
            children = descendants(program.pid)
            program.kill()
        most = max(most, len(children))
        assert answering(recorded) == len(before["intervals"])
        deadline = time.monotonic() + 20
        while any(map(is_running, children)):
            assert time.monotonic() < deadline, "what the rebuild started goes on without it"
            time.sleep(0.05)

    assert most >= 2 or not THOROUGH  # some were killed while processes folded
    assert tables(recorded) == before
    assert rebuild(recorded.database).differing == []
    assert tables(recorded) == before
    with recorded.database.connect() as owner:
        schemas = owner.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^projections'")
        assert schemas.fetchall() == [(LIVE,)]


def answering(instance: Instance) -> int:
    """How many rows the projections that are live have."""
    with instance.database.connect() as connection:
        row = connection.execute("SELECT count(*) FROM intervals").fetchone()
        assert row is not None
        return int(row[0])


def descendants(pid: int) -> set[int]:
    """The processes that one started, and theirs."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                children = [int(word) for word in task.read_text().split()]
            except OSError:
                continue
            found.update(children)
            waiting += children
    return found
