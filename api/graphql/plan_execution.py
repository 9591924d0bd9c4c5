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
from api.graphql.plan import (
    NotCovered,
    PlanCompiler,
    QueryPlan,
    form_of,
    root_arguments,
    root_fields,
)
from api.graphql.source_texts import Snapshot, SourceLookup, SourceTexts
from api.graphql.statement_parameters import Values, clocks_of
from api.sized_cache import SizedCache
from domain.errors import Refused

log = logging.getLogger("sijill")

PLANS: Final = 4 * 1024 * 1024
"""Bytes of plans that are kept."""
PREPARED: Final = 32 * 1024
"""Bytes of the longest statement that a session keeps prepared. PostgreSQL takes some eighty times
as much for each, and there may be a hundred."""


_plans: SizedCache[QueryPlan] = SizedCache(PLANS)
_roots: SizedCache[dict[str, list[FieldDetails]]] = SizedCache(PLANS)
"""The fields at the root of documents."""


class PlannedQuery(NamedTuple):
    """A plan and what is asked of it.

    `parameters` are the statement's; the key has all arguments, whether the statement asks for
    them or not, and `values` has them by group. `least` is the position that must be projected.
    """

    plan: QueryPlan
    key: AnswerKey
    parameters: tuple[str | None, ...]
    values: tuple[Values, ...]
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


async def _answer(operation: Operation, asked: PlannedQuery) -> CachedAnswer | None:
    """The answer from the cache, or a new one."""
    answers = operation.access.answers
    if answers is not None and (found := answers.get(asked.key)) is not None:
        operation.saw(answers.head.position)
        return found
    async with operation.in_time():
        made = await answer(operation, asked)
    if made is None:
        return None
    body, seen = made
    if answers is None:
        return CachedAnswer(body, asked.key.is_pinned)
    return answers.put(asked.key, seen.generation, seen.position, body)


async def ask(
    operation: Operation,
    key: tuple[Any, ...],
    document: DocumentNode,
    definition: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> PlannedQuery | None:
    """The plan of a document with its parameters; None if it has no plan."""
    schema = operation.schema
    key = schema.key, *key
    values = get_variable_values(
        schema.graphql, definition.variable_definitions or (), dict(variables)
    )
    if not isinstance(values, VariableValues):
        return None
    try:
        if (roots := _roots.get(key)) is None:
            roots = root_fields(schema, document, definition, values)
            _roots.put(key, roots, limits.size(document))
        asked = [root_arguments(schema, details, values) for details in roots.values()]
        forms = tuple(map(form_of, asked))
        key = *key, forms
        if (plan := _plans.get(key)) is None:
            plan = PlanCompiler(schema, document, definition, values).plan(roots, forms)
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
            is_pinned &= clocks.is_pinned
        groups.append(found)
    parameters = tuple(value for found in groups for value in found.values())
    return PlannedQuery(
        plan,
        AnswerKey(plan.digest, parameters, is_pinned),
        tuple(groups[group][name] for group, name in plan.parameters),
        tuple(groups),
        least,
    )


async def _point(operation: Operation, given: Mapping[str, Any]) -> tuple[Values, int]:
    """The parameters of the clocks, and the position that must be projected."""
    clocks = clocks_of(given)
    parameters = clocks.point(0, operation.today).parameters
    point: Values = {name: str(value) for name, value in parameters.items() if name != "position"}
    if clocks.recorded_at is None and clocks.at_position is None:
        return point, 0  # the statement answers at the position that it sees
    answers = operation.access.answers
    head = None if answers is None else answers.head.now()
    if clocks.at_position is not None and clocks.recorded_at is None and head is not None:
        position = clocks.at_position  # without a look, where it is known to be reached
        if 0 <= position <= head[1]:
            return {**point, "position": str(position)}, position
    async with operation.in_time():
        position = await operation.position_at(clocks)
    return {**point, "position": str(position)}, position


async def answer(operation: Operation, asked: PlannedQuery) -> tuple[bytes, Snapshot] | None:
    """The response of a plan, and what it saw; None where the resolvers have to give it."""
    plan, answers = asked.plan, operation.access.answers
    texts = SourceTexts() if answers is None else answers.source_texts
    async with operation.connection() as connection:
        cursor = psycopg.AsyncRawCursor(connection)
        prepare = len(plan.statement) <= PREPARED
        await cursor.execute(plan.statement, asked.parameters, prepare=prepare, binary=True)
        row = await cursor.fetchone()
        assert row is not None
        seen, body = Snapshot(*row[:3]), row[3]
        if body is None or seen.position < asked.least:
            return None
        if plan.source_texts:
            lookups = [
                _source_lookup(statement, asked.values[group], seen)
                for statement, group in plan.source_texts
            ]
            body = await texts.filled(cursor, body, lookups, seen)
    if body is None or body.count(b"{") > MOST_OBJECTS:
        return None
    operation.saw(seen.position)
    return body, seen


def _source_lookup(statement: bytes, values: Values, seen: Snapshot) -> SourceLookup:
    """The lookup of a field at the root: at the position seen, unless one was given."""
    known_at, position = values["known_at"], values.get("position")
    return SourceLookup(statement, int(known_at or 0), int(position or seen.position))
