"""The intervals of a fluent: its episodes and its announcement, of the versions of its facts.

At one point of K and R; history.py follows them along both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from domain.dates import AFTER_ALL, Days
from domain.facts import Effect, Fact, Modality
from domain.fluents import Episode, Mark, Side, fold

ANNOUNCEMENT = 30_000
"""The ordinal of an announcement: it speaks after every episode."""


class Key(NamedTuple):
    """A fluent: its name and the canonical ids of its two sides."""

    fluent: str
    scope: str
    subject: str


class Version(NamedTuple):
    """A fact over a stretch of K in which it counts or is set aside.

    `subjects` are canonical ids; `sources` those of its supporting citations that count;
    `set_aside_by` the facts preferred over it.
    """

    fact: Fact
    key: Key | None
    subjects: tuple[str, ...]
    sources: tuple[str, ...]
    disputed: bool
    set_aside_by: tuple[str, ...]


class FactRef(NamedTuple):
    """A fact in an answer: id, type, date as written."""

    id: str
    type: str
    when: str


class Alternative(NamedTuple):
    """A date that an episode does not go by: contradicting, or set aside by an editor.

    A start, an end, or both where a fact's interval is set aside; `text` is the date as written.
    """

    since: Days | None
    until: Days | None
    text: str
    fact: FactRef
    sources: tuple[str, ...]


class Interval(NamedTuple):
    """An episode of a fluent, or its announcement; days, ±∞ where unbounded.

    `ordinal` is the place in the order of opening, `ANNOUNCEMENT` for an announcement, whose
    start is then the day announced and which has no end.
    """

    key: Key
    ordinal: int
    start_earliest: int
    start_latest: int
    end_earliest: int
    end_latest: int
    since: str | None
    until: str | None
    ended: bool
    contested: bool
    disputed: bool
    facts: tuple[FactRef, ...]
    alternatives: tuple[Alternative, ...]
    sources: tuple[str, ...]

    @property
    def possible(self) -> Days | None:
        """First and last day on which it may hold, or is announced."""
        return _days(self.start_earliest, self.end_latest)

    @property
    def certain(self) -> Days | None:
        """First and last day on which it holds for certain."""
        if self.ordinal == ANNOUNCEMENT:
            return None
        return _days(self.start_latest, self.end_earliest)


def _days(first: int, until: int) -> Days | None:
    """[first, until) as days, None if there is none."""
    if first >= until:
        return None
    return Days(first, until if until == AFTER_ALL else until - 1)


def intervals_of(key: Key, versions: Iterable[Version]) -> list[Interval]:
    """The episodes of a fluent and its announcement, of the versions that are there at one K."""
    by_fact = {version.fact.id: version for version in versions}
    if len(by_fact) == 1 and (plain := _of_one_start(key, *by_fact.values())):
        return [plain]
    counting = [version for version in by_fact.values() if not version.set_aside_by]
    episodes = fold(
        mark
        for version in counting
        if version.fact.modality is Modality.OCCURRED
        for mark in marks_of(version)
    )
    found = [_interval(key, number, episode, by_fact) for number, episode in enumerate(episodes)]
    ends = [interval.end_latest for interval in found]
    for mark in sorted(
        marks_of(version)[0]
        for version in counting
        if version.fact.modality is Modality.ANNOUNCED and _effect(version).is_start
    ):
        if not any(end > mark.earliest for end in ends):
            found.append(_announcement(key, mark, by_fact))
            break
    shown = [interval for interval in found if interval.possible]
    aside = [version for version in by_fact.values() if version.set_aside_by]
    return [_with_set_aside(interval, shown, aside) for interval in shown] if aside else shown


def _of_one_start(key: Key, version: Version) -> Interval | None:
    """What a fact makes alone, if it does no more than start the fluent: by far the commonest."""
    fact, when = version.fact, version.fact.when
    if (
        when.is_interval
        or version.set_aside_by
        or fact.modality is not Modality.OCCURRED
        or not _effect(version).is_start
    ):
        return None
    latest = AFTER_ALL if version.disputed or when.uncertain else when.latest
    return Interval(
        key,
        0,
        when.earliest,
        latest,
        AFTER_ALL,
        AFTER_ALL,
        since=when.text,
        until=None,
        ended=False,
        contested=False,
        disputed=version.disputed,
        facts=(_ref(fact),),
        alternatives=(),
        sources=version.sources,
    )


def _effect(version: Version) -> Effect:
    assert version.fact.effect is not None
    return version.fact.effect


def marks_of(version: Version) -> list[Mark]:
    """The start or end that a fact gives its fluent, both for an interval."""
    fact, is_start = version.fact, _effect(version).is_start
    when = fact.when
    soft = version.disputed or when.uncertain
    marks = []
    for days, is_end in ((when.start, not is_start), (when.end, True)):
        if days is not None and days != Days(AFTER_ALL, AFTER_ALL):
            marks.append(Mark(days.earliest, days.latest, is_end, fact.id, soft, when.text))
    return marks


def _ref(fact: Fact) -> FactRef:
    return FactRef(fact.id, type(fact).__name__, fact.when.text)


def _sources(facts: Iterable[str], by_fact: dict[str, Version]) -> tuple[str, ...]:
    return tuple(sorted({source for fact in facts for source in by_fact[fact].sources}))


def _alternative(version: Version, marks: Iterable[Mark]) -> Alternative:
    days = {mark.is_end: Days(mark.earliest, mark.latest) for mark in marks}
    return Alternative(
        days.get(False),
        days.get(True),
        version.fact.when.text,
        _ref(version.fact),
        version.sources,
    )


def _interval(key: Key, ordinal: int, episode: Episode, by_fact: dict[str, Version]) -> Interval:
    end = episode.end or Side()
    facts = tuple(dict.fromkeys(mark.fact for mark in episode.start.marks + end.marks))
    starting = episode.start.marks
    bounds = episode.bounds()
    return Interval(
        key,
        ordinal,
        *bounds,
        since=episode.start.text,
        until=end.text,
        ended=episode.end is not None,
        contested=episode.contested,
        disputed=bool(starting) and all(by_fact[mark.fact].disputed for mark in starting),
        facts=tuple(_ref(by_fact[fact].fact) for fact in facts),
        alternatives=tuple(
            _alternative(by_fact[mark.fact], [mark])
            for mark in episode.start.alternatives + end.alternatives
        ),
        sources=_sources(facts, by_fact),
    )  # fmt: skip


def _announcement(key: Key, mark: Mark, by_fact: dict[str, Version]) -> Interval:
    version = by_fact[mark.fact]
    return Interval(
        key,
        ANNOUNCEMENT,
        mark.earliest,
        mark.latest,
        AFTER_ALL,
        AFTER_ALL,
        since=mark.text,
        until=None,
        ended=False,
        contested=False,
        disputed=version.disputed,
        facts=(_ref(version.fact),),
        alternatives=(),
        sources=version.sources,
    )


def _with_set_aside(
    interval: Interval, intervals: Sequence[Interval], aside: Iterable[Version]
) -> Interval:
    """The interval with the dates set aside by its facts, or by none that any interval has."""
    here = {fact.id for fact in interval.facts}
    anywhere = {fact.id for each in intervals for fact in each.facts}
    more = [
        _alternative(version, marks_of(version))
        for version in aside
        if here & set(version.set_aside_by) or not anywhere & set(version.set_aside_by)
    ]
    return interval._replace(alternatives=interval.alternatives + tuple(more))
