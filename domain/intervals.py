"""The intervals of a fluent: its episodes and its announcement, of the versions of its facts.

At one point of K and R; history.py follows them along both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from domain.dates import AFTER_ALL, BEFORE_ALL, Days
from domain.facts import EXISTENCE
from domain.fluents import Bounds, Episode, Mark, fold
from domain.versions import Alternative, FactRef, FluentKey, Version, alternative_of

ANNOUNCEMENT: Final = 30_000
"""The ordinal of an announcement: it speaks after every episode."""
_EXISTENCE: Final = EXISTENCE.name


class Interval:
    """An episode of a fluent, or its announcement; days, ±∞ where unbounded.

    `ordinal` is the place in the order of opening, `ANNOUNCEMENT` for an announcement, whose
    start is then the day announced and which has no end. `announced_ends` bear on it and change
    nothing; `attested` is the last day on which its own facts say that it still held, None once
    it has ended.
    """

    __slots__ = (
        "alternatives", "announced_ends", "attested", "contested", "disputed", "end_earliest",
        "end_latest", "ended", "facts", "key", "ordinal", "since", "sources", "start_earliest",
        "start_latest", "until",
    )  # fmt: skip

    def __init__(
        self,
        key: FluentKey,
        ordinal: int,
        bounds: Bounds,
        since: str | None,
        until: str | None,
        ended: bool,
        contested: bool,
        disputed: bool,
        facts: tuple[FactRef, ...],
        alternatives: tuple[Alternative, ...],
        sources: tuple[str, ...],
        attested: int | None,
    ) -> None:
        self.key = key
        self.ordinal = ordinal
        self.start_earliest, self.start_latest, self.end_earliest, self.end_latest = bounds
        self.since = since
        self.until = until
        self.ended = ended
        self.contested = contested
        self.disputed = disputed
        self.facts = facts
        self.alternatives = alternatives
        self.sources = sources
        self.attested = attested
        self.announced_ends: tuple[Alternative, ...] = ()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Interval)
            and self.key == other.key
            and self.ordinal == other.ordinal
            and self.start_earliest == other.start_earliest
            and self.start_latest == other.start_latest
            and self.end_earliest == other.end_earliest
            and self.end_latest == other.end_latest
            and self.since == other.since
            and self.until == other.until
            and self.ended == other.ended
            and self.contested == other.contested
            and self.disputed == other.disputed
            and self.facts == other.facts
            and self.alternatives == other.alternatives
            and self.sources == other.sources
            and self.attested == other.attested
            and self.announced_ends == other.announced_ends
        )

    @property
    def possible(self) -> Days | None:
        """First and last day on which it may hold, or is announced."""
        first, last = self.start_earliest, self.end_latest
        return Days(first, last) if first <= last else None

    @property
    def certain(self) -> Days | None:
        """First and last day on which it holds for certain."""
        if self.ordinal == ANNOUNCEMENT:
            return None
        first, until = self.start_latest, self.end_earliest
        if first >= until:
            return None
        return Days(first, until if until == AFTER_ALL else until - 1)


def intervals_of(
    key: FluentKey, versions: Iterable[Version], ending: Sequence[Version] = ()
) -> list[Interval]:
    """The episodes of a fluent and its announcement, of the versions that are there at one K.

    `ending` are those that end the existence of one of its sides.
    """
    by_fact: dict[str, Version] = {}
    marks: list[Mark] = []
    labelled: dict[str, list[Mark]] = {}
    announced: list[Mark] = []
    announced_ends: list[Mark] = []
    aside: list[Version] = []
    for version in versions:
        own = version.marks(key)
        if not own:
            continue
        by_fact[version.ref.id] = version
        if version.set_aside_by:
            aside.append(version)
        elif not version.occurred:
            for mark in own:
                (announced_ends if mark.is_end else announced).append(mark)
        elif version.label is None:
            marks += own
        else:
            labelled.setdefault(version.label, []).extend(own)
    implied: list[Mark] = []
    for version in ending:
        if not version.set_aside_by:
            by_fact[version.ref.id] = version
            (implied if version.occurred else announced_ends).extend(_implied_by(version, key))
    found: list[Interval] = []
    last: dict[int, Episode] = {}
    of_labels = [marks] if marks else []  # in the order of labels, none first
    if labelled:
        of_labels += [labelled[label] for label in sorted(labelled)]
    for of_label in of_labels:
        episodes = fold(of_label + implied if implied else of_label)
        for episode in episodes:
            found.append(_interval(key, len(found), episode, by_fact))
        if announced_ends:
            last[len(found) - 1] = episodes[-1]
    shown = [interval for interval in found if interval.start_earliest <= interval.end_latest]
    for mark in sorted(announced):
        if not any(interval.end_latest > mark.earliest for interval in found):
            shown.append(_of_start(key, ANNOUNCEMENT, mark, by_fact[mark.fact]))
            break
    if announced_ends:
        announced_ends.sort()
        for interval in shown:
            takes_implied = interval.ordinal == ANNOUNCEMENT or _takes_implied(
                last.get(interval.ordinal)
            )
            interval.announced_ends = tuple(
                by_fact[mark.fact].alternative(mark)
                for mark in announced_ends
                if _bears_on(mark, interval) and (takes_implied or not mark.implied)
            )
    if aside:
        more = [_set_aside(key, interval, shown, aside) for interval in shown]
        for interval, alternatives in zip(shown, more, strict=True):
            interval.alternatives += alternatives
    return shown


def _implied_by(version: Version, key: FluentKey) -> list[Mark]:
    """The end that a fact implies for a fluent whose sides it ends: one, if it ends both."""
    for part in version.parts:
        if part.key.fluent == _EXISTENCE and part.key.scope in (key.scope, key.subject):
            for mark in part.marks:
                if mark.is_end:
                    return [mark.implying()]
    return []


def _takes_implied(last: Episode | None) -> bool:
    """Whether an implied end could join an episode, given it if it is the last of its label."""
    return last is not None and (last.end is None or not last.end.has_own)


def _bears_on(mark: Mark, interval: Interval) -> bool:
    """Whether an announced end may be the end of an episode, or of what is announced."""
    if mark.latest < interval.start_earliest:
        return False
    return interval.ordinal == ANNOUNCEMENT or mark.earliest < interval.end_latest


def _interval(
    key: FluentKey, ordinal: int, episode: Episode, by_fact: dict[str, Version]
) -> Interval:
    start, end = episode.start, episode.end
    starting = start.marks
    if end is None and len(starting) == 1:  # by far the commonest
        return _of_start(key, ordinal, starting[0], by_fact[starting[0].fact])
    marks, alternatives = starting, start.alternatives
    if end is not None:
        marks, alternatives = marks + end.marks, alternatives + end.alternatives
    here: dict[str, Version] = {}
    disputed = bool(starting)
    for number, mark in enumerate(marks):
        version = here[mark.fact] = by_fact[mark.fact]
        if number < len(starting) and not version.disputed:
            disputed = False
    versions = list(here.values())
    sources = versions[0].sources
    if len(versions) > 1:
        cited: set[str] = set()
        for version in versions:
            cited.update(version.sources)
        sources = tuple(sorted(cited))
    return Interval(
        key,
        ordinal,
        episode.bounds(),
        start.text,
        None if end is None else end.text,
        end is not None,
        bool(alternatives),
        disputed,
        tuple([version.ref for version in versions]),
        tuple([by_fact[mark.fact].alternative(mark) for mark in alternatives]),
        sources,
        None if end is not None else _attested(starting, versions),
    )


def _attested(marks: Iterable[Mark], versions: Iterable[Version]) -> int | None:
    """The last day that the facts of an open episode attest."""
    latest = BEFORE_ALL
    for version in versions:
        if version.attested is not None and version.attested > latest:
            latest = version.attested
    for mark in marks:
        if mark.earliest == BEFORE_ALL and not mark.disputed and mark.latest > latest:
            latest = mark.latest
    return None if latest == BEFORE_ALL else latest


def _of_start(key: FluentKey, ordinal: int, mark: Mark, version: Version) -> Interval:
    """What a start makes alone: an episode that is open, or an announcement."""
    latest = mark.latest
    if mark.soft and ordinal != ANNOUNCEMENT:
        latest = AFTER_ALL
    return Interval(
        key,
        ordinal,
        (mark.earliest, latest, AFTER_ALL, AFTER_ALL),
        mark.text,
        None,
        ended=False,
        contested=False,
        disputed=version.disputed,
        facts=(version.ref,),
        alternatives=(),
        sources=version.sources,
        attested=None if ordinal == ANNOUNCEMENT else _attested((mark,), (version,)),
    )


def _set_aside(
    key: FluentKey, interval: Interval, intervals: Sequence[Interval], aside: Iterable[Version]
) -> tuple[Alternative, ...]:
    """The dates set aside by an interval's facts, or by none that any interval has."""
    here = {fact.id for fact in interval.facts}
    anywhere = {fact.id for each in intervals for fact in each.facts}
    return tuple(
        [
            alternative_of(version, version.marks(key))
            for version in aside
            if here & set(version.set_aside_by) or not anywhere & set(version.set_aside_by)
        ]
    )
