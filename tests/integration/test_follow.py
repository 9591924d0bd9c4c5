"""The follower: exactly once, whoever follows; it stops before what it can't read and says so."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from running import is_running, serving
from strategies import random_record

from api.instance import Instance
from domain.codec import UPCASTERS, VERSIONS, read
from projections.follow import Poison, catch_up, progress_of
from projections.following import Beside, Follower, Following
from store.database import FOLLOWER, READER

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


def wait_for(follower: Following, position: int) -> int:
    """The position reached, of a follower that may not have begun."""
    until = time.monotonic() + 20
    while (reached := follower.reach(position, 10)) is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    return reached


@pytest.mark.parametrize("follow", [Follower, Beside])
def test_concurrent_writers_lose_nothing_and_the_follower_sees_all(
    instance: Instance, follow: type[Follower | Beside]
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

    with follow(instance.database) as follower, ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
        wait_for(follower, len(registered) + 100)

    total = len(registered) + 100
    instance.catch_up()
    assert count(instance) == (total, total)


@pytest.mark.parametrize("follow", [Follower, Beside])
def test_who_wrote_is_told_by_the_follower_when_it_is_projected(
    instance: Instance, follow: type[Follower | Beside]
) -> None:
    with follow(instance.database) as follower:
        for entry in ENTRIES:
            position = instance.record.apply([entry], actor="someone").position
            reached = (
                wait_for(follower, position) if position == 1 else follower.reach(position, 10)
            )

            assert reached is not None
            with instance.database.connect(READER) as connection:
                assert progress_of(connection).position >= reached >= position
        assert follower.reach(position + 1, 0.01) is None
        append_raw(instance, "FromTheFuture/9", b"{}")
        with pytest.raises(Poison, match="FromTheFuture/9"):
            follower.reach(position + 1, 10)
        assert follower.reach(position, 10) == position
    assert count(instance) == (len(ENTRIES), len(ENTRIES))


def test_a_process_that_follows_is_started_again_when_it_ends_by_itself(instance: Instance) -> None:
    said: list[str] = []
    with Beside(instance.database, said.append) as follower:
        first = instance.record.apply(ENTRIES[:3], actor="someone").position
        assert wait_for(follower, first) == first

        os.kill(follower_pid(), signal.SIGKILL)
        until = time.monotonic() + 20
        while not said and time.monotonic() < until:
            time.sleep(0.01)
        second = instance.record.apply(ENTRIES[:6], actor="someone").position

        assert wait_for(follower, second) == second
        assert said == ["the follower has ended by itself (-9); starting it again"]
        last = follower_pid()
    assert not is_running(last)
    assert follower.reach(second + 1, 10) is None
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


def follower_pid() -> int:
    """The process that follows for us."""
    (found,) = (
        child
        for child in children(os.getpid())
        if b"projections.following" in Path(f"/proc/{child}/cmdline").read_bytes()
    )
    return found


def test_without_a_follower_that_follows_who_wrote_projects_it(instance: Instance) -> None:
    follower = Follower(instance.database)
    served = replace(instance, follower=follower)
    for end in (5, 9):
        position = instance.record.apply(ENTRIES[:end], actor="someone").position

        assert served.catch_up_to(position) == position == end

        assert count(instance) == (end, end)
        with follower if end == 5 else nullcontext():
            pass


def test_a_poison_event_stops_the_projections_before_it_and_says_why(instance: Instance) -> None:
    instance.record.apply(ENTRIES[:7], actor="someone")
    poisoned = append_raw(instance, "FromTheFuture/9", b"{}")
    instance.record.apply(ENTRIES[7:], actor="someone")

    with instance.database.connect(FOLLOWER) as connection:
        with pytest.raises(Poison, match="FromTheFuture/9"):
            catch_up(connection)
        progress = progress_of(connection)

    assert (progress.position, progress.stopped_at) == (poisoned - 1, poisoned)
    assert "FromTheFuture/9" in (progress.stopped_why or "")
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
