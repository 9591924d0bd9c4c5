"""Answering by a plan: the bytes of a whole response, or nothing, and the resolvers answer."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import psycopg
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values

from api import limits
from api.graphql.answers import Name
from api.graphql.bounded import Bounded
from api.graphql.context import MOST_OBJECTS, Operation
from api.graphql.pages import Listing, Reading, Text, listed
from api.graphql.parameters import Values, clocks_of
from api.graphql.plan import NotCovered, Plan, compiled, form_of, root_arguments, root_fields
from api.graphql.schema import GRAPHQL_SCHEMA
from api.graphql.shelves import SHELVES, Snapshot
from domain.dates import MAX_DAY
from domain.errors import Refused
from projections.asof import days_asked

PLANS: Final = 32 * 1024 * 1024
"""Bytes of plans that are kept."""
PREPARED: Final = 32 * 1024
"""Bytes of a statement that a session keeps prepared, of which there may be a hundred: PostgreSQL
takes some eighty times as much for each."""


_plans = Bounded(PLANS)
_roots = Bounded(PLANS)
"""The fields at the root of documents."""


class Recalled(NamedTuple):
    """A request that was answered by a plan, so that the same one need not be read again.

    `key` is what the plan is kept under; `values` are what the arguments say, by group, whether the
    statement asks for it or not. `least` is the position that must be projected for it.
    """

    key: tuple[Any, ...]
    name: Name
    parameters: tuple[str | None, ...]
    values: tuple[Values, ...]
    least: int

    @property
    def size(self) -> int:
        """Bytes that it takes of its own, about."""
        return 3 * self.name.size + sys.getsizeof(self.key[0])


class Asked(NamedTuple):
    """A plan and what is asked of it. With `is_settled`, the same request on the same day asks the
    same."""

    plan: Plan
    request: Recalled
    is_settled: bool

    @property
    def parameters(self) -> tuple[str | None, ...]:
        """Of the statement."""
        return self.request.parameters


class Written(NamedTuple):
    """A response in JSON; what its ETag is kept under; and what asked for it, if the same request
    would be answered so again."""

    body: bytes
    key: Any = None
    request: Recalled | None = None


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


async def again(operation: Operation, request: Recalled) -> Written | None:
    """The response to a request that was answered before, None where it has to be read again."""
    plan = _plans.get(request.key)
    if plan is None:
        return None
    try:
        return await _kept_or_made(operation, Asked(plan, request, is_settled=True))
    except psycopg.Error:
        return None


async def _kept_or_made(operation: Operation, asked: Asked) -> Written | None:
    answers, request = operation.access.answers, asked.request
    if answers is None:
        made = await answer(operation, asked)
        return None if made is None else Written(made[0])
    found = answers.find(request.name)
    if found is not None and found.body is not None:
        operation.saw(answers.head.position)
    else:
        made = await answer(operation, asked)
        if made is None:
            return None
        body, seen = made
        found = answers.keep(request.name, seen.position, seen.generation, body)
    assert found.body is not None
    return Written(found.body, found.key, request if asked.is_settled else None)


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
    least, is_pinned, is_settled = 0, True, True
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
    given = tuple(value for found in groups for value in found.values())
    request = Recalled(
        key,
        Name(plan.name, given, is_pinned),
        tuple(groups[group][name] for group, name in plan.parameters),
        tuple(groups),
        least,
    )
    return Asked(plan, request, is_settled)


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


async def answer(operation: Operation, asked: Asked) -> tuple[bytes, Snapshot] | None:
    """The response of a plan and what it saw, None where the resolvers have to give it."""
    plan, request, _ = asked
    answers = operation.access.answers
    written: list[bytes] = []
    objects = sum(int(request.values[group]["limit"] or 0) for group in plan.logs)
    async with operation.connection() as connection:
        cursor = psycopg.AsyncRawCursor(connection)
        prepare = len(plan.statement) <= PREPARED
        await cursor.execute(plan.statement, request.parameters, prepare=prepare, binary=True)
        row = await cursor.fetchone()
        assert row is not None
        seen, columns = Snapshot(*row[:3]), row[3:]
        if None in columns or seen.position < request.least:
            return None
        shelves = Bounded(SHELVES) if answers is None else answers.shelves
        reading = Reading(cursor, shelves, request.values, seen, columns)
        for piece in plan.pieces:
            if isinstance(piece, Listing):
                page = await listed(piece, reading)
                if page is None or (objects := objects + page[1]) > MOST_OBJECTS:
                    return None
                written += page[0]
            else:
                written.append(columns[piece.column] if isinstance(piece, Text) else piece)
    operation.saw(seen.position)
    return b"".join(written), seen
