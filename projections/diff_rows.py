"""The rows of fluents that a diff compares: what each says, and over which points it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from psycopg.types.range import Range

from domain.dates import BEFORE_ALL, Days
from domain.point import Point
from domain.standing import Standing, speaking
from domain.versions import FluentKey

ENDLESS = 2**63 - 1
"""∞ for positions, which outgrow the numbers of days."""


class SideDate(NamedTuple):
    """The start or the end of an episode: date as written, earliest and latest day or None."""

    edtf: str | None
    earliest: int | None
    latest: int | None


class FluentState(NamedTuple):
    """What a diff compares of a fluent at a point."""

    standing: Standing
    contested: bool
    since: SideDate
    until: SideDate | None
    announced_ends: tuple[SideDate, ...]


class IntervalRow(NamedTuple):
    """A row of the intervals: over which points it is there, and what it says."""

    ordinal: int
    possible: Days | None
    certain: Days | None
    known: Days
    recorded: Days
    contested: bool
    since: SideDate
    until: SideDate | None
    announced_ends: tuple[SideDate, ...]
    facts: tuple[str, ...]


class Spoken(NamedTuple):
    state: FluentState
    facts: tuple[str, ...]


def group_by_fluent(
    rows: Iterable[dict[str, Any]],
) -> Iterator[tuple[FluentKey, list[IntervalRow]]]:
    """The stretches of each fluent, of rows in their order."""
    for key, some in groupby(
        rows, lambda row: FluentKey(row["fluent"], row["scope"], row["subject"])
    ):
        yield key, [_stretch(row) for row in some]


def _stretch(row: Mapping[str, Any]) -> IntervalRow:
    until = SideDate(row["until"], row["end_earliest"], row["end_latest"])
    return IntervalRow(
        row["ordinal"],
        _days(row["possible"]),
        _days(row["certain"]),
        _days(row["known"]) or Days(0, -1),
        _days(row["recorded"]) or Days(0, -1),
        row["contested"],
        SideDate(row["since"], row["start_earliest"], row["start_latest"]),
        until if row["ended"] else None,
        tuple(SideDate(**end["until"]) for end in row["announced_ends"]),
        tuple(ref["id"] for ref in row["facts"]),
    )


def _days(some: Range[int]) -> Days | None:
    """A range of the database as first and last, ±∞ where unbounded."""
    if some.isempty:
        return None
    return Days(
        BEFORE_ALL if some.lower is None else some.lower,
        ENDLESS if some.upper is None else some.upper - 1,
    )


def spoken_at(stretches: Iterable[IntervalRow], point: Point) -> Spoken | None:
    """What a diff compares of a fluent at a point, and the facts of the episode that speaks."""
    here = (
        s
        for s in stretches
        if _holds(s.recorded, point.position) and _holds(s.known, point.known_at)
    )
    spoken = speaking(here, point.as_of.earliest, point.as_of.latest)
    if spoken is None:
        return None
    standing, stretch = spoken
    since = stretch.since
    if standing is Standing.ANNOUNCED:
        since = SideDate(since.edtf, None, None)
    state = FluentState(standing, stretch.contested, since, stretch.until, stretch.announced_ends)
    return Spoken(state, stretch.facts)


def _holds(some: Days, value: int) -> bool:
    return some.earliest <= value <= some.latest


def state_of(found: Spoken | None) -> FluentState | None:
    return None if found is None else found.state
