"""Spans: stretches of publication time, in whole days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from domain.dates import AFTER_ALL, BEFORE_ALL

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DaySpan(NamedTuple):
    """Days of publication from `first` up to but not including `until`, ±∞ where unbounded."""

    first: int
    until: int


Spans = tuple[DaySpan, ...]
ALWAYS = (DaySpan(BEFORE_ALL, AFTER_ALL),)


def holds(spans: Spans, k: int) -> bool:
    """Whether a day of publication lies in one of the spans."""
    return any(first <= k < until for first, until in spans)


def edges(spans: Iterable[DaySpan]) -> set[int]:
    """The days at which something may change along K."""
    return {day for span in spans for day in span if day not in (BEFORE_ALL, AFTER_ALL)}
