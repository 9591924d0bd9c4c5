"""The JSON Schema (draft 2020-12) of a record file's entries, by the words that a record has.

It says what an entry may be by itself, as `import --dry-run` checks it. It leaves out what needs
the record, such as an id that something else has, and what needs two keys at once, such as an
effect that names a key of its type. Dates are of the format `edtf`, which a validator may check or
take as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from domain.corrections import (
    EntityRenamed,
    FactCorroborated,
    HoldingAttested,
    SourceReassessed,
)
from domain.dates import Edtf
from domain.definitions import (
    Definition,
    DefinitionExtended,
    FactTypeChanges,
    FactTypeDefined,
    FluentChanges,
    FluentDefined,
    KindChanges,
    KindDefined,
)
from domain.entities import EntityRegistered
from domain.facts import Fact
from domain.sources import Entry
from domain.stories import StoryTold
from domain.vocabulary import Vocabulary

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
NEEDS_SUPPORT: Final = Fact | FactCorroborated | HoldingAttested
"""What is refused without a citation that supports it."""
SUPPORTED: Final = {
    "type": "array",
    "contains": {"properties": {"stance": {"enum": ["SUPPORTS", None]}}},
}
OF_EVIDENCE: Final = {"required": ["basis"], "properties": {"basis": {"const": "EVIDENCE"}}}
CITED: Final = {
    "required": ["citations"],
    "properties": {"citations": {"type": "array", "minItems": 1}},
}
ONE_OF: Final = {
    EntityRenamed: ("names", "aliases", "identifiers"),
    SourceReassessed: ("reliability", "credibility"),
}
"""Of these keys one has to be said."""
ONE_OF_PART: Final = {
    "Locator": ("paragraph", "page", "row", "chars"),
    "EffectDefined": ("starts", "ends"),
}
"""The same within an entry."""
CHANGES: Final[dict[type[Definition], type[Struct]]] = {
    KindDefined: KindChanges,
    FluentDefined: FluentChanges,
    FactTypeDefined: FactTypeChanges,
}
"""What an extension of each may say."""

Schema = dict[str, Any]


def entry_schema(vocabulary: Vocabulary) -> Schema:
    """The schema of one entry, a line of a record file."""
    types = vocabulary.types.values()
    _, parts = msgspec.json.schema_components(
        [*types, *CHANGES.values()], schema_hook=_schema_of, ref_template="#/$defs/{name}"
    )
    for kind in types:
        _complete(parts[kind.__name__], kind, vocabulary)
    for name, keys in ONE_OF_PART.items():
        parts[name]["anyOf"] = [_said(key) for key in keys]
    parts["EffectDefined"]["oneOf"] = parts["EffectDefined"].pop("anyOf")
    names = sorted(kind.__name__ for kind in types)
    return {
        "$schema": DRAFT,
        "title": "An entry of a record file",
        "type": "object",
        "required": ["type", "id"],
        "properties": {"type": {"enum": names}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in names
        ],
        "$defs": _portable(parts),
    }


def _schema_of(kind: type) -> Schema:
    assert kind is Edtf
    return {"type": "string", "format": "edtf", "description": "An EDTF date, levels 0 and 1."}


def _complete(part: Schema, kind: type[Entry], vocabulary: Vocabulary) -> None:
    """What the types of the keys do not say."""
    keys: Schema = part["properties"]
    for key in keys.keys() - set(part["required"]):  # null is as if left out
        keys[key] = {"anyOf": [keys[key], {"type": "null"}]}
    rules: list[Schema] = []
    if issubclass(kind, NEEDS_SUPPORT):
        rules.append({"required": ["citations"], "properties": {"citations": SUPPORTED}})
    if issubclass(kind, StoryTold):
        rules.append(CITED)
    if "basis" in keys:
        rules.append({"if": OF_EVIDENCE, "then": CITED})
    if kind in ONE_OF:
        rules.append({"anyOf": [_said(key) for key in ONE_OF[kind]]})
    if issubclass(kind, Fact) and not all(effect.is_start for effect in kind.effects):
        rules.append({"properties": {"when": {"not": {"pattern": "/"}}}})  # an interval
    if issubclass(kind, EntityRegistered):
        rules.append({"properties": {"kind": {"enum": list(vocabulary.kinds)}}})
    if issubclass(kind, DefinitionExtended):
        rules += _changes(vocabulary)
    if rules:
        part["allOf"] = rules


def _changes(vocabulary: Vocabulary) -> Iterator[Schema]:
    """What an extension may say of each definition that the record has."""
    for defined, changes in CHANGES.items():
        names = [each.id for each in vocabulary.definitions.values() if isinstance(each, defined)]
        yield {
            "if": {"properties": {"definition": {"enum": names}}},
            "then": {"properties": {"changes": {"$ref": f"#/$defs/{changes.__name__}"}}},
        }


def _said(key: str) -> Schema:
    """That a key is there, and is not null."""
    return {"required": [key], "properties": {key: {"not": {"type": "null"}}}}


def _portable(value: Any) -> Any:
    """Patterns as JavaScript has them: Python's end of a text is `\\Z` there, which it has not."""
    if isinstance(value, dict):
        return {
            key: each.replace(r"\Z", "$") if key == "pattern" else _portable(each)
            for key, each in value.items()
        }
    return [_portable(each) for each in value] if isinstance(value, list) else value
