"""The least of the log that says the same when it is replayed.

Some of the log is replayed as a record takes it: what speaks of something that was left out is
refused, and left out too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from domain.checks import check
from domain.codec import Event
from domain.dossier import Dossier
from domain.errors import Refused
from domain.fact_history import Lives
from domain.history import History
from domain.intervals import Interval
from domain.point import Point
from domain.standing import Standing, speaking
from domain.stretches import item_at
from domain.versions import FluentKey, Version
from domain.vocabulary import CORE

Row = tuple[Standing, Interval]


class Replay:
    """A record of some events in the log's order; `positions` are those that it took."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.dossier = Dossier()
        self.dossier.vocabulary = CORE._replace(is_whole=False)
        self.positions: set[int] = set()
        self._history: History | None = None
        lives = Lives(self.dossier)
        for event in events:
            words = self.dossier.vocabulary
            self.dossier.vocabulary = words.with_words_of(event.entry, event.fact_type)
            try:
                check(event.entry, lives)
            except Refused:
                continue
            self.dossier.take(event)
            self.positions.add(event.position)

    @property
    def history(self) -> History:
        """What its events make of facts and fluents. Refused where corrections do not agree."""
        if self._history is None:
            self._history = History(self.dossier)
            self._history.settle()
        return self._history

    def row(self, key: FluentKey, point: Point) -> Row | None:
        """A fluent's row at a point of the days, None where it does not hold."""
        return speaking(
            self.intervals(key, point.known_at), point.as_of.earliest, point.as_of.latest
        )

    def intervals(self, key: FluentKey, k: int) -> list[Interval]:
        """A fluent's episodes and its announcement at K."""
        stretches = self.history.intervals.get(key, [])
        return [each.item for each in stretches if each.first <= k < each.until]

    def version(self, fact: str, k: int) -> Version | None:
        """A fact as it counts, or is set aside, at K."""
        return item_at(self.history.versions.get(fact, []), k)


class Claim(NamedTuple):
    """Something that an answer says: the events that bear on it, and how they say it."""

    bearing: Sequence[int]
    says: Callable[[Replay], object]


def least(
    events: Mapping[int, Event], claims: Sequence[Claim], needed: Set[int] = frozenset()
) -> list[int]:
    """Positions of the events of which some claims still say the same as of all, in order.

    Minimal by inclusion: no event can go, nor one with all that could then not be replayed. The
    events that are `needed` in any case are not tried.
    """
    wanted = [claim.says(Replay(events[at] for at in claim.bearing)) for claim in claims]
    kept = set[int]()
    bearing_on = defaultdict[int, list[int]](list)
    for number, claim in enumerate(claims):
        kept.update(claim.bearing)
        for position in claim.bearing:
            bearing_on[position].append(number)

    def leave_out(positions: Sequence[int]) -> bool:
        gone = set(positions)
        waiting = {number for position in gone for number in bearing_on[position]}
        while waiting:
            number = waiting.pop()
            claim = claims[number]
            rest = [at for at in claim.bearing if at in kept and at not in gone]
            replay = Replay(events[at] for at in rest)
            if not _says(claim, replay, wanted[number]):
                return False
            for position in set(rest) - replay.positions:
                gone.add(position)
                waiting.update(other for other in bearing_on[position] if other != number)
        kept.difference_update(gone)
        return True

    shrink(kept, sorted(kept - needed), leave_out)
    return sorted(kept)


def _says(claim: Claim, replay: Replay, wanted: object) -> bool:
    try:
        return claim.says(replay) == wanted
    except Refused:
        return False


def shrink(
    kept: Set[int], candidates: Sequence[int], leave_out: Callable[[Sequence[int]], bool]
) -> None:
    """Leave out candidates for as long as any can go, the last ones first.

    `leave_out` takes some from what is `kept` if it can. Large pieces are tried first, so that of a
    long history little is tried one by one.
    """
    size = max(len(candidates) // 2, 1)
    while True:
        shrunk = False
        for end in range(len(candidates), 0, -size):
            piece = [at for at in candidates[max(end - size, 0) : end] if at in kept]
            if piece and leave_out(piece):
                shrunk = True
        candidates = [at for at in candidates if at in kept]
        if size > 1:
            size //= 2
        elif not shrunk:
            return
