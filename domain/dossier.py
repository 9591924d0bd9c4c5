"""Dossier: everything that some stretch of the log says of its facts, sources and entities.

It takes events in log order and stands for the record at the position of the last one. What
holds at a day of publication K is asked of it as *spans*: stretches of K in which a citation
counts or a correction is in effect (docs/contract/knowledge.md). What follows for fluents is in
history.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import itemgetter

from domain.administration import Administration
from domain.codec import Event
from domain.corrections import (
    Basis,
    Correction,
    EntitiesMerged,
    EntitiesSplit,
    EntityCorrected,
    EntityRenamed,
    FactCorrection,
    FactPreferred,
    PreferenceWithdrawn,
    SourceCorrected,
    SourceCorrection,
    SourceWithdrawn,
)
from domain.dates import AFTER_ALL, BEFORE_ALL, parse
from domain.definitions import Definition
from domain.entities import EntityRegistered
from domain.event_stream import EventStream, changed_subjects, citations_of
from domain.facts import Fact, subjects_of
from domain.kinship import Kinship, Order, Parents, identified
from domain.sources import SourceRegistered, Stance
from domain.spans import ALWAYS, EPOCH, DaySpan, Spans, edges
from domain.stories import StoryEntry, StoryWithdrawn
from domain.vocabulary import CORE


class Dossier:
    """See the module. `touched_*` are the ids that the events taken since `forget` may change."""

    def __init__(self, *, is_watching: bool = True) -> None:
        """Without `is_watching` it tracks neither touched ids nor mentions.

        A command needs neither, and may hold as many facts as are recorded at once.
        """
        self._is_watching = is_watching
        self.facts: dict[str, EventStream] = {}
        self.sources: dict[str, EventStream] = {}
        self.entities: dict[str, EventStream] = {}
        self.corrections: dict[str, Event] = {}
        self.stories: dict[str, StoryEntry] = {}
        """stories and withdrawals, which fold into nothing"""
        self.withdrawn_stories: set[str] = set()
        self.identities: list[Event] = []
        """merges and splits, as they were taken"""
        self.preferring: defaultdict[str, list[Event]] = defaultdict(list)
        """fact → the preferences for it"""
        self.preferred_over: defaultdict[str, list[Event]] = defaultdict(list)
        """fact → the preferences of another over it"""
        self.withdrawals: defaultdict[str, list[Event]] = defaultdict(list)
        """preference → what withdrew it"""
        self.citing: defaultdict[str, list[Event]] = defaultdict(list)
        """source → the events that cite it"""
        self.mentioning: defaultdict[str, set[str]] = defaultdict(set)
        """entity → the facts that were ever about it, once there is any merge"""
        self.mentioned: defaultdict[str, set[str]] = defaultdict(set)
        """fact → the entities that it was ever about, once there is any merge"""
        self.ignored_sources: set[str] = set()
        """sources whose citations count for nothing, as if withdrawn from the beginning"""
        self.ignored_facts: set[str] = set()
        """facts whose citations count for nothing"""
        self.days: Mapping[str, int] = {}
        """source → the first day by which it made its citations known, for sources that need not
        be here, since nothing was said of them"""
        self.vocabulary = CORE
        """of a command, the core's with the definitions that were taken in"""
        self.touched_facts: set[str] = set()
        self.touched_sources: set[str] = set()
        self.touched_entities: set[str] = set()
        self.recounted = 0
        """number of times that a source was withdrawn or re-dated, which makes caches invalid"""
        self._citation_spans: dict[str, Spans] = {}
        self._kinships: dict[str, Kinship] = {}
        """entity → its kinship, for those that a merge or a split names"""

    def forget_touched(self) -> None:
        """Start collecting touched ids anew."""
        self.touched_facts.clear()
        self.touched_sources.clear()
        self.touched_entities.clear()

    # Taking events in

    def take(self, event: Event) -> None:
        """Take the next event in. One that speaks of what is not in the dossier is a KeyError."""
        entry = event.entry
        if isinstance(entry, StoryEntry):
            self.stories[entry.id] = entry
            if isinstance(entry, StoryWithdrawn):
                self.withdrawn_stories.add(entry.story)
            return
        if self._is_watching or isinstance(entry, SourceWithdrawn):
            for citation in citations_of(entry):
                self.citing[citation.source].append(event)
        if isinstance(entry, Fact):
            self.facts[entry.id] = EventStream(event)
            if self._is_watching:
                self.touched_facts.add(entry.id)
                if self.identities:
                    self._mention(entry.id, subjects_of(entry))
            return
        if isinstance(entry, SourceRegistered):
            self.sources[entry.id] = EventStream(event)
            self.touched_sources.add(entry.id)
            return
        if isinstance(entry, EntityRegistered):
            self.entities[entry.id] = EventStream(event)
            self.touched_entities.add(entry.id)
            return
        if isinstance(entry, Definition):
            if not self._is_watching:
                self.vocabulary = self.vocabulary.extended(entry, recorded=True)
            return
        if isinstance(entry, Administration):
            return
        assert isinstance(entry, Correction)
        self.corrections[entry.id] = event
        if isinstance(entry, FactPreferred):
            self.preferring[entry.fact].append(event)
            for other in entry.over:
                self.preferred_over[other].append(event)
            self._touch(event)
        elif isinstance(entry, PreferenceWithdrawn):
            self.withdrawals[entry.preference].append(event)
            self._touch(self.corrections[entry.preference])
        elif isinstance(entry, FactCorrection):
            file = self.facts[entry.fact]
            file.add(event)
            if self.identities and self._is_watching:
                self._mention(entry.fact, changed_subjects(file, event))
            self._touch(event)
        elif isinstance(entry, SourceCorrection):
            self.sources[entry.source].add(event)
            self._touch(event)
            if isinstance(entry, SourceWithdrawn) or (
                isinstance(entry, SourceCorrected) and "published" in entry.changes
            ):
                self._source_counts_anew(entry.source)
        elif isinstance(entry, EntitiesMerged | EntitiesSplit):
            if not self.identities and self._is_watching:
                for fact, file in self.facts.items():
                    assert isinstance(file.first.entry, Fact)
                    self._mention(fact, subjects_of(file.first.entry))
                    for later in file.later:
                        self._mention(fact, changed_subjects(file, later))
            self.relate(event)
            if self._is_watching:
                self._touch_entities(self._kinships[min(identified(entry))].moved_by(entry))
        elif isinstance(entry, EntityCorrected | EntityRenamed):
            self.entities[entry.entity].add(event)
            self._touch(event)

    def _mention(self, fact: str, subjects: Iterable[str]) -> None:
        for subject in subjects:
            self.mentioning[subject].add(fact)
            self.mentioned[fact].add(subject)

    def _touch(self, event: Event) -> None:
        """Mark as touched what this event is about, and the facts that preferences tie to it."""
        if not self._is_watching:
            return
        entry = event.entry
        if isinstance(entry, FactPreferred):
            for other in entry.over:
                self._touch_fact(other)
        elif isinstance(entry, PreferenceWithdrawn):
            self._touch(self.corrections[entry.preference])
        elif isinstance(entry, Fact):
            self._touch_fact(entry.id)
        elif isinstance(entry, FactCorrection):
            self._touch_fact(entry.fact)
        elif isinstance(entry, SourceCorrection):
            self.touched_sources.add(entry.source)
        elif isinstance(entry, EntityCorrected | EntityRenamed):
            self.touched_entities.add(entry.entity)
        elif isinstance(entry, EntitiesMerged | EntitiesSplit):
            # A merge that comes into effect may also change what later ones do.
            self._touch_entities(self.relatives(identified(entry)))

    def _touch_entities(self, entities: Iterable[str]) -> None:
        """Mark some entities and the facts about them."""
        for entity in entities:
            self.touched_entities.add(entity)
            for fact in self.mentioning[entity]:
                self._touch_fact(fact)

    def _touch_fact(self, fact: str) -> None:
        if fact in self.touched_facts:
            return
        self.touched_facts.add(fact)
        for preference in self.preferring[fact]:
            assert isinstance(preference.entry, FactPreferred)
            for other in preference.entry.over:
                self._touch_fact(other)

    def _source_counts_anew(self, source: str) -> None:
        """Mark whatever cites a source whose citations now count from or up to another day."""
        for kinship in self._kinships.values():
            kinship.parents_at.clear()
        self.recounted += 1
        counting = {source} | {
            event.entry.source
            for event in self.citing[source]
            if isinstance(event.entry, SourceWithdrawn)
        }
        for each in counting:
            self._citation_spans.pop(each, None)
            for event in self.citing[each]:
                self._touch(event)

    # Spans of K

    def known_from(self, source: str) -> int:
        """The first day by which the source made its citations known; ∞ for never."""
        if source in self.days:
            return self.days[source]
        file = self.sources[source]
        published = file.first.entry.published  # type: ignore[attr-defined]
        for event in file.later:
            if isinstance(event.entry, SourceCorrected) and "published" in event.entry.changes:
                text = event.entry.changes["published"]
                published = None if text is None else parse(text)
        if published is None:
            return (file.first.recorded_at - EPOCH).days
        return int(published.latest)

    def withdrawn_from(self, source: str) -> int:
        """The first day of K on which the source is withdrawn; ∞ for never."""
        if source in self.ignored_sources:
            return BEFORE_ALL
        days = [
            BEFORE_ALL
            if event.entry.basis is Basis.EDITORIAL
            else min(self.known_from(citation.source) for citation in event.entry.citations)
            for event in self.sources[source].later
            if isinstance(event.entry, SourceWithdrawn)
        ]
        return min(days, default=AFTER_ALL)

    def citation_spans(self, source: str) -> Spans:
        """Where along K a citation of the source counts."""
        spans = self._citation_spans.get(source)
        if spans is None:
            first, until = self.known_from(source), AFTER_ALL
            if source not in self.days or source in self.ignored_sources:
                until = self.withdrawn_from(source)
            spans = (DaySpan(first, until),) if first < until else ()
            self._citation_spans[source] = spans
        return spans

    def effect_spans(self, event: Event) -> Spans:
        """Where along K a correction is in effect."""
        entry = event.entry
        assert isinstance(entry, Correction)
        if entry.basis is Basis.EDITORIAL:
            return ALWAYS
        return tuple(
            span for citation in entry.citations for span in self.citation_spans(citation.source)
        )

    def support_spans(self, event: Event) -> Spans:
        """Where along K a supporting citation of a correction counts."""
        return tuple(
            span
            for citation in citations_of(event.entry)
            if citation.stance is Stance.SUPPORTS
            for span in self.citation_spans(citation.source)
        )

    def order(self, event: Event, k: int) -> Order | None:
        """What makes one of several corrections the newest at K; None where it has no effect.

        The day of evidence is that from which it takes effect, of an editorial correction the day
        on which it was recorded.
        """
        entry = event.entry
        assert isinstance(entry, Correction)
        if entry.basis is Basis.EDITORIAL:
            return Order((event.recorded_at - EPOCH).days, event.position)
        days = [first for first, until in self.effect_spans(event) if first <= k < until]
        return Order(min(days), event.position) if days else None

    def newest_last(self, events: Iterable[Event], k: int) -> list[Event]:
        """Those of some corrections that are in effect at K, the newest last."""
        return [event for _, event in self._newest_last(events, k)]

    def _newest_last(self, events: Iterable[Event], k: int) -> list[tuple[Order, Event]]:
        found = [(order, event) for event in events if (order := self.order(event, k)) is not None]
        return sorted(found, key=itemgetter(0))

    # Identity

    def relate(self, event: Event) -> None:
        """Take in a merge or a split alone: the entities that it names are now kin."""
        self.identities.append(event)
        names = identified(event.entry)
        joined = {id(kinship): kinship for name in names if (kinship := self._kinships.get(name))}
        largest = max(joined.values(), key=lambda one: len(one.entities), default=Kinship())
        for kinship in joined.values():
            if kinship is not largest:
                largest.take_over(kinship)
                self._kinships.update(dict.fromkeys(kinship.entities, largest))
        largest.take(event, names)
        self._kinships.update(dict.fromkeys(names, largest))

    def is_identified(self, entities: Iterable[str]) -> bool:
        """Whether a merge or a split names any of these."""
        return any(entity in self._kinships for entity in entities)

    def canonical(self, entity: str, k: int) -> str:
        """Whom the id means at K: itself, or what it was merged into."""
        kinship = self._kinships.get(entity)
        if kinship is None:
            return entity
        parent = self._parents(kinship, k)
        while entity in parent:
            entity = parent[entity]
        return entity

    def merged_into(self, entity: str, k: int) -> list[str]:
        """What the id is merged into at K, through several, the next one first."""
        kinship, found = self._kinships.get(entity), list[str]()
        parent = {} if kinship is None else self._parents(kinship, k)
        while entity in parent:
            entity = parent[entity]
            found.append(entity)
        return found

    def _parents(self, kinship: Kinship, k: int) -> dict[str, str]:
        """entity → what it is merged into at K."""
        known = kinship.parents_at.get(k)
        if known is None:
            known = kinship.parents_at[k] = Parents()
        fresh = self._newest_last(kinship.events[known.taken :], k)
        known.taken, newest = len(kinship.events), known.newest
        if fresh:
            known.newest = max(newest, fresh[-1][0])
        for order, event in fresh:
            if order < newest and not kinship.is_free(event):  # it may change what newer ones do
                known.apply_anew(self._newest_last(kinship.events, k))
                break
            known.apply(order, event)
        return known.by_entity

    def relatives(self, entities: Iterable[str]) -> set[str]:
        """All entities that were ever merged with any of these, themselves included."""
        found: set[str] = set()
        for entity in entities:
            if entity not in found:
                kinship = self._kinships.get(entity)
                found.update((entity,) if kinship is None else kinship.entities)
        return found

    def identities_of(self, entities: Iterable[str]) -> list[Event]:
        """The merges and splits that may bear on whom these ids mean, in log order."""
        found: dict[int, Event] = {}
        seen: set[int] = set()
        for entity in entities:
            kinship = self._kinships.get(entity)
            if kinship is not None and id(kinship) not in seen:
                seen.add(id(kinship))
                found.update((event.position, event) for event in kinship.events)
        return [found[position] for position in sorted(found)]

    def identity_edges(self, entities: Iterable[str]) -> set[int]:
        """The days of K at which the identity of these entities may change."""
        return {
            day for event in self.identities_of(entities) for day in edges(self.effect_spans(event))
        }
