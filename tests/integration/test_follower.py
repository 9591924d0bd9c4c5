"""The follower: exactly once, whoever follows; it stops before what it can't read and says so."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from running import is_running, serving
from strategies import random_record

from api.instance import Instance
from domain.codec import UPCASTERS, VERSIONS, read, write
from domain.roles import Role
from domain.sources import Entry
from projections import follower_process
from projections.follower import Poison, Progress, catch_up, progress_of
from projections.follower_process import Follower, FollowerProcess
from store.database import FOLLOWER, READER
from store.keys import add_key

ENTRIES = [read(entry) for entry in random_record(5, facts=12, corrections=10, oddities=False)]


def append_raw(instance: Instance, stored_type: str, data: bytes) -> int:
    """Put bytes in the log that no command of ours would."""
    condition = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["none:"])]), after=0)
    return instance.record.recorder.append_once(
        [DCBEvent(stored_type, data, ["fact:x"])], condition, None
    )


def count(instance: Instance) -> tuple[int, int]:
    with instance.database.connect(READER) as connection:
        row = connection.execute("SELECT count(*), count(DISTINCT position) FROM events").fetchone()
    assert row is not None
    return row


def test_several_followers_at_once_project_each_event_once(instance: Instance) -> None:
    def follow(_: int) -> int:
        with instance.database.connect(FOLLOWER) as connection:
            return catch_up(connection, batch=2)

    instance.record.apply(ENTRIES, actor="someone")
    with ThreadPoolExecutor(4) as threads:
        reached = list(threads.map(follow, range(4)))

    assert max(reached) == len(ENTRIES)
    assert count(instance) == (len(ENTRIES), len(ENTRIES))


def wait_for(instance: Instance, position: int) -> int:
    """The position reached, once it is at least one."""
    until = time.monotonic() + 30
    while (reached := progress(instance).position) < position:
        assert time.monotonic() < until
        time.sleep(0.01)
    return reached


def progress(instance: Instance) -> Progress:
    with instance.database.connect(READER) as connection:
        return progress_of(connection)


@pytest.mark.parametrize("follow", [Follower, FollowerProcess])
def test_concurrent_writers_lose_nothing_and_the_follower_sees_all(
    instance: Instance, follow: type[Follower | FollowerProcess]
) -> None:
    registered = [entry for entry in ENTRIES if "Registered" in type(entry).__name__]
    instance.record.apply(registered, actor="someone")
    source = next(e.id for e in registered if type(e).__name__ == "SourceRegistered")
    entity = next(e.id for e in registered if type(e).__name__ == "EntityRegistered")

    def write(writer: int) -> None:
        for number in range(25):
            fact = {
                "type": "CoalitionFounded", "id": f"w{writer}-{number}", "coalition": entity,
                "when": "2014", "citations": [{"source": source}],
            }  # fmt: skip
            instance.record.apply([read(fact)], actor="someone")

    with follow(instance.database), ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
        wait_for(instance, len(registered) + 100)

    total = len(registered) + 100
    instance.catch_up()
    assert count(instance) == (total, total)


@pytest.mark.parametrize("follow", [Follower, FollowerProcess])
def test_a_follower_reports_every_second_also_when_there_is_nothing_to_do(
    instance: Instance, follow: type[Follower | FollowerProcess]
) -> None:
    instance.record.apply(ENTRIES, actor="someone")
    with follow(instance.database):
        wait_for(instance, len(ENTRIES))
        silences = []
        for _ in range(30):
            silences.append(progress(instance).silence)
            time.sleep(0.1)
        assert max(silences) < 3
        append_raw(instance, "FromTheFuture/9", b"{}")
        until = time.monotonic() + 20
        while progress(instance).stopped_at is None:
            assert time.monotonic() < until
            time.sleep(0.01)
    assert count(instance) == (len(ENTRIES), len(ENTRIES))


def test_a_follower_that_waits_hears_of_what_is_recorded_and_of_its_end(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_process, "LOOK_EVERY", 3_600)
    monkeypatch.setattr(follower_process, "STOP_WITHIN", 30)
    threads = threading.active_count()

    with Follower(instance.database):
        for number, entry in enumerate(ENTRIES, 1):
            instance.record.apply([entry], actor="someone")
            wait_for(instance, number)

    assert threading.active_count() == threads


def test_a_process_that_follows_is_started_again_when_it_ends_by_itself(instance: Instance) -> None:
    said: list[str] = []
    with FollowerProcess(instance.database, said.append):
        first = instance.record.apply(ENTRIES[:3], actor="someone").position
        assert wait_for(instance, first) == first

        os.kill(follower_pid(), signal.SIGKILL)
        until = time.monotonic() + 20
        while not said and time.monotonic() < until:
            time.sleep(0.01)
        second = instance.record.apply(ENTRIES[:6], actor="someone").position

        assert wait_for(instance, second) == second
        assert said == ["the follower has ended by itself (-9); starting it again"]
        last = follower_pid()
    assert not is_running(last)
    assert count(instance) == (6, 6)


def test_a_process_that_follows_ends_with_the_server_however_it_ends(instance: Instance) -> None:
    with serving("serve", "--port", "0", SIJILL_DATABASE_URL=instance.database.url) as server:
        process = server[2]
        until = time.monotonic() + 20
        while not (found := children(process.pid)) and time.monotonic() < until:
            time.sleep(0.01)
        assert len(found) == 1

        process.kill()
        process.wait()

        while is_running(found[0]) and time.monotonic() < until:
            time.sleep(0.01)
        assert not is_running(found[0])


def children(pid: int) -> list[int]:
    """The processes that a process has started and that run."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def follower_pid(parent: int | None = None) -> int:
    """The process that follows for us, or for another one, once it has started."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with suppress(OSError):  # one that has ended meanwhile
            for child in children(parent or os.getpid()):
                if b"projections.follower_process" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return child
        time.sleep(0.01)
    raise TimeoutError("no process follows")


Send = Callable[[Entry], tuple[float, Any]]
APPLY = """mutation ($entries: [JSON!]!, $id: ID!) {
  apply(entries: $entries, requestId: $id) { position diff { edges { node { change } } } } }"""


@contextmanager
def a_server(instance: Instance) -> Iterator[tuple[httpx.Client, Send, int]]:
    """A server with a follower of its own, and what writes to it: seconds and the answer."""
    with instance.database.connect() as owner:
        _, key = add_key(owner, "a writer", Role.REVIEWER)
    headers = {"authorization": f"Bearer {key}"}
    with (
        serving("serve", "--port", "0", SIJILL_DATABASE_URL=instance.database.url) as server,
        httpx.Client(base_url=server[0], headers=headers, timeout=60) as http,
    ):

        def send(entry: Entry) -> tuple[float, Any]:
            began = time.monotonic()
            variables = {"entries": [write(entry)], "id": entry.id}
            answer = http.post("/graphql", json={"query": APPLY, "variables": variables})
            return time.monotonic() - began, answer.json()["data"]["apply"]

        yield http, send, server[2].pid


def until_ready_is(http: httpx.Client, status: int, within: float) -> Any:
    began = time.monotonic()
    while (answer := http.get("/health/ready")).status_code != status:
        assert time.monotonic() - began < within, answer.text
        time.sleep(0.1)
    return answer.json()


@pytest.mark.parametrize("holds_lock", [False, True])
def test_a_follower_that_stands_still_is_told_and_nobody_waits_for_it(
    instance: Instance, holds_lock: bool
) -> None:
    with a_server(instance) as (http, send, server_pid), ExitStack() as stack:
        pid = follower_pid(server_pid)
        until_ready_is(http, 200, 20)
        os.kill(pid, signal.SIGSTOP)
        stack.callback(os.kill, pid, signal.SIGCONT)
        if holds_lock:
            held = stack.enter_context(instance.database.connect(FOLLOWER))
            held.execute("BEGIN")
            held.execute("SELECT FROM progress FOR UPDATE")
        told = until_ready_is(http, 503, 5)
        assert "has not reported for" in told["why"]

        taken = [send(entry) for entry in ENTRIES[:5]]
        assert max(seconds for seconds, _ in taken) < 4
        assert sum(seconds for seconds, _ in taken) < (9 if holds_lock else 5)
        for _, answer in taken:
            assert (answer["diff"] is None) == holds_lock
        if holds_lock:
            held.execute("COMMIT")

        os.kill(pid, signal.SIGCONT)
        until_ready_is(http, 200, 10)
        assert send(ENTRIES[5])[1]["diff"] is not None


def test_a_follower_that_died_is_started_again_and_told_until_then(instance: Instance) -> None:
    with a_server(instance) as (http, send, server_pid):
        until_ready_is(http, 200, 20)
        os.kill(follower_pid(server_pid), signal.SIGKILL)
        assert send(ENTRIES[0])[1]["diff"] is not None
        until_ready_is(http, 200, 20)


def test_a_poison_event_stops_the_projections_before_it_and_says_why(instance: Instance) -> None:
    instance.record.apply(ENTRIES[:7], actor="someone")
    poisoned = append_raw(instance, "FromTheFuture/9", b"{}")
    instance.record.apply(ENTRIES[7:], actor="someone")

    with instance.database.connect(FOLLOWER) as connection:
        with pytest.raises(Poison, match="FromTheFuture/9"):
            catch_up(connection)
        seen = progress_of(connection)

    assert (seen.position, seen.stopped_at) == (poisoned - 1, poisoned)
    assert "FromTheFuture/9" in (seen.stopped_why or "")
    assert count(instance) == (7, 7)


def test_a_program_that_can_read_the_event_goes_on_where_the_other_stopped(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance.record.apply(ENTRIES[:7], actor="someone")
    append_raw(
        instance,
        "SourceRegistered/2",
        b'{"actor":"someone","recordedAt":"2026-01-01T00:00:00+00:00",'
        b'"entry":{"id":"later","title":"of a later version"}}',
    )
    with pytest.raises(Poison):
        instance.catch_up()

    monkeypatch.setitem(VERSIONS, "SourceRegistered", 2)
    monkeypatch.setitem(UPCASTERS, ("SourceRegistered", 1), lambda obj: obj)

    assert instance.catch_up() == 8
    with instance.database.connect(FOLLOWER) as connection:
        assert progress_of(connection).stopped_at is None
