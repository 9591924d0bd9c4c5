"""A node of an answer as a row, and its dates: as written, with the days between which they lie."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from domain.dates import AFTER_ALL, BEFORE_ALL, iso_of, parse
from projections.diff_rows import FluentState

Row = dict[str, Any]


@lru_cache(maxsize=2**14)
def _iso(day: int) -> str:
    return iso_of(day)


def day_of_row(day: int | None) -> str | None:
    """A day as text, None where unbounded."""
    return None if day is None or day in (BEFORE_ALL, AFTER_ALL) else _iso(day)


def side(text: str | None, earliest: int | None, latest: int | None) -> Row:
    """A date as written, and the days between which it lies."""
    return {"edtf": text, "earliest": day_of_row(earliest), "latest": day_of_row(latest)}


def date_of(text: str) -> Row:
    """A date by its text alone."""
    date = parse(text)
    return side(date.text, date.earliest, date.latest)


def state_of(state: FluentState | None) -> Row | None:
    """What a diff says of a row at one of its points."""
    if state is None:
        return None
    return {
        "standing": state.standing.value,
        "contested": state.contested,
        "since": side(*state.since),
        "until": side(*state.until) if state.until else None,
        "announcedEnds": [side(*end) for end in state.announced_ends],
    }
