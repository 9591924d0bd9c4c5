"""The log's entries as they were written, in order: what carries a record somewhere else."""

from __future__ import annotations

from datetime import datetime

from psycopg import sql
from psycopg.rows import dict_row

from domain.codec import decode
from projections.asof import Connection
from projections.lookup import Recorded
from store.sql import queries

SQL = queries("projections", "entries.sql")


async def entries(
    connection: Connection, after: int, upto: int, first: int, *, entity: str | None = None
) -> list[Recorded]:
    """The projected events after a position; with `entity`, those that bear on it, by its id."""
    narrowing = sql.SQL("true" if entity is None else SQL["bearing"])
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            sql.SQL(SQL["entries"]).format(narrowing=narrowing),
            {"after": after, "position": upto, "limit": first, "entity": entity},
        )
        rows = await cursor.fetchall()
    return [
        Recorded(decode(row["position"], row["type"], row["data"]), row["recorded_at"])
        for row in rows
    ]


async def recorded_at(connection: Connection, position: int) -> datetime | None:
    """When the last event up to a position was recorded, None before all."""
    cursor = await connection.execute(SQL["recorded_at"], {"position": position})
    row = await cursor.fetchone()
    return None if row is None else row[0]
