"""What is kept in memory is counted by all that it holds, whatever was sent."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from graphql import get_operation_ast

from api import limits
from api.graphql import execution, plan_execution
from api.graphql.context import Access, Operation
from api.instance import Instance
from api.sized_cache import SizedCache
from projections.asof import Connection
from store.database import READER

WORDS = 1_900


@pytest.mark.parametrize(
    "text",
    [
        "{" + " id" * WORDS + "}",
        "{ a(b: [" + "1 " * WORDS + "]) }",
        "{" + "a: b " * (WORDS // 3) + "}",
        "{" + "a(b: $c) " * (WORDS // 7) + "}",
        '{ a(b: "' + "x" * 90_000 + '") }',
        "{ a }" + "#\n" * 499,
        '{ a(b: "😀' + "x" * 90_000 + '") }',
    ],
)
def test_a_document_is_counted_by_what_it_takes(text: str) -> None:
    tracemalloc.start()
    document = limits.read(text)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert taken <= limits.size(document) * 1.1


def test_plans_are_counted_with_their_documents(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [SizedCache(10_000_000) for _ in range(3)]
    for module, name, each in zip(
        (plan_execution, plan_execution, execution),
        ("_plans", "_roots", "_documents"),
        kept,
        strict=True,
    ):
        monkeypatch.setattr(module, name, each)
    text = f"{{ organisations(standings: [{'CERTAIN ' * WORDS}]) {{ position }} }}"

    response = asyncio.run(execution.execute(execution.access(instance), text))

    assert response["data"] == {"organisations": {"position": 0}}
    assert min(each.size for each in kept) >= limits.size(limits.read(text))


def many(fields: int) -> str:
    """A document of so many fields at the root."""
    field = """members(coalition: "c") { count { reported { value source { id } } } edges { node {
        alternatives { since { edtf } until { edtf } sources { id title url } } } } }"""
    return f"{{ {' '.join(f'a{number}: {field}' for number in range(fields))} }}"


def planning(instance: Instance, fields: int) -> float:
    """The kilobytes that PostgreSQL takes to plan so many fields at the root."""
    text = many(fields)

    async def plan() -> bytes:
        checked = execution.prepare(text, {}, None)
        assert isinstance(checked, execution.Read)
        definition = get_operation_ast(checked.document)
        assert definition is not None
        async with Operation(execution.access(instance)) as operation:
            asked = await plan_execution.ask(
                operation, (text, None, ()), checked.document, definition, {}
            )
        assert asked is not None
        return asked.plan.statement

    statement = asyncio.run(plan())
    with instance.database.connect(READER) as connection:
        explain = b"EXPLAIN (MEMORY, GENERIC_PLAN, FORMAT JSON) "
        row = connection.execute(explain + statement).fetchone()
    assert row is not None
    return float(row[0][0]["Planning"]["Memory Used"])


def test_what_postgresql_takes_to_plan_grows_with_the_statement(instance: Instance) -> None:
    """It was the cube: 850 MB of 32 fields, since each was pulled up into the others."""
    assert planning(instance, 24) < 5 * planning(instance, 6)


def test_sessions_keep_no_large_statements(instance: Instance) -> None:
    async def kept() -> list[int]:
        database = instance.database
        async with await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, **execution.session(database)
        ) as connection:

            @asynccontextmanager
            async def reader() -> AsyncIterator[Connection]:
                yield connection

            for fields in 1, 24:
                response = await execution.execute(Access(instance, reader), many(fields))
                assert len(response["data"]) == fields
            cursor = await connection.execute(
                "SELECT length(statement) FROM pg_prepared_statements WHERE NOT from_sql"
            )
            return [length for (length,) in await cursor.fetchall()]

    assert 1_000 < max(asyncio.run(kept())) <= plan_execution.PREPARED
