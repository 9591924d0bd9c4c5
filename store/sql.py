"""SQL files: each query named by a `-- name:` line, read once."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from importlib import resources
from typing import LiteralString, TypeVar

from psycopg import AsyncCursor, Cursor, sql

T = TypeVar("T")

_NAMED = re.compile(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)


def queries(package: str, file: str) -> dict[str, LiteralString]:
    """The queries of a file beside a package's modules, by name, without their comments and
    the semicolon at the end.

    They are ours and constant, which is what LiteralString stands for.
    """
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return {
        name: re.sub(r"^\s*--.*\n", "", body, flags=re.MULTILINE).strip().removesuffix(";")
        for name, body in _NAMED.findall(text)
    }


def naming(query: LiteralString, **names: str) -> sql.Composed:
    """A query with the names of tables, schemas and indexes in place of its {fields}."""
    return sql.SQL(query).format(**{field: sql.Identifier(name) for field, name in names.items()})


def only_row(cursor: Cursor[T]) -> T:
    """The row of a query that always has one."""
    row = cursor.fetchone()
    assert row is not None
    return row


async def only_row_async(asking: Awaitable[AsyncCursor[T]]) -> T:
    """The same of a query that is being asked."""
    row = await (await asking).fetchone()
    assert row is not None
    return row
