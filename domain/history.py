"""What a dossier makes of each fact and each fluent along K: rectangles, as of its last event.

A *version* is a fact as it counts, or is set aside, over a stretch of K. An *interval* is an
episode of a fluent, or its announcement, over a stretch of K. Whoever compares what these
functions give before and after an event has the edges along R as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from domain.codec import Event, changed
from domain.corrections import (
    DisputeWithdrawn,
    FactCorrected,
    FactCorroborated,
    FactDisputed,
    FactPreferred,
    FactReinstated,
    FactRetracted,
)
from domain.dates import AFTER_ALL, BEFORE_ALL, Days
from domain.dossier import ALWAYS, Dossier, Span, Spans, edges, holds
from domain.facts import Effect, Fact, Modality, subjects_of
from domain.fluents import Episode, Mark, Side, fold
from domain.sources import Citation, Stance

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


T = TypeVar("T")
N = TypeVar("N")

Stretches = dict[tuple[T, Span], None]
"""Items with the stretches of K in which they are there, in an order that never varies."""
Changed = dict[N, tuple[Stretches[T], Stretches[T]]]
"""By name, the stretches before and after."""


def along(days: Iterable[int], at: Callable[[int], Iterable[T]]) -> Stretches[T]:
    """What `at` gives along K, in stretches, given the days at which it may change."""
    cuts = [BEFORE_ALL, *sorted(days), AFTER_ALL]
    since: dict[T, int] = {}
    found: Stretches[T] = {}
    for k in cuts[:-1]:
        now = dict.fromkeys(at(k))
        for item in [item for item in since if item not in now]:
            found[item, Span(since.pop(item), k)] = None
        for item in now:
            since.setdefault(item, k)
    for item, first in since.items():
        found[item, Span(first, AFTER_ALL)] = None
    return found


class Life:
    """A fact's own life along K, before preferences and identity are looked at."""

    def __init__(self, dossier: Dossier, fact: str) -> None:
        file = dossier.facts[fact]
        entry = file.first.entry
        assert isinstance(entry, Fact)
        self.entry = entry
        self.effects = [(event.entry, dossier.effect_spans(event)) for event in file.later]
        corroborations = [
            e for event in file.later if isinstance(e := event.entry, FactCorroborated)
        ]
        citations: list[Citation] = list(entry.citations)
        for corroboration in corroborations:
            citations += corroboration.citations
        self.supports = [
            (citation.source, dossier.citation_spans(citation.source))
            for citation in citations
            if citation.stance is Stance.SUPPORTS
        ]
        self.edges = edges(span for _, spans in self.supports for span in spans) | edges(
            span for _, spans in self.effects if spans is not ALWAYS for span in spans
        )
        self._corrected: dict[tuple[int, ...], Fact] = {}

    def sources(self, k: int) -> tuple[str, ...]:
        return tuple(sorted({source for source, spans in self.supports if holds(spans, k)}))

    def retracted(self, k: int) -> bool:
        return isinstance(self._last(k, (FactRetracted, FactReinstated)), FactRetracted)

    def disputed(self, k: int) -> bool:
        return isinstance(self._last(k, (FactDisputed, DisputeWithdrawn)), FactDisputed)

    def counts(self, k: int) -> bool:
        return any(holds(spans, k) for _, spans in self.supports) and not self.retracted(k)

    def version(self, k: int) -> Fact:
        """The fact with, key by key, the last change in effect."""
        numbers = tuple(
            number
            for number, (entry, spans) in enumerate(self.effects)
            if isinstance(entry, FactCorrected) and holds(spans, k)
        )
        if numbers not in self._corrected:
            changes: dict[str, Any] = {}
            for number in numbers:
                correction = self.effects[number][0]
                assert isinstance(correction, FactCorrected)
                changes.update(correction.changes)
            corrected = changed(self.entry, changes) if changes else self.entry
            assert isinstance(corrected, Fact)
            self._corrected[numbers] = corrected
        return self._corrected[numbers]

    def _last(self, k: int, kinds: tuple[type, ...]) -> object:
        for entry, spans in reversed(self.effects):
            if isinstance(entry, kinds) and holds(spans, k):
                return entry
        return None


