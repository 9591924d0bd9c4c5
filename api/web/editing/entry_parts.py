"""What fields say as parts of entries: values by key, citations, and what is registered along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from api.web.editing.acts import NAMED_IN, NEW_ID, Block, Field
from api.web.editing.field_values import locator_of, pairs_of, parts_of, slug, value_of
from domain.anchoring import sha256_of
from domain.entities import EntityRegistered
from domain.sources import SourceRegistered

CHECKED: Final = ("facts", "merged")
"""The kinds of fields that are boxes to check."""


class NewThing(NamedTuple):
    """Something that a form registers along: what was typed in its box, whether its own fields have
    a name or a title for it, and an id."""

    box: str
    has_name: bool
    has_id: bool


def values(
    fields: Iterable[Field], text: Mapping[str, str], checked: Sequence[str]
) -> dict[str, Any]:
    """What some fields say, by key; names in several languages together."""
    said: dict[str, Any] = {}
    for field in fields:
        key, _, language = field.name.partition(".")
        if field.kind in CHECKED:
            said[field.name] = list(checked)
        elif text[field.name] and language:
            said.setdefault(key, {})[language] = value_of(field, text[field.name])
        elif text[field.name]:
            said[key_of(field)] = value_of(field, text[field.name])
    return said


def citation_of(block: Block, text: Mapping[str, str]) -> dict[str, Any]:
    """Half a locator is left out."""
    said = {field.label: text[field.name] for field in block.fields}
    quote, digest = said["quote"], said["quoteSha256"]
    return _without_none(
        source=said["source"] or None,
        stance=said.get("stance") or None,
        locator=locator_of(said["place"], said["locator"]),
        quoteSha256=digest or (sha256_of(quote) if quote else None),
        quote=None if said["hashOnly"] else quote or None,
        attributedTo=said["attributedTo"] or None,
    )


def source_of(block: Block, text: Mapping[str, str]) -> dict[str, Any]:
    """The entry of the new source that a citation names."""
    fields = [field for field in block.source if field.label != NEW_ID]
    said = {field.label: value_of(field, text[field.name]) for field in fields}
    id_ = text[f"citations[{block.number}].source"]
    return {"type": SourceRegistered.__name__, "id": id_, **_without_none(**said)}


def entity_of(
    id_: str, fields: Iterable[Field], text: Mapping[str, str], lang: str
) -> dict[str, Any]:
    """The entry of a new entity, whose other names are in `lang`."""
    said = {field.label: text[field.name] for field in fields}
    names = {each: said[f"name-{each}"] for each in languages(lang) if said[f"name-{each}"]}
    return {
        "type": EntityRegistered.__name__,
        "id": id_,
        "kind": said["kind"] or None,
        "names": names,
        **({"aliases": {lang: parts_of(said["aliases"])}} if said["aliases"] else {}),
        **({"identifiers": pairs_of(said["identifiers"])} if said["identifiers"] else {}),
    }


def take_in(
    text: dict[str, str],
    newcomers: Mapping[str, Iterable[Field]],
    blocks: Iterable[Block],
    lang: str,
) -> dict[str, NewThing]:
    """Give what is new a name and an id: a name from its box where its own fields have none.

    Returns what is new by the field that names it."""
    new = {}
    for name, fields in newcomers.items():
        if is_filled(text, fields):
            names = [f"entities[{name}].names.{each}" for each in languages(lang)]
            id_ = slug(*(text[each] for each in [*names, name]))
            new[name] = _taken_in(text, name, names, f"entities[{name}].id", id_)
    for block in blocks:
        if is_filled(text, block.source):
            at, name = f"sources[{block.number}].", f"citations[{block.number}].source"
            called = text[at + "publisher"] or text[at + "title"] or text[name]
            id_ = slug(f"{called} {text[at + 'published']}")
            new[name] = _taken_in(text, name, [at + "title"], at + "id", id_)
    return new


def _taken_in(text: dict[str, str], name: str, called: list[str], own: str, id_: str) -> NewThing:
    """Have what is new its name from the box where its own fields have none, and an id."""
    found = NewThing(text[name], any(text[each] for each in called), bool(text[own]))
    if not found.has_name:
        text[called[0]] = found.box
    if not found.has_id:
        text[own] = id_
    text[name] = text[own]
    return found


def is_filled(text: Mapping[str, str], fields: Iterable[Field]) -> bool:
    """Whether any of the fields of something new is filled in."""
    return any(text[field.name] for field in fields)


def key_of(field: Field) -> str:
    """The place in the entry that a field is for."""
    return field.name.removesuffix("_")


def languages(first: str) -> list[str]:
    """The languages of names, that of the page first."""
    return sorted(NAMED_IN, key=lambda each: each != first)


def _without_none(**said: Any) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}
