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
from inspect import isawaitable
from sys import getsizeof
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    StringValueNode,
    Undefined,
    VariableNode,
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
from api.graphql.answer_cache import CachedAnswer
from api.graphql.context import LONGEST_QUERY, Access, Operation
from api.graphql.errors import BAD_INPUT, INVALID, SYNTAX, Told, failure, refusal, tell
from api.graphql.planned import planned
from api.graphql.schema import GRAPHQL_SCHEMA
from api.graphql.supposing import WHAT_IF
from api.graphql.suppositions import supposing
from api.instance import Instance
from api.sized_cache import SizedCache
from domain.codec import DEEPEST
from domain.errors import Refused, Unreachable
from projections.asof import Connection
from store.database import READER, Database

Response = dict[str, Any]

LONGEST_OPERATION: Final = 20
"""Seconds that an operation may take in all."""
MOST_ERRORS: Final = 20
DOCUMENTS: Final = 32 * 1024 * 1024
"""Bytes of documents that were read, which are kept."""
_OVERHEAD: Final = 500
"""Bytes that one whose cost is known takes beside its text, about."""
_documents: SizedCache[Read] = SizedCache(DOCUMENTS)
_affordable: SizedCache[bool] = SizedCache(DOCUMENTS)

RULES = [rule for rule in specified_rules if rule is not MaxIntrospectionDepthRule]
"""The one left out has a code of its own: introspection that goes round in circles."""

_UNSENDABLE = re.compile("[\0\ud800-\udfff]")


class Read(NamedTuple):
    """A document that was read, and what is wrong with it."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...] = ()
    code: str = INVALID
    conditions: tuple[str, ...] = ()
    """The variables that its directives look at."""
    sizes: tuple[str, ...] = ()
    """The variables that say how many rows it asks for."""


async def execute(
    access: Access,
    document: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
) -> Response:
    """Answer a document. Never raises: whatever goes wrong is among the errors."""
    found = await answered(access, document, variables or {}, operation_name)
    if isinstance(found, CachedAnswer):
        response: Response = msgspec.json.decode(found.body)
        return response
    return found


async def answered(
    access: Access, document: str, variables: Mapping[str, Any], operation_name: str | None
) -> CachedAnswer | Response:
    """Answer a document: by its plan, in JSON, else by the resolvers. Never raises."""
    try:
        prepared = prepare(document, variables, operation_name)
        if isinstance(prepared, list):
            return {"errors": prepared}
        async with asyncio.timeout(LONGEST_OPERATION), Operation(access) as operation:
            found = await by_plan(operation, prepared, document, variables, operation_name)
            if found is not None:
                return found
            return await resolved(operation, prepared.document, variables, operation_name)
    except Refused as refused:
        return {"errors": [refusal(refused)]}
    except Exception as error:
        return {"errors": [failure(error)]}


async def by_plan(
    operation: Operation,
    read: Read,
    document: str,
    variables: Mapping[str, Any],
    operation_name: str | None,
) -> CachedAnswer | None:
    """The response of a query by its plan; None where the resolvers have to give it."""
    definition = get_operation_ast(read.document, operation_name)
    if definition is None or definition.operation is not OperationType.QUERY:
        return None
    conditions = tuple(repr(variables.get(name, Undefined)) for name in read.conditions)
    key = document, operation_name, conditions
    return await planned(operation, key, read.document, definition, variables)


async def resolved(
    operation: Operation,
    document: DocumentNode,
    variables: Mapping[str, Any],
    operation_name: str | None,
) -> Response:
    """The response of a document by the resolvers of its fields, one by one."""
    if document.loc is not None and WHAT_IF in document.loc.source.body:
        await supposing(operation)  # before any field, so that all are answered at one position
    result = graphql_execute(
        GRAPHQL_SCHEMA,
        document,
        context_value=operation,
        variable_values=dict(variables),
        operation_name=operation_name,
        executor_class=StrawberryGraphQLCoreExecutionContext,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
        max_coercion_errors=MOST_ERRORS,
    )
    return _response(await result if isawaitable(result) else result)


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
        plan_cache_mode="force_generic_plan",
        jit="off",  # it would take longer than the rows
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
) -> Read | list[Told]:
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
    sizes = tuple(_hashable(variables.get(name, Undefined)) for name in read.sizes)
    _check_cost(document, operation_name, read.sizes, sizes)
    return read


def _hashable(value: Any) -> Any:
    return value if type(value) is int or value in (None, Undefined) else "not a size"


def _check_cost(
    text: str, operation_name: str | None, names: tuple[str, ...], sizes: tuple[Any, ...]
) -> None:
    key = text, operation_name, sizes
    if _affordable.get(key):
        return
    given = {name: size for name, size in zip(names, sizes, strict=True) if size is not Undefined}
    limits.check(GRAPHQL_SCHEMA, _read(text).document, operation_name, given)
    size = sum(map(getsizeof, (*key, *sizes)))
    _affordable.put(key, True, size + _OVERHEAD)


def _read(text: str) -> Read:
    read = _documents.get(text)
    if read is None:
        document = limits.read(text)
        read = _checked(text, document)
        _documents.put(text, read, limits.size(document))
    return read


def _checked(text: str, document: DocumentNode) -> Read:
    limits.shape(document)
    if "\\u" in text:
        visit(document, _Characters())
    if errors := validate(GRAPHQL_SCHEMA, document, RULES, MOST_ERRORS):
        return Read(document, tuple(errors))
    circular = validate(GRAPHQL_SCHEMA, document, [MaxIntrospectionDepthRule])
    looked_at = _Looked()
    visit(document, looked_at)
    return Read(
        document,
        tuple(circular[:1]),
        "TOO_DEEP",
        tuple(dict.fromkeys(looked_at.conditions)),
        tuple(dict.fromkeys(looked_at.sizes)),
    )


class _Looked(Visitor):
    """Finds the variables of directives, and those that say how many rows are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.conditions: list[str] = []
        self.sizes: list[str] = []

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.conditions.append(argument.value.name.value)

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if node.name.value == "first" and isinstance(node.value, VariableNode):
            self.sizes.append(node.value.name.value)


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
        if isinstance(value, dict):
            for key in value:
                _check_characters(key, field, depth + 1)
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            # A path is made where it is needed, since there may be many short texts.
            if isinstance(each, dict | list) or (
                isinstance(each, str) and _UNSENDABLE.search(each)
            ):
                step = f"[{key}]" if isinstance(value, list) else f".{key}"
                _check_characters(each, field + step, depth + 1)


def _response(result: ExecutionResult) -> Response:
    if not result.errors:
        return {"data": result.data}
    errors = [tell(error, BAD_INPUT) for error in result.errors]
    if result.data is None and not any(error.path for error in result.errors):
        return {"errors": errors}
    return {"data": result.data, "errors": errors}
