"""Cells → entities: found in the record in the ways that the map gives, or created, as it says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from api.sheets.conditions import Template
from api.sheets.date_words import folded
from api.sheets.entity_description import DescriptionWarnings, Draft, EntityDifference
from api.sheets.sheet import Sheet, number_in
from api.sheets.sheet_map import EntityRule
from domain.errors import Refusals, Refused
from domain.sources import ID
from projections.entity_index import EntityIndex, Named

LONGEST_SLUG: Final = 60
MOST_DEGREES: Final = {"lat": 90, "lon": 180}
MOST_NEAR: Final = 3
"""Entities that are named where none is surely meant."""
_ID = re.compile(ID)
_PLAIN = re.compile(r"[A-Za-z0-9.-]+", re.ASCII)


class EntityListed(Exception):
    """A row names an entity that the record does not have, and the map says to list such rows."""

    def __init__(self, words: str, column: str | None) -> None:
        super().__init__(words)
        self.column = column


class EntityFinder:
    """Finds one entity of each row. What it creates is in `drafts`, by id."""

    def __init__(
        self,
        sheet: Sheet,
        name: str,
        rule: EntityRule,
        index: EntityIndex,
        drafts: dict[str, Draft],
        warnings: DescriptionWarnings,
        refusals: Refusals,
    ) -> None:
        """Refused for columns that the sheet does not have. `warnings` get what rows say of an
        entity that the map would create otherwise than the record, or the first that names it,
        `refusals` where no entity can be."""
        self._sheet, self._name, self._rule, self._index = sheet, name, rule, index
        self.drafts, self._warnings, self._refusals = drafts, warnings, refusals
        self._kind = rule.kind

        def template(text: str, field: str) -> Template:
            try:
                return Template(sheet, text)
            except Refused as refused:
                refused.field = field
                raise

        self._id = None if rule.id is None else template(rule.id, "id")
        self._names = {key: template(text, "names") for key, text in rule.names.items()}
        self._aliases = [
            (key, template(text, "aliases"))
            for key, texts in rule.aliases.items()
            for text in texts
        ]
        self._identifiers = {
            key: template(text, "identifiers") for key, text in rule.identifiers.items()
        }
        more: dict[str, str | None] = {"iso3166": rule.iso3166, "wikidata": rule.wikidata}
        self._more = {key: template(text, key) for key, text in more.items() if text is not None}
        self._place = None
        if (place := rule.location) is not None:
            self._place = template(place.lat, "location"), template(place.lon, "location")
        self._misplaced: set[tuple[int, str]] = set()
        """The rows and keys of places that were refused."""
        self._schemes = {**self._more, **self._identifiers}
        every = [self._id, *self._names.values(), *self._schemes.values()]
        self.columns = tuple(dict.fromkeys(c for each in every if each for c in each.columns))
        self._known = [sheet.column(column) for column in self.columns]
        self._named = itemgetter(*self._known) if self._known else lambda cells: ()
        of_keys: dict[str, Iterable[Template]] = {
            "id": filter(None, [self._id]),
            "names": self._names.values(),
            "identifiers": self._identifiers.values(),
            **{f"names.{key}": [each] for key, each in self._names.items()},
            **{f"identifiers.{key}": [each] for key, each in self._identifiers.items()},
            **{key: [each] for key, each in self._more.items()},
            "location": self._place[:1] if self._place else (),
        }
        self._sources = {
            key: each.columns[0]
            for key, templates in of_keys.items()
            for each in templates
            if each.columns
        }
        """By key of an entity, a column that it is made from."""
        self._found: dict[Any, str | Exception] = {}
        """By the cells that name it."""

    @property
    def column(self) -> str | None:
        """The column that names it, the first one."""
        return self.columns[0] if self.columns else None

    def __call__(self, number: int, cells: Sequence[str]) -> str:
        """The entity's id. Refused with the row and the column; EntityListed."""
        key = self._named(cells)
        found = self._found.get(key)
        if found is None:
            try:
                found = self._find(number, cells)
            except (Refused, EntityListed) as error:
                found = error.with_traceback(None)
            self._found[key] = found
        if isinstance(found, str):
            return found
        if isinstance(found, Refused):
            column = found.data.get("column", self.column)
            words = str(found.data.get("words", found.message))
            raise self._sheet.refused(found.code, words, number, str(column) if column else None)
        raise found

    def look(self, number: int, cells: Sequence[str]) -> None:
        """See what this row says of an entity beside what names it. Refused; EntityListed."""
        entity = self(number, cells)
        if self._aliases and (draft := self.drafts.get(entity)) is not None:
            aliases = draft.obj.setdefault("aliases", {})
            own = draft.obj["names"]
            for language, template in self._aliases:
                text = template(cells)
                if text and text not in (own.get(language), *aliases.get(language, ())):
                    aliases.setdefault(language, []).append(text)
        if self._place is not None and not self._is_there(entity, cells):
            self._compare_place(entity, number, cells)

    def _find(self, number: int, cells: Sequence[str]) -> str:
        for way in self._rule.by:
            text = self._text_of(way, cells)
            for each in text:
                found = self._index.find(way, each, self._kind)
                if len(found) > 1:
                    words = (
                        f"«{each}» is the {way} of {', '.join(found[:5])}: tell them apart by an "
                        "identifier or an id."
                    )
                    raise self._refused("AMBIGUOUS_ENTITY", words)
                if found and found[0] in self.drafts and way == "id":
                    return self._create(number, cells)
                if found:
                    return self._of_record(found[0], number, cells)
        shown = self._shown(cells)
        if self._rule.unknown == "create":
            return self._create(number, cells)
        ways = ", ".join(self._rule.by)
        words = (
            f"the record has no {self._name} «{shown}» (looked up by {ways}{self._near(cells)}): "
            "mend the cell, record it first, or say with `unknown` in the map what happens to it."
        )
        if self._rule.unknown == "list":
            raise EntityListed(words, self.column)
        raise self._refused("UNKNOWN_ENTITY", words)

    def _near(self, cells: Sequence[str]) -> str:
        """What comes near the names of a row, with its score."""
        if "match" not in self._rule.by:
            return ""
        found = {
            each.id: f"«{self._called(each.id, text)}» ({each.id}, {each.score:.0f} of 100)"
            for text in self._text_of("match", cells)
            for each in self._index.matching(text, self._kind)[:MOST_NEAR]
        }
        return f"; near come {', '.join(found.values())}" if found else ""

    def _called(self, entity: str, like: str) -> str:
        """A name of an entity, in Latin letters where another text is in ASCII, else in others."""
        names = sorted(self._index.names.get(entity, {entity}))
        return min(names, key=lambda name: name.isascii() != like.isascii())

    def _text_of(self, way: str, cells: Sequence[str]) -> list[str]:
        if way == "id":
            assert self._id is not None
            text = self._id(cells)
            return [] if text is None else [entity_id(text)]
        if way.startswith("identifier:"):
            text = self._schemes[way.partition(":")[2]](cells)
            return [] if text is None else [text]
        return [text for each in self._names.values() if (text := each(cells)) is not None]

    def _create(self, number: int, cells: Sequence[str]) -> str:
        assert self._id is not None
        wanted = self._id(cells)
        if wanted is None:
            words = f"the id of a {self._name} can't be made: the cell says nothing."
            raise self._refused("EMPTY_CELL", words, self._id.empty(cells))
        entity = entity_id(wanted)
        if (draft := self.drafts.get(entity)) is not None:
            if draft.wanted != wanted:
                words = (
                    f"«{wanted}» and «{draft.wanted}» of row {draft.row} give the same id "
                    f"{entity}: give them ids by another column."
                )
                raise self._refused("SAME_ID", words)
            if not self._described(entity, cells).items() <= draft.obj.items():
                self._compare(entity, number, cells)
            return entity
        if entity in self._index.canonical:
            return self._of_record(self._index.canonical[entity], number, cells)
        obj = self._described(entity, cells)
        if not obj["names"]:
            columns = ", ".join(c for each in self._names.values() for c in each.columns)
            words = f"{self._shown(cells)} has no name: {columns} say nothing."
            raise self._refused("EMPTY_CELL", words)
        if (location := self._location(number, cells)) is not None:
            obj["location"] = location
        self.drafts[entity] = Draft(obj, self._sheet, number, wanted, self._sources)
        own = {key: str(obj[key]) for key in self._more if key in obj}
        every = {**obj.get("identifiers", {}), **own}
        self._index.add(Named(entity, str(self._kind), obj["names"], {}, every, location))
        return entity

    def _described(self, entity: str, cells: Sequence[str]) -> dict[str, Any]:
        """What a row says of an entity beside its other names and its place."""
        obj: dict[str, Any] = {"type": "EntityRegistered", "id": entity, "kind": self._kind}
        obj["names"] = _said(self._names, cells)
        if identifiers := _said(self._identifiers, cells):
            obj["identifiers"] = identifiers
        return obj | _said(self._more, cells)

    def _of_record(self, entity: str, number: int, cells: Sequence[str]) -> str:
        """An entity of the record, which a sheet does not correct: what it says otherwise is told
        where the map would give it this id."""
        if self._is_own(entity, cells) and entity not in self.drafts:
            self._compare(entity, number, cells)
        return entity

    def _is_own(self, entity: str, cells: Sequence[str]) -> bool:
        """Whether the map would give an entity the id that it has."""
        wanted = None if self._rule.unknown != "create" or self._id is None else self._id(cells)
        return wanted is not None and self._index.canonical.get(entity_id(wanted)) == entity

    def _compare(self, entity: str, number: int, cells: Sequence[str]) -> None:
        for found in self._differences(entity, cells):
            self._warnings.add(self._sheet, number, entity, found, self.drafts.get(entity))

    def _differences(self, entity: str, cells: Sequence[str]) -> Iterator[EntityDifference]:
        """What a row says otherwise than is known of any day, of what it says at all. Where it is
        is compared by row."""
        index, draft = self._index, self.drafts.get(entity)
        if self._kind != (kind := index.kinds.get(entity)):
            yield EntityDifference("kind", "kind", None, str(self._kind), kind or "")
        for language, text in _said(self._names, cells).items():
            others = (template(cells) for key, template in self._aliases if key == language)
            if not index.is_called(entity, text) and text not in others:
                own = draft and draft.obj["names"].get(language)
                names = sorted(index.names[entity])[:MOST_NEAR] if draft is None else [own]
                known = ", ".join(f"«{name}»" for name in names if name)
                column, key = _column(self._names[language]), f"names.{language}"
                yield EntityDifference(key, f"name ({language})", column, f"«{text}»", known)
        for scheme, text in _said(self._schemes, cells).items():
            if entity not in index.find(f"identifier:{scheme}", text):
                own = index.identifiers.get(entity, {}).get(scheme, "")
                key = scheme if scheme in self._more else f"identifiers.{scheme}"
                column = _column(self._schemes[scheme])
                yield EntityDifference(key, scheme, column, f"«{text}»", own and f"«{own}»")

    def _is_there(self, entity: str, cells: Sequence[str]) -> bool:
        """Whether an entity is known to be where a row says, in the least time: each row is asked.
        False where that takes more than to read two cells."""
        assert self._place is not None
        lat, lon = self._place
        there = self._index.locations.get(entity)
        if there is None or lat.cell is None or lon.cell is None:
            return False
        try:
            at = [number_in(cells[lat.cell]), number_in(cells[lon.cell])]
            return at == [there["lat"], there["lon"]]
        except ValueError:
            return False

    def _compare_place(self, entity: str, number: int, cells: Sequence[str]) -> None:
        """Where a row says that an entity is, which is no part of what names it."""
        assert self._place is not None
        if not self._is_own(entity, cells):
            return
        location = self._location(number, cells)
        known = self._index.locations.get(entity, {})
        if location is None or location.items() <= known.items():
            return
        column = _column(self._place[0])
        said, there = (
            ", ".join(str(each[key]) for key in ("lat", "lon") if key in each)
            for each in (location, known)
        )
        found = EntityDifference("location", "location", column, said, there)
        self._warnings.add(self._sheet, number, entity, found, self.drafts.get(entity))

    def _location(self, number: int, cells: Sequence[str]) -> dict[str, float] | None:
        """Where a row says that an entity is; none where it does not, or where nothing can be,
        which is refused."""
        if self._place is None:
            return None
        texts = [template(cells) for template in self._place]
        if not any(texts):
            return None
        found: dict[str, float] = {}
        for key, template, text in zip(MOST_DEGREES, self._place, texts, strict=True):
            try:
                found[key] = _degrees(key, text)
            except Refused as refused:
                if (number, key) not in self._misplaced:
                    self._misplaced.add((number, key))
                    words, column = refused.message, template.empty(cells) or _column(template)
                    self._refusals.add(self._sheet.refused(refused.code, words, number, column))
        return found if len(found) == len(self._place) else None

    def _shown(self, cells: Sequence[str]) -> str:
        return ", ".join(dict.fromkeys(filter(None, (cells[place] for place in self._known))))

    def _refused(self, code: str, words: str, column: str | None = None) -> Refused:
        data = {"words": words} | ({"column": column} if column else {})
        return Refused(code, words, **data)


