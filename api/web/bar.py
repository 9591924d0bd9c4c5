"""The as-of bar: what a page says of its clocks, and where the changes before and after them are.

The days of change are read off rectangles, each tested at the other clocks' point, or were counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from psycopg.types.range import Range

from api.addresses import PageAddress
from domain.dates import MAX_DAY, MIN_DAY, iso_of, today
from projections.asof import Row
from projections.density import Density
from projections.rectangles import Rectangles


class ClockControl(NamedTuple):
    """One clock of the bar: its name in addresses, what is in its field, its neighbours' values.

    `chip` is the day or position in words, None for whatever is so far.
    """

    name: str
    field: str
    chip: int | str | None
    before: str | None
    after: str | None

    def to(self, value: str) -> dict[str, str | None]:
        """What an address has to change to move this clock to a neighbour."""
        if self.name in ("atPosition", "recordedAt"):
            return {"atPosition": value, "recordedAt": None}
        return {self.name: value}


class Bar(NamedTuple):
    """Both clocks of a page, and the position that its answers were made at."""

    valid: ClockControl
    second: ClockControl
    by_record: bool
    position: int
    pinned: bool
    is_counted: bool


def bar(
    state: PageAddress,
    position: int,
    rectangles: Rectangles | None = None,
    counted: Sequence[Density] | None = None,
) -> Bar:
    """The bar of a page; with rectangles, or both clocks' changes, it knows those around."""
    (first, last), known, _ = state.point(position)
    rows = [] if rectangles is None else [*rectangles.intervals, *rectangles.reports]
    here = [row for row in rows if holds(row["recorded"], position)]
    days = sorted(set(_world(row for row in here if holds(row["known"], known))))
    around = _around(days, first, last) if counted is None else _days(counted[0])
    valid = ClockControl("asOf", state.as_of or iso_of(last), state.as_of, *around)
    if state.by_record:
        ends = sorted({end for row in rows for end in _ends(row["recorded"])})
        before, after = _neighbours(ends, position, position)
        if counted is not None:
            before, after = counted[1].before, counted[1].after
        second = ClockControl(
            "recordedAt" if state.recorded_at or state.clock_typed("recordedAt") else "atPosition",
            state.recorded_at or str(position),
            state.recorded_at or position,
            None if before is None else str(before),
            None if after is None else str(after),
        )
    else:
        learned = sorted({end for row in here for end in _ends(row["known"])})
        at = min(known, today())
        around = _around(learned, at, at) if counted is None else _days(counted[1])
        second = ClockControl("knownAt", state.known_at or "", state.known_at, *around)
    pinned = state.at_position is not None
    return Bar(valid, second, state.by_record, position, pinned, counted is not None)


def holds(span: Range[int], point: int) -> bool:
    """Whether a point is in a range; an empty range has none."""
    if span.isempty:
        return False
    lower, upper = span.lower, span.upper
    return (lower is None or lower <= point) and (upper is None or point < upper)


def _world(rows: Iterable[Row]) -> Iterator[int]:
    for row in rows:
        if "possible" in row:
            yield from _ends(row["possible"])
            yield from _ends(row["certain"])
        elif MIN_DAY <= row["earliest"] <= MAX_DAY:
            yield row["earliest"]


def _ends(span: Range[int]) -> Iterator[int]:
    if not span.isempty:
        yield from (end for end in (span.lower, span.upper) if end is not None)


def _around(days: list[int], first: int, last: int) -> tuple[str | None, str | None]:
    return _isos(*_neighbours([day for day in days if MIN_DAY <= day <= MAX_DAY], first, last))


def _days(counted: Density) -> tuple[str | None, str | None]:
    return _isos(counted.before, counted.after)


def _isos(before: int | None, after: int | None) -> tuple[str | None, str | None]:
    return (
        None if before is None else iso_of(before),
        None if after is None else iso_of(after),
    )


def _neighbours(points: list[int], first: int, last: int) -> tuple[int | None, int | None]:
    before: Any = max((point for point in points if point < first), default=None)
    after: Any = min((point for point in points if point > last), default=None)
    return before, after
