"""Days along the width or height of a picture, and the years that are written there."""

from __future__ import annotations

from typing import Final, NamedTuple

from api.language.words import Words
from domain.dates import civil_from_days, days_from_civil

MOST_TICKS: Final = 8
FEWEST_YEARS: Final = 3
"""Fewer do not tell how long a stretch is."""
MOST_MONTHS: Final = 5
LONG_MONTH: Final = 8
"""Letters of a month's name from which on fewer have room."""


class Scale(NamedTuple):
    """Days → percent of the width."""

    first: int
    last: int
    mirrored: bool

    def share(self, day: int) -> float:
        """Where a day is, from 0 to 1."""
        share = (min(max(day, self.first), self.last) - self.first) / (self.last - self.first)
        return 1 - share if self.mirrored else share

    def at(self, day: int) -> float:
        """The same in percent."""
        return round(self.share(day) * 100, 2)

    def span(self, first: int | None, until: int | None) -> tuple[float, float]:
        """Where a stretch begins and how wide it is."""
        a = self.at(self.first if first is None else first)
        b = self.at(self.last if until is None else until)
        return min(a, b), round(max(abs(a - b), 0.4), 2)


def years(scale: Scale) -> list[tuple[int, int]]:
    """The first days of years along a scale, as many as have room, each with its year."""
    first, last = civil_from_days(scale.first)[0] + 1, civil_from_days(scale.last)[0]
    step = max(1, -(-(last - first + 1) // MOST_TICKS))
    return [(days_from_civil(year, 1, 1), year) for year in range(first, last + 1, step)]


def marks(scale: Scale, spoken: Words) -> list[tuple[int, str]]:
    """Days along a scale with what is written there: years, or months where there are few years."""
    found = years(scale)
    if len(found) >= FEWEST_YEARS:
        return [(day, str(year)) for day, year in found]
    (year, month, _), (last, last_month, _) = map(civil_from_days, (scale.first, scale.last))
    count = (last - year) * 12 + last_month - month
    most = MOST_MONTHS if max(map(len, spoken.months)) < LONG_MONTH else FEWEST_YEARS
    step = -(-count // most) or 1
    months = [divmod(year * 12 + month + each, 12) for each in range(0, count, step)]
    return [(days_from_civil(y, m + 1, 1), f"{spoken.months[m]} {y}") for y, m in months]