class History:
    """The versions of facts and the intervals of fluents that a dossier yields, kept up to date."""

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        self.versions: dict[str, Stretches[Version]] = {}
        self.intervals: dict[Key, Stretches[Interval]] = {}
        self._facts_of: dict[Key, set[str]] = {}
        self._lives: dict[str, Life] = {}

    def settle(self) -> tuple[Changed[str, Version], Changed[Key, Interval]]:
        """Work out again what the touched facts change: before and after, by fact and fluent."""
        facts: Changed[str, Version] = {}
        fluents: Changed[Key, Interval] = {}
        for fact in self.dossier.touched_facts:
            self._lives.pop(fact, None)
        for fact in self.dossier.touched_facts:
            before, after = self.versions.get(fact, {}), self._versions(fact)
            self.versions[fact] = after
            facts[fact] = before, after
            keys_before = {version.key for version, _ in before if version.key}
            keys_after = {version.key for version, _ in after if version.key}
            for key in keys_before - keys_after:
                self._facts_of[key].discard(fact)
            for key in keys_after - keys_before:
                self._facts_of.setdefault(key, set()).add(fact)
            for key in keys_before | keys_after:
                fluents[key] = self.intervals.get(key, {}), {}
        for key, (earlier, _) in fluents.items():
            self.intervals[key] = self._intervals(key)
            fluents[key] = earlier, self.intervals[key]
        return facts, fluents

    def life(self, fact: str) -> Life:
        """The fact's own life along K."""
        if fact not in self._lives:
            self._lives[fact] = Life(self.dossier, fact)
        return self._lives[fact]

    # A fact along K

    def _versions(self, fact: str) -> Stretches[Version]:
        life = self.life(fact)
        preferences = self._preferences(fact)
        days = set(life.edges)
        for preference in preferences:
            days |= edges(self._applies(preference))
            assert isinstance(preference.entry, FactPreferred)
            days |= self.life(preference.entry.fact).edges
        if self.dossier.identities:
            days |= self.dossier.identity_edges(self.dossier.mentioned[fact])

        def at(k: int) -> Iterable[Version]:
            if not life.counts(k):
                return ()
            entry = life.version(k)
            return (
                Version(
                    entry,
                    self._key(entry, k),
                    tuple(self.dossier.canonical(s, k) for s in subjects_of(entry)),
                    life.sources(k),
                    life.disputed(k),
                    self._set_aside_by(fact, preferences, k),
                ),
            )

        return along(days, at)

    def _key(self, entry: Fact, k: int) -> Key | None:
        effect = entry.effect
        if effect is None:
            return None
        scope, subject = getattr(entry, effect.scope), getattr(entry, effect.subject)
        canonical = self.dossier.canonical
        return Key(effect.fluent.name, canonical(scope, k), canonical(subject, k))

    def _preferences(self, fact: str) -> list[Event]:
        """The preferences that may bear on whether the fact is set aside, newest first."""
        found: dict[int, Event] = {}
        waiting = [fact]
        while waiting:
            for preference in self.dossier.preferred_over.get(waiting.pop(), ()):
                if preference.position not in found:
                    found[preference.position] = preference
                    assert isinstance(preference.entry, FactPreferred)
                    waiting.append(preference.entry.fact)
        return [found[position] for position in sorted(found, reverse=True)]

    def _applies(self, preference: Event) -> Spans:
        """Where along K a preference is in effect or may come into it."""
        return self.dossier.effect_spans(preference) + tuple(
            span
            for withdrawal in self.dossier.withdrawals.get(preference.entry.id, ())
            for span in self.dossier.effect_spans(withdrawal)
        )

    def _set_aside_by(self, fact: str, preferences: Sequence[Event], k: int) -> tuple[str, ...]:
        aside: set[str] = set()
        by: list[str] = []
        for event in preferences:
            preference = event.entry
            assert isinstance(preference, FactPreferred)
            if (
                preference.fact in aside
                or not holds(self.dossier.effect_spans(event), k)
                or any(
                    holds(self.dossier.effect_spans(withdrawal), k)
                    for withdrawal in self.dossier.withdrawals.get(preference.id, ())
                )
                or not self.life(preference.fact).counts(k)
            ):
                continue
            aside.update(preference.over)
            if fact in preference.over:
                by.append(preference.fact)
        return tuple(dict.fromkeys(by))

    # A fluent along K

    def _intervals(self, key: Key) -> Stretches[Interval]:
        pieces = [
            (version, span)
            for fact in sorted(self._facts_of.get(key, ()))
            for version, span in self.versions[fact]
            if version.key == key
        ]
        if len(pieces) == 1:
            ((version, span),) = pieces
            return {(interval, span): None for interval in intervals_of(key, [version])}
        days = edges(span for _, span in pieces)
        return along(
            days,
            lambda k: intervals_of(key, [v for v, (first, until) in pieces if first <= k < until]),
        )


def intervals_of(key: Key, versions: Iterable[Version]) -> list[Interval]:
    """The episodes of a fluent and its announcement, of the versions that are there at one K."""
    by_fact = {version.fact.id: version for version in versions}
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
