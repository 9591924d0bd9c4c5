"""fold(): the facts of one fluent, as they stand at one point of knowledge, become episodes.

The rules are docs/contract/folding.md; nothing here knows of clocks, sources or logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

from domain.dates import AFTER_ALL, BEFORE_ALL


class Mark:
    """A start or an end that a fact gives a fluent.

    `earliest` and `latest` are days; `text` is the date as written. A `soft` mark, which is
    disputed or of an uncertain date, makes nothing certain. An `implied` one is the end of the
    existence of one of the fluent's two sides.
    """

    __slots__ = (
        "disputed", "earliest", "fact", "implied", "is_end", "latest", "soft", "text",
    )  # fmt: skip

    def __init__(
        self,
        earliest: int,
        latest: int,
        is_end: bool,
        fact: str,
        text: str = "",
        disputed: bool = False,
        uncertain: bool = False,
        implied: bool = False,
    ) -> None:
        self.earliest = earliest
        self.latest = latest
        self.is_end = is_end
        self.fact = fact
        self.text = text
        self.disputed = disputed
        self.soft = disputed or uncertain
        self.implied = implied

    def implying(self) -> Mark:
        """The end that this end of an existence implies for what the entity is a side of."""
        uncertain = self.soft and not self.disputed
        return Mark(
            self.earliest, self.latest, True, self.fact, self.text, self.disputed, uncertain, True
        )

    def __lt__(self, other: Mark) -> bool:
        """Whether it is taken before another, where nothing else decides."""
        if self.earliest != other.earliest:
            return self.earliest < other.earliest
        if self.latest != other.latest:
            return self.latest < other.latest
        if self.is_end is not other.is_end:
            return other.is_end
        return self.fact < other.fact


class Side:
    """The start or the end of an episode: the marks that joined it, in the order they did.

    `earliest` is the least day of the agreed range if hard, the alternatives and the soft marks;
    `latest` the greatest latest day of the hard ranges, ∞ if there is none; `latest_of_all` that
    of all ranges, hard or soft. `has_own` says whether an undisputed mark of the fluent's own is
    among them, beside which an implied end adds nothing.
    """

    __slots__ = (
        "_agreed_earliest", "_agreed_latest", "_earliest", "_latest", "_latest_soft",
        "_latest_uncertain", "alternatives", "has_own", "is_hard", "marks",
    )  # fmt: skip

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.alternatives: list[Mark] = []
        self.is_hard = self.has_own = False
        self._agreed_earliest, self._agreed_latest = AFTER_ALL, BEFORE_ALL
        self._earliest = AFTER_ALL
        self._latest = self._latest_soft = self._latest_uncertain = BEFORE_ALL

    def join(self, mark: Mark) -> None:
        """Take a mark in: the first sets, one that overlaps corroborates, another contradicts."""
        is_first = not self.marks
        self.marks.append(mark)
        earliest, latest = mark.earliest, mark.latest
        if not (mark.implied or mark.disputed):
            self.has_own = True
        if mark.soft:
            self._earliest = min(self._earliest, earliest)
            self._latest_soft = max(self._latest_soft, latest)
            if not mark.disputed:
                self._latest_uncertain = max(self._latest_uncertain, latest)
            if is_first:
                self._agreed_earliest, self._agreed_latest = earliest, latest
        elif not self.is_hard:
            self._agreed_earliest, self._agreed_latest, self.is_hard = earliest, latest, True
        elif self.overlaps(mark):
            self._agreed_earliest = max(self._agreed_earliest, earliest)
            self._agreed_latest = min(self._agreed_latest, latest)
        else:
            self.alternatives.append(mark)
            self._earliest = min(self._earliest, earliest)
            self._latest = max(self._latest, latest)

    def overlaps(self, mark: Mark) -> bool:
        """Whether a mark shares a day with the agreed range."""
        return self._agreed_earliest <= mark.latest and mark.earliest <= self._agreed_latest

    @property
    def earliest(self) -> int:
        return min(self._earliest, self._agreed_earliest) if self.is_hard else self._earliest

    @property
    def latest(self) -> int:
        return max(self._latest, self._agreed_latest) if self.is_hard else AFTER_ALL

    @property
    def latest_of_end(self) -> int:
        """As `latest`, of an end: an uncertain one that nobody disputes still ends."""
        if self.is_hard or self._latest_uncertain == BEFORE_ALL:
            return self.latest
        return self._latest_uncertain

    @property
    def latest_of_all(self) -> int:
        return max(self.latest, self._latest_soft) if self.is_hard else self._latest_soft

    @property
    def text(self) -> str | None:
        """The date as written in the narrowest of the hard marks that agree, or of the soft ones if
        none is hard. An alternative's date is its own."""
        narrowest: Mark | None = None
        for mark in self.marks:
            if self.is_hard and (mark.soft or not self.overlaps(mark)):
                continue
            if (
                narrowest is None
                or mark.latest - mark.earliest < narrowest.latest - narrowest.earliest
            ):
                narrowest = mark
        return None if narrowest is None else narrowest.text


