"""Events, one after another, to the rows that each opens and closes. No database here."""

from __future__ import annotations

from collections.abc import Iterable, Set

from domain.catalogue import (
    EntityVersion,
    SourceVersion,
    entity_versions,
    source_versions,
    valid_from,
)
from domain.codec import Event
from domain.dossier import Dossier
from domain.history import History
from domain.stretches import Stretches, reuse
from domain.versions import FluentKey
from projections.rows import Tables


class Projector:
    """The rows that events change, given a dossier of all earlier ones that bear on them.

    `own` are the ids of the facts, or of the source or entity, whose rows are wanted, where that is
    not all of them.
    """

    def __init__(
        self, dossier: Dossier, tables: Tables | None = None, own: Set[str] | None = None
    ) -> None:
        self.dossier = dossier
        self.tables = tables or Tables()
        self._own = own
        self._own_keys: set[FluentKey] = set()
        self._history = History(dossier)
        self._sources: dict[str, Stretches[SourceVersion]] = {}
        self._entities: dict[str, Stretches[EntityVersion]] = {}
        self._settle()

    def know(self, events: Iterable[Event]) -> None:
        """Take in earlier events that turn out to bear on the next ones: their rows are there."""
        self.dossier.forget_touched()
        for event in events:
            self.dossier.take(event)
        self._settle()

    def _settle(self) -> None:
        dossier = self.dossier
        self._history.settle()
        for source in dossier.touched_sources:
            self._sources[source] = source_versions(dossier, source)
        for entity in dossier.touched_entities:
            self._entities[entity] = entity_versions(dossier, entity)

    def take(self, event: Event) -> None:
        """Take the next event in, and note what it changes at its position."""
        dossier, position = self.dossier, event.position
        dossier.forget_touched()
        dossier.take(event)
        facts, fluents = self._history.settle()
        own = self._own
        for fact, (had_versions, has_versions) in facts.items():
            if own is None or fact in own:
                self.tables.versions.change(had_versions, has_versions, position)
                if own is not None:
                    versions = [stretch.item for stretch in (*had_versions, *has_versions)]
                    self._own_keys.update(part.key for each in versions for part in each.parts)
        for key, (had_intervals, has_intervals) in fluents.items():
            if own is None or key in self._own_keys:
                self.tables.intervals.change(had_intervals, has_intervals, position)
        for source in dossier.touched_sources if own is None else dossier.touched_sources & own:
            before = self._sources.get(source, [])
            after = self._sources[source] = reuse(before, source_versions(dossier, source))
            self.tables.sources.change(before, after, position)
        for entity in dossier.touched_entities if own is None else dossier.touched_entities & own:
            was = self._entities.get(entity, [])
            now = self._entities[entity] = reuse(was, entity_versions(dossier, entity), valid_from)
            self.tables.entities.change(was, now, position)
