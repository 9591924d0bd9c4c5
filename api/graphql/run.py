"""Running a document: read, validate, limit, execute; the same for HTTP and the command line.

`execute` takes what gives access to the record, `ask` a running record, without any HTTP. Both
return a response as GraphQL over HTTP has it: {"data", "errors"}, where an error that kept the
document from being executed leaves `data` out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from inspect import isawaitable
from typing import Any, Final, NamedTuple

import psycopg
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    StringValueNode,
    Visitor,
    get_operation_ast,
    validate,
    visit,
)
from graphql import (
    execute as graphql_execute,
)
from graphql.validation import MaxIntrospectionDepthRule, specified_rules
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api import limits
from api.graphql.context import LONGEST_QUERY, Access, Operation
from api.graphql.errors import BAD_INPUT, INVALID, SYNTAX, Told, failure, refusal, tell
from api.graphql.schema import GRAPHQL_SCHEMA
from api.instance import Instance
from domain.codec import DEEPEST
from domain.errors import Refused, Unreachable
from projections.asof import Connection
from store.database import READER, Database

Response = dict[str, Any]

LONGEST_OPERATION: Final = 20
"""Seconds that an operation may take in all."""
MOST_ERRORS: Final = 20

RULES = [rule for rule in specified_rules if rule is not MaxIntrospectionDepthRule]
"""The one left out has a code of its own: introspection that goes round in circles."""

_UNSENDABLE = re.compile("[\0\ud800-\udfff]")


class Read(NamedTuple):
    """A document that was read, and what is wrong with it."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...] = ()
    code: str = INVALID


async def execute(
    access: Access,
    document: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
) -> Response:
    """Answer a document. Never raises: whatever goes wrong is among the errors."""
    try:
        prepared = prepare(document, variables or {}, operation_name)
        if isinstance(prepared, list):
            return {"errors": prepared}
        async with asyncio.timeout(LONGEST_OPERATION), Operation(access) as operation:
            result = graphql_execute(
                GRAPHQL_SCHEMA,
                prepared,
                context_value=operation,
                variable_values=dict(variables or {}),
                operation_name=operation_name,
                executor_class=StrawberryGraphQLCoreExecutionContext,
                is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
                max_coercion_errors=MOST_ERRORS,
            )
            return _response(await result if isawaitable(result) else result)
    except Refused as refused:
        return {"errors": [refusal(refused)]}
    except Exception as error:
        return {"errors": [failure(error)]}


def ask(instance: Instance, document: str, variables: Mapping[str, Any] | None = None) -> Response:
    """Answer a document by a connection of its own, to someone at the machine."""
    return asyncio.run(execute(access(instance), document, variables))


def access(instance: Instance) -> Access:
    """Access for someone at the machine: each time a connection of its own. Raises Unreachable."""
    database = instance.database

    @asynccontextmanager
    async def connect() -> AsyncIterator[Connection]:
        try:
            connection = await psycopg.AsyncConnection.connect(
                database.url, autocommit=True, **session(database)
            )
        except psycopg.OperationalError as error:
            raise Unreachable(
                f"The database can't be reached ({str(error).strip()}): start it, or mend "
                "SIJILL_DATABASE_URL."
            ) from error
        async with connection:
            yield connection

    return Access(instance, connect)


def session(database: Database) -> dict[str, Any]:
    """Connection arguments for reading: a role that can't write, and queries that end."""
    return database.session(
        READER,
        statement_timeout=f"{LONGEST_QUERY}s",
        default_transaction_read_only="on",
    )


def operation_type(document: str, operation_name: str | None) -> OperationType | None:
    """What a document's operation is; None if it can't be told."""
    try:
        operation = get_operation_ast(_read(document).document, operation_name)
    except (Refused, GraphQLError):
        return None
    return None if operation is None else operation.operation


def prepare(
    document: str, variables: Mapping[str, Any], operation_name: str | None
) -> DocumentNode | list[Told]:
    """The document if it may be executed, else what is wrong with it. Raises Refused."""
    _check_characters(document, "query")
    _check_characters(operation_name, "operationName")
    _check_characters(variables, "variables")
    try:
        read = _read(document)
    except GraphQLSyntaxError as error:
        return [tell(error, SYNTAX)]
    if read.errors:
        return [tell(error, read.code) for error in read.errors]
    limits.check(GRAPHQL_SCHEMA, read.document, operation_name, variables)
    return read.document


@lru_cache(maxsize=256)
def _read(text: str) -> Read:
    document = limits.read(text)
    if "\\u" in text:
        visit(document, _Characters())
    if errors := validate(GRAPHQL_SCHEMA, document, RULES, MOST_ERRORS):
        return Read(document, tuple(errors))
    circular = validate(GRAPHQL_SCHEMA, document, [MaxIntrospectionDepthRule])
    return Read(document, tuple(circular[:1]), "TOO_DEEP")


class _Characters(Visitor):
    """Refuses strings whose escapes stand for what could not be kept."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        _check_characters(node.value, "query")


def _check_characters(value: Any, field: str, depth: int = 0) -> None:
    """Refuse NUL and surrogates, which no database text has, and deep nesting."""
    if isinstance(value, str):
        if found := _UNSENDABLE.search(value):
            raise Refused(
                "BAD_TEXT",
                f"The text has the character U+{ord(found[0]):04X} at {found.start()}: remove it.",
                field=field,
            )
    elif isinstance(value, dict | list):
        if depth >= DEEPEST:
            raise Refused("TOO_DEEP", f"Nested more than {DEEPEST} deep.", field=field)
        for each in value:
            _check_characters(each, field, depth + 1)
        if isinstance(value, dict):
            for each in value.values():
                _check_characters(each, field, depth + 1)


def _response(result: ExecutionResult) -> Response:
    if not result.errors:
        return {"data": result.data}
    errors = [tell(error, BAD_INPUT) for error in result.errors]
    if result.data is None and not any(error.path for error in result.errors):
        return {"errors": errors}
    return {"data": result.data, "errors": errors}
