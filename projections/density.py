"""How many changes an entity has in each stretch of a clock, and which are the nearest.

For an entity with more rectangles than a page can hold: PostgreSQL counts, no row leaves it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from psycopg import sql

from domain.dates import MAX_DAY, MIN_DAY
from domain.point import Point
from domain.vocabulary import CORE, Vocabulary
from projections.asof import Connection, fetched
from projections.rectangles import SQL as RECTANGLES
from projections.rectangles import reports_in
from store.sql import queries

SQL = queries("projections", "density.sql")

BUCKETS = 120
MARGIN = 60
"""Days before the first change and after the last one."""
LAST = 2**63 - 1
"""No position of the log is later."""
MOST = 250_000
"""Rows that are counted. Where there are more, any so many of them, which bounds the time."""


class Clock(StrEnum):
    """A clock, by the query's name for where its changes are."""

    WORLD = "world_ends"
    PUBLISHED = "published_ends"
    RECORDED = "recorded_ends"


class ClockReading(NamedTuple):
    """Where the clocks stand, and how far each could go: to the day that it is and to the log's
    last position."""

    point: Point
    today: int
    head: int


class Density(NamedTuple):
    """Changes from `low` to `high` in BUCKETS equal parts, days or positions, and the nearest ones
    before and after the place of the clock."""

    low: int
    high: int
    before: int | None
    after: int | None
    counts: list[int]


async def density(
    connection: Connection,
    entity: str,
    clock: Clock,
    place: ClockReading,
    around: int | None = None,
    vocabulary: Vocabulary = CORE,
) -> Density:
    """The changes of a canonical entity along a clock, where the other clocks stand.

    `around` narrows the stretch to so many days on either side. Log positions are all of them.
    """
    first, last = place.point.as_of
    low = high = None
    if clock is Clock.RECORDED:
        first = last = place.point.position
        low, high = 0, place.head
    elif clock is Clock.PUBLISHED:
        first = last = min(place.point.known_at, place.today)
    if around is not None and clock is not Clock.RECORDED:
        low, high = first - around, last + around
    given = {
        "id": entity,
        "known_at": place.point.known_at if clock is Clock.WORLD else None,
        "since": 0 if clock is Clock.RECORDED else place.point.position,
        "position": place.head if clock is Clock.RECORDED else place.point.position,
        "types": reports_in(vocabulary),
        "limit": MOST,
        "least": 0 if clock is Clock.RECORDED else MIN_DAY,
        "most": LAST if clock is Clock.RECORDED else MAX_DAY,
        "low": low,
        "high": high,
        "first": first,
        "last": last,
        "today": place.today,
        "margin": MARGIN,
        "buckets": BUCKETS,
    }
    query = sql.SQL(SQL["changes"]).format(
        ends=sql.SQL(SQL[clock]), held=sql.SQL(RECTANGLES["held"])
    )
    (row,) = await fetched(connection, query, given)
    counts = [row["counts"].get(str(bucket + 1), 0) for bucket in range(BUCKETS)]
    return Density(row["low"], row["high"], row["before"], row["after"], counts)