def _said(templates: Mapping[str, Template], cells: Sequence[str]) -> dict[str, str]:
    """What a row says by each template, of those by which it says something."""
    return {key: text for key, each in templates.items() if (text := each(cells))}


def _degrees(key: str, text: str | None) -> float:
    """A latitude or a longitude, beside which the other one is given. Refused."""
    if text is None:
        raise Refused("EMPTY_CELL", f"a place needs its {key}, too: give both, or neither.")
    try:
        degrees = number_in(text)
    except ValueError as error:
        words = f"«{text}» is no number of degrees, such as 45.5."
        raise Refused("BAD_NUMBER", words) from error
    most = MOST_DEGREES[key]
    if not abs(degrees) <= most:
        words = f"«{text}» is no {key}: degrees are from -{most} to {most}."
        raise Refused("BAD_VALUE", words)
    return degrees


def _column(template: Template) -> str | None:
    return next(iter(template.columns), None)


def entity_id(text: str) -> str:
    """A text as an id: as it is where it is one, else its letters and digits in ASCII."""
    if _ID.match(text):
        return text
    return slug(text) or f"x-{_short_hash(text)}"


def row_key(parts: Sequence[str]) -> str:
    """The cells that a row is known by as a part of ids; different cells give different ones."""
    joined = "_".join(parts)
    if len(joined) <= LONGEST_SLUG and all(map(_PLAIN.fullmatch, parts)):
        return joined
    return _hashed(parts)


def _hashed(parts: Sequence[str]) -> str:
    readable = slug("-".join(parts))[: LONGEST_SLUG - 9].strip("-")
    return f"{readable}-{_short_hash(chr(31).join(parts))}".lstrip("-")


def slug(text: str) -> str:
    """The letters and digits of a text in ASCII, in lower case, with hyphens between words."""
    plain = folded(text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
