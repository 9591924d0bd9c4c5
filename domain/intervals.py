"""The intervals of a fluent: its episodes and its announcement, of the versions of its facts.

At one point of K and R; history.py follows them along both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from domain.dates import AFTER_ALL, Days
from domain.facts import Fact, Modality
from domain.fluents import Episode, Mark, fold

ANNOUNCEMENT = 30_000
"""The ordinal of an announcement: it speaks after every episode."""


class Key(NamedTuple):
    """A fluent: its name and the canonical ids of its two sides."""

    fluent: str
    scope: str
    subject: str


class FactRef(NamedTuple):
    """A fact in an answer: id, type, date as written."""

    id: str
    type: str
    when: str


class Version(NamedTuple):
    """A fact over a stretch of K in which it counts or is set aside.

    `subjects` are canonical ids; `sources` those of its supporting citations that count;
    `set_aside_by` the facts preferred over it; `marks` what it gives its fluent, if it has a `key`;
    `ref` is how answers name it.
    """

    fact: Fact
    key: Key | None
    subjects: tuple[str, ...]
    sources: tuple[str, ...]
    disputed: bool
    set_aside_by: tuple[str, ...]
    marks: tuple[Mark, ...]
    ref: FactRef


def version_of(
    fact: Fact,
    key: Key | None,
    subjects: tuple[str, ...],
    sources: tuple[str, ...],
    *,
    disputed: bool = False,
    set_aside_by: tuple[str, ...] = (),
) -> Version:
    """A fact's version, with its marks: a start or an end, both for an interval."""
    name, when, effect = fact.id, fact.when, fact.effect
    text = when.text
    marks: tuple[Mark, ...] = ()
    if effect is not None:
        soft = disputed or when.uncertain
        marks = tuple(
            Mark(*days, is_end, name, soft, text)
            for days, is_end in ((when.start, not effect.is_start), (when.end, True))
            if days is not None and days != _NEVER
        )
    ref = FactRef(name, type(fact).__name__, text)
    return Version(fact, key, subjects, sources, disputed, set_aside_by, marks, ref)


_NEVER = Days(AFTER_ALL, AFTER_ALL)


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
    by_fact: dict[str, Version] = {}
    marks: list[Mark] = []
    announced: list[Mark] = []
    aside: list[Version] = []
    for version in versions:
        fact = version.fact
        by_fact[fact.id] = version
        if version.set_aside_by:
            aside.append(version)
        elif fact.modality is Modality.OCCURRED:
            marks += version.marks
        elif fact.effect is not None and fact.effect.is_start:
            announced.append(version.marks[0])
    found = [_interval(key, number, episode, by_fact) for number, episode in enumerate(fold(marks))]
    shown = [interval for interval in found if interval.start_earliest < interval.end_latest]
    for mark in sorted(announced):
        if not any(interval.end_latest > mark.earliest for interval in found):
            shown.append(_of_start(key, ANNOUNCEMENT, mark, by_fact[mark.fact]))
            break
    return [_with_set_aside(interval, shown, aside) for interval in shown] if aside else shown


def _interval(key: Key, ordinal: int, episode: Episode, by_fact: dict[str, Version]) -> Interval:
    start, end = episode.start, episode.end
    starting = start.marks
    if end is None and len(starting) == 1:  # by far the commonest
        return _of_start(key, ordinal, starting[0], by_fact[starting[0].fact])
    marks, alternatives = starting, start.alternatives
    if end is not None:
        marks, alternatives = marks + end.marks, alternatives + end.alternatives
    versions = [by_fact[fact] for fact in dict.fromkeys([mark.fact for mark in marks])]
    sources = {source for version in versions for source in version.sources}
    return Interval(
        key,
        ordinal,
        *episode.bounds(),
        start.text,
        None if end is None else end.text,
        end is not None,
        bool(alternatives),
        bool(starting) and all(by_fact[mark.fact].disputed for mark in starting),
        tuple([version.ref for version in versions]),
        tuple([_alternative(by_fact[mark.fact], (mark,)) for mark in alternatives]),
        tuple(sorted(sources)),
    )


def _of_start(key: Key, ordinal: int, mark: Mark, version: Version) -> Interval:
    """What a start makes alone: an episode that is open, or an announcement."""
    latest = mark.latest
    if mark.soft and ordinal != ANNOUNCEMENT:
        latest = AFTER_ALL
    return Interval(
        key,
        ordinal,
        mark.earliest,
        latest,
        AFTER_ALL,
        AFTER_ALL,
        mark.text,
        None,
        ended=False,
        contested=False,
        disputed=version.disputed,
        facts=(version.ref,),
        alternatives=(),
        sources=version.sources,
    )


def _alternative(version: Version, marks: Iterable[Mark]) -> Alternative:
    days = {mark.is_end: Days(mark.earliest, mark.latest) for mark in marks}
    return Alternative(
        days.get(False), days.get(True), version.ref.when, version.ref, version.sources
    )


def _with_set_aside(
    interval: Interval, intervals: Sequence[Interval], aside: Iterable[Version]
) -> Interval:
    """The interval with the dates set aside by its facts, or by none that any interval has."""
    here = {fact.id for fact in interval.facts}
    anywhere = {fact.id for each in intervals for fact in each.facts}
    more = [
        _alternative(version, version.marks)
        for version in aside
        if here & set(version.set_aside_by) or not anywhere & set(version.set_aside_by)
    ]
    return interval._replace(alternatives=interval.alternatives + tuple(more))
