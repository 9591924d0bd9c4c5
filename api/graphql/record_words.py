"""The record's words: what it can speak of, and any fluent asked by its name."""

# No `from __future__ import annotations`: the annotations are read as objects.

from collections.abc import Mapping
from typing import Any

import strawberry

from api.graphql.arguments import paged, root_field
from api.graphql.as_of_rows import answer, held_fields, types_named
from api.graphql.context import View
from api.graphql.types import Name, entity
from domain.definitions import KeyDefined
from domain.errors import Refused
from domain.facts import Fluent
from domain.vocabulary import FactType, NamedKind
from projections.asof import Row


@strawberry.type(description="A kind of entities.")
class DefinedKind:
    id: strawberry.ID
    names: list[Name]
    retired: bool = strawberry.field(description="No longer offered in forms; still taken.")


@strawberry.type(description="Something that holds for a while between a scope and a subject.")
class DefinedFluent:
    id: strawberry.ID
    scope: str
    subject: str
    question: str = strawberry.field(description="Asks a scope for its subjects.")
    inverse: str | None = strawberry.field(description="Asks a subject for its scopes.")
    names: list[Name]
    inverse_names: list[Name]
    scope_kinds: list[str]
    subject_kinds: list[str]
    single: bool = strawberry.field(description="At most one subject of a scope at a time.")
    retired: bool


@strawberry.type(description="A key of a type of facts.")
class DefinedKey:
    name: str
    type: str = strawberry.field(
        description="ENTITY, ENTITIES, TEXT, INTEGER, NUMBER, DATE or CODE."
    )
    required: bool
    kinds: list[str]
    codes: list[str]
    names: list[Name]


@strawberry.type(description="What a fact starts or ends; scope and subject are keys of it.")
class DefinedEffect:
    starts: str | None
    ends: str | None
    scope: str
    subject: str


@strawberry.type(description="A type of facts. A report has no effects.")
class DefinedFactType:
    id: strawberry.ID
    keys: list[DefinedKey]
    effects: list[DefinedEffect]
    names: list[Name]
    retired: bool


@strawberry.type(description="All that the record has words for, the core's words first.")
class RecordWords:
    position: int
    kinds: list[DefinedKind]
    fluents: list[DefinedFluent]
    fact_types: list[DefinedFactType]


def _names(names: Any) -> list[Name]:
    return [Name(lang=lang, name=name) for lang, name in names.items()]


def _kind(kind: NamedKind) -> DefinedKind:
    return DefinedKind(id=strawberry.ID(kind.name), names=_names(kind.names), retired=kind.retired)


def _fluent(fluent: Fluent) -> DefinedFluent:
    return DefinedFluent(
        id=strawberry.ID(fluent.name),
        scope=fluent.scope,
        subject=fluent.subject,
        question=fluent.question,
        inverse=fluent.inverse,
        names=_names(fluent.names),
        inverse_names=_names(fluent.inverse_names),
        scope_kinds=list(fluent.scope_kinds),
        subject_kinds=list(fluent.subject_kinds),
        single=fluent.single,
        retired=fluent.retired,
    )


def _key(name: str, key: KeyDefined, names: Mapping[str, str]) -> DefinedKey:
    return DefinedKey(
        name=name,
        type=key.type.value,
        required=key.required,
        kinds=list(key.kinds or ()),
        codes=list(key.codes or ()),
        names=_names(names),
    )


def _fact_type(found: FactType) -> DefinedFactType:
    return DefinedFactType(
        id=strawberry.ID(found.name),
        keys=[_key(name, key, found.key_names.get(name, {})) for name, key in found.keys.items()],
        effects=[
            DefinedEffect(
                starts=each.starts, ends=each.ends, scope=each.scope, subject=each.subject
            )
            for each in found.effects
        ],
        names=_names(found.names),
        retired=found.retired,
    )


async def vocabulary(view: View) -> RecordWords | None:
    words = view.operation.access.instance.vocabulary.at(view.point.position)
    view.operation.spend(len(words.kinds) + len(words.fluents) + len(words.fact_types))
    return RecordWords(
        position=view.point.position,
        kinds=[_kind(kind) for kind in words.kinds.values()],
        fluents=[_fluent(fluent) for fluent in words.fluents.values()],
        fact_types=[_fact_type(found) for found in words.fact_types.values()],
    )


HOLDING = types_named(
    "Holding",
    "scope",
    "subject",
    about="A scope and a subject of a fluent that holds or may hold.",
)


async def holding(
    view: View,
    fluent: strawberry.ID,
    scope: strawberry.ID | None = None,
    subject: strawberry.ID | None = None,
    **page: Any,
) -> Any:
    fluent_found = _known(view, fluent)
    if (scope is None) == (subject is None):
        raise Refused(
            "BAD_VALUE",
            "A scope is asked for its subjects, or a subject for its scopes: give one of the two.",
            field="scope",
        )
    inverse = scope is None
    asked = await view.canonical(str(scope or subject), "subject" if inverse else "scope")
    given = await view.entities.all([asked])  # none before it was registered, and no row either

    def node(row: Row) -> Any:
        sides = (row, given[asked]) if inverse else (given[asked], row)
        scope, subject = map(entity, sides)
        return HOLDING.node(**held_fields(view, row), scope=scope, subject=subject)

    return await answer(HOLDING, view, fluent_found, asked, node, inverse=inverse, **page)


def _known(view: View, name: str) -> Fluent:
    known = view.operation.vocabulary.fluents
    if name not in known:
        raise Refused(
            "UNKNOWN_FLUENT",
            f"There is no fluent {name[:80]!a}; there are {', '.join(known)}.",
            field="fluent",
        )
    return known[name]


ROOT_FIELDS = [
    root_field(
        "holding",
        paged(holding),
        "Any fluent by its name: of a scope, or of a subject.",
        HOLDING.connection | None,
    ),
    root_field("vocabulary", vocabulary, "What the record has words for, at a position."),
]
