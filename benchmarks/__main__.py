"""`make bench`: what an append and an answer cost beside their floors, in turns in the same run.

Ratios are of medians; single times are of this machine on this day and say little.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from uuid import uuid4

import psycopg
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from psycopg.conninfo import make_conninfo
from rich.console import Console
from rich.table import Table

from api.graphql.run import ask
from api.instance import Instance, opened
from api.settings import Settings
from domain.codec import parse_json, read
from domain.dates import MAX_DAY, day_of
from domain.facts import MEMBERSHIP
from projections.asof import Point, held
from store.database import READER, Database
from store.recorder import PostgresRecorder

ROUNDS = 30
DOCUMENT = """
{ members(coalition: "global-coalition", asOf: "2025-11-10", first: 500) { edges { node {
  member { id kind name iso3166 } standing since { edtf } facts { id type } sources { id title }
} } } }"""


def in_turns(ours: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Median milliseconds of both, run in turns after one of each that does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 1):
        for place, work in enumerate((ours, floor)):
            start = time.perf_counter()
            work()
            if number:
                times[place].append((time.perf_counter() - start) * 1_000)
    return statistics.median(times[0]), statistics.median(times[1])


def appends(instance: Instance, size: int) -> tuple[float, float]:
    """An append with its leaves, beside the eventsourcing package's own in a database that has
    nothing else."""
    name = f"floor_{size}"
    with instance.database.connect() as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    url = make_conninfo(instance.database.url, dbname=name)
    floor = PostgresRecorder(Database(url), role=None)
    floor.create_table()
    recorder = PostgresRecorder(instance.database)
    tag = f"bench:{uuid4().hex}"
    events = [DCBEvent("Bench/1", b"x" * 450, [f"{tag}:{number}"]) for number in range(size)]
    nothing = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["none:"])]), after=0)
    try:
        return in_turns(
            lambda: recorder.append(events, nothing),
            lambda: PostgresDCBRecorderTT.append(floor, events, nothing),
        )
    finally:
        recorder.close()
        floor.close()


def answers(instance: Instance, position: int) -> tuple[float, float]:
    """GraphQL's answer of all members in process, beside its rows fetched by psycopg alone."""
    day = day_of("2025-11-10")
    point = Point(day, day, MAX_DAY, position)

    async def rows() -> None:
        async with await psycopg.AsyncConnection.connect(
            instance.database.url, autocommit=True, **instance.database.session(READER)
        ) as connection:
            await held(connection, MEMBERSHIP, "global-coalition", point, first=500)

    return in_turns(lambda: ask(instance, DOCUMENT), lambda: asyncio.run(rows()))


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="sijill-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        settings = Settings(None, Path(folder) / "data", "127.0.0.1", 0)
        with opened(settings, lambda words: None) as instance:
            sample = resources.files("records").joinpath("global-coalition")
            lines = [
                line
                for file in sorted(sample.iterdir(), key=lambda file: file.name)
                if file.name.endswith(".jsonl")
                for line in file.read_text(encoding="utf-8").splitlines()
            ]
            instance.record.apply([read(parse_json(line)) for line in lines], actor="bench")
            position = instance.catch_up()
            table = Table("what", "ours, ms", "floor, ms", "ours / floor")
            figures = {
                "members of the sample, beside the same rows by psycopg": answers(
                    instance, position
                ),
                "append of 1, beside the package's own": appends(instance, 1),
                "append of 500, beside the package's own": appends(instance, 500),
            }
            for what, (ours, floor) in figures.items():
                table.add_row(what, f"{ours:.2f}", f"{floor:.2f}", f"{ours / floor:.2f}")
            Console(width=110).print(table)


if __name__ == "__main__":
    main()
