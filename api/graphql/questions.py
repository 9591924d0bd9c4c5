"""The core's as-of questions as fields: each at the root with the clocks, and all in `state`."""

# No `from __future__ import annotations`: strawberry reads these annotations as objects.

from typing import Any

import strawberry

from api.graphql.arguments import (
    USUAL_PAGE,
    After,
    First,
    Lang,
    View,
    clocked,
    named,
    page_size,
    without_null_defaults,
)
from api.graphql.as_of_rows import QUESTIONS, Question, answer, types_of
from api.graphql.types import Entity
from domain.entities import EntityKind
from domain.facts import EXISTENCE, MEMBERSHIP
from domain.standing import Standing
from projections import asof


async def ask(
    question: Question,
    view: View,
    asked: str | None,
    *,
    kind: EntityKind | None = None,
    standings: list[Standing] | None,
    lang: str | None,
    first: int | None,
    after: str | None,
) -> Any:
    """The connection of a question about a canonical id, None for all."""
    size = page_size(first)
    async with view.operation.connection() as connection:
        page = await asof.held(
            connection,
            question.fluent,
            asked,
            view.point,
            inverse=question.inverse,
            kind=kind,
            lang=lang or "en",
            standings=asof.ALL_STANDINGS if standings is None else standings,
            first=size,
            after=after,
        )
    counted = asked if question.fluent is MEMBERSHIP and not question.inverse else None
    return answer(question, view, page, counted, after)


def _root_field(question: Question) -> Any:
    """A question at the root, with the clocks."""
    connection = types_of(question).connection

    async def resolve(
        view: View,
        asked: named(strawberry.ID, question.asked),  # type: ignore[valid-type]
        standings: list[Standing] | None = None,
        lang: Lang = "en",
        first: First = USUAL_PAGE,
        after: After = None,
    ) -> Any:
        return await ask(
            question,
            view,
            await view.canonical(asked, question.asked),
            standings=standings,
            lang=lang,
            first=first,
            after=after,
        )

    async def resolve_existence(
        view: View,
        kind: EntityKind | None = None,
        standings: list[Standing] | None = None,
        lang: Lang = "en",
        first: First = USUAL_PAGE,
        after: After = None,
    ) -> Any:
        return await ask(
            question,
            view,
            None,
            kind=kind,
            standings=standings,
            lang=lang,
            first=first,
            after=after,
        )

    resolver = clocked(resolve_existence if question.fluent is EXISTENCE else resolve)
    resolver.__name__ = question.name
    return strawberry.field(
        resolver=resolver,
        name=question.name,
        description=question.description,
        graphql_type=connection | None,
    )


ROOT_FIELDS = [_root_field(question) for question in QUESTIONS]


# All of an entity's fluents at once


def _state_field(question: Question) -> Any:
    connection = types_of(question).connection

    async def resolve(
        self: Any,
        standings: list[Standing] | None = None,
        lang: Lang = "en",
        first: First = USUAL_PAGE,
        after: After = None,
    ) -> Any:
        return await ask(
            question,
            self.view,
            self.entity.id,
            standings=standings,
            lang=lang,
            first=first,
            after=after,
        )

    resolve.__name__ = question.name
    return strawberry.field(
        resolver=without_null_defaults(resolve),
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
