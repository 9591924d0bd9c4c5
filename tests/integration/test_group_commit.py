"""Commands sent at the same time share a commit, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.persistence import DataError, IntegrityError

from api.instance import Instance
from domain.codec import read
from domain.errors import Refused
from domain.record import Outcome, Record, request_key
from domain.recorder import Request
from store.database import READER
from store.recorder import MAIN_TABLE, PostgresRecorder

BEGINNING = [
    {"type": "SourceRegistered", "id": "s", "title": "A report", "published": "2020-01-01"},
    {"type": "EntityRegistered", "id": "g", "kind": "COALITION", "names": {"en": "G"}},
]


def founded(name: str, when: str = "2014") -> Any:
    return read(
        {"type": "CoalitionFounded", "id": name, "coalition": "g", "when": when,
         "citations": [{"source": "s"}]}
    )  # fmt: skip


def unless(tag: str) -> DCBAppendCondition:
    return DCBAppendCondition(DCBQuery([DCBQueryItem(tags=[tag])]), after=0)


@pytest.fixture
def recorder(instance: Instance) -> PostgresRecorder:
    assert isinstance(instance.record.recorder, PostgresRecorder)
    instance.record.apply([read(entry) for entry in BEGINNING], actor="someone")
    return instance.record.recorder


Start = Callable[[Callable[[], object]], "Future[object]"]


@contextmanager
def at_once(instance: Instance, recorder: PostgresRecorder, number: int) -> Iterator[Start]:
    """Starts appends that make one group, after one that waits for the log's lock."""
    with (
        ThreadPoolExecutor(number + 1) as threads,
        instance.database.connect() as owner,
        owner.transaction(),
    ):
        owner.execute(f"LOCK TABLE {MAIN_TABLE} IN EXCLUSIVE MODE".encode())
        event = DCBEvent("Tried/1", b"{}", ["fact:first"])
        threads.submit(recorder.append, [event], unless("none:"))
        while not recorder._appends._is_busy:
            threading.Event().wait(0.001)
        yield threads.submit
        while len(recorder._appends._queue) < number:
            threading.Event().wait(0.001)


def transactions(instance: Instance) -> dict[str, int]:
    """The transaction that each event was appended in, by its first tag."""
    with instance.database.connect(READER) as connection:
        rows = connection.execute(f"SELECT tags[1], xmin::text::bigint FROM {MAIN_TABLE}".encode())
        return dict(rows.fetchall())


