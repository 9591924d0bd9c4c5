"""Figures of writing: the log beside the package's own recorder, many writers, import.

The bare recorder is the eventsourcing package's with its own settings, in a database that has
nothing else; its events are as large as ours and have as many tags.
"""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.postgres import PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from api.commands.record_import import uncollected
from api.files import read_files
from benchmarks import servers
from benchmarks.figures import OURS, Figure, Spread, Target, in_turns, timed
from benchmarks.generator import COUNTRIES, SOURCES, Size
from benchmarks.generator import entries as generated
from benchmarks.ground import Ground, Loaded
from benchmarks.load import request
from benchmarks.plan import Plan
from domain.codec import encode, read, write
from domain.dossier import Dossier
from domain.record import Record
from domain.roles import Role
from domain.sources import Entry
from domain.tags import tags_of
from store.keys import add_key

BARE = "bare append"
WRITERS = 16
APPLY = """
    mutation ($entries: [JSON!]!, $id: ID!) {
        apply(entries: $entries, requestId: $id) { position }
    }
"""
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


def joinings(count: int) -> list[Entry]:
    """Facts that no record has yet, about what every record of the generator has."""
    return [
        read(
            {
                "type": "MemberJoined",
                "id": f"joining-{next(_numbers)}-{uuid4().hex[:8]}",
                "coalition": f"coalition-{random.randrange(10):06}",
                "member": f"country-{random.randrange(COUNTRIES):06}",
                "when": f"{random.randrange(1990, 2020)}-{random.randrange(1, 13):02}",
                "citations": [
                    {"source": f"source-{random.randrange(SOURCES):03}", "locator": {"page": 1}}
                ],
            }
        )
        for _ in range(count)
    ]


def _event() -> DCBEvent:
    """An event as large, and with as many tags, as a registration's."""
    name = uuid4().hex
    return DCBEvent("Bench/1", b"x" * 200, [f"entity:{name}", f"request:{name}"])


@contextmanager
def bare_recorder(url: str) -> Iterator[PostgresDCBRecorderTT]:
    """The package's own recorder, its tables made in an empty database."""
    given = conninfo_to_dict(url)
    names = "dbname", "host", "port", "user", "password"
    datastore = PostgresDatastore(*(str(given.get(name) or "") for name in names))
    try:
        bare = PostgresDCBRecorderTT(datastore)
        bare.create_table()
        yield bare
    finally:
        datastore.close()


def bare_rate(bare: PostgresDCBRecorderTT, events: Sequence[DCBEvent]) -> float:
    """Events a second of one bare append."""
    start = time.perf_counter()
    bare.append(events, NOTHING)
    return len(events) / (time.perf_counter() - start)


def fact_events(count: int) -> list[DCBEvent]:
    """Events of facts as the log keeps them."""
    now, tag, nothing = datetime.now(UTC), f"request:{uuid4()}", Dossier()
    return [
        DCBEvent(*encode(fact, actor="bench", recorded_at=now), [*tags_of(fact, nothing), tag])
        for fact in joinings(count)
    ]


def appends(ground: Ground, plan: Plan, loaded: Loaded) -> Iterator[Figure]:
    """Commands and batches beside bare appends; many writers beside one."""
    record = loaded.instance.record
    with bare_recorder(ground.database("bare")) as bare:
        yield Figure(
            "writing",
            "one command",
            "ms",
            in_turns(
                {
                    OURS: timed(lambda: record.apply(registrations(1), actor="bench")),
                    BARE: timed(lambda: bare.append([_event()], NOTHING)),
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
            return [bare_rate(bare, [_event() for _ in range(size)])]

        yield Figure(
            "writing",
            f"the log alone, batches of {size:,}",
            "events/s",
            in_turns({OURS: ours, BARE: theirs}, plan.rounds, plan.seconds),
            {BARE: Target(at_least=0.8)},
        )
        yield _file(ground, plan, bare)
    yield Figure(
        "writing",
        f"{WRITERS} writers of single commands",
        "commands/s",
        in_turns(
            {
                OURS: lambda: _together(record, WRITERS, 5 * plan.requests),
                "one writer": lambda: _together(record, 1, 5 * plan.requests),
            },
            plan.rounds,
            plan.seconds,
        ),
        {"one writer": Target(at_least=3)},
    )
    yield _over_http(ground, plan)


def _file(ground: Ground, plan: Plan, bare: PostgresDCBRecorderTT) -> Figure:
    """What `import` does with a file of facts but project it: read, check, append."""
    size = 200 * plan.requests
    file = ground.folder / "facts.jsonl"

    with ground.fresh("imported") as instance:
        record = instance.record
        record.apply([read(entry) for entry in generated(Size(1, ()))], actor="bench")

        def ours() -> list[float]:
            _write(file, joinings(size))
            with uncollected():
                start = time.perf_counter()
                recorded = record.apply(read_files([str(file)]).entries, actor="bench").recorded
                taken = time.perf_counter() - start
            if recorded != size:
                raise RuntimeError(f"{recorded:,} of {size:,} facts were recorded")
            return [size / taken]

        def theirs() -> list[float]:
            return [bare_rate(bare, fact_events(size))]

        ways = in_turns({OURS: ours, BARE: theirs}, plan.rounds, plan.seconds)
    return Figure(
        "writing",
        f"import of a file of {size:,} facts, the log alone",
        "facts/s",
        ways,
        {BARE: Target(at_least=0.8), OURS: Target(at_least=10_000)},
    )


def _write(file: Path, entries: list[Entry]) -> None:
    lines = [json.dumps(write(entry), ensure_ascii=False) + "\n" for entry in entries]
    file.write_text("".join(lines), encoding="utf-8")


def _over_http(ground: Ground, plan: Plan) -> Figure:
    """Commands through a server of their own, each answered once it is projected."""
    with ground.fresh("written") as instance:
        with instance.database.connect() as owner:
            _, key = add_key(owner, "bench", Role.CONTRIBUTOR)
        with servers.sijill(instance.database.url, ground.folder) as address:
            url = f"{address}/graphql"

            def sent(count: int) -> list[bytes]:
                return [
                    request(
                        url,
                        json.dumps({"query": APPLY, "variables": {
                            "entries": [write(entry)], "id": uuid4().hex}}).encode(),
                        {"authorization": f"Bearer {key}"},
                    )
                    for entry in registrations(count)
                ]  # fmt: skip

            alone, each = plan.requests * 4, plan.requests * 2
            ways = in_turns(
                {
                    OURS: ground.load.each(url, lambda: sent(WRITERS * each), WRITERS),
                    "one writer": ground.load.each(url, lambda: sent(alone), 1),
                },
                plan.rounds,
                plan.seconds,
            )
    return Figure(
        "writing",
        f"{WRITERS} writers of single commands over HTTP",
        "commands/s",
        ways,
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
