"""The intervals of a fluent: its episodes and its announcement, of the versions of its facts.

At one point of K and R; history.py follows them along both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from domain.dates import AFTER_ALL, Days
from domain.facts import Fact, Modality
from domain.fluents import Bounds, Episode, Mark, fold

ANNOUNCEMENT: Final = 30_000
"""The ordinal of an announcement: it speaks after every episode."""


class Key(NamedTuple):
    """A fluent: its name and the canonical ids of its two sides."""

    fluent: str
    scope: str
    subject: str


class FactRef:
    """A fact in an answer: id, type, date as written. `written` is for whoever writes it often."""

    __slots__ = ("id", "type", "when", "written")

    def __init__(self, id: str, type: str, when: str) -> None:  # noqa: A002
        self.id = id
        self.type = type
        self.when = when
        self.written: str | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FactRef)
            and self.id == other.id
            and self.type == other.type
            and self.when == other.when
        )


class Version:
    """A fact over a stretch of K in which it counts or is set aside.

    `subjects` are canonical ids; `sources` those of its supporting citations that count;
    `set_aside_by` the facts preferred over it; `marks` what it gives its fluent, if it has a `key`,
    or what it announces, if it has not `occurred`; `ref` is how answers name it.
    """

    __slots__ = (
        "_alternatives", "announces", "disputed", "fact", "key", "marks", "occurred", "ref",
        "set_aside_by", "sources", "subjects",
    )  # fmt: skip

    def __init__(
        self,
        fact: Fact,
        key: Key | None,
        subjects: tuple[str, ...],
        sources: tuple[str, ...],
        disputed: bool = False,
        set_aside_by: tuple[str, ...] = (),
    ) -> None:
        when, effect, name = fact.when, fact.effect, fact.id
        self.fact = fact
        self.key = key
        self.subjects = subjects
        self.sources = sources
        self.disputed = disputed
        self.set_aside_by = set_aside_by
        self.ref = FactRef(name, type(fact).__name__, when.text)
        self.occurred = fact.modality is Modality.OCCURRED
        self.announces = not self.occurred and effect is not None and effect.is_start
        self.marks: list[Mark] = []
        self._alternatives: list[Alternative] = []
        if effect is not None:
            soft = disputed or when.uncertain
            self._mark(when.start, not effect.is_start, soft)
            if when.end is not None:
                self._mark(when.end, True, soft)

    def _mark(self, days: Days, is_end: bool, soft: bool) -> None:
        earliest, latest = days
        if earliest < AFTER_ALL:  # an open end is none
            self.marks.append(Mark(earliest, latest, is_end, self.ref.id, soft, self.ref.when))

    def alternative(self, mark: Mark) -> Alternative:
        """One of its marks as a date that an episode does not go by; the same object each time."""
        for known in self._alternatives:
            if (known.until is not None) is mark.is_end:
                return known
        made = _alternative(self, (mark,))
        self._alternatives.append(made)
        return made

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Version)
            and self.fact == other.fact
            and self.key == other.key
            and self.subjects == other.subjects
            and self.sources == other.sources
            and self.disputed == other.disputed
            and self.set_aside_by == other.set_aside_by
        )


class Alternative:
    """A date that an episode does not go by: contradicting, or set aside by an editor.

    A start, an end, or both where a fact's interval is set aside; `text` is the date as written.
    `written` is for whoever writes it often.
    """

    __slots__ = ("fact", "since", "sources", "text", "until", "written")

    def __init__(
        self,
        since: Days | None,
        until: Days | None,
        text: str,
        fact: FactRef,
        sources: tuple[str, ...],
    ) -> None:
        self.since = since
        self.until = until
        self.text = text
        self.fact = fact
        self.sources = sources
        self.written: str | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Alternative)
            and self.since == other.since
            and self.until == other.until
            and self.text == other.text
            and self.fact == other.fact
            and self.sources == other.sources
        )


class Interval:
    """An episode of a fluent, or its announcement; days, ±∞ where unbounded.

    `ordinal` is the place in the order of opening, `ANNOUNCEMENT` for an announcement, whose
    start is then the day announced and which has no end.
    """

    __slots__ = (
        "alternatives", "contested", "disputed", "end_earliest", "end_latest", "ended", "facts",
        "key", "ordinal", "since", "sources", "start_earliest", "start_latest", "until",
    )  # fmt: skip

    def __init__(
        self,
        key: Key,
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
        )

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
        by_fact[version.ref.id] = version
        if version.set_aside_by:
            aside.append(version)
        elif version.occurred:
            marks += version.marks
        elif version.announces:
            announced.append(version.marks[0])
    found: list[Interval] = []
    for episode in fold(marks):
        found.append(_interval(key, len(found), episode, by_fact))
    shown = [interval for interval in found if interval.start_earliest < interval.end_latest]
    for mark in sorted(announced):
        if not any(interval.end_latest > mark.earliest for interval in found):
            shown.append(_of_start(key, ANNOUNCEMENT, mark, by_fact[mark.fact]))
            break
    if aside:
        more = [_set_aside(interval, shown, aside) for interval in shown]
        for interval, alternatives in zip(shown, more, strict=True):
            interval.alternatives += alternatives
    return shown


def _interval(key: Key, ordinal: int, episode: Episode, by_fact: dict[str, Version]) -> Interval:
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
    )


def _of_start(key: Key, ordinal: int, mark: Mark, version: Version) -> Interval:
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
    )


def _alternative(version: Version, marks: Iterable[Mark]) -> Alternative:
    since = until = None
    for mark in marks:
        days = Days(mark.earliest, mark.latest)
        if mark.is_end:
            until = days
        else:
            since = days
    return Alternative(since, until, version.ref.when, version.ref, version.sources)


def _set_aside(
    interval: Interval, intervals: Sequence[Interval], aside: Iterable[Version]
) -> tuple[Alternative, ...]:
    """The dates set aside by an interval's facts, or by none that any interval has."""
    here = {fact.id for fact in interval.facts}
    anywhere = {fact.id for each in intervals for fact in each.facts}
    return tuple(
        [
            _alternative(version, version.marks)
            for version in aside
            if here & set(version.set_aside_by) or not anywhere & set(version.set_aside_by)
        ]
    )
