"""What a dossier makes of each fact and each fluent along K: rectangles, as of its last event.

A *version* is a fact as it counts, or is set aside, over a stretch of K. An *interval* is an
episode of a fluent, or its announcement, over a stretch of K. Whoever compares what these
functions give before and after an event has the edges along R as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from domain.codec import Event
from domain.corrections import FactPreferred
from domain.dates import AFTER_ALL
from domain.dossier import Dossier
from domain.fact_history import Life, Stage
from domain.facts import EXISTENCE, Effect, Fact, subjects_of
from domain.intervals import Interval, intervals_of
from domain.sources import Stance
from domain.spans import Spans, edges, holds
from domain.stretches import Changed, Stretch, Stretches, along, cuts, item_at, only_in_one, reuse
from domain.versions import FluentKey, Version

_EXISTENCE: Final = EXISTENCE.name


class History:
    """The versions of facts and the intervals of fluents that a dossier yields, kept up to date."""

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        self.versions: dict[str, Stretches[Version]] = {}
        self.intervals: dict[FluentKey, Stretches[Interval]] = {}
        self._facts_of: dict[FluentKey, set[str]] = {}
        self._fluents_of: dict[str, list[FluentKey]] = {}
        """By entity, the fluents of which it is a side, its existence left out."""
        self._ends_of: dict[str, set[str]] = {}
        """By entity, the facts that end its existence on some stretch of K."""
        self._keys: dict[tuple[str, str, str], FluentKey] = {}
        """One object for each fluent, so that keys are compared by identity."""
        self._lives: dict[str, Life] = {}
        self._recounted = dossier.recounted
        self._staged: dict[str, _Staged] = {}

    def settle(self) -> tuple[Changed[str, Version], Changed[FluentKey, Interval]]:
        """Work out again what the touched facts change: before and after, by fact and fluent."""
        facts: Changed[str, Version] = {}
        changed: dict[FluentKey, int] = {}
        if self._recounted != self.dossier.recounted:
            self._recounted = self.dossier.recounted
            self._lives.clear()
        for fact in self.dossier.touched_facts:
            if life := self._lives.get(fact):
                life.carry_on()
        for fact in self.dossier.touched_facts:
            before = self.versions.get(fact, [])
            after = self.versions[fact] = reuse(before, self._versions(fact))
            facts[fact] = before, after
            for stretch in only_in_one(before, after):
                version = stretch.item
                for part in version.parts:
                    key = part.key
                    changed[key] = min(stretch.first, changed.get(key, stretch.first))
                    others = self._facts_of.get(key)
                    if others is None:
                        others = self._facts_of[key] = self._begin(key)
                    if _speaks_of(key, after):
                        others.add(fact)
                    else:
                        others.discard(fact)
                for entity in version.ended:
                    ends = self._ends_of.setdefault(entity, set())
                    ends.discard(fact)
                    for each in after:
                        if entity in each.item.ended:
                            ends.add(fact)
                    for key in self._fluents_of.get(entity, ()):
                        changed[key] = min(stretch.first, changed.get(key, stretch.first))
        fluents: Changed[FluentKey, Interval] = {}
        for key, first in changed.items():
            earlier = self.intervals.get(key, [])
            now = reuse(earlier, self._intervals(key, earlier, first), _ordinal)
            self.intervals[key] = now
            fluents[key] = earlier, now
        return facts, fluents

    def _begin(self, key: FluentKey) -> set[str]:
        """Note a fluent of which no fact was known: it has none yet."""
        if key.fluent != _EXISTENCE:
            for side in dict.fromkeys(key[1:]):
                self._fluents_of.setdefault(side, []).append(key)
        return set()

    def life(self, fact: str) -> Life:
        """The fact's own life along K."""
        if fact not in self._lives:
            self._lives[fact] = Life(self.dossier, fact)
        return self._lives[fact]

    def version(self, fact: str, k: int) -> Version | None:
        """The fact as it counts or is set aside at K; what it makes of fluents is left out."""
        return item_at(self._versions(fact), k)

    def facts_of(self, key: FluentKey) -> set[str]:
        """The facts with a version in this fluent."""
        return self._facts_of.get(key, set())

    def ends_of(self, key: FluentKey) -> set[str]:
        """The facts that end the existence of a side of a fluent on some stretch of K."""
        if not self._ends_of or key.fluent == _EXISTENCE:
            return set()
        return self._ends_of.get(key.scope, set()) | self._ends_of.get(key.subject, set())

    def folds(self, fact: str, k: int) -> bool:
        """Whether the fact counts at K and is not set aside."""
        version = item_at(self.versions[fact], k)
        return version is not None and not version.set_aside_by

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
        dossier = self.dossier
        if fact not in dossier.preferred_over and not self._is_identified(fact):
            file = dossier.facts[fact]
            if file.later or fact in dossier.ignored_facts:
                return self._of_life(self.life(fact))
            assert isinstance(file.first.entry, Fact)
            return self._of_citations(file.first.entry)
        life = self.life(fact)
        preferences = self._preferences(fact)
        days = set(life.cuts)
        for preference in preferences:
            days |= edges(self._applies(preference))
            assert isinstance(preference.entry, FactPreferred)
            days.update(self.life(preference.entry.fact).cuts)
        if dossier.identities:
            days |= dossier.identity_edges(dossier.mentioned[fact])

        steps: list[tuple[int, list[Version]]] = []
        for k in cuts(days):
            stage = life.at(k)
            now = []
            if life.counts_in(stage):
                aside = self._set_aside_by(fact, preferences, k)
                now.append(self._version_of(life, stage, aside, k))
            steps.append((k, now))
        return along(steps)

    def _is_identified(self, fact: str) -> bool:
        """Whether a merge or a split names an entity that the fact was ever about."""
        dossier = self.dossier
        return bool(dossier.identities) and dossier.is_identified(dossier.mentioned[fact])

    def _of_citations(self, entry: Fact) -> Stretches[Version]:
        """A fact of which nothing was said: known as its sources count, one after another."""
        sources = sorted({c.source for c in entry.citations if c.stance is Stance.SUPPORTS})
        spans = [self.dossier.citation_spans(source) for source in sources]
        if len(spans) == 1:
            version = self._version(entry, (sources[0],))
            return [Stretch(version, *span) for span in spans[0]]
        days: list[int] = []
        for of_source in spans:
            if not of_source or of_source[0].until != AFTER_ALL:
                return self._of_life(Life(self.dossier, entry.id))
            days.append(of_source[0].first)
        found: Stretches[Version] = []
        for first in sorted(set(days)):
            if found:
                found[-1].until = first
            counting = tuple([sources[place] for place, day in enumerate(days) if day <= first])
            version = self._version(entry, counting)
            found.append(Stretch(version, first, AFTER_ALL))
        return found

    def _of_life(self, life: Life) -> Stretches[Version]:
        """A fact that no preference and no merge bears on: its life, with like stages joined."""
        found: Stretches[Version] = []
        before, now = self._staged.get(life.entry.id, {}), _Staged()
        for stage, (first, until) in life.stages():
            if not life.counts_in(stage):
                continue
            known = now.get(id(stage)) or before.get(id(stage))
            if known is None:
                known = stage, self._version_of(life, stage, (), 0)
            now[id(stage)] = known
            version = known[1]
            if found and found[-1].until == first and found[-1].item == version:
                found[-1].until = until
            else:
                found.append(Stretch(version, first, until))
        if len(now) > 1:
            self._staged[life.entry.id] = now
        return found

    def _version_of(self, life: Life, stage: Stage, aside: tuple[str, ...], k: int) -> Version:
        entry = life.version_in(stage)
        return self._version(entry, stage.sources, stage.disputed, aside, stage.attested, k)

    def _version(
        self,
        entry: Fact,
        sources: tuple[str, ...],
        disputed: bool = False,
        aside: tuple[str, ...] = (),
        attested: int | None = None,
        k: int = 0,
    ) -> Version:
        subjects = subjects_of(entry)
        if self.dossier.identities:
            subjects = tuple(self.dossier.canonical(subject, k) for subject in subjects)
        keys = [self._key(entry, effect, k) for effect in entry.effects]
        return Version(entry, keys, subjects, sources, disputed, aside, attested)

    def _key(self, entry: Fact, effect: Effect, k: int) -> FluentKey:
        scope, subject = getattr(entry, effect.scope), getattr(entry, effect.subject)
        if self.dossier.identities:
            scope, subject = self.dossier.canonical(scope, k), self.dossier.canonical(subject, k)
        sides = effect.fluent, scope, subject
        key = self._keys.get(sides)
        if key is None:
            key = self._keys[sides] = FluentKey(*sides)
        return key

    def _preferences(self, fact: str) -> list[Event]:
        """The preferences that may bear on whether the fact is set aside."""
        found: dict[int, Event] = {}
        waiting = [fact]
        while waiting:
            for preference in self.dossier.preferred_over.get(waiting.pop(), ()):
                if preference.position not in found:
                    found[preference.position] = preference
                    assert isinstance(preference.entry, FactPreferred)
                    waiting.append(preference.entry.fact)
        return list(found.values())

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
        for event in reversed(self.dossier.newest_last(preferences, k)):
            preference = event.entry
            assert isinstance(preference, FactPreferred)
            if (
                preference.fact in aside
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

    def _intervals(
        self, key: FluentKey, before: Stretches[Interval], first: int
    ) -> Stretches[Interval]:
        """Work out a fluent's intervals from a day of K on; before that day they stay."""
        facts = [self.versions[fact] for fact in sorted(self._facts_of[key])]
        ending = self._ending(key)
        if len(facts) == 1 and len(facts[0]) == 1 and not ending:
            (only,) = facts[0]
            return [
                Stretch(interval, only.first, only.until)
                for interval in intervals_of(key, [only.item])
            ]
        days = {
            day
            for stretches in facts + ending
            for each in stretches
            for day in (each.first, each.until)
        }

        steps = []
        for k in cuts(days, first):
            here = [item_at(stretches, k) for stretches in facts]
            mine = [version for version in here if version is not None]
            ended: list[Version] = []
            for stretches in ending:
                version = item_at(stretches, k)
                if version is not None and (
                    key.scope in version.ended or key.subject in version.ended
                ):
                    ended.append(version)
            steps.append((k, intervals_of(key, mine, ended)))
        return along(steps, _ordinal, before)

    def _ending(self, key: FluentKey) -> list[Stretches[Version]]:
        """The facts that end the existence of a side of a fluent on some stretch of K."""
        return [self.versions[fact] for fact in sorted(self.ends_of(key))]


def _speaks_of(key: FluentKey, stretches: Stretches[Version]) -> bool:
    """Whether a fact is of a fluent on some stretch of K."""
    for stretch in stretches:
        for part in stretch.item.parts:
            if part.key is key:
                return True
    return False


_Staged = dict[int, tuple[Stage, Version]]
"""By `id` of a stage: the stage, and the version of a fact in it."""


def _ordinal(interval: Interval) -> int:
    return interval.ordinal