Bounds = tuple[int, int, int, int]
"""The earliest and the latest day of a start, and of an end, ±∞ where unbounded."""


class Episode:
    """One stretch of a fluent. A start without marks is unknown; no end is still open."""

    __slots__ = ("end", "start")

    def __init__(self) -> None:
        self.start = Side()
        self.end: Side | None = None

    @property
    def contested(self) -> bool:
        return bool(self.start.alternatives or (self.end and self.end.alternatives))

    def bounds(self) -> Bounds:
        """Certain from the latest day of the start up to the eve of the earliest of the end;
        possible from the earliest of the start to the latest of the end, that day included.

        docs/contract/folding.md#bounds
        """
        start_earliest = self.start.earliest if self.start.marks else BEFORE_ALL
        start_latest = self.start.latest if self.start.marks else AFTER_ALL
        end = self.end
        if end is None:
            return start_earliest, start_latest, AFTER_ALL, AFTER_ALL
        if not self.start.marks:
            start_latest = end.latest_of_all
        if end.is_hard:
            start_latest = min(start_latest, end.latest)
        return start_earliest, start_latest, max(end.earliest, start_earliest), end.latest_of_end


def fold(marks: list[Mark]) -> list[Episode]:
    """Episodes in the order in which they opened. It takes no announced facts."""
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
    """Whether each of sorted marks lies wholly before the next, so that one order is left."""
    latest = BEFORE_ALL - 1
    for mark in marks:
        if mark.earliest <= latest:
            return False
        latest = mark.latest
    return True


def _take(mark: Mark, episodes: list[Episode]) -> None:
    """The next mark goes to the side that it speaks of: of the last episode, or of a new one. An
    implied end opens none, and joins none that has ended by a mark of its own."""
    last = episodes[-1] if episodes else None
    if mark.implied and (last is None or (last.end is not None and last.end.has_own)):
        return
    if not mark.is_end:
        if last is None or last.end is not None:
            last = Episode()
            episodes.append(last)
        last.start.join(mark)
    else:
        if last is None:
            last = Episode()
            episodes.append(last)
        if last.end is None:
            last.end = Side()
        last.end.join(mark)


def _next(remaining: Sequence[Mark], first_latest: int, episodes: Sequence[Episode]) -> int:
    """The place of the mark to take: of those with no other wholly before them, which begin by
    the first latest day, by the two rules of docs/contract/folding.md#order."""
    last = episodes[-1] if episodes else None
    inside = last is not None and last.end is None
    side = None if last is None else last.start if inside else last.end
    wanted = -1
    for place, mark in enumerate(remaining):
        if mark.earliest > first_latest:
            break
        if mark.is_end is not inside:
            if side is not None and side.overlaps(mark):
                return place
        elif wanted < 0:
            wanted = place
            if side is None:
                return place
    return max(wanted, 0)
