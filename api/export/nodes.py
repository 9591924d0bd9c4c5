"""Rows of the projections as JSON: entities, sources, facts and what is held, as GraphQL has them.

What many rows name is looked up once and remembered, within bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from api.export.node_dates import Row, date_of, day_of_row, side
from api.export.remembered import Remembered
from api.graphql.scalars import write_time
from domain.codec import write
from domain.corrections import FactCorroborated
from domain.dates import parse
from domain.entities import name_in
from domain.errors import Refused
from domain.point import Point
from domain.vocabulary import Vocabulary
from projections import view_rows
from projections.view_rows import Connection, taken

REMEMBERED: Final = 10_000
"""Entities, and sources, that are remembered as facts name them."""
WHOLE_REMEMBERED: Final = 1_000
"""Entities that are remembered whole, which takes three times the memory."""
_NAMED: Final = ("id", "title", "publisher", "url")
_PLACES: Final = ("paragraph", "page", "row", "chars")


class Known(NamedTuple):
    """A source: the day from which it is known, and its node as facts have it."""

    day: int
    named: Row


class Nodes:
    """Rows as JSON at a point, by a connection, with names in a language."""

    def __init__(
        self, connection: Connection, point: Point, lang: str, vocabulary: Vocabulary
    ) -> None:
        self.connection = connection
        self._point = point
        self._lang = lang
        self._vocabulary = vocabulary
        self.entities = Remembered(self._whole_entities, WHOLE_REMEMBERED)
        """By id, the entities that there are."""
        self._short_entities = Remembered(self._entities_of_facts, REMEMBERED)
        """By id, entities as facts have them."""
        self.known_sources = Remembered(self._known_sources, REMEMBERED)
        """By id, the sources that there are."""
        self._names: dict[tuple[str, int], str | None] = {}
        """entity and day → what it is called then"""
        self._facts: dict[str, Row] = {}

    # Entities

    def _whole_entities(self, ids: Iterable[str]) -> dict[str, Row]:
        return {name: self.entity_node(row) for name, row in self._entity_rows(ids).items()}

    def remember_names(self, asked: Iterable[tuple[str, int]]) -> None:
        """Look up at once what entities are called, each on a day of its own."""
        if missing := sorted(set(asked) - self._names.keys()):
            rows = view_rows.names_on_days(self.connection, missing, self._point)
            for each in missing:
                self._names[each] = name_in(rows[each], self._lang) if each in rows else None

    def name_on(self, name: str, day: int) -> str | None:
        """What an entity is called on a day; None if there is none here."""
        self.remember_names([(name, day)])
        return self._names[name, day]

    def _entity_rows(self, ids: Iterable[str]) -> dict[str, Row]:
        return view_rows.rows_by_id(self.connection, "entities_by_id", sorted(ids), self._point)

    def _entities_of_facts(self, ids: Iterable[str]) -> dict[str, Row]:
        return {
            name: {
                "id": name,
                "kind": row["kind"],
                "name": name_in(row["names"], self._lang),
                "location": _place(row["location"]),
            }
            for name, row in self._entity_rows(ids).items()
        }

    def entity_node(self, row: Row) -> Row:
        """An entity of a row that has its columns."""
        names: Mapping[str, str] = row["names"]
        return {
            "id": row["id"],
            "kind": row["kind"],
            "names": [{"lang": lang, "name": name} for lang, name in names.items()],
            "name": name_in(names, self._lang),
            "aliases": [
                {"lang": lang, "name": name}
                for lang, others in sorted(row["aliases"].items())
                for name in others
            ],
            "identifiers": [
                {"scheme": scheme, "value": value}
                for scheme, value in sorted(row["identifiers"].items())
            ],
            "iso3166": row["iso3166"],
            "wikidata": row["wikidata"],
            "location": _place(row["location"]),
        }

    # Sources

    def source(self, name: str) -> Row:
        """A source. Refused(UNKNOWN_SOURCE) if there is none here."""
        found = self.sources([name])
        if not found:
            raise self._unknown_source(name)
        return found[0]

    def named_source(self, name: str) -> Row:
        """A source as facts have it. Refused(UNKNOWN_SOURCE) if there is none here."""
        found = self.known_sources([name])
        if not found:
            raise self._unknown_source(name)
        return found[name].named

    def _unknown_source(self, name: str) -> Refused:
        return Refused(
            "UNKNOWN_SOURCE",
            f"The record has no source {name[:128]!a} at position {self._point.position}: "
            "look it up with sources.",
            field="id",
            source=name[:128],
        )

    def sources(self, ids: Sequence[str]) -> list[Row]:
        """The sources of these ids, in their order; ids of nothing are left out."""
        rows = self._rows_of_sources(ids)
        return [self.source_node(rows[name]) for name in ids if name in rows]

    def source_node(self, row: Row) -> Row:
        """A source of a row that has its columns."""
        said = row["source"]
        dates = ("published", "retrieved", "observedThrough")
        texts = ("title", "publisher", "author", "language", "url")
        return {
            "id": row["id"],
            **{name: said.get(name) for name in texts},
            **{key: date_of(said[key]) if said.get(key) else None for key in dates},
            "sha256": said.get("sha256"),
            "reliability": said.get("reliability"),
            "credibility": said.get("credibility"),
            "withdrawn": row["withdrawn"],
        }

    def _rows_of_sources(self, ids: Iterable[str]) -> dict[str, Row]:
        return view_rows.rows_by_id(self.connection, "sources_by_id", sorted(ids), self._point)

    def _known_sources(self, ids: Iterable[str]) -> dict[str, Known]:
        rows = self._rows_of_sources(ids)
        undated = [name for name, row in rows.items() if not row["source"].get("published")]
        days = view_rows.registered_on(self.connection, undated, self._point)
        return {name: _known(row, days) for name, row in rows.items()}

    def _named(self, ids: Iterable[str], sources: Mapping[str, Known]) -> list[Row]:
        return [sources[name].named for name in ids if name in sources]

    # Facts

    def facts(self, rows: list[Row]) -> Iterator[Row]:
        """Facts of rows of `view_rows.facts`, which are taken. What they name is looked up at
        once."""
        later = view_rows.corroborations(self.connection, self._point, [row["id"] for row in rows])
        cited = {name for row in rows for name in row["sources"]}
        for row in rows:
            cited.update(each["source"] for each in row["version"]["citations"])
        for entries in later.values():
            cited.update(each.source for entry in entries for each in entry.citations)
        entities = self._short_entities({name for row in rows for name in row["subjects"]})
        sources = self.known_sources(cited)
        return (self._fact(row, later.get(row["id"], ()), entities, sources) for row in taken(rows))

    def _fact(
        self,
        row: Row,
        later: Sequence[FactCorroborated],
        entities: Mapping[str, Row],
        sources: Mapping[str, Known],
    ) -> Row:
        version, keys = row["version"], self._vocabulary.subject_keys(row["type"])
        known_at = self._point.known_at
        citations = version["citations"]
        if later:
            citations = [*citations, *(each for entry in later for each in _citations(entry))]
        named = [key for key in keys for _ in _listed(version.get(key))]
        return {
            "id": row["id"],
            "type": row["type"],
            "when": side(version["when"], row["earliest"], row["latest"]),
            "modality": version.get("modality", "OCCURRED"),
            "details": {
                key: value
                for key, value in version.items()
                if key not in _SHOWN and key not in keys
            },
            "disputed": row["disputed"],
            "counts": not row["set_aside_by"] and row.get("counts", True),
            "setAsideBy": row["set_aside_by"],
            "position": row["position"],
            "recordedAt": write_time(row["recorded_at"]),
            "actor": row["actor"],
            "subjects": [
                {"key": key, "entity": entity}
                for key, name in zip(named, row["subjects"], strict=True)
                if (entity := entities.get(name)) is not None
            ],
            "citations": [
                citation(each, source)
                for each in citations
                if (source := sources.get(each["source"])) is not None and source.day <= known_at
            ],
            "sources": self._named(row["sources"], sources),
        }

    def remember_facts(self, ids: Iterable[str]) -> None:
        """Look up at once facts that will be asked for one by one."""
        rows = view_rows.facts_by_id(self.connection, self._point, sorted(ids))
        self._facts |= {fact["id"]: fact for fact in self.facts(list(rows.values()))}

    def fact(self, name: str) -> Row:
        """A fact, retracted ones too. Refused(UNKNOWN_FACT)."""
        if name in self._facts:
            return self._facts[name]
        rows = view_rows.facts_by_id(self.connection, self._point, [name])
        if name not in rows:
            rows = {name: self._unseen(name)}
        return next(self.facts(list(rows.values())))

    def _unseen(self, name: str) -> Row:
        """The row of a fact that is not visible here: as it was last seen by anyone."""
        versions, recorded = view_rows.fact_history(self.connection, name, self._point)
        if not recorded:
            raise Refused(
                "UNKNOWN_FACT",
                f"The record has no fact {name[:128]!a} at position {self._point.position}: "
                "look it up with facts(entity: …).",
                field="id",
                fact=name[:128],
            )
        event = recorded[0].event
        content = versions[-1]["version"] if versions else write(event.entry)
        kind = type(event.entry).__name__
        when = parse(content["when"])
        subjects = [
            each
            for key in self._vocabulary.subject_keys(kind)
            for each in _listed(content.get(key))
        ]
        return {
            "id": name, "type": kind, "version": content, "earliest": when.earliest,
            "latest": when.latest, "disputed": False, "set_aside_by": [], "counts": False,
            "subjects": subjects, "sources": [], "position": event.position,
            "recorded_at": recorded[0].recorded_at, "actor": event.actor,
        }  # fmt: skip

    def quantities(self, rows: Sequence[Row]) -> list[Row]:
        """What was reported, of rows of `view_rows.quantities`."""
        sources = self.known_sources({name for row in rows for name in row["sources"]})
        return [
            {
                "measure": row["version"]["measure"],
                "value": float(row["version"]["value"]),
                "comparator": row["version"].get("comparator", "="),
                "unit": row["version"].get("unit"),
                "when": side(row["version"]["when"], row["earliest"], row["latest"]),
                "fact": {"id": row["id"]},
                "sources": [{"id": name} for name in row["sources"] if name in sources],
            }
            for row in rows
        ]

    # What is held

    def held(self, question: str, rows: list[Row], with_facts: bool) -> Iterator[Row]:
        """What is held, of rows of `view_rows.held`, which are taken; `with_facts` its facts are
        whole. What they name is looked up at once."""
        cited = {name for row in rows for name in row["sources"]}
        cited.update(
            name
            for row in rows
            for each in (*row["alternatives"], *row["announced_ends"])
            for name in each["sources"]
        )
        sources = self.known_sources(cited)
        facts: dict[str, Row] = {}
        if with_facts:
            ids = {ref["id"] for row in rows for ref in row["facts"]}
            found = view_rows.facts_by_id(self.connection, self._point, sorted(ids))
            facts = {fact["id"]: fact for fact in self.facts(list(found.values()))}
        return (
            {
                "question": question,
                "entity": self.entity_node(row),
                "standing": row["standing"],
                "contested": row["contested"],
                "disputed": row["disputed"],
                "since": side(row["since"], row["start_earliest"], row["start_latest"]),
                "until": side(row["until"], row["end_earliest"], row["end_latest"])
                if row["ended"]
                else None,
                "alternatives": [_alternative(each, sources) for each in row["alternatives"]],
                "announcedEnds": [_announced(each, sources) for each in row["announced_ends"]],
                "attested": day_of_row(row["attested"]),
                "facts": [facts[ref["id"]] if with_facts else _ref(ref) for ref in row["facts"]],
                "sources": self._named(row["sources"], sources),
            }
            for row in taken(rows)
        )


_SHOWN: Final = frozenset({"type", "id", "when", "modality", "citations"})


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def citation(given: Row, source: Known) -> Row:
    """A citation as written, with its source."""
    get, spot = given.get, given.get("locator")
    return {
        "source": source.named,
        "stance": get("stance", "SUPPORTS"),
        "locator": spot and {name: spot.get(name) for name in _PLACES},
        "quoteSha256": get("quoteSha256"),
        "quote": get("quote"),
        "attributedTo": get("attributedTo"),
    }


def _known(row: Row, days: Mapping[str, int]) -> Known:
    said = row["source"]
    published = said.get("published")
    named = {"id": row["id"], **{key: said.get(key) for key in _NAMED[1:]}}
    named["published"] = {"edtf": published} if published else None
    return Known(parse(published).latest if published else days[row["id"]], named)


def _place(given: Row | None) -> Row | None:
    return given and {
        "lat": float(given["lat"]),
        "lon": float(given["lon"]),
        "precisionM": _float(given.get("precisionM")),
    }


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _citations(entry: FactCorroborated) -> list[Row]:
    found: list[Row] = write(entry)["citations"]
    return found


def _ref(ref: Row) -> Row:
    return {"id": ref["id"], "type": ref["type"], "when": date_of(ref["when"])}


def _alternative(row: Row, sources: Mapping[str, Known]) -> Row:
    return {
        **{name: row[name] and side(*_days(row[name])) for name in ("since", "until")},
        **_who(row, sources),
        "setAside": row["setAside"],
    }


def _announced(row: Row, sources: Mapping[str, Known]) -> Row:
    return {**side(*_days(row["until"])), **_who(row, sources)}


def _days(written: Row) -> tuple[str | None, int | None, int | None]:
    return written["edtf"], written["earliest"], written["latest"]


def _who(row: Row, sources: Mapping[str, Known]) -> Row:
    """Whose date it is: the fact, and the sources that say so."""
    return {
        "facts": [{"id": row["fact"]["id"]}],
        "sources": [{"id": name} for name in row["sources"] if name in sources],
    }
