"""What a dossier makes of each source and each entity along K (and names along X): rectangles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.codec import Event, changed
from domain.corrections import (
    EntityCorrected,
    EntityRenamed,
    SourceCorrected,
    SourceReassessed,
)
from domain.dates import AFTER_ALL, BEFORE_ALL
from domain.dossier import Dossier
from domain.entities import EntityRegistered, Location
from domain.event_stream import EventStream
from domain.sources import SourceRegistered
from domain.spans import ALWAYS, DaySpan, edges
from domain.stretches import Stretches, along, cuts


class SourceVersion(NamedTuple):
    """A source over a stretch of K: as corrected, graded and perhaps withdrawn."""

    source: SourceRegistered
    withdrawn: bool


class EntityVersion(NamedTuple):
    """An entity over stretches of K and X. `canonical` is what it is merged into, or itself.

    `names` are pairs of language and name, the author's first one first.
    """

    id: str
    canonical: str
    kind: str
    names: tuple[tuple[str, str], ...]
    aliases: tuple[tuple[str, tuple[str, ...]], ...]
    identifiers: tuple[tuple[str, str], ...]
    iso3166: str | None
    wikidata: str | None
    location: Location | None
    valid: DaySpan


def source_versions(dossier: Dossier, source: str) -> Stretches[SourceVersion]:
    """A source's versions along K."""
    file = dossier.sources[source]
    withdrawn = dossier.withdrawn_from(source)
    effects = [(event, dossier.effect_spans(event)) for event in file.later]
    days = edges([span for _, spans in effects if spans is not ALWAYS for span in spans])
    days |= edges([DaySpan(withdrawn, AFTER_ALL)])

    steps = []
    for k in cuts(days):
        version = file.first.entry
        for event in dossier.newest_last([event for event, _ in effects], k):
            entry = event.entry
            if isinstance(entry, SourceCorrected):
                version = changed(version, entry.changes)
            elif isinstance(entry, SourceReassessed):
                grades = {"reliability": entry.reliability, "credibility": entry.credibility}
                version = changed(version, {key: x for key, x in grades.items() if x is not None})
        assert isinstance(version, SourceRegistered)
        steps.append((k, [SourceVersion(version, k >= withdrawn)]))
    return along(steps)


def corrected_entity(file: EventStream) -> EntityRegistered:
    """An entity as corrected, before renamings."""
    corrected = file.first.entry
    for event in file.later:
        if isinstance(event.entry, EntityCorrected):
            corrected = changed(corrected, event.entry.changes)
    assert isinstance(corrected, EntityRegistered)
    return corrected


def entity_versions(dossier: Dossier, entity: str) -> Stretches[EntityVersion]:
    """An entity's versions along K, each with the stretch of X in which it has those names."""
    file = dossier.entities[entity]
    corrected = corrected_entity(file)
    renames = [
        event
        for event in file.later
        if isinstance(event.entry, EntityRenamed) and event.entry.when.latest < AFTER_ALL
    ]
    spans_of = [dossier.effect_spans(event) for event in renames]
    days = edges([span for spans in spans_of if spans is not ALWAYS for span in spans])
    days |= dossier.identity_edges([entity])

    steps = []
    for k in cuts(days):
        canonical = dossier.canonical(entity, k)
        versions: list[EntityVersion] = []
        called = _Called(
            dict(corrected.names), corrected.aliases or {}, corrected.identifiers or {}
        )
        first = BEFORE_ALL
        for rename in _renames(dossier.newest_last(renames, k)):
            if rename.when.latest > first:
                valid = DaySpan(first, rename.when.latest)
                versions.append(_entity_version(corrected, canonical, called, valid))
                first = rename.when.latest
            called = called.renamed(rename)
        valid = DaySpan(first, AFTER_ALL)
        versions.append(_entity_version(corrected, canonical, called, valid))
        steps.append((k, versions))
    return along(steps, valid_from)


def _renames(events: Iterable[Event]) -> list[EntityRenamed]:
    """Renames by the day from which they count, of one day in the order given."""
    found = [event.entry for event in events if isinstance(event.entry, EntityRenamed)]
    return sorted(found, key=lambda rename: rename.when.latest)


class _Called(NamedTuple):
    """What an entity is called on a stretch of days."""

    names: dict[str, str]
    aliases: dict[str, tuple[str, ...]]
    identifiers: dict[str, str]

    def renamed(self, rename: EntityRenamed) -> _Called:
        return _Called(
            {**self.names, **(rename.names or {})},
            {**self.aliases, **(rename.aliases or {})},
            {**self.identifiers, **(rename.identifiers or {})},
        )


def _entity_version(
    entry: EntityRegistered, canonical: str, called: _Called, valid: DaySpan
) -> EntityVersion:
    return EntityVersion(
        entry.id,
        canonical,
        entry.kind,
        tuple(called.names.items()),
        tuple(called.aliases.items()),
        tuple(called.identifiers.items()),
        entry.iso3166,
        entry.wikidata,
        entry.location,
        valid,
    )


def valid_from(version: EntityVersion) -> int:
    """The first day of X on which the entity has those names: one version begins on it."""
    return version.valid.first
