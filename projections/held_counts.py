"""How many of a question's rows are certain, possible and announced on each day of the world.

What an interval says of a day is domain/standing.py's to say; here days are counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import args_row, dict_row
from psycopg.types.range import Range

from domain.dates import AFTER_ALL, BEFORE_ALL, Days
from domain.facts import Fluent
from domain.point import Point
from domain.standing import Standing, speaking
from projections import asof
from projections.asof import Row
from store.sql import queries

SQL = queries("projections", "held_counts.sql")

MOST: Final = 20_000
"""Intervals of a question: of more no chart is drawn."""


class CountedInterval(NamedTuple):
    """An interval of someone who answers, as rows have it."""

    whom: str
    ordinal: int
    possible_range: Range[int]
    certain_range: Range[int]

    @property
    def possible(self) -> Days | None:
        """The days on which it may hold."""
        return _days(self.possible_range)

    @property
    def certain(self) -> Days | None:
        """The days on which it holds."""
        return _days(self.certain_range)


class CountStep(NamedTuple):
    """How many there are from a day on."""

    day: int
    certain: int
    possible: int
    announced: int


class HeldCounts(NamedTuple):
    """The counts of a question, step by step from before the first day, and what was reported."""

    steps: list[CountStep]
    reports: list[Row]


def _days(days: Range[int]) -> Days | None:
    if days.isempty:
        return None
    last = AFTER_ALL if days.upper is None else days.upper - 1
    return Days(BEFORE_ALL if days.lower is None else days.lower, last)


def held_counts(
    connection: psycopg.Connection[Any], fluent: Fluent, entity: str, point: Point, *, inverse: bool
) -> HeldCounts | None:
    """The counts of a question about a canonical entity; None where there are too many rows."""
    side, other = asof.sides(inverse=inverse)
    placed = {name: sql.Placeholder(name) for name in ("id", "known_at", "position")}
    query = sql.SQL(SQL["intervals"]).format(
        other=other,
        fluent=sql.Literal(fluent.name),
        asked=sql.SQL(asof.SQL["about_at"]).format(side=side, **placed),
    )
    given = {**point.parameters, "id": entity, "limit": MOST + 1}
    with connection.cursor(row_factory=args_row(CountedInterval), binary=True) as cursor:
        rows = cursor.execute(query, given).fetchall()
    if len(rows) > MOST:
        return None
    reports: list[Row] = []
    if fluent.question == "members" and not inverse:
        with connection.cursor(row_factory=dict_row) as cursor:
            reports = cursor.execute(sql.SQL(SQL["reports"]).format(), given).fetchall()
    return HeldCounts(_steps(rows), reports)


def _steps(rows: Sequence[CountedInterval]) -> list[CountStep]:
    """Counts from day to day; the first step has the days before all others."""
    changes = defaultdict[int, Counter[Standing]](Counter)
    for _, group in groupby(rows, key=lambda row: row.whom):
        before: Standing | None = None
        intervals = list(group)
        for day in [BEFORE_ALL, *_ends(intervals)]:
            found = speaking(intervals, day, day)
            standing = None if found is None else found[0]
            if standing is not before:
                if before is not None:
                    changes[day][before] -= 1
                if standing is not None:
                    changes[day][standing] += 1
                before = standing
    counts, steps = Counter[Standing](), []
    for day in sorted({BEFORE_ALL, *changes}):
        for standing, number in changes[day].items():
            counts[standing] += number
        steps.append(CountStep(day, *(counts[standing] for standing in Standing)))
    return steps


def _ends(intervals: Iterable[CountedInterval]) -> list[int]:
    """The days from which something else may stand."""
    spans = (span for row in intervals for span in (row.possible_range, row.certain_range))
    ends = {end for span in spans if not span.isempty for end in (span.lower, span.upper)}
    return sorted(end for end in ends if end is not None)
