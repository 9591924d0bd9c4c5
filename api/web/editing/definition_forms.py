"""The forms by which a record's own words are defined and extended: fields, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from api.addresses import LANGUAGES
from api.web.editing.acts import Field
from domain.definitions import (
    DefinitionExtended,
    FactTypeDefined,
    FluentDefined,
    KeyType,
    KindDefined,
)
from domain.errors import Refused
from domain.vocabulary import Vocabulary

EFFECTS: Final = 2
KEYS: Final = (4, 30)
"""Rows for keys at first, and at the most."""
_KEY: Final = re.compile(r"keys\.([^.]+)\.?(.*)")
_COMMA: Final = re.compile(r"[,،;؛\n]")


def fields(kind: str, about: str | None, keys: int, vocabulary: Vocabulary) -> list[Field]:
    """The fields of a definition of a type, or of an extension of what is called `about`, with so
    many rows for keys. Refused(UNKNOWN_DEFINITION)."""
    if kind == DefinitionExtended.__name__:
        return [*_extending(about or "", keys, vocabulary), Field("reason", "reason", "area", True)]
    found = [Field("id", f"id-{kind}", "line", required=True)]
    if kind == FluentDefined.__name__:
        sides = ("scope", "subject", "question", "inverse")
        found += [Field(name, f"{name}-of-fluent", "line", required=True) for name in sides]
        found += [*_names("names", {}), *_names("inverseNames", {}), *_kinds()]
        found.append(Field("single", "single", "check"))
    else:
        found += _names("names", {})
    if kind == FactTypeDefined.__name__:
        found += [*_keys(keys), *_effects(vocabulary)]
    return found


def _extending(about: str, keys: int, vocabulary: Vocabulary) -> Iterator[Field]:
    definition = vocabulary.definitions.get(about)
    if isinstance(definition, KindDefined):
        kind = vocabulary.kinds[about]
        yield from _names("names", kind.names)
        retired = kind.retired
    elif isinstance(definition, FluentDefined):
        fluent = vocabulary.fluents[about]
        yield from _names("names", fluent.names)
        yield from _names("inverseNames", fluent.inverse_names)
        yield from _kinds()
        retired = fluent.retired
    elif isinstance(definition, FactTypeDefined):
        found = vocabulary.fact_types[about]
        yield from _names("names", found.names)
        for key, each in found.keys.items():
            if each.codes:
                yield Field(f"codes.{key}", key, "list")
        yield from _keys(keys)
        retired = found.retired
    else:
        raise Refused("UNKNOWN_DEFINITION", f"The record defines no {about[:80]!a}.")
    if not retired:
        yield Field("retired", "retired", "check")


def _names(key: str, there: Mapping[str, str]) -> Iterator[Field]:
    """For the languages in which there is no name yet."""
    return (
        Field(f"{key}.{lang}", f"{key}-{lang}", "line") for lang in LANGUAGES if lang not in there
    )


def _kinds() -> Iterator[Field]:
    return (Field(name, name, "list") for name in ("scopeKinds", "subjectKinds"))


def _keys(count: int) -> Iterator[Field]:
    types = tuple(str(each) for each in KeyType)
    for number in range(count):
        at = f"keys[{number}]."
        yield Field(at + "name", "key-name", "line")
        yield Field(at + "type", "key-type", "choice", choices=types, usual=types[0])
        yield Field(at + "optional", "key-optional", "check")
        yield Field(at + "values", "key-values", "list")


def _effects(vocabulary: Vocabulary) -> Iterator[Field]:
    for number in range(EFFECTS):
        at = f"effects[{number}]."
        yield Field(at + "does", "does", "choice", choices=("", "starts", "ends"))
        yield Field(at + "fluent", "fluent", "choice", choices=("", *vocabulary.fluents))
        yield Field(at + "scope", "effect-scope", "line")
        yield Field(at + "subject", "effect-subject", "line")


def entry(kind: str, about: str | None, text: Mapping[str, str]) -> dict[str, Any]:
    """What the fields say, as a record file has it."""
    made: dict[str, Any] = {"type": kind, "id": text["id"]}
    for key in ("scope", "subject", "question", "inverse"):
        if text.get(key):
            made[key] = text[key]
    said: dict[str, Any] = {}
    for key in ("names", "inverseNames"):
        names = {lang: text[f"{key}.{lang}"] for lang in LANGUAGES if text.get(f"{key}.{lang}")}
        said |= {key: names} if names else {}
    for key in ("scopeKinds", "subjectKinds"):
        said |= {key: parts_of(text[key])} if text.get(key) else {}
    said |= {key: True for key in ("single", "retired") if text.get(key)}
    keys = dict(_key_entries(text, kind))
    if about is not None:
        said |= {"keys": keys} if keys else {}
        return {**made, "definition": about, "changes": said, "reason": text["reason"]}
    if kind == FactTypeDefined.__name__:
        said |= {"keys": keys, "effects": list(_effect_entries(text))}
    return {**made, **said}


def _key_entries(text: Mapping[str, str], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for field, value in text.items():
        if field.startswith("codes.") and value:
            yield field.partition(".")[2], {"type": str(KeyType.CODE), "codes": parts_of(value)}
    for number in range(KEYS[1]):
        at = f"keys[{number}]."
        if name := text.get(at + "name"):
            is_code = text[at + "type"] == KeyType.CODE
            values = parts_of(text[at + "values"])
            # What is there already lacks a new key, which is therefore never required.
            optional = text[at + "optional"] or kind == DefinitionExtended.__name__
            yield (
                name,
                {
                    "type": text[at + "type"],
                    **({"required": False} if optional else {}),
                    **({"codes" if is_code else "kinds": values} if values else {}),
                },
            )


def _effect_entries(text: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for number in range(EFFECTS):
        at = f"effects[{number}]."
        if does := text[at + "does"]:
            sides = {side: text[at + side] for side in ("scope", "subject")}
            yield {does: text[at + "fluent"], **sides}


def field_of(path: str, text: Mapping[str, str], names: Iterable[str]) -> str | None:
    """The field that the API speaks of by a path in the entry; None if it is none of them."""
    path = path.removeprefix("changes.")
    if found := _KEY.match(path):
        key, what = found.groups()
        number = next((n for n in range(KEYS[1]) if text.get(f"keys[{n}].name") == key), None)
        if number is None:
            path = f"codes.{key}"
        else:
            part = (
                "values" if what[:5] in ("codes", "kinds") else what if what == "type" else "name"
            )
            path = f"keys[{number}].{part}"
    elif path == "keys":
        path = "keys[0].name"
    path = re.sub(r"(effects\[\d+\])(\.starts|\.ends)?$", r"\1.fluent", path)
    path = "effects[0].fluent" if path == "effects" else path
    fitting = [name for name in names if path == name or path.startswith((f"{name}.", f"{name}["))]
    within = [name for name in names if name.startswith(f"{path}.")]
    return max(fitting, key=len, default=None) or next(iter(within), None)


def parts_of(text: str) -> list[str]:
    """What stands between commas."""
    return [part.strip() for part in _COMMA.split(text) if part.strip()]
