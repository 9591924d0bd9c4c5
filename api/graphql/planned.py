"""Answering by a plan: the bytes of a whole response, or nothing, and the resolvers answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import psycopg
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues, get_variable_values

from api import limits
from api.graphql.answer_cache import AnswerKey, CachedAnswer
from api.graphql.context import MOST_OBJECTS, Operation
from api.graphql.parameters import Values, clocks_of
from api.graphql.plan import NotCovered, Plan, compiled, form_of, root_arguments, root_fields
from api.graphql.schema import GRAPHQL_SCHEMA
from api.sized_cache import SizedCache
from domain.dates import MAX_DAY
from domain.errors import Refused
from projections.asof import days_asked

log = logging.getLogger("sijill")

PLANS: Final = 32 * 1024 * 1024
"""Bytes of plans that are kept."""
PREPARED: Final = 32 * 1024
"""Bytes of a statement that a session keeps prepared, of which there may be a hundred: PostgreSQL
takes some eighty times as much for each."""


_plans: SizedCache[Plan] = SizedCache(PLANS)
_roots: SizedCache[dict[str, list[FieldDetails]]] = SizedCache(PLANS)
"""The fields at the root of documents."""


class Asked(NamedTuple):
    """A plan and what is asked of it.

    `parameters` are the statement's; the key has all arguments, whether the statement asks for
    them or not. `least` is the position that must be projected.
    """

    plan: Plan
    key: AnswerKey
    parameters: tuple[str | None, ...]
    least: int


async def planned(
    operation: Operation,
    key: tuple[Any, ...],
    document: DocumentNode,
    definition: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> CachedAnswer | None:
    """The response of a document in JSON, None where the resolvers have to give it.

    `key` tells the document, its operation and the variables that its directives look at. Raises
    psycopg's OperationalError and InterfaceError: the resolvers would wait as long for the same.
    """
    try:
        asked = await ask(operation, key, document, definition, variables)
        return None if asked is None else await _answer(operation, asked)
    except (Refused, GraphQLError):
        return None  # the resolvers say it with its place
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise
    except psycopg.Error as error:
        log.error("PostgreSQL refused the statement of a plan", exc_info=error)
        if operation.access.metrics is not None:
            operation.access.metrics.refused_statements.inc()
        return None


async def _answer(operation: Operation, asked: Asked) -> CachedAnswer | None:
    """The answer from the cache, or a new one."""
    answers = operation.access.answers
    if answers is not None and (found := answers.get(asked.key)) is not None:
        operation.saw(answers.head.position)
        return found
    made = await answer(operation, asked)
    if made is None:
        return None
    body, generation, position = made
    if answers is None:
        return CachedAnswer(body, asked.key.is_pinned)
    return answers.put(asked.key, generation, position, body)


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
            _roots.put(key, roots, limits.size(document))
        asked = [root_arguments(details, values) for details in roots.values()]
        forms = tuple(map(form_of, asked))
        key = *key, forms
        if (plan := _plans.get(key)) is None:
            plan = compiled(document, definition, values, roots, forms)
            _plans.put(key, plan, plan.size + limits.size(document))
    except NotCovered:
        return None
    groups: list[Values] = []
    least, is_pinned = 0, True
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
        groups.append(found)
    parameters = tuple(value for found in groups for value in found.values())
    return Asked(
        plan,
        AnswerKey(plan.digest, parameters, is_pinned),
        tuple(groups[group][name] for group, name in plan.parameters),
        least,
    )


async def _point(operation: Operation, given: Mapping[str, Any]) -> tuple[Values, int]:
    """The parameters of the clocks, and the position that must be projected."""
    clocks = clocks_of(given)
    first, last = (operation.today,) * 2 if clocks.as_of is None else days_asked(clocks.as_of)
    known = MAX_DAY if clocks.known_at is None else clocks.known_at
    point: Values = {"first": str(first), "last": str(last), "known_at": str(known)}
    if clocks.recorded_at is None and clocks.at_position is None:
        return point, 0  # the statement answers at the position that it sees
    position = await operation.position_at(clocks)
    return {**point, "position": str(position)}, position


async def answer(operation: Operation, asked: Asked) -> tuple[bytes, int, int] | None:
    """The response of a plan, the generation of the projections and the position that it saw.

    None where the resolvers have to give it.
    """
    statement = asked.plan.statement
    async with operation.connection() as connection:
        cursor = psycopg.AsyncRawCursor(connection)
        prepare = len(statement) <= PREPARED
        await cursor.execute(statement, asked.parameters, prepare=prepare, binary=True)
        row = await cursor.fetchone()
    assert row is not None
    generation, position, body = row
    if body is None or position < asked.least or body.count(b"{") > MOST_OBJECTS:
        return None
    operation.saw(position)
    return body, generation, position
