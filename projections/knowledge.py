"""What is known of one fluent between two sides: its intervals over all days of publication."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from psycopg.types.range import Range

from domain.intervals import ANNOUNCEMENT
from domain.versions import FluentKey
from projections.asof import Connection, Row, fetched
from store.sql import queries

SQL = queries("projections", "knowledge.sql")

MOST: Final = 2_000
"""Intervals of one fluent between two sides: more are not read."""


class RegionKind(IntEnum):
    """What a region says. Where regions overlap, the last in this order is what stands."""

    SET_ASIDE = 0
    ANNOUNCED = 1
    POSSIBLE = 2
    CERTAIN = 3


class KnowledgeRegion(NamedTuple):
    """Days of the world by days of publication; None is no bound, the ends are excluded."""

    kind: RegionKind
    first: int | None
    until: int | None
    known: int | None
    known_until: int | None


async def rows_of(connection: Connection, key: FluentKey, position: int) -> list[Row]:
    """The intervals of a fluent between two sides, as of a position."""
    given = {**key._asdict(), "position": position, "limit": MOST}
    return await fetched(connection, SQL["rows"], given)


def regions(rows: Iterable[Row]) -> list[KnowledgeRegion]:
    """What intervals say, in the order in which later ones stand over earlier ones.

    On a single day an interval that is certain speaks before one that is possible, and that before
    an announcement (docs/contract/folding.md#standing).
    """
    found = set[KnowledgeRegion]()

    def add(kind: RegionKind, days: Range[int], known: Range[int]) -> None:
        if not days.isempty:
            found.add(KnowledgeRegion(kind, days.lower, days.upper, known.lower, known.upper))

    for row in rows:
        if row["ordinal"] == ANNOUNCEMENT:
            add(RegionKind.ANNOUNCED, row["possible"], row["known"])
            continue
        add(RegionKind.POSSIBLE, row["possible"], row["known"])
        add(RegionKind.CERTAIN, row["certain"], row["known"])
        for each in row["alternatives"]:
            side = each["since"] or each["until"]
            if each["setAside"] and side:
                latest = side["latest"]
                days = Range(side["earliest"], None if latest is None else latest + 1)
                add(RegionKind.SET_ASIDE, days, row["known"])
    return sorted(found, key=lambda each: (each.kind, *(str(part) for part in each)))
