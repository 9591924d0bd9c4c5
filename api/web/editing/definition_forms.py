"""The forms by which a record's own words are defined and extended: fields, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from api.addresses import LANGUAGES, PageAddress
from api.web.editing.acts import ACTS, EXTENDING, NEW, Field
from api.web.editing.field_values import parts_of
from api.web.editing.filled_form import Form, FormAddress, FormSubject
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


class DefinitionForm(Form):
    """Defines a kind, a fluent or a type of facts, or extends a definition."""

    is_definition = True
    fewest_rows, most_rows = KEYS
    back = "/edit/vocabulary"

    @classmethod
    async def subject_of(cls, asked: FormAddress) -> FormSubject:
        act = asked.act
        if act != EXTENDING and asked.id != NEW:
            raise Refused("NOT_FOUND", f"A definition has its form at /edit/{act}/{NEW}.")
        return FormSubject(ACTS[act].__name__, asked.id if act == EXTENDING else None)

    def own_fields(self, sent: Mapping[str, str], vocabulary: Vocabulary) -> Iterable[Field]:
        if self.kind == DefinitionExtended.__name__:
            extending = _extending(self.about or "", self.rows, vocabulary)
            return [*extending, Field("reason", "reason", "area", required=True)]
        found = [Field("id", f"id-{self.kind}", "line", required=True)]
        if self.kind == FluentDefined.__name__:
            sides = ("scope", "subject", "question", "inverse")
            found += [Field(name, f"{name}-of-fluent", "line", required=True) for name in sides]
            found += [*_names("names", {}), *_names("inverseNames", {}), *_kinds()]
            found.append(Field("single", "single", "check"))
        else:
            found += _names("names", {})
        if self.kind == FactTypeDefined.__name__:
            found += [*_keys(self.rows), *_effects(vocabulary)]
        return found

    def count_citations(self) -> int:
        return 0

    def says(self) -> dict[str, Any]:
        text = self.text
        made: dict[str, Any] = {}
        for key in ("scope", "subject", "question", "inverse"):
            if text.get(key):
                made[key] = text[key]
        more: dict[str, Any] = {}
        for key in ("names", "inverseNames"):
            names = {lang: text[f"{key}.{lang}"] for lang in LANGUAGES if text.get(f"{key}.{lang}")}
            more |= {key: names} if names else {}
        for key in ("scopeKinds", "subjectKinds"):
            more |= {key: parts_of(text[key])} if text.get(key) else {}
        more |= {key: True for key in ("single", "retired") if text.get(key)}
        keys = dict(_key_entries(text, self.kind))
        if self.about is not None:
            more |= {"keys": keys} if keys else {}
            return {**made, "definition": self.about, "changes": more, "reason": text["reason"]}
        if self.kind == FactTypeDefined.__name__:
            more |= {"keys": keys, "effects": list(_effect_entries(text))}
        return {**made, **more}

    def own_field(self, path: str) -> str | None:
        path = path.removeprefix("changes.")
        if found := _KEY.match(path):
            key, what = found.groups()
            rows = [n for n in range(KEYS[1]) if self.text.get(f"keys[{n}].name") == key]
            if rows:
                is_values = what[:5] in ("codes", "kinds")
                part = "values" if is_values else "name"
                part = what if what == "type" or what.startswith("names.") else part
                path = f"keys[{rows[0]}].{part}"
            else:
                path = f"codes.{key}"
        elif path == "keys":
            path = "keys[0].name"
        path = re.sub(r"(effects\[\d+\])(\.starts|\.ends)?$", r"\1.fluent", path)
        path = "effects[0].fluent" if path == "effects" else path
        names = [each.name for each in self.fields]
        fitting = [it for it in names if path == it or path.startswith((f"{it}.", f"{it}["))]
        within = [name for name in names if name.startswith(f"{path}.")]
        return max(fitting, key=len, default=None) or next(iter(within), None)

    def recorded_at(self, state: PageAddress, sent: Mapping[str, Any]) -> str:
        return f"{state.link(self.back)}#{self.about or self.text['id']}"


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
        yield from (Field(f"{at}names.{lang}", f"names-{lang}", "line") for lang in LANGUAGES)
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


def _key_entries(text: Mapping[str, str], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for field, value in text.items():
        if field.startswith("codes.") and value:
            yield field.partition(".")[2], {"type": str(KeyType.CODE), "codes": parts_of(value)}
    for number in range(KEYS[1]):
        at = f"keys[{number}]."
        if name := text.get(at + "name"):
            is_code = text[at + "type"] == KeyType.CODE
            values = parts_of(text[at + "values"])
            names = {lang: called for lang in LANGUAGES if (called := text[f"{at}names.{lang}"])}
            # What is there already lacks a new key, which is therefore never required.
            optional = text[at + "optional"] or kind == DefinitionExtended.__name__
            yield (
                name,
                {
                    "type": text[at + "type"],
                    **({"required": False} if optional else {}),
                    **({"codes" if is_code else "kinds": values} if values else {}),
                    **({"names": names} if names else {}),
                },
            )


def _effect_entries(text: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for number in range(EFFECTS):
        at = f"effects[{number}]."
        if does := text[at + "does"]:
            sides = {side: text[at + side] for side in ("scope", "subject")}
            yield {does: text[at + "fluent"], **sides}
