"""A point of the three clocks, and the only place where clocks that were given become one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from domain.dates import AFTER_ALL, BEFORE_ALL, MAX_DAY, Days, Edtf
from domain.errors import Refused


class Point(NamedTuple):
    """A point of the three clocks.

    `as_of` are the days of the world that a question is about, both included; `known_at` is the day
    of publication up to which sources count; `position` is that of the last event that counts.
    """

    as_of: Days
    known_at: int
    position: int

    @property
    def parameters(self) -> dict[str, int]:
        """The parameters of queries at a point."""
        return {
            "as_of_earliest": self.as_of.earliest,
            "as_of_latest": self.as_of.latest,
            "known_at": self.known_at,
            "position": self.position,
        }


class Clocks(NamedTuple):
    """The clocks as a question gives them; None is left out."""

    as_of: Edtf | None = None
    known_at: int | None = None
    recorded_at: datetime | None = None
    at_position: int | None = None

    def point(self, position: int, today: int) -> Point:
        """The point meant, at the position found for the record's clock.

        Without `as_of` it is today; without `known_at` whatever was published so far counts.
        Refused(BAD_EDTF) if `as_of` has no first or no last day.
        """
        as_of = Days(today, today) if self.as_of is None else _bounded(self.as_of)
        return Point(as_of, MAX_DAY if self.known_at is None else self.known_at, position)

    @property
    def is_pinned(self) -> bool:
        """Whether the answer will always be the same: the day and the position are named."""
        return self.as_of is not None and self.at_position is not None


def _bounded(as_of: Edtf) -> Days:
    if as_of.earliest == BEFORE_ALL or as_of.latest == AFTER_ALL:
        raise Refused(
            "BAD_EDTF",
            f"«{as_of.text}» has no first or no last day: ask for a day, a month or a year, such "
            "as 2025-11-10.",
            field="asOf",
        )
    return Days(as_of.earliest, as_of.latest)
