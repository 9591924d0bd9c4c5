"""Two copies of the projections side by side: where they say something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import psycopg
from psycopg import sql

from store.sql import only_row, queries

SQL = queries("projections", "comparison.sql")

KEYS = {
    "events": "'event ' || id",
    "sources": "'source ' || id",
    "entities": "'entity ' || id",
    "versions": "'fact ' || fact",
    "intervals": "fluent || ' ' || scope || ' ' || subject",
}
"""The tables of the projections, and what a row of each is about, in SQL."""
MOST = 1_000


class Differing(NamedTuple):
    """A row that only one of the copies has: `is_first` if that is the first one."""

    table: str
    key: str
    is_first: bool
    row: str


Parts = Mapping[str, Sequence[int]]
"""Of each table, those of its 1,024 parts that differ."""


def parts_at_both(connection: psycopg.Connection[Any], one: str, other: str) -> tuple[int, Parts]:
    """The position that both of two schemas have reached, and the parts in which they differ as
    they were there."""
    ours, theirs = only_row(connection.execute(_formatted("positions", **_named(one, other))))
    position = min(ours, theirs)
    which: Literal["at"] | None = None if ours == theirs else "at"
    return position, _parts(connection, one, other, which, position)


def parts_since(connection: psycopg.Connection[Any], one: str, other: str, position: int) -> Parts:
    """The parts in which two schemas differ by what was opened or closed after a position."""
    return _parts(connection, one, other, "since", position)


def differing(
    connection: psycopg.Connection[Any],
    one: str,
    other: str,
    parts: Parts | None = None,
    most: int = MOST,
) -> Iterator[Differing]:
    """The rows that only one of two schemas has, some of each table at the most.

    Only those of some parts are looked at: if left out, of the parts that differ.
    """
    if parts is None:
        parts = _parts(connection, one, other, None, None)
    for table, key in KEYS.items():
        if parts[table]:
            query = _formatted("differing", key=sql.SQL(key), **_named(one, other, table))
            values = {"parts": list(parts[table]), "limit": most}
            for is_first, name, row in connection.execute(query, values):
                yield Differing(table, name, is_first, row)


def _parts(
    connection: psycopg.Connection[Any],
    one: str,
    other: str,
    which: Literal["at", "since"] | None,
    position: int | None,
) -> Parts:
    """By hashes, so that equal copies are read once."""
    found = {}
    with connection.transaction():
        connection.execute(SQL["group_by_hash"])
        for table, key in KEYS.items():
            columns = connection.execute(SQL["columns"], {"schema": one, "table": table}).fetchall()
            cells: list[sql.Composable] = []
            for name, is_json in columns:
                if name == "recorded" and which == "at":
                    cells.append(sql.SQL(SQL["recorded_at"]))
                else:
                    cell = sql.SQL("{}::text" if is_json else "{}")
                    cells.append(cell.format(sql.Identifier(name)))
            rows = (
                "all_rows"
                if which is None
                else f"{'events' if table == 'events' else 'rows'}_{which}"
            )
            query = _formatted(
                "parts",
                key=sql.SQL(key),
                cells=sql.SQL(", ").join(cells),
                which=sql.SQL(SQL[rows]),
                **_named(one, other, table),
            )
            found[table] = [part for (part,) in connection.execute(query, {"position": position})]
    return found


def _formatted(query: str, **names: sql.Composable) -> sql.Composed:
    return sql.SQL(SQL[query]).format(**names)


def _named(one: str, other: str, table: str = "progress") -> dict[str, sql.Composable]:
    return {
        "one": sql.Identifier(one),
        "other": sql.Identifier(other),
        "table": sql.Identifier(table),
    }
