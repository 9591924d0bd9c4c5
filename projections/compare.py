"""Two copies of the projections side by side: where they say something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from store.sql import queries

SQL = queries("projections", "compare.sql")

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


def differing(
    connection: psycopg.Connection[Any], one: str, other: str, most: int = MOST
) -> Iterator[Differing]:
    """The rows that only one of two schemas has, some of each table at the most.

    Hashes tell first which parts of a table to look at, so that like copies are read once.
    """
    for table, key in KEYS.items():
        columns = connection.execute(SQL["columns"], {"schema": one, "table": table}).fetchall()
        cells = [
            sql.SQL("{}::text" if is_json else "{}").format(sql.Identifier(name))
            for name, is_json in columns
        ]
        names = {
            "key": sql.SQL(key),
            "cells": sql.SQL(", ").join(cells),
            "one": sql.Identifier(one),
            "other": sql.Identifier(other),
            "table": sql.Identifier(table),
        }
        found = connection.execute(sql.SQL(SQL["parts"]).format(**names)).fetchall()
        if parts := [part for (part,) in found]:
            query = sql.SQL(SQL["differing"]).format(**names)
            for is_first, name, row in connection.execute(query, {"parts": parts, "limit": most}):
                yield Differing(table, name, is_first, row)
