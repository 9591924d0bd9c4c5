"""Which interval speaks for a fluent on a day, or on a stretch of days, and how it then stands."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from domain.dates import Days
from domain.intervals import ANNOUNCEMENT


class Standing(StrEnum):
    """How a fluent stands on a day; one that does not hold has none."""

    CERTAIN = "CERTAIN"
    POSSIBLE = "POSSIBLE"
    ANNOUNCED = "ANNOUNCED"


class Speaker(Protocol):
    """An interval, or the part of one that a row holds."""

    @property
    def ordinal(self) -> int: ...
    @property
    def possible(self) -> Days | None: ...
    @property
    def certain(self) -> Days | None: ...


S = TypeVar("S", bound=Speaker)


def speaking(intervals: Iterable[S], first: int, last: int) -> tuple[Standing, S] | None:
    """The standing on the days first..last and the interval that gives it.

    docs/contract/folding.md#standing.

    Certain if some interval is certain on every day, possible if one may hold on any, else
    announced; of several the one opened first.
    """
    here = sorted(
        (interval for interval in intervals if _meet(interval.possible, first, last)),
        key=lambda interval: interval.ordinal,
    )
    if not here:
        return None
    certain = [interval for interval in here if _meet(interval.certain, first, last)]
    day = first
    for days in sorted(interval.certain or Days(first, first) for interval in certain):
        if days.earliest <= day:
            day = max(day, days.latest + 1)
    if day > last:
        return Standing.CERTAIN, certain[0]
    announced = here[0].ordinal == ANNOUNCEMENT
    return Standing.ANNOUNCED if announced else Standing.POSSIBLE, here[0]


def _meet(days: Days | None, first: int, last: int) -> bool:
    return days is not None and days.earliest <= last and first <= days.latest
