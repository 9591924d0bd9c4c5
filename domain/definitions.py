"""Definitions: the entries by which a record defines kinds, fluents and types of facts of its own.

They are never undone, only extended. What they make together with the core is in vocabulary.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from domain.entities import Kind, Names, check_names
from domain.errors import Refused
from domain.sources import Changes, Entry, Id, Text

Word = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][A-Za-z0-9]{0,62}\Z",
        description="1 to 63 letters (ASCII) or digits, a small letter first, such as treatyParty",
    ),
]
"""The name of a fluent, of a side of one, of a question, or of a key of a fact."""
FactTypeName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z][A-Za-z0-9]{0,62}\Z",
        description="1 to 63 letters (ASCII) or digits, a capital first, such as TreatyRatified",
    ),
]
KindName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z][A-Z0-9_]{0,62}\Z",
        description="1 to 63 capitals (ASCII), digits or _, a capital first, such as TREATY",
    ),
]
Code = Annotated[str, Meta(min_length=1, max_length=100)]
KindNames = Annotated[tuple[Kind, ...], Meta(min_length=1, max_length=200)]

_OF_ENTRIES = "id", "type", "when", "modality", "citations", "episode", "gist"
_OF_CLASSES = "check", "effects", "shape"
_OF_NODES = (
    "standing", "contested", "disputed", "alternatives", "announcedEnds", "attested", "since",
    "until", "facts", "sources", "view", "cited", "cursor", "node", "edges",
)  # fmt: skip
_OF_QUESTIONS = (
    "asOf", "knownAt", "recordedAt", "atPosition", "standings", "lang", "first", "after", "kind",
)  # fmt: skip
RESERVED_KEYS: Final = frozenset((*_OF_ENTRIES, *_OF_CLASSES, *_OF_NODES, *_OF_QUESTIONS))
"""Names that no key of a fact and no side of a fluent may have."""


class KeyType(StrEnum):
    """What a key of a fact may say. ENTITIES is a list of ids, DATE is EDTF, CODE one of some."""

    ENTITY = "ENTITY"
    ENTITIES = "ENTITIES"
    TEXT = "TEXT"
    INTEGER = "INTEGER"
    NUMBER = "NUMBER"
    DATE = "DATE"
    CODE = "CODE"


class KeyDefined(
    Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """A key of a type of facts. `kinds` are those expected of the entities that it names, `names`
    what the key is called."""

    type: KeyType
    required: bool = True
    kinds: KindNames | None = None
    codes: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=1_000)] | None = None
    names: Names | None = None


Keys = Annotated[dict[Word, KeyDefined], Meta(max_length=100)]


class EffectDefined(
    Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """What a fact does to a fluent; `scope` and `subject` are keys of the fact."""

    scope: Word
    subject: Word
    starts: Word | None = None
    ends: Word | None = None

    @property
    def fluent(self) -> str:
        return self.starts or self.ends or ""


class Definition(Entry, frozen=True, kw_only=True):
    """An entry that the record's own words are made of."""


class KindDefined(Definition, frozen=True, kw_only=True):
    """A kind of entities."""

    id: KindName
    names: Names | None = None

    def check(self) -> None:
        check_names(self.names or {})


class FluentDefined(Definition, frozen=True, kw_only=True):
    """Something that holds for a while between a scope and a subject. `question` asks a scope for
    its subjects, `inverse` a subject for its scopes; `names` and `inverseNames` are those of the
    two questions. `single` expects one subject of a scope at a time."""

    id: Word
    scope: Word
    subject: Word
    question: Word
    inverse: Word
    names: Names | None = None
    inverse_names: Names | None = None
    scope_kinds: KindNames | None = None
    subject_kinds: KindNames | None = None
    single: bool = False

    def check(self) -> None:
        check_names(self.names or {})
        check_names(self.inverse_names or {}, key="inverseNames")
        for field in ("scope", "subject"):
            _check_key(getattr(self, field), field)
        for one, other in (("scope", "subject"), ("question", "inverse")):
            if getattr(self, one) == getattr(self, other):
                raise Refused(
                    "SAME_SIDES",
                    f"The {one} and the {other} of {self.id} have one name: give each its own.",
                    field=other,
                )


