"""The forms by which entities and sources are corrected, renamed, merged, split, graded, withdrawn:
the fields of each act, what stands in them at first, and what they say. What a fact's has first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.addresses import LANGUAGES
from api.web.editing.acts import (
    CHANGES,
    EDITORIAL,
    Field,
    basis_of,
    described_keys,
    fields_of,
    names_of_entity,
)
from api.web.editing.definition_forms import parts_of
from api.web.editing.field_values import trimmed
from domain.entities import EntityRegistered, Location
from domain.sources import Reliability
from domain.vocabulary import Vocabulary

PLACE: Final = ("lat", "lon", "precisionM")
"""The keys of coordinates."""
_GRADES: Final = tuple(str(each) for each in Reliability)
_CREDIBILITIES: Final = tuple("123456")


def fields(act: str, now: Mapping[str, str], vocabulary: Vocabulary) -> Iterator[Field]:
    """The fields of an act besides its citations."""
    if act == "rename":
        yield from names_of_entity()
    elif act == "merge":
        yield Field("entities", "same", "entities", required=True)
    elif act == "split":
        yield Field("into", "apart", "merged", required=True)
    elif act == "reassess_source":
        yield Field("reliability", "reliability", "choice", choices=("", *_GRADES))
        yield Field("credibility", "credibility", "choice", choices=("", *_CREDIBILITIES))
    elif act == "correct_source":
        yield from described_keys(CHANGES)
    elif act == "correct_entity":
        yield from _of_entity(now, vocabulary)
    yield Field("reason", "reason", "area", required=True)
    if act not in EDITORIAL:
        yield basis_of(act)


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


def texts_of_fact(fact: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, str]:
    """What a fact says, as the fields of its correction have it."""
    subjects: dict[str, list[str]] = {}
    for each in fact["subjects"]:
        subjects.setdefault(each["key"], []).append(each["entity"]["id"])
    said = {
        **{key: ", ".join(ids) for key, ids in subjects.items()},
        **{key: str(value) for key, value in fact["details"].items() if value is not None},
        "when": fact["when"]["edtf"],
        "modality": fact["modality"],
    }
    return {
        field.name: trimmed(field, said.get(field.label, field.usual))
        for field in fields_of("correct", fact["type"], vocabulary)
        if field.name.startswith(CHANGES)
    }


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


def whole(changes: dict[str, Any], text: Mapping[str, str], values: Mapping[str, Any]) -> None:
    """Have changes of an entity's names, other names and coordinates say all of each: `text` and
    `values` are by field."""
    for key in ("names", "aliases", "location"):
        at = f"{CHANGES}{key}."
        if any(name.startswith(f"{key}.") for name in changes):
            for name in [name for name in changes if name.startswith(f"{key}.")]:
                del changes[name]
            said = {
                name.removeprefix(at): parts_of(text[name]) if key == "aliases" else value
                for name, value in values.items()
                if name.startswith(at) and text[name]
            }
            changes[key] = said or None
