"""Rectangles: all that the record tells of an entity along publication and record time.

The answers themselves are `asof`'s. These rows let a page that has them move its clocks by
testing points, without a word of how an episode comes about.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from psycopg.rows import dict_row

from domain.codec import FACTS
from projections.asof import Connection, Row
from store.sql import queries

SQL = queries("projections", "rectangles.sql")

MOST = 20_000
"""Rows of one kind: more is no page's to hold."""
REPORTS = [name for name, fact in FACTS.items() if fact.effect is None]
"""The types of facts that begin and end nothing."""


class Rectangles(NamedTuple):
    """Rows as the queries name them; `complete` unless some were left out."""

    intervals: list[Row]
    reports: list[Row]
    names: list[Row]
    days: list[Row]
    complete: bool


async def of_entity(connection: Connection, entity: str, position: int) -> Rectangles:
    """All of a canonical entity up to a position, with the names of whom it has to do with."""
    given = {"id": entity, "r": position, "limit": MOST + 1}

    async def rows(query: str, **more: object) -> list[Row]:
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL[query], {**given, **more})
            return await cursor.fetchall()

    intervals = await rows("intervals")
    reports = await rows("reports", types=REPORTS)
    names = await rows("names", ids=sorted(_mentioned(entity, intervals)))
    days = await rows("recorded_on")
    complete = max(len(intervals), len(reports), len(days)) <= MOST
    return Rectangles(intervals[:MOST], reports[:MOST], names, days[:MOST], complete)


def _mentioned(entity: str, intervals: Iterable[Row]) -> set[str]:
    return {entity, *(row[side] for row in intervals for side in ("scope", "subject"))}
