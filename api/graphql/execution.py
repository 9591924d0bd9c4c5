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
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import psycopg
from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
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
from api.cost import Cost, check
from api.graphql.answer_cache import CachedAnswer
from api.graphql.context import Access, Operation
from api.graphql.errors import BAD_INPUT, INVALID, SYNTAX, Told, failure, refusal, tell
from api.graphql.plan_execution import planned
from api.graphql.schema import RecordSchema, schema_of
from api.graphql.suppositions import supposing
from api.graphql.what_if import WHAT_IF
from api.instance import Instance
from api.session import LONGEST_QUERY
from api.sized_cache import SizedCache
from domain.errors import Refused, Unreachable
from domain.strict_json import DEEPEST
from domain.vocabulary import CORE
from projections.asof import Connection
from store.database import READER, Database

if TYPE_CHECKING:
    from api.auth import Reader
    from api.costly_pool import CostlyPool

Response = dict[str, Any]

MOST_ERRORS: Final = 20
DOCUMENTS: Final = 4 * 1024 * 1024
"""Bytes of documents that were read, which are kept."""
_OVERHEAD: Final = 500
"""Bytes that one whose cost is known takes beside its text, about."""
SHORT: Final = 2_000
"""Characters of a document that is read within some 20 ms."""
_documents: SizedCache[Read | Invalid] = SizedCache(DOCUMENTS)
_costs: SizedCache[Cost] = SizedCache(DOCUMENTS)

RULES = [rule for rule in specified_rules if rule is not MaxIntrospectionDepthRule]
"""The one left out has a code of its own: introspection that goes round in circles."""

_UNSENDABLE = re.compile("[\0\ud800-\udfff]")


class Read(NamedTuple):
    """A document that may be executed."""

    document: DocumentNode
    conditions: tuple[str, ...] = ()
    """The variables that its directives look at."""
    sizes: tuple[str, ...] = ()
    """The variables that say how many rows it asks for."""
    is_costly: bool = False
    """Whether resolvers answer it apart from all others."""


class Invalid(NamedTuple):
    """A document that may not be executed: its errors, and its operations by name."""

    errors: list[Told]
    operations: tuple[tuple[str | None, OperationType], ...] = ()


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
        schema = schema_now(access)
        access = access._replace(schema=schema)
        prepared = prepare(document, variables, operation_name, schema)
        if isinstance(prepared, list):
            return {"errors": prepared}
        async with Operation(access) as operation:
            found = await by_plan(operation, prepared, document, variables, operation_name)
            if found is not None:
                return found
            if access.costly is None or not prepared.is_costly:
                async with operation.in_time():
                    return await resolved(operation, prepared.document, variables, operation_name)

        async def apart(reader: Reader) -> Response:
            there = access._replace(reader=reader, lease=None, costly=None, supposing=None)
            async with Operation(there) as operation:
                return await resolved(operation, prepared.document, variables, operation_name)

        async with operation.in_time():
            return await access.costly.run(apart)
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
        operation.schema.graphql,
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
    instance.vocabulary.refresh()
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


def schema_now(access: Access) -> RecordSchema:
    """The schema of the words that the record has now."""
    return schema_of(access.instance.vocabulary.current)


def operation_type(
    document: str, operation_name: str | None, schema: RecordSchema | None = None
) -> OperationType | None:
    """What a document's operation is, by the core's schema unless one is given; None if it can't
    be told."""
    read = _read(document, schema or schema_of(CORE))
    if isinstance(read, Invalid):
        kinds = [kind for name, kind in read.operations if operation_name in (None, name)]
        return kinds[0] if len(kinds) == 1 else None
    operation = get_operation_ast(read.document, operation_name)
    return None if operation is None else operation.operation


async def read_ahead(document: str, costly: CostlyPool, schema: RecordSchema) -> None:
    """Read a long document as a costly question, so that nobody waits for its validation."""
    if len(document) > SHORT and _documents.get((schema.key, document)) is None:
        await costly.run(lambda _: asyncio.to_thread(_read, document, schema))


def prepare(
    document: str,
    variables: Mapping[str, Any],
    operation_name: str | None,
    schema: RecordSchema | None = None,
) -> Read | list[Told]:
    """The document if it may be executed, else what is wrong with it, by the core's schema unless
    one is given."""
    schema = schema or schema_of(CORE)
    try:
        _check_characters(operation_name, "operationName")
        _check_characters(variables, "variables")
        read = _read(document, schema)
        if isinstance(read, Invalid):
            return read.errors
        sizes = tuple(_hashable(variables.get(name, Undefined)) for name in read.sizes)
        return read._replace(is_costly=_cost(schema, document, operation_name, read, sizes).is_high)
    except Refused as refused:
        return [refusal(refused)]


def _hashable(value: Any) -> Any:
    return value if type(value) is int or value in (None, Undefined) else "not a size"


def _cost(
    schema: RecordSchema,
    text: str,
    operation_name: str | None,
    read: Read,
    sizes: tuple[Any, ...],
) -> Cost:
    key = schema.key, text, operation_name, sizes
    cost = _costs.get(key)
    if cost is None:
        given = {
            name: size
            for name, size in zip(read.sizes, sizes, strict=True)
            if size is not Undefined
        }
        cost = check(schema.graphql, read.document, operation_name, given)
        _costs.put(key, cost, sum(map(getsizeof, (*key, *sizes))) + _OVERHEAD)
    return cost


def _read(text: str, schema: RecordSchema) -> Read | Invalid:
    """A document, else what is wrong with it: of a refused one its errors alone are kept."""
    key = schema.key, text
    read = _documents.get(key)
    if read is None:
        try:
            _check_characters(text, "query")
            document = limits.read(text)
            read = _checked(text, document, schema.graphql)
            size = limits.size(document)
        except Refused as refused:
            read, size = Invalid([refusal(refused)]), 0
        except GraphQLSyntaxError as error:
            read, size = Invalid([tell(error, SYNTAX)]), 0
        if isinstance(read, Invalid):
            size = getsizeof(text) + _OVERHEAD * (2 * len(read.errors) + len(read.operations))
        _documents.put(key, read, size)
    return read


def _checked(text: str, document: DocumentNode, schema: GraphQLSchema) -> Read | Invalid:
    limits.shape(document)
    if "\\u" in text:
        visit(document, _Characters())
    if errors := validate(schema, document, RULES, MOST_ERRORS):
        return Invalid([tell(error, INVALID) for error in errors], _operations(document))
    if circular := validate(schema, document, [MaxIntrospectionDepthRule]):
        return Invalid([tell(circular[0], "TOO_DEEP")], _operations(document))
    looked_at = _Looked()
    visit(document, looked_at)
    return Read(
        document,
        tuple(dict.fromkeys(looked_at.conditions)),
        tuple(dict.fromkeys(looked_at.sizes)),
    )


def _operations(document: DocumentNode) -> tuple[tuple[str | None, OperationType], ...]:
    return tuple(
        (None if node.name is None else node.name.value, node.operation)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
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
