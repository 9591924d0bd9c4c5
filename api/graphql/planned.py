"""Answering by a plan: the bytes of a whole response, or nothing, and the resolvers answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import psycopg
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values

from api.graphql.answers import Bounded, Name
from api.graphql.context import MOST_OBJECTS, Operation
from api.graphql.plan import (
    NotCovered,
    Plan,
    Values,
    clocks_of,
    compiled,
    is_open,
    root_arguments,
    root_fields,
)
from api.graphql.schema import GRAPHQL_SCHEMA
from domain.dates import MAX_DAY
from domain.errors import Refused
from projections.asof import days_asked

PLANS: Final = 32 * 1024 * 1024
"""Bytes of plans that are kept."""


_plans = Bounded(PLANS)
_roots = Bounded(PLANS)
"""The fields at the root of documents."""


class Asked(NamedTuple):
    """A plan with the parameters of a request.

    `least` is the position that must be projected for it to be the answer; with `is_settled`, the
    same request on the same day has the same parameters.
    """

    plan: Plan
    parameters: tuple[str | None, ...]
    least: int
    is_pinned: bool
    is_settled: bool

    @property
    def name(self) -> Name:
        """What the answer answers."""
        return Name(self.plan.statement, self.parameters, self.plan.around, self.is_pinned)


class Written(NamedTuple):
    """A response in JSON, and what it answers, if the same request would be answered so again."""

    body: bytes
    etag: str | None = None
    name: Name | None = None


async def planned(
    operation: Operation,
    key: tuple[Any, ...],
    document: DocumentNode,
    definition: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Written | None:
    """The response of a document in JSON, None where the resolvers have to give it.

    `key` tells the document, its operation and the variables that its directives look at.
    """
    try:
        asked = await ask(operation, key, document, definition, variables)
        return None if asked is None else await _kept_or_made(operation, asked)
    except (Refused, GraphQLError, psycopg.Error):
        return None  # the resolvers say it with its place


async def _kept_or_made(operation: Operation, asked: Asked) -> Written | None:
    answers = operation.access.answers
    if answers is None:
        made = await answer(operation, asked)
        return None if made is None else Written(made[0])
    name = asked.name
    found = answers.find(name)
    if found is not None and found.body is not None:
        operation.saw(answers.head.position)
    else:
        generation = answers.head.generation
        made = await answer(operation, asked)
        if made is None:
            return None
        found = answers.keep(name, made[1], generation, made[0])
    assert found.body is not None
    return Written(found.body, found.etag, name if asked.is_settled else None)


async def ask(
    operation: Operation,
    key: tuple[Any, ...],
    document: DocumentNode,
    definition: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Asked | None:
    """The plan of a document with its parameters; None if it has no plan."""
    values = get_variable_values(
        GRAPHQL_SCHEMA, definition.variable_definitions or (), dict(variables)
    )
    if not isinstance(values, VariableValues):
        return None
    try:
        if (roots := _roots.get(key)) is None:
            roots = root_fields(document, definition, values)
            _roots.put(key, roots, 4 * len(str(key[0])))
        asked = [root_arguments(details, values) for details in roots.values()]
        opened = tuple(map(is_open, asked))
        if (plan := _plans.get((*key, opened))) is None:
            plan = compiled(document, definition, values, roots, opened)
            _plans.put((*key, opened), plan, plan.size)
    except NotCovered:
        return None
    groups, least, is_pinned, is_settled = [], 0, True, True
    at_root = iter([given for given in asked if given is not None])
    for group in plan.groups:
        given = next(at_root) if group.has_clocks else group.arguments(values)
        found = group.read(given)
        if group.has_clocks:
            point, position = await _point(operation, given)
            found |= point
            least = max(least, position)
            clocks = clocks_of(given)
            is_pinned &= clocks.as_of is not None and clocks.at_position is not None
            is_settled &= clocks.recorded_at is None
        groups.append(found)
    parameters = tuple(groups[group][name] for group, name in plan.parameters)
    return Asked(plan, parameters, least, is_pinned, is_settled)


async def _point(operation: Operation, given: Mapping[str, Any]) -> tuple[Values, int]:
    """The parameters of the clocks, and the position that must be projected."""
    clocks = clocks_of(given)
    first, last = (operation.today,) * 2 if clocks.as_of is None else days_asked(clocks.as_of)
    point: Values = {"first": str(first), "last": str(last)}
    if clocks[1:] == (None, None, None):
        return point, 0
    position = await operation.position_at(clocks)
    known = MAX_DAY if clocks.known_at is None else clocks.known_at
    return {**point, "k": str(known), "r": str(position)}, position


async def answer(operation: Operation, asked: Asked) -> tuple[bytes, int] | None:
    """The response of a plan and its position, None where the resolvers have to give it."""
    async with operation.connection() as connection:
        cursor = psycopg.AsyncRawCursor(connection)
        await cursor.execute(asked.plan.statement, asked.parameters, prepare=True, binary=True)
        row = await cursor.fetchone()
    assert row is not None
    position, parts, objects = row[0], row[1::2], row[2::2]
    if None in parts or sum(objects) > MOST_OBJECTS or position < asked.least:
        return None
    around = asked.plan.around
    operation.saw(position)
    body = b"".join(piece for pair in zip(around, (*parts, b""), strict=True) for piece in pair)
    return body, position