class FactTypeDefined(Definition, frozen=True, kw_only=True):
    """A type of facts: its keys, and what such a fact starts or ends. A report has no effects."""

    id: FactTypeName
    keys: Keys
    effects: Annotated[tuple[EffectDefined, ...], Meta(max_length=2)] = ()
    names: Names | None = None

    def check(self) -> None:
        check_names(self.names or {})
        check_keys(self.keys, "keys")
        for name, key in self.keys.items():
            check_names(key.names or {}, within=f"keys.{name}.")
        for number, effect in enumerate(self.effects):
            self._check_effect(effect, f"effects[{number}]")
        sides = [(each.fluent, each.scope, each.subject) for each in self.effects]
        if len(set(sides)) < len(sides):
            raise Refused(
                "BAD_EFFECT",
                f"Both effects of {self.id} are on one and the same: two effects of one fluent "
                "name different keys.",
                field="effects[1]",
            )

    def _check_effect(self, effect: EffectDefined, field: str) -> None:
        if (effect.starts is None) == (effect.ends is None):
            raise Refused(
                "BAD_EFFECT",
                "An effect starts a fluent or ends one: write one of both.",
                field=field,
            )
        for side, key in (("scope", effect.scope), ("subject", effect.subject)):
            defined = self.keys.get(key)
            if defined is None or defined.type is not KeyType.ENTITY or not defined.required:
                raise Refused(
                    "BAD_EFFECT",
                    f"The {side} of an effect is a required key of the type ENTITY, and {key} is "
                    "none: add it to `keys`.",
                    field=f"{field}.{side}",
                )


class DefinitionExtended(Definition, frozen=True, kw_only=True):
    """Adds optional keys, codes, kinds and names to a definition, or retires it: forms then no
    longer offer it."""

    id: Id
    definition: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}\Z")]
    changes: Annotated[Changes, Meta(min_length=1)]
    reason: Text


class KindChanges(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What an extension may add to a kind."""

    names: Names | None = None
    retired: Literal[True] | None = None


class FluentChanges(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What an extension may add to a fluent."""

    names: Names | None = None
    inverse_names: Names | None = None
    scope_kinds: KindNames | None = None
    subject_kinds: KindNames | None = None
    retired: Literal[True] | None = None


class KeyChanges(
    Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """A new key, or what is added to one that is there: kinds, codes and names."""

    type: KeyType
    required: bool | None = None
    kinds: KindNames | None = None
    codes: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=1_000)] | None = None
    names: Names | None = None


class FactTypeChanges(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What an extension may add to a type of facts."""

    names: Names | None = None
    keys: Annotated[dict[Word, KeyChanges], Meta(max_length=100)] | None = None
    retired: Literal[True] | None = None


def _check_key(name: str, field: str) -> None:
    if name in RESERVED_KEYS:
        raise Refused(
            "RESERVED",
            f"The name {name} is one that every entry or answer has already: take another.",
            field=field,
        )


def check_keys(keys: dict[str, KeyDefined], field: str) -> None:
    """Refuse keys that no fact could have: reserved names, codes without the type CODE."""
    for name, key in keys.items():
        _check_key(name, f"{field}.{name}")
        if (key.type is KeyType.CODE) != (key.codes is not None):
            raise Refused(
                "BAD_KEY",
                "A key of the type CODE needs its `codes`, and no other key has any.",
                field=f"{field}.{name}.codes",
            )
        if key.kinds is not None and key.type not in (KeyType.ENTITY, KeyType.ENTITIES):
            raise Refused(
                "BAD_KEY",
                "Only a key of the type ENTITY or ENTITIES has `kinds`.",
                field=f"{field}.{name}.kinds",
            )
        _check_once(key.codes or (), f"{field}.{name}.codes")


def _check_once(codes: Iterable[str], field: str) -> None:
    for code, count in Counter(codes).items():
        if count > 1:
            raise Refused("BAD_KEY", f"The code {code[:100]} stands twice.", field=field)
