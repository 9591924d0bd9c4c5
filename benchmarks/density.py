"""What it costs to count 100,000 rectangles' changes: python -m benchmarks.density.

On an embedded server of its own: an entity of 100 members told 1,000 times each, and one of 100,000
members told once, beside as many rows of another.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from api.graphql.execution import session
from api.instance import opened
from api.settings import Settings
from domain.dates import Days
from domain.point import Point
from projections.density import Clock, ClockReading, density
from projections.rectangles import of_entity
from store.database import Database
from store.embedded import Embedded

ROWS = 100_000
TIMES = 15
PLACE = ClockReading(Point(Days(16_000, 16_000), 16_200, 500), today=20_000, head=1_000)
ENTITIES = {
    "deep": (
        "'m' || (n % 100)",
        "int4range(CASE WHEN n % 2 = 0 THEN 16000 + n / 200 END, "
        "CASE WHEN n % 2 = 0 AND n / 200 < 499 THEN 16001 + n / 200 END)",
        "int8range(1 + n / 100, CASE WHEN n % 2 = 1 AND n / 100 < 999 THEN 2 + n / 100 END)",
    ),
    "wide": ("'w' || n", "int4range(16000 + n % 3000, NULL)", "int8range(1 + n % 1000, NULL)"),
    "other": ("'o' || n", "int4range(16000 + n % 3000, NULL)", "int8range(1 + n % 1000, NULL)"),
}
"""Entity → the subjects of its rows, and when they are known and recorded. Every second member of
`deep` is corrected by new evidence each day, the others by editors."""
ROW = """
INSERT INTO intervals SELECT 'membership', %s, {subject}, 0,
    int4range(14000 + n %% 4000, NULL), int4range(14005 + n %% 4000, NULL),
    14000 + n %% 4000, 14005 + n %% 4000, NULL, NULL, '2014-09', NULL, false, false, false,
    json_build_array(json_build_object('id', 'f' || n, 'type', 'MemberJoined', 'when', '2014-09')),
    '[]', ARRAY['s'], {known}, {recorded}
FROM generate_series(0, %s) AS n
"""


def main() -> None:
    """Print medians in milliseconds."""
    argparse.ArgumentParser(prog="python -m benchmarks.density", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory(
        prefix="sijill-density-", dir="/tmp", ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        with Embedded(Path(folder) / "data", say=lambda words: None) as server:
            settings = Settings(server.url, Path(folder), "127.0.0.1", 0)
            with opened(settings, lambda words: None) as instance:
                _fill(instance.database)
                asyncio.run(_measure(instance.database))


def _fill(database: Database) -> None:
    with database.connect() as owner:
        for entity, (subject, *spans) in ENTITIES.items():
            known, recorded = (span.replace("%", "%%") for span in spans)
            made = ROW.format(subject=subject.replace("%", "%%"), known=known, recorded=recorded)
            owner.execute(made.encode(), [entity, ROWS - 1])
        owner.execute("VACUUM ANALYZE")


async def _measure(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(
        database.url, autocommit=True, **session(database)
    ) as connection:
        for entity in ("deep", "wide"):
            took = await _took(
                lambda e=entity: of_entity(
                    connection, e, PLACE.point.position, PLACE.point.known_at
                )
            )  # type: ignore[misc]
            print(f"{entity}: that it is too much, and what stands at a point {took:6.0f} ms")
            for clock in Clock:
                took = await _took(
                    lambda e=entity, c=clock: density(connection, e, c, PLACE)  # type: ignore[misc]
                )
                print(f"{entity}: {clock.name.lower():9} {took:6.1f} ms")


async def _took(work: Callable[[], Awaitable[Any]]) -> float:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await work()
        spent.append(time.perf_counter() - began)
    return 1_000 * median(spent)


if __name__ == "__main__":
    main()
