"""What a dossier makes of each fact and each fluent along K: rectangles, as of its last event.

A *version* is a fact as it counts, or is set aside, over a stretch of K. An *interval* is an
episode of a fluent, or its announcement, over a stretch of K. Whoever compares what these
functions give before and after an event has the edges along R as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from domain.codec import Event
from domain.corrections import FactPreferred
from domain.dates import AFTER_ALL, BEFORE_ALL
from domain.dossier import Dossier, Span, Spans, edges, holds
from domain.facts import Fact, subjects_of
from domain.intervals import Interval, Key, Version, intervals_of
from domain.life import Life

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

    def facts_of(self, key: Key) -> set[str]:
        """The facts with a version in this fluent."""
        return self._facts_of.get(key, set())

    def folds(self, fact: str, k: int) -> bool:
        """Whether the fact counts at K and is not set aside."""
        return any(
            first <= k < until and not version.set_aside_by
            for version, (first, until) in self.versions[fact]
        )

    def preferred_over(self, facts: Iterable[str]) -> set[str]:
        """The facts that preferences may set these aside for."""
        return {
            preference.entry.fact
            for fact in facts
            for preference in self._preferences(fact)
            if isinstance(preference.entry, FactPreferred)
        }

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
