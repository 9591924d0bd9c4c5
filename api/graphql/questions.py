"""The core's as-of questions as fields: each at the root with the clocks, and all in `state`."""

# No `from __future__ import annotations`: strawberry reads these annotations as objects.

from typing import Any

import strawberry

from api.graphql.arguments import named, paged, root_field, without_null_defaults
from api.graphql.as_of_rows import QUESTIONS, Question, answer, held_fields, types_of
from api.graphql.context import View
from api.graphql.types import Entity, entity
from domain.entities import EntityKind
from domain.facts import EXISTENCE
from projections.asof import Row


async def ask(question: Question, view: View, asked: str | None, **page: Any) -> Any:
    """The connection of a question about a canonical id, None for all; `page` has the arguments of
    `answer` that say which rows."""
    types = types_of(question)

    def node(row: Row) -> Any:
        own = {question.made_as.answers: entity(row)}
        return types.node(**held_fields(view, row), **own)

    return await answer(types, view, question.fluent, asked, node, inverse=question.inverse, **page)


def _root_field(question: Question) -> Any:
    """A question at the root, with the clocks."""
    connection = types_of(question).connection

    async def resolve(
        view: View,
        asked: named(strawberry.ID, question.asked),  # type: ignore[valid-type]
        **page: Any,
    ) -> Any:
        return await ask(question, view, await view.canonical(asked, question.asked), **page)

    async def resolve_existence(view: View, kind: EntityKind | None = None, **page: Any) -> Any:
        return await ask(question, view, None, kind=kind, **page)

    resolver = resolve_existence if question.fluent is EXISTENCE else resolve
    return root_field(question.name, paged(resolver), question.description, connection | None)


ROOT_FIELDS = [_root_field(question) for question in QUESTIONS]


# All of an entity's fluents at once


def _state_field(question: Question) -> Any:
    connection = types_of(question).connection

    async def resolve(self: Any, **page: Any) -> Any:
        return await ask(question, self.view, self.entity.id, **page)

    resolve.__name__ = question.name
    return strawberry.field(
        resolver=without_null_defaults(paged(resolve)),
        name=question.name,
        description=question.description,
        graphql_type=connection,
    )


def _state_type() -> Any:
    fields: dict[str, Any] = {question.name: _state_field(question) for question in QUESTIONS}
    annotations = {"position": int, "entity": Entity, "view": strawberry.Private[View]}
    namespace = {"__annotations__": annotations, "__module__": __name__, **fields}
    return strawberry.type(
        type("State", (), namespace), description="All that holds of an entity, from either side."
    )


State = _state_type()
