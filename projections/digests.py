"""Digests of all rows that answer at a position, to compare two copies of a record."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from store.sql import only_row, queries

SQL = queries("projections", "digests.sql")
TABLES = ("events", "sources", "entities", "versions", "intervals")


def digests(connection: psycopg.Connection[Any], position: int) -> dict[str, tuple[int, str]]:
    """For each table of the projections the number and the digest of the rows at a position."""
    return {table: _digest(connection, table, position) for table in TABLES}


def _digest(connection: psycopg.Connection[Any], table: str, position: int) -> tuple[int, str]:
    within = "position <= {}" if table == "events" else "recorded @> {}::bigint"
    query = sql.SQL(SQL["digest"]).format(
        table=sql.Identifier(table), within=sql.SQL(within).format(sql.Literal(position))
    )
    row: tuple[int, str] = only_row(connection.execute(query))
    return row
