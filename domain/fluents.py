"""fold(): the facts of one fluent, as they stand at one point of knowledge, become episodes.

The rules are DESIGN §4's; nothing here knows of clocks, sources or logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from domain.dates import AFTER_ALL, BEFORE_ALL, Days


class Standing(StrEnum):
    """How a fluent stands on a day; one that does not hold has none."""

    CERTAIN = "CERTAIN"
    POSSIBLE = "POSSIBLE"
    ANNOUNCED = "ANNOUNCED"


class Mark(NamedTuple):
    """A start or an end that a fact gives a fluent. In the order of these fields marks are taken.

    `earliest` and `latest` are days; a soft mark (disputed, or of an uncertain date) makes nothing
    certain; `text` is the date as written.
    """

    earliest: int
    latest: int
    is_end: bool
    fact: str
    soft: bool = False
    text: str = ""


@dataclass(slots=True)
class Side:
    """The start or the end of an episode: the marks that joined it, in the order they did.

    `earliest` is the least day of the agreed range if hard, the alternatives and the soft marks;
    `latest` the greatest latest day of the hard ranges, ∞ if there is none; `latest_of_all` that
    of all ranges, hard or soft.
    """

    marks: list[Mark] = field(default_factory=list)
    alternatives: list[Mark] = field(default_factory=list)
    agreed: Days | None = None
    is_hard: bool = False
    _earliest: int = AFTER_ALL
    _latest: int = BEFORE_ALL
    _latest_soft: int = BEFORE_ALL

    def join(self, mark: Mark) -> None:
        """Take a mark in: the first sets, one that overlaps corroborates, another contradicts."""
        self.marks.append(mark)
        earliest, latest = mark.earliest, mark.latest
        agreed = self.agreed
        if mark.soft:
            self._earliest = min(self._earliest, earliest)
            self._latest_soft = max(self._latest_soft, latest)
            if agreed is None:
                self.agreed = Days(earliest, latest)
        elif not self.is_hard or agreed is None:
            self.agreed, self.is_hard = Days(earliest, latest), True
        elif agreed.earliest <= latest and earliest <= agreed.latest:
            self.agreed = Days(max(agreed.earliest, earliest), min(agreed.latest, latest))
        else:
            self.alternatives.append(mark)
            self._earliest = min(self._earliest, earliest)
            self._latest = max(self._latest, latest)

    @property
    def earliest(self) -> int:
        if self.is_hard and self.agreed is not None:
            return min(self._earliest, self.agreed.earliest)
        return self._earliest

    @property
    def latest(self) -> int:
        if self.is_hard and self.agreed is not None:
            return max(self._latest, self.agreed.latest)
        return AFTER_ALL

    @property
    def latest_of_all(self) -> int:
        return max(self.latest, self._latest_soft) if self.is_hard else self._latest_soft

    @property
    def text(self) -> str | None:
        """The date as written in the narrowest hard mark, or soft one if none is hard."""
        if len(self.marks) == 1:
            return self.marks[0].text
        marks = [mark for mark in self.marks if not mark.soft] or self.marks
        if not marks:
            return None
        return min(marks, key=lambda mark: mark.latest - mark.earliest).text


class Bounds(NamedTuple):
    """Days between which a side of an episode lies, ±∞ where unbounded."""

    start_earliest: int
    start_latest: int
    end_earliest: int
    end_latest: int


@dataclass(slots=True)
class Episode:
    """One stretch of a fluent. A start without marks is unknown; no end is still open."""

    start: Side
    end: Side | None = None

    @property
    def contested(self) -> bool:
        return bool(self.start.alternatives or (self.end and self.end.alternatives))

    def bounds(self) -> Bounds:
        """§4, Bounds. Certain on [start_latest, end_earliest), possible on the other two."""
        start_earliest = self.start.earliest if self.start.marks else BEFORE_ALL
        start_latest = self.start.latest if self.start.marks else AFTER_ALL
        if self.end is None:
            return Bounds(start_earliest, start_latest, AFTER_ALL, AFTER_ALL)
        if not self.start.marks:
            start_latest = self.end.latest_of_all
        elif self.end.is_hard:
            start_latest = min(start_latest, self.end.latest)
        end_earliest = max(self.end.earliest, start_earliest)
        return Bounds(start_earliest, start_latest, end_earliest, self.end.latest)


def overlap(a: Days, b: Days) -> bool:
    """Whether two ranges share a day."""
    return a.earliest <= b.latest and b.earliest <= a.latest


def fold(marks: Iterable[Mark]) -> list[Episode]:
    """Episodes in the order in which they opened. Announced facts are none of its business."""
    remaining = sorted(marks)
    episodes: list[Episode] = []
    if _one_by_one(remaining):
        for mark in remaining:
            _take(mark, episodes)
        return episodes
    ending = [mark.latest for mark in remaining]
    heapify(ending)
    taken: list[int] = []  # a heap too: what is at the top of both is no longer there
    while remaining:
        while taken and taken[0] == ending[0]:
            heappop(taken), heappop(ending)
        mark = remaining.pop(_next(remaining, ending[0], episodes))
        heappush(taken, mark.latest)
        _take(mark, episodes)
    return episodes


def _one_by_one(marks: Iterable[Mark]) -> bool:
    """Whether each of sorted marks lies wholly before the next, which leaves one order alone."""
    latest = BEFORE_ALL - 1
    for mark in marks:
        if mark.earliest <= latest:
            return False
        latest = mark.latest
    return True


def _take(mark: Mark, episodes: list[Episode]) -> None:
    """The next mark goes to the side that it speaks of: of the last episode, or of a new one."""
    last = episodes[-1] if episodes else None
    if not mark.is_end:
        if last is None or last.end is not None:
            last = Episode(Side())
            episodes.append(last)
        last.start.join(mark)
    else:
        if last is None:
            last = Episode(Side())
            episodes.append(last)
        if last.end is None:
            last.end = Side()
        last.end.join(mark)


def _next(remaining: Sequence[Mark], first_latest: int, episodes: Sequence[Episode]) -> int:
    """The place of the mark to take: of those with no other wholly before them, which begin by
    the first latest day, by §4's two rules."""
    last = episodes[-1] if episodes else None
    inside = last is not None and last.end is None
    side = None if last is None else last.start if inside else last.end
    agreed = side.agreed if side else None
    wanted = None
    for place, mark in enumerate(remaining):
        if mark.earliest > first_latest:
            break
        if mark.is_end is not inside:
            if agreed is not None and overlap(agreed, Days(mark.earliest, mark.latest)):
                return place
        elif wanted is None:
            wanted = place
            if agreed is None:
                return place
    return wanted or 0
