"""Rebuild beside the live projections: the same rows or no swap, and no reader notices."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from conftest import NewInstance
from projected import tables
from running import is_running
from strategies import big_record, random_record

from api.commands.record_import import project, take_in
from api.files import RecordFiles
from api.instance import Instance
from domain.codec import read, write
from domain.corrections import EntitiesMerged
from domain.errors import Refused
from domain.sources import Entry, SourceRegistered
from projections import rebuild as module
from projections.follower import Poison, progress_of
from projections.rebuild import LOCK, rebuild
from store.database import _SETTINGS, READER, Database

RANDOM = [read(entry) for entry in random_record(6, facts=14, corrections=14, oddities=False)]
ENTITY = {"type": "EntityRegistered", "kind": "OTHER", "names": {"en": "Another"}}
FACT: dict[str, Any] = {
    "type": "MemberJoined", "id": "late", "coalition": "late-1", "member": "late-2", "when": "2015",
    "citations": [{"source": next(e.id for e in RANDOM if isinstance(e, SourceRegistered))}],
}  # fmt: skip
ENTRIES = [
    *RANDOM,
    *(read({**ENTITY, "id": entity}) for entity in ("late-1", "late-2")),
    read(FACT),
]
MORE: list[dict[str, Any]] = [
    {"type": "FactCorrected", "id": "fix", "fact": "late", "changes": {"when": "2016"},
     "reason": "Misread"},
    {**FACT, "id": "later", "when": "2017-03"},
]  # fmt: skip
"""These close a row that `late` opened, and open others."""


@pytest.fixture
def recorded(instance: Instance) -> Instance:
    instance.record.apply(ENTRIES, actor="someone")
    instance.catch_up()
    return instance


def spoil(instance: Instance) -> None:
    """Make the live projections say something that the log does not."""
    with instance.database.connect() as connection:
        connection.execute(
            "UPDATE intervals SET contested = NOT contested "
            "WHERE ctid = (SELECT min(ctid) FROM intervals)"
        )


def test_a_rebuild_that_differs_is_refused_and_the_old_answers_stay(recorded: Instance) -> None:
    spoil(recorded)
    before = tables(recorded)

    with pytest.raises(Refused) as caught:
        rebuild(recorded.database)

    assert caught.value.code == "ANSWERS_DIFFER"
    rows: Any = caught.value.data["differing"]
    assert {row["table"] for row in rows} == {"intervals"}
    assert [row["is_first"] for row in rows] == [True, False]
    assert tables(recorded) == before


def test_one_rebuild_runs_at_a_time(recorded: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_SETTINGS, "lock_timeout", "100ms")
    with recorded.database.connect() as other:
        other.execute("SELECT pg_advisory_lock(%s)", (LOCK,))

        with pytest.raises(Refused) as caught:
            rebuild(recorded.database)

    assert caught.value.code == "REBUILD_RUNNING"
    assert rebuild(recorded.database).differing == []


def test_what_was_imported_is_projected_anew_where_most_of_the_log_is_left(
    recorded: Instance, new_instance: NewInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def schema(instance: Instance) -> object:
        with instance.database.connect() as owner:
            return owner.execute("SELECT 'projections'::regnamespace::oid").fetchone()

    monkeypatch.setattr("projections.rebuild.LONG", len(ENTRIES) - 1)
    with new_instance() as imported:
        imported.record.clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)
        before = schema(imported)
        imported.record.apply(ENTRIES, actor="someone")
        project(imported)
        rebuilt, found = schema(imported), tables(imported)
        imported.record.apply([read({**ENTITY, "id": "another"})], actor="someone")
        project(imported)

        assert before != rebuilt == schema(imported)
        assert rebuild(imported.database).differing == []
    assert found.keys() == tables(recorded).keys()
    assert [len(rows) for rows in found.values()] == [
        len(rows) for rows in tables(recorded).values()
    ]


@pytest.mark.parametrize("seed", [3, 6])
def test_what_is_written_while_it_scans_is_scanned_as_it_comes(
    instance: Instance, seed: int
) -> None:
    drawn = random_record(seed, facts=30, corrections=60, oddities=False)
    entries = [read(entry) for entry in drawn]
    assert any(isinstance(entry, EntitiesMerged) for entry in entries[12:])
    left = [entries[start : start + 12] for start in range(0, len(entries), 12)]
    scanned: list[int] = []

    def is_growing() -> bool:
        instance.record.apply(left.pop(0), actor="someone")
        return bool(left)

    rebuild(instance.database, is_growing=is_growing, batch=5, seen=scanned.append)
    grown = tables(instance)

    assert scanned != sorted(scanned), "no merge made it scan anew"
    rebuild(instance.database, compare=False)
    assert grown == tables(instance)


@pytest.mark.parametrize("is_spoilt", [False, True])
def test_old_answers_far_behind_are_compared_as_far_as_they_come_and_not_brought_up(
    recorded: Instance, monkeypatch: pytest.MonkeyPatch, is_spoilt: bool
) -> None:
    monkeypatch.setattr(module, "LONG", 0)
    more = [{**ENTITY, "id": f"more-{number}"} for number in range(len(ENTRIES) + 1)]
    recorded.record.apply([read(entry) for entry in more], actor="someone")
    followed: list[int] = []

    def follow(*args: Any, **options: Any) -> tuple[int, int]:
        position, count = project(*args, **options)
        followed.append(count)
        return position, count

    project = module.project
    monkeypatch.setattr(module, "project", follow)
    if is_spoilt:
        spoil(recorded)
        with pytest.raises(Refused):
            rebuild(recorded.database)
    else:
        rebuilt = rebuild(recorded.database)
        assert rebuilt == (len(ENTRIES) + len(more), [])
        with recorded.database.connect(READER) as connection:
            assert progress_of(connection).position == rebuilt.position

    assert sum(followed) == 0


@pytest.mark.parametrize("refused", ["a login that owns nothing", "a poisoned log"])
def test_what_can_t_be_projected_anew_is_followed(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    monkeypatch.setattr("projections.rebuild.LONG", 0)
    instance.record.apply(ENTRIES, actor="someone")
    with instance.database.connect() as owner:
        if refused == "a poisoned log":
            owner.execute(
                "INSERT INTO sijill_events_tt_main (type, data, tags) VALUES ('X/1', '{}', '{}')"
            )
            with pytest.raises(Poison):
                project(instance)
        else:
            name = f"service_{uuid4().hex[:8]}"
            owner.execute(
                f"CREATE ROLE {name} LOGIN IN ROLE sijill_reader, sijill_follower".encode()
            )
            service = replace(instance, database=Database(f"{instance.database.url} user={name}"))
            project(service)
            owner.execute(f"DROP ROLE {name}".encode())

    with instance.database.connect(READER) as connection:
        assert progress_of(connection).position == len(ENTRIES)


def test_an_import_leaves_its_rows_to_whoever_has_the_projections(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("projections.rebuild.LONG", 0)
    monkeypatch.setitem(_SETTINGS, "lock_timeout", "200ms")
    reading = RecordFiles()
    reading.take("facts.jsonl", BytesIO(b"".join(map(line_of, ENTRIES))))

    with instance.database.connect() as owner, owner.transaction():
        owner.execute("LOCK TABLE projections.progress IN EXCLUSIVE MODE")
        outcome = take_in(instance, reading, lambda words, whole: lambda done: None)

    assert outcome.recorded == len(ENTRIES)
    assert "another program" in capsys.readouterr().err
    project(instance)
    with instance.database.connect(READER) as connection:
        assert progress_of(connection).position == len(ENTRIES)


def line_of(entry: Entry) -> bytes:
    return json.dumps(write(entry)).encode() + b"\n"


def test_a_difference_that_is_accepted_is_swapped_in(recorded: Instance) -> None:
    right = tables(recorded)
    spoil(recorded)

    rebuilt = rebuild(recorded.database, accept=True)

    assert len(rebuilt.differing) == 2
    assert tables(recorded) == right


def more(instance: Instance) -> None:
    """Record and project what changes rows that were there, and makes others."""
    for number, entry in enumerate(MORE):
        instance.record.apply([read(entry)], actor=f"someone-{number}")
    instance.catch_up()


def meanwhile(monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> None:
    """Have something happen while old and new rows have been compared and none is locked yet."""
    compare = module._compare

    def and_then(connection: psycopg.Connection[Any]) -> Any:
        compared = compare(connection)
        work()
        return compared

    monkeypatch.setattr(module, "_compare", and_then)


def test_what_is_recorded_while_it_compares_is_there_and_compared(
    recorded: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: more(recorded))
    before = recorded.catch_up()

    rebuilt = rebuild(recorded.database)

    assert rebuilt.differing == []
    assert rebuilt.position == before + len(MORE)


def test_what_is_recorded_while_it_swaps_is_no_difference(
    recorded: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach, later = module._reach, iter(MORE)

    def reach_and_record(connection: psycopg.Connection[Any], schema: str) -> int:
        position = reach(connection, schema)
        recorded.record.apply([read(next(later))], actor="someone")
        return position

    monkeypatch.setattr(module, "_reach", reach_and_record)
    rebuilt = rebuild(recorded.database)
    monkeypatch.undo()
    recorded.catch_up()

    assert rebuilt.differing == []
    assert rebuilt.position == len(ENTRIES)
    after = tables(recorded)
    assert rebuild(recorded.database).position == len(ENTRIES) + len(MORE)
    assert tables(recorded) == after


@pytest.mark.parametrize(
    "spoilt",
    [
        "lower(recorded) > %(head)s",
        "lower(recorded) <= %(head)s AND upper(recorded) > %(head)s",
    ],
)
def test_a_row_that_comes_to_differ_while_it_compares_is_found(
    recorded: Instance, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    head = recorded.catch_up()

    def work() -> None:
        more(recorded)
        with recorded.database.connect() as connection:
            changed = connection.execute(
                "UPDATE intervals SET contested = NOT contested WHERE ctid = (SELECT min(ctid) "
                f"FROM intervals WHERE {spoilt})".encode(),
                {"head": head},
            )
            assert changed.rowcount == 1

    meanwhile(monkeypatch, work)

    with pytest.raises(Refused) as caught:
        rebuild(recorded.database)

    assert caught.value.code == "ANSWERS_DIFFER"
    rows: Any = caught.value.data["differing"]
    assert [row["is_first"] for row in rows] == [True, False]


def test_a_rebuild_that_was_cut_leaves_the_old_answers_and_can_be_run_again(
    recorded: Instance,
) -> None:
    before = tables(recorded)

    class Cut(Exception):
        pass

    def cut(position: int) -> None:
        if position > 10:
            raise Cut

    for _ in range(2):
        with pytest.raises(Cut):
            rebuild(recorded.database, batch=5, seen=cut)
    assert tables(recorded) == before

    assert rebuild(recorded.database).differing == []
    assert tables(recorded) == before


def test_whoever_recorded_is_named_as_they_are_whatever_signs_are_in_it(recorded: Instance) -> None:
    recorded.record.apply([read(entry) for entry in MORE], actor="DOMAIN\\new\tuser")
    recorded.catch_up()

    assert rebuild(recorded.database).differing == []

    with recorded.database.connect() as connection:
        actors = connection.execute("SELECT DISTINCT actor FROM events").fetchall()
    assert sorted(actors) == [("DOMAIN\\new\tuser",), ("someone",)]


def test_readers_never_fail_nor_see_a_mixture_while_it_swaps(recorded: Instance) -> None:
    failures: list[Exception] = []
    seen: set[tuple[int, int]] = set()
    done = threading.Event()

    def look() -> None:
        try:
            with recorded.database.connect(READER) as connection:
                while not done.is_set():
                    row = connection.execute(
                        "SELECT (SELECT count(*) FROM intervals), (SELECT count(*) FROM versions)",
                        prepare=True,
                    ).fetchone()
                    assert row is not None
                    seen.add(row)
        except (psycopg.Error, AssertionError) as error:
            failures.append(error)

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(5):
        rebuild(recorded.database)
    done.set()
    for reader in readers:
        reader.join()

    assert failures == []
    assert len(seen) == 1


def test_processes_fold_slices_to_the_rows_that_the_follower_wrote(instance: Instance) -> None:
    entries = big_record(8, facts=1_200, coalitions=12)
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()
    before = tables(instance)
    told: list[int] = []

    rebuilt = rebuild(instance.database, workers=2, batch=200, seen=told.append)

    assert rebuilt == (len(entries), [])
    assert tables(instance) == before
    assert told == sorted(told)
    assert told[-1] == len(entries)


def test_a_rebuild_killed_while_its_processes_fold_leaves_nothing_running(
    instance: Instance,
) -> None:
    instance.record.apply([read(e) for e in big_record(9, facts=2_000)], actor="someone")
    instance.catch_up()
    before = tables(instance)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, instance.database.url],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        pids = [int(pid) for pid in program.stdout.readline().split()]

        program.kill()

    deadline = time.monotonic() + 20
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(pids) == 2
    assert not any(map(is_running, pids))
    assert tables(instance) == before
    assert rebuild(instance.database).differing == []
    assert tables(instance) == before


KILLED = """
import multiprocessing, sys, time
from projections.rebuild import rebuild
from store.database import Database

def seen(count):
    if children := multiprocessing.active_children():
        print(*(child.pid for child in children), flush=True)
        time.sleep(60)

if __name__ == "__main__":
    rebuild(Database(sys.argv[1]), workers=2, batch=100, seen=seen)
"""