def test_each_has_its_own_condition_in_the_commit_that_they_share(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    def append(name: str, condition: str, request: str | None = None) -> object:
        kept = None if request is None else Request(request, b"d", 0, 1, 0)
        event = DCBEvent("Tried/1", b"{}", [f"fact:{name}"])
        return recorder.append_once([event], unless(condition), kept)

    with at_once(instance, recorder, 5) as start:
        done = []
        for waiting, (name, *rest) in enumerate(
            [
                ("a", "fact:none", "r1"),
                ("b", "fact:a"),  # sees what is before it in the group
                ("c", "fact:none", "r1"),  # so it does of request ids
                ("d", "source:s"),
                ("e", "fact:b"),
            ],
            1,
        ):
            done.append(start(lambda name=name, rest=rest: append(name, *rest)))
            while len(recorder._appends._queue) < waiting:
                threading.Event().wait(0.001)

    for refused in (done[1], done[2], done[3]):
        assert isinstance(refused.exception(10), IntegrityError)
    positions = [done[0].result(10), done[4].result(10)]
    found = transactions(instance)
    assert found["fact:a"] == found["fact:e"] != found["fact:first"]
    assert found.keys().isdisjoint({"fact:b", "fact:c", "fact:d"})
    request = recorder.find_request("r1")
    assert request is not None
    assert (request.position, positions[1]) == (positions[0], positions[0] + 1)  # type: ignore[operator]


def test_a_tag_of_a_position_that_no_event_has_conflicts_with_nothing(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    with instance.database.connect() as owner:
        owner.execute("INSERT INTO sijill_events_tt_tag VALUES ('fact:f', 1000)")

    event = DCBEvent("Tried/1", b"{}", ["fact:f"])
    assert recorder.append([event], unless("fact:f")) == 3
    with pytest.raises(IntegrityError):
        recorder.append([event], unless("fact:f"))


def test_the_tags_of_a_log_without_statistics_are_looked_up_by_their_index(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    def scans() -> int:
        with instance.database.connect() as owner:
            while owner.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone():
                threading.Event().wait(0.01)  # a session tells what it did at its end
            row = owner.execute(
                "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'sijill_events_tt_tag'"
            ).fetchone()
        assert row is not None
        return int(row[0])

    instance.record.apply([founded(f"before-{n}") for n in range(500)], actor="someone")
    recorder.close()
    before = scans()

    again = PostgresRecorder(instance.database)
    for number in range(8):
        Record(again).apply([founded(f"one-{number}")], actor="someone")
        instance.catch_up()
    for number in range(8):
        again.append([DCBEvent("Tried/1", b"{}", [f"fact:two-{number}"])], unless("fact:none"))
    again.close()
    assert scans() == before


def test_looks_at_the_same_time_find_each_its_own(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    instance.record.apply([founded("f")], actor="someone", request_id="r1")
    with recorder._looks._lock:  # as if another look were under way
        recorder._looks._is_busy = True
    with ThreadPoolExecutor(4) as threads:
        found = [
            threads.submit(recorder.look, ["entity:g"]),
            threads.submit(recorder.look, ["fact:f", "source:s"], request_key("someone", "r1")),
            threads.submit(recorder.look, ["fact:\0"]),
            threads.submit(recorder.look, ["fact:none"], "r2"),
        ]
        while len(recorder._looks._queue) < len(found):
            threading.Event().wait(0.001)
        first = recorder._looks._queue[0]
        first.is_leader = True
        first.wake.release()

    one, two, none = found[0].result(10), found[1].result(10), found[3].result(10)
    assert [each.head for each in (one, two, none)] == [3, 3, 3]
    assert [[event[0] for event in each.events] for each in (one, two, none)] == [[2], [1, 3], []]
    assert two.request is not None
    assert (two.request.id, two.request.position) == (request_key("someone", "r1"), 3)
    assert one.request is none.request is None
    assert isinstance(found[2].exception(10), DataError)


def test_what_others_wrote_is_told_from_one_s_own(recorder: PostgresRecorder) -> None:
    def append(*tags: str) -> int:
        return recorder.append([DCBEvent("T/1", b"", [tag]) for tag in tags], unless("none:"))

    before, last, after = append("fact:a", "fact:b"), append("fact:c", "fact:d"), append("fact:e")

    own = range(last - 1, last + 1)
    assert recorder.written_beside(before, own) == (after, ["fact:e"])
    head, tags = recorder.written_beside(before - 1, own)
    assert (head, sorted(tags)) == (after, ["fact:b", "fact:e"])
    assert recorder.written_beside(after, own) == (after, [])


def test_what_the_database_refuses_of_one_does_not_fail_the_others(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    with at_once(instance, recorder, 3) as start:
        done = [
            start(lambda tag=tag: recorder.append([DCBEvent("T/1", b"", [tag])], unless("none:")))
            for tag in ("fact:a", "fact:\0", "fact:b")
        ]

    assert isinstance(done[1].exception(10), DataError)
    assert {done[0].result(10), done[2].result(10)} <= {4, 5, 6, 7}
    assert {"fact:a", "fact:b"} <= transactions(instance).keys()


def test_commands_that_wait_for_the_log_are_answered_each_for_itself(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    def apply(*names: str, request_id: str | None = None) -> Outcome:
        entries = [founded(*name.split("=")) for name in names]
        return instance.record.apply(entries, actor="someone", request_id=request_id)

    commands: list[tuple[tuple[str, ...], str | None, object]] = [
        (("a",), "r1", 1),
        (("b", "c"), None, 2),
        (("b=2015",), None, "ID_TAKEN"),  # taken by the one before it
        (("a",), "r1", 1),
        (("d",), "r1", "REQUEST_ID_REUSED"),
        (("d", "e"), None, 2),
        (("d", "f"), None, 1),
    ]
    with ThreadPoolExecutor(20) as threads, instance.database.connect() as owner:
        with owner.transaction():
            owner.execute(f"LOCK TABLE {MAIN_TABLE} IN EXCLUSIVE MODE".encode())
            first = threads.submit(apply, "first")
            while not recorder._appends._is_busy:
                threading.Event().wait(0.001)
            done = []
            for names, request_id, _ in commands:
                done.append(threads.submit(apply, *names, request_id=request_id))
                while len(recorder._appends._queue) < len(done):
                    threading.Event().wait(0.001)
        assert first.result(10).recorded == 1
        told: list[object] = []
        for future in done:
            error = future.exception(10)
            assert error is None or isinstance(error, Refused)
            told.append(future.result().recorded if error is None else error.code)

    assert told == [expected for _, _, expected in commands]
    found = transactions(instance)
    assert found["fact:a"] == found["fact:b"] == found["fact:c"] != found["fact:first"]


def test_merges_at_once_never_close_a_circle(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    def merge(name: str, one: str, into: str) -> object:
        entry = {"type": "EntitiesMerged", "id": name, "entities": [one], "into": into,
                 "reason": "they are one"}  # fmt: skip
        try:
            return instance.record.apply([read(entry)], actor="someone").recorded
        except Refused as refused:
            return refused.code

    for turn in range(10):
        names = [f"{name}{turn}" for name in "abcdef"]
        entities = [
            {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}
            for name in names
        ]
        a, b, c, d, e, f = names
        instance.record.apply([read(entity) for entity in entities], actor="someone")
        for name, one, into in (("ab", a, b), ("cd", c, d), ("ef", e, f)):
            assert merge(f"{name}{turn}", one, into) == 1

        with ThreadPoolExecutor(3) as threads:
            ring = [(f"bc{turn}", b, c), (f"de{turn}", d, e), (f"fa{turn}", f, a)]
            told = list(threads.map(lambda given: merge(*given), ring))

        assert sorted(map(str, told)) == ["1", "1", "MERGED_INTO_ITSELF"]


def test_a_request_sent_many_times_at_once_is_recorded_once(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    def send(_: int) -> object:
        return instance.record.apply([founded("f")], actor="someone", request_id="same")

    with ThreadPoolExecutor(12) as threads:
        outcomes = set(threads.map(send, range(12)))

    assert len(outcomes) == 1
    assert sum(tag == "fact:f" for tag in transactions(instance)) == 1


def test_of_commands_at_once_for_one_id_one_is_taken_and_the_others_hear_why(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    def send(number: int) -> str:
        try:
            instance.record.apply([founded("f", f"{2000 + number}")], actor="someone")
        except Refused as refused:
            return refused.code
        return "taken"

    with ThreadPoolExecutor(12) as threads:
        outcomes = sorted(threads.map(send, range(12)))

    assert outcomes == ["ID_TAKEN"] * 11 + ["taken"]


def test_connections_that_were_cut_are_made_anew(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    def cut() -> None:
        with instance.database.connect() as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: instance.record.apply([founded(f"a{n}")], actor="x"), range(8)))
    for number in range(3):
        cut()
        assert instance.record.apply([founded(f"b{number}")], actor="x").recorded == 1
        cut()
        kept = Request(f"r{number}", b"d", 0, 1, 0)
        event = DCBEvent("Tried/1", b"{}", [f"fact:c{number}"])
        assert recorder.append_once([event], unless("none:"), kept) > 0


def test_an_append_waits_for_another_programs_no_longer_than_the_lock_timeout(
    instance: Instance, recorder: PostgresRecorder
) -> None:
    with instance.database.connect() as owner, owner.transaction():
        owner.execute(f"LOCK TABLE {MAIN_TABLE} IN EXCLUSIVE MODE".encode())
        with pytest.raises(Exception, match="lock timeout") as caught:
            instance.record.apply([founded("f")], actor="someone")
    assert isinstance(caught.value.__cause__, psycopg.errors.LockNotAvailable)
