"""In or not, by period → spells: from when to when something held, as far as the periods tell.

Nothing ends by silence: where a period is missing, a spell goes on, and its beginning or its end is
some day between what is known on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from domain.dates import Days, civil_from_days, days_from_civil, iso_of


class Observation(NamedTuple):
    """What a cell says of a period: whether it is in. `mark` finds the cell again."""

    period: Days
    is_in: bool
    mark: int


class Run(NamedTuple):
    """A spell: when it began, in EDTF, and when it ended, if it has; with the observations of its
    beginning, of all the time that it is seen to hold, and of its being over."""

    since: str
    until: str | None
    seen: list[Observation]
    over: Observation | None


def runs(observations: Iterable[Observation], *, is_whole: bool) -> Iterator[Run]:
    """The spells of observations, which are in the order of their periods.

    `is_whole`: what is said of a period holds all of it, else on some day of it; that something is
    out always holds of all of it. The end of a spell is the last day that it held.
    """
    seen: list[Observation] = []
    out_before: Observation | None = None
    since = ""
    for each in observations:
        if each.is_in:
            if not seen:
                latest = each.period.earliest if is_whole else each.period.latest
                earliest = None if out_before is None else out_before.period.latest + 1
                since = between(earliest, latest)
            seen.append(each)
            continue
        if seen:
            last = seen[-1].period
            earliest = last.latest if is_whole else last.earliest
            yield Run(since, between(earliest, each.period.earliest - 1), seen, each)
            seen = []
        out_before = each
    if seen:
        yield Run(since, None, seen, None)


def between(earliest: int | None, latest: int) -> str:
    """Some day of a stretch in EDTF: a day, a month or a year where it is one, else a set."""
    if earliest is None:
        return f"[..{iso_of(latest)}]"
    if earliest == latest:
        return iso_of(earliest)
    year, month, day = civil_from_days(earliest)
    if day == 1:
        sign = "-" if year < 0 else ""
        if month == 1 and latest == days_from_civil(year + 1, 1, 1) - 1:
            return f"{sign}{abs(year):04}"
        after = days_from_civil(year + month // 12, month % 12 + 1, 1)
        if latest == after - 1:
            return f"{sign}{abs(year):04}-{month:02}"
    return f"[{iso_of(earliest)}..{iso_of(latest)}]"
