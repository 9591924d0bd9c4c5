"""The entities of the record at its head: by id, by identifier, by name and by alias."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg

from domain.dates import MAX_DAY
from projections.candidates import Candidate, CandidateQuery, candidates_now
from projections.follower import progress_of
from store.sql import queries

SQL = queries("projections", "lookup.sql")


class Named(NamedTuple):
    """An entity as some day has it. `identifiers` has its `wikidata` and `iso3166` too."""

    id: str
    kind: str
    names: Mapping[str, str]
    aliases: Mapping[str, Iterable[str]]
    identifiers: Mapping[str, str]
    location: Mapping[str, Any] | None = None


class EntityIndex:
    """What the record calls its entities on any day. A merged one is found as what it is now."""

    def __init__(
        self, rows: Iterable[tuple[str, str, str, Any, Any, Any, Any, Any, Any]] = ()
    ) -> None:
        """Rows of id, canonical id, kind, names, aliases, identifiers, ISO 3166, Wikidata and
        location."""
        self.canonical: dict[str, str] = {}
        self.names: dict[str, set[str]] = {}
        """By id, all its names."""
        self.matching: Callable[[str, str | None], Sequence[Candidate]] = lambda name, kind: ()
        """Gives the entities of a kind that a name may mean, the best first."""
        self.identifiers: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """By id, by scheme, of those that have some."""
        self.locations: dict[str, Mapping[str, Any]] = {}
        """By id, of those that have one."""
        self.kinds: dict[str, str] = {}
        self._by: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for entity, canonical, kind, names, aliases, identifiers, iso3166, wikidata, at in rows:
            own = {"iso3166": iso3166, "wikidata": wikidata}
            every = {**identifiers, **{key: text for key, text in own.items() if text}}
            self.add(Named(entity, kind, names, aliases, every, at), canonical)

    def add(self, entity: Named, canonical: str | None = None) -> None:
        """Take an entity in, or names of one from another day."""
        into = self.canonical[entity.id] = canonical or entity.id
        self.kinds.setdefault(entity.id, entity.kind)
        self.names.setdefault(entity.id, set()).update(entity.names.values())
        for name in entity.names.values():
            self._by["name", compared(name)].add(into)
        for aliases in entity.aliases.values():
            for alias in aliases:
                self._by["alias", compared(alias)].add(into)
        for scheme, text in entity.identifiers.items():
            self._by[f"identifier:{scheme}", text].add(into)
        if entity.identifiers:
            self.identifiers[entity.id].update(entity.identifiers)
        if entity.location:
            self.locations[entity.id] = entity.location

    def is_called(self, entity: str, name: str) -> bool:
        """Whether it is its name or alias on any day."""
        return any(entity in self._by.get((way, compared(name)), ()) for way in ("name", "alias"))

    def find(self, way: str, text: str, kind: str | None = None) -> list[str]:
        """The ids of those that a text names in a way: `id`, `name`, `alias`, `match`,
        `identifier:SCHEME`;
        of a kind, where some are."""
        if way == "match":
            return [each.id for each in self.matching(text, kind)[:1] if each.is_sure]
        if way == "id":
            return [self.canonical[text]] if text in self.canonical else []
        key = text if way.startswith("identifier:") else compared(text)
        found = sorted(self._by.get((way, key), ()))
        return [each for each in found if self.kinds.get(each) == kind] or found


def compared(name: str) -> str:
    """A name as it is compared: without case and doubled blanks, in Unicode's composed form."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def read_index(connection: psycopg.Connection[Any]) -> EntityIndex:
    """The entities as far as the projections have come. Names are matched by the connection."""
    index = EntityIndex(connection.execute(SQL["entity_index"], {"known_at": MAX_DAY}))
    upto = progress_of(connection).position

    def matching(name: str, kind: str | None) -> Sequence[Candidate]:
        kinds = None if kind is None else frozenset({kind})
        return candidates_now(connection, CandidateQuery(name, kinds=kinds), upto)

    index.matching = matching
    return index


def fact_ids(connection: psycopg.Connection[Any], prefix: str) -> set[str]:
    """The ids of the facts that count at the head and begin with a text."""
    rows = connection.execute(SQL["fact_ids"], {"known_at": MAX_DAY, "prefix": prefix})
    return {fact for (fact,) in rows}


def source_ids(connection: psycopg.Connection[Any], prefix: str) -> set[str]:
    """The ids of the sources that begin with a text."""
    rows = connection.execute(SQL["source_ids"], {"prefix": prefix})
    return {source for (source,) in rows}
