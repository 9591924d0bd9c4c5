"""Figures of writing: the log beside the package's own recorder, many writers, import.

The bare recorder is the eventsourcing package's, in a database that has nothing else; its events
are as large as ours.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from uuid import uuid4

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT

from benchmarks.figures import OURS, Figure, Spread, Target, in_turns, timed
from benchmarks.ground import Ground, Loaded
from benchmarks.plan import Plan
from domain.codec import read
from domain.record import Record
from domain.sources import Entry
from store.database import Database
from store.recorder import PostgresRecorder

BARE = "bare append"
WRITERS = 16
NOTHING = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["none:"])]), after=0)
_numbers = itertools.count()


def registrations(count: int) -> list[Entry]:
    """Entities that no record has yet: entries that depend on nothing."""
    return [
        read(
            {
                "type": "EntityRegistered",
                "id": f"entity-{next(_numbers)}-{uuid4().hex[:8]}",
                "kind": "COUNTRY",
                "names": {"en": "A country that is written down", "ar": "بلد"},
            }
        )
        for _ in range(count)
    ]


def _event() -> DCBEvent:
    """An event as large, and with as many tags, as a registration's."""
    name = uuid4().hex
    return DCBEvent("Bench/1", b"x" * 200, [f"entity:{name}", f"request:{name}"])


def appends(ground: Ground, plan: Plan, loaded: Loaded) -> Iterator[Figure]:
    """Commands and batches beside bare appends; many writers beside one."""
    record = loaded.instance.record
    bare = PostgresRecorder(Database(ground.database("bare")), role=None)
    bare.create_table()
    try:
        yield Figure(
            "writing",
            "one command",
            "ms",
            in_turns(
                {
                    OURS: timed(lambda: record.apply(registrations(1), actor="bench")),
                    BARE: timed(lambda: PostgresDCBRecorderTT.append(bare, [_event()], NOTHING)),
                },
                plan.rounds * plan.requests,
                plan.seconds,
            ),
            {BARE: Target(at_most=1 / 0.7)},
        )
        size = 10 * plan.requests**2

        def ours() -> list[float]:
            entries = registrations(size)
            start = time.perf_counter()
            record.apply(entries, actor="bench")
            return [size / (time.perf_counter() - start)]

        def theirs() -> list[float]:
            events = [_event() for _ in range(size)]
            start = time.perf_counter()
            PostgresDCBRecorderTT.append(bare, events, NOTHING)
            return [size / (time.perf_counter() - start)]

        yield Figure(
            "writing",
            f"the log alone, batches of {size:,}",
            "events/s",
            in_turns({OURS: ours, BARE: theirs}, plan.rounds, plan.seconds),
            {BARE: Target(at_least=0.8)},
        )
    finally:
        bare.close()
    yield Figure(
        "writing",
        f"{WRITERS} writers of single commands",
        "commands/s",
        in_turns(
            {
                OURS: lambda: _together(record, WRITERS, plan.requests),
                "one writer": lambda: _together(record, 1, plan.requests),
            },
            plan.rounds,
            plan.seconds,
        ),
        {"one writer": Target(at_least=3)},
    )


def _together(record: Record, writers: int, each: int) -> list[float]:
    """Commands a second of some threads, so many each."""
    entries = [registrations(each) for _ in range(writers)]

    def write(mine: list[Entry]) -> None:
        for entry in mine:
            record.apply([entry], actor="bench")

    threads = [threading.Thread(target=write, args=(mine,)) for mine in entries]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [writers * each / (time.perf_counter() - start)]


def imports(loaded: Loaded) -> Iterator[Figure]:
    """What taking a record in came to; measured once, when it was loaded."""
    for words, seconds, targets in (
        ("with its projections", loaded.reading + loaded.writing + loaded.projecting,
         {OURS: Target(at_least=10_000)}),
        ("the log alone, checked", loaded.reading + loaded.writing, {}),
    ):  # fmt: skip
        yield Figure(
            "writing",
            f"import of {loaded.entries:,} entries, {words}",
            "entries/s",
            {OURS: Spread.of([loaded.entries / seconds])},
            targets,
        )
