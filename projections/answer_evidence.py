"""The events that an answer rests on: those that give it again, and no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import partial
from typing import Any, NamedTuple

import psycopg

from domain.catalogue import entity_versions, source_versions
from domain.codec import Event
from domain.corrections import EntityCorrected, EntityRenamed
from domain.dates import AFTER_ALL
from domain.dossier import Dossier
from domain.entities import EntityRegistered, name_in
from domain.errors import Refused
from domain.facts import Fact, MemberCountReported, subjects_of
from domain.intervals import Interval
from domain.point import Point
from domain.sources import SourceRegistered
from domain.standing import Standing
from domain.stretches import item_at
from domain.tags import IDENTITY, fluent_tag
from domain.versions import FluentKey
from projections.follower import read_tagged
from projections.minimal_log import Claim, Replay, least
from projections.related_events import GatheredEvents, Read, Tagged, gather_entities, gather_tagged
from store.sql import queries

SQL = queries("projections", "proofs.sql")
MOST = 50_000
"""Events that may bear on an answer whose evidence is looked for."""


class Answered(NamedTuple):
    """A question at a point, and what its answer names.

    `asked` is the id that it is asked about, None for a kind of entities; `others` are the entities
    of its rows, `facts` and `sources` those that they name. `is_counted` where it has reported
    counts.
    """

    fluent: str
    inverse: bool
    asked: str | None
    others: Sequence[str]
    facts: Set[str]
    sources: Set[str]
    is_counted: bool
    lang: str
    point: Point

    def key(self, other: str, dossier: Dossier) -> FluentKey:
        """The fluent of a row, of whomever the id means that is asked about."""
        asked = other if self.asked is None else dossier.canonical(self.asked, self.point.known_at)
        return FluentKey(self.fluent, *((other, asked) if self.inverse else (asked, other)))


def events_behind(connection: psycopg.Connection[Any], answer: Answered) -> list[int]:
    """Positions of the events that an answer rests on, in order: they give it again.

    No event can go, nor one with all that could then not be replayed. Refused(TOO_COSTLY) where
    more than MOST events bear on it.
    """
    point = answer.point
    with connection.cursor() as cursor:

        def read(tags: set[str]) -> list[Tagged]:
            return read_tagged(cursor, tags, point.position)

        own = [] if answer.asked is None else gather_tagged([f"entity:{answer.asked}"], read)[0]
        whole = Replay(own).dossier
        reports = list[str]()
        if answer.is_counted and answer.asked is not None:
            canonical = whole.canonical(answer.asked, point.known_at)
            values = {"type": MemberCountReported.__name__, "id": canonical, **point.parameters}
            reports = [fact for (fact,) in cursor.execute(SQL["counts_reported"], values)]
        others = list(answer.others)
        while True:
            tags = {other: fluent_tag(*answer.key(other, whole)) for other in others}
            bearing = _Bearing(read, answer, tags.values(), reports)
            claims = list(_claims(bearing, answer, tags, reports))
            needed = _needed(bearing.events.values(), answer, {*reports})
            found = least(bearing.events, claims, needed)
            again = Replay(bearing.events[at] for at in found)
            more = [other for other in _others(again, answer) if other not in others]
            if not more:
                return found
            # A row that the answer does not have: the event that prevents it is missing.
            others += more


def _others(replay: Replay, answer: Answered) -> list[str]:
    """The entities of the rows that a replay answers with."""
    sides = {key.scope if answer.inverse else key.subject for key in replay.history.intervals}
    return [
        other
        for other in sorted(sides)
        if replay.row(answer.key(other, replay.dossier), answer.point)
    ]


class _Bearing:
    """All events that bear on an answer, found again by their tags."""

    def __init__(
        self, read: Read, answer: Answered, fluents: Iterable[str], reports: Iterable[str]
    ) -> None:
        found: dict[int, Tagged] = {}

        def keep(tags: set[str]) -> list[Tagged]:
            some = list(read(tags))
            found.update((each.event.position, each) for each in some)
            if len(found) > MOST:
                raise Refused(
                    "TOO_COSTLY",
                    f"More than {MOST:,} events bear on the answer: ask for smaller pages.",
                    field="first",
                )
            return some

        tags = [*fluents]
        tags += [f"fact:{fact}" for fact in reports]
        tags += [f"source:{source}" for source in answer.sources]
        tags += [f"entity:{entity}" for entity in (answer.asked, *answer.others) if entity]
        known = GatheredEvents()
        gather_tagged(tags, keep, known=known)
        gather_entities(known, keep)
        self.events = {at: found[at].event for at in sorted(found)}
        self._tagged = defaultdict[str, list[Tagged]](list)
        for each in found.values():
            for tag in each.tags:
                self._tagged[tag].append(each)

    def on_facts(self, tag: str) -> list[int]:
        """What bears on the facts with a tag, and the entities that they name."""
        known = GatheredEvents()
        some = gather_tagged([tag], self._read, known=known)[0]
        named = gather_entities(known, self._read)
        some += [each for each in named if isinstance(each.entry, EntityRegistered)]
        # No row rests on what an entity is called.
        return sorted(
            each.position
            for each in some
            if not isinstance(each.entry, EntityCorrected | EntityRenamed)
        )

    def on_source(self, source: str) -> list[int]:
        """What bears on what a source is."""
        return [each.position for each in gather_tagged([f"source:{source}"], self._read)[0]]

    def on_entity(self, entity: str) -> list[int]:
        """What bears on what an entity is and is called."""
        read = partial(self._read, but_for=IDENTITY)
        return [each.position for each in gather_tagged([f"entity:{entity}"], read)[0]]

    def _read(self, tags: set[str], but_for: str | None = None) -> list[Tagged]:
        return [
            each for tag in tags for each in self._tagged.get(tag, ()) if but_for not in each.tags
        ]


def _needed(events: Iterable[Event], answer: Answered, reports: Set[str]) -> set[int]:
    """The events that an answer names: facts, and what these cite and are about."""
    needed, named = set[int](), answer.facts | reports
    sources, entities = set(answer.sources), {answer.asked, *answer.others}
    for event in events:
        if isinstance(event.entry, Fact) and event.entry.id in named:
            needed.add(event.position)
            sources.update(citation.source for citation in event.entry.citations)
            entities.update(subjects_of(event.entry))
    return needed | {
        event.position
        for event in events
        if (isinstance(event.entry, SourceRegistered) and event.entry.id in sources)
        or (isinstance(event.entry, EntityRegistered) and event.entry.id in entities)
    }


def _claims(
    bearing: _Bearing, answer: Answered, fluents: Mapping[str, str], reports: Sequence[str]
) -> Iterable[Claim]:
    """All that an answer says: its rows, the entities and sources that they name, the reports.

    `fluents` are the tags of the rows by their entities.
    """
    k, last = answer.point.known_at, answer.point.as_of.latest
    if answer.asked is not None:
        yield Claim(bearing.on_entity(answer.asked), partial(_is_there, entity=answer.asked))
    for other, tag in fluents.items():
        yield Claim(bearing.on_facts(tag), partial(_row, answer=answer, other=other))
    for entity in answer.others:
        says = partial(_described, entity=entity, k=k, x=last, lang=answer.lang)
        yield Claim(bearing.on_entity(entity), says)
    for source in answer.sources:
        yield Claim(bearing.on_source(source), partial(_cited, source=source, k=k))
    for fact in reports:
        yield Claim(bearing.on_facts(f"fact:{fact}"), partial(_reported, answer=answer, fact=fact))


def _is_there(replay: Replay, entity: str) -> object:
    """Whether the record has an entity."""
    return entity in replay.dossier.entities


def _row(replay: Replay, answer: Answered, other: str) -> object:
    """All that a row says of its fluent."""
    row = replay.row(answer.key(other, replay.dossier), answer.point)
    if row is None:
        return None
    standing, here = row
    return (
        standing,
        (here.contested, here.disputed, here.ended, here.since, here.until),
        (here.start_earliest, here.start_latest, here.end_earliest, here.end_latest),
        tuple((ref.id, ref.type, ref.when) for ref in here.facts),
        tuple((a.since, a.until, a.text, a.fact.id, a.sources) for a in here.alternatives),
        tuple((a.until, a.text, a.fact.id, a.sources) for a in here.announced_ends),
        _attested(replay, standing, here, answer.point.known_at),
        here.sources,
    )


def _attested(replay: Replay, standing: Standing, here: Interval, k: int) -> int | None:
    """The last day on which a row is attested: by its own facts, or as far as a source looked."""
    if standing is Standing.ANNOUNCED or here.ended:
        return None
    seen = [
        source.observed_through.latest
        for name in here.sources
        if (source := _source(replay, name, k)) and source.observed_through
    ]
    days = [day for day in [here.attested, *seen] if day is not None and day != AFTER_ALL]
    return max(days, default=None)


def _described(replay: Replay, entity: str, k: int, x: int, lang: str) -> object:
    """What an answer says of an entity. Its cursor has the name as well."""
    if entity not in replay.dossier.entities:
        return None
    for stretch in entity_versions(replay.dossier, entity):
        version = stretch.item
        if stretch.first <= k < stretch.until and version.valid.first <= x < version.valid.until:
            return version.kind, name_in(dict(version.names), lang), version.iso3166
    return None


def _cited(replay: Replay, source: str, k: int) -> object:
    """What an answer says of a source."""
    said = _source(replay, source, k)
    return said and (said.title, said.publisher, said.published and said.published.text)


def _source(replay: Replay, source: str, k: int) -> SourceRegistered | None:
    """A source as it is described at K, None where the record does not have it."""
    if source not in replay.dossier.sources:
        return None
    version = item_at(source_versions(replay.dossier, source), k)
    return version and version.source


def _reported(replay: Replay, answer: Answered, fact: str) -> object:
    """What an answer says of a count reported, and what makes it one of the latest."""
    k = answer.point.known_at
    version = replay.version(fact, k)
    if version is None or not isinstance(version.fact, MemberCountReported):
        return None
    said = version.fact
    is_of_it = replay.dossier.canonical(answer.asked or "", k) in version.subjects
    return (
        (said.value, said.comparator, said.when.latest, is_of_it, version.sources),
        (version.occurred, version.set_aside_by),
    )
