"""The forms by which entities and sources are corrected, renamed, merged, split, graded and
withdrawn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from markupsafe import Markup
from starlette.requests import Request

from api.addresses import LANGUAGES, PageAddress
from api.web.editing.acts import (
    ACTS,
    CHANGES,
    EDITORIAL,
    NAMED_IN,
    Field,
    basis_of,
    described_keys,
    names_of_entity,
)
from api.web.editing.description_pages import description_of, sentences_of
from api.web.editing.entry_parts import values
from api.web.editing.field_values import value_of
from api.web.editing.filled_form import Form, FormAddress, FormSubject
from domain.entities import EntityRegistered, Location
from domain.sources import Reliability
from domain.vocabulary import Vocabulary

PLACE: Final = ("lat", "lon", "precisionM")
"""The keys of a location."""
_GRADES: Final = tuple(str(each) for each in Reliability)
_CREDIBILITIES: Final = tuple("123456")


class DescriptionForm(Form):
    """Says what an entity or a source is."""

    @classmethod
    async def subject_of(cls, asked: FormAddress) -> FormSubject:
        told = await description_of(asked.request, asked.state, cls.kind_of_subject, asked.id)
        return FormSubject(
            ACTS[asked.act].__name__, told["about"], told, cls.texts_of(asked.act, told)
        )

    @classmethod
    @abstractmethod
    def texts_of(cls, act: str, told: Mapping[str, Any]) -> dict[str, str]:
        """What it is, as the fields of an act have it."""

    def own_fields(self, sent: Mapping[str, str], vocabulary: Vocabulary) -> Iterable[Field]:
        if self.act == "rename":
            yield from names_of_entity()
        elif self.act == "merge":
            yield Field("entities", "same", "entities", required=True)
        elif self.act == "split":
            yield Field("into", "apart", "merged", required=True)
        elif self.act == "reassess_source":
            yield Field("reliability", "reliability", "choice", choices=("", *_GRADES))
            yield Field("credibility", "credibility", "choice", choices=("", *_CREDIBILITIES))
        elif self.act == "correct_source":
            yield from described_keys(CHANGES)
        elif self.act == "correct_entity":
            yield from _of_entity(self.now, vocabulary)
        yield Field("reason", "reason", "area", required=True)
        if self.act not in EDITORIAL:
            yield basis_of(self.act)

    def count_citations(self) -> int:
        return 0 if self.act in EDITORIAL else self.rows

    def says(self) -> dict[str, Any]:
        key = "into" if self.act == "merge" else self.kind_of_subject
        if self.act in EDITORIAL:
            return {key: self.about, **self.with_changes()}
        told = [it for it in self.fields if self.text[it.name] != self.now.get(it.name)]
        return {key: self.about, **values(told, self.text, self.over)}

    async def sentences(self, request: Request, state: PageAddress) -> list[Markup]:
        return await sentences_of(request, state, self.entries())


class EntityForm(DescriptionForm):
    """Renames, corrects, merges or splits an entity."""

    kind_of_subject = "entity"

    @classmethod
    def texts_of(cls, act: str, told: Mapping[str, Any]) -> dict[str, str]:
        if act == "rename":
            return names_of(told["entity"])
        return texts_of_entity(told["entry"]) if act == "correct_entity" else {}

    def whole(self, changed: dict[str, Any]) -> dict[str, Any]:
        """Names, other names and coordinates change as a whole each."""
        parts = {name.partition(".")[0] for name in changed if "." in name}
        found = {name: value for name, value in changed.items() if "." not in name}
        for key in (key for key in ("names", "aliases", "location") if key in parts):
            at = f"{CHANGES}{key}."
            said = {
                field.name.removeprefix(at): value_of(field, self.text[field.name])
                for field in self.fields
                if field.name.startswith(at) and self.text[field.name]
            }
            found[key] = said or None
        return found


class SourceForm(DescriptionForm):
    """Corrects, grades or withdraws a source."""

    kind_of_subject = "source"

    @classmethod
    def texts_of(cls, act: str, told: Mapping[str, Any]) -> dict[str, str]:
        return texts_of_source(told["source"])


def _of_entity(now: Mapping[str, str], vocabulary: Vocabulary) -> Iterator[Field]:
    kinds = [each.name for each in vocabulary.kinds.values() if not each.retired]
    own = now.get("changes.kind", "")
    yield Field("changes.kind", "kind", "choice", True, tuple(dict.fromkeys((own, *kinds))), own)
    for key, widget in (("names", "line"), ("aliases", "list")):
        label = key.replace("names", "name")
        there = [name for name in now if name.startswith(f"changes.{key}.")]
        for name in dict.fromkeys([*(f"changes.{key}.{lang}" for lang in LANGUAGES), *there]):
            yield Field(name, f"{label}-{name.rpartition('.')[2]}", widget)
    yield Field("changes.identifiers", "identifiers", "pairs")
    yield Field("changes.iso3166", "iso3166", "line")
    yield Field("changes.wikidata", "wikidata", "line")
    for key in PLACE:
        yield Field(f"changes.location.{key}", key, "number")


def texts_of_entity(entry: EntityRegistered) -> dict[str, str]:
    """What an entity is, as the fields of its correction have it."""
    place = entry.location or Location(0, 0)
    values = (place.lat, place.lon, place.precision_m)
    numbers = [f"{it:.12g}" for it in values if it is not None] if entry.location else []
    return {
        "changes.kind": entry.kind,
        **{f"changes.names.{lang}": name for lang, name in entry.names.items()},
        **{f"changes.aliases.{lang}": ", ".join(it) for lang, it in (entry.aliases or {}).items()},
        "changes.identifiers": "\n".join(
            f"{scheme}: {text}" for scheme, text in (entry.identifiers or {}).items()
        ),
        "changes.iso3166": entry.iso3166 or "",
        "changes.wikidata": entry.wikidata or "",
        **{f"changes.location.{key}": text for key, text in zip(PLACE, numbers, strict=False)},
    }


def texts_of_source(source: Mapping[str, Any]) -> dict[str, str]:
    """What a source is, as the fields of its correction and its new grade have it."""
    found = {}
    for key, value in source.items():
        text = value["edtf"] if isinstance(value, Mapping) else value
        found[CHANGES + key] = found[key] = "" if text is None else str(text)
    return found


def names_of(entity: Mapping[str, Any]) -> dict[str, str]:
    """What an entity is called, as the fields of its renaming have it."""
    names = {each["lang"]: each["name"] for each in entity["names"]}
    aliases: dict[str, list[str]] = {}
    for each in entity["aliases"]:
        aliases.setdefault(each["lang"], []).append(each["name"])
    return {
        **{f"names.{lang}": names.get(lang, "") for lang in NAMED_IN},
        **{f"aliases.{lang}": ", ".join(aliases.get(lang, ())) for lang in NAMED_IN},
        "identifiers": "\n".join(f"{it['scheme']}: {it['value']}" for it in entity["identifiers"]),
    }
