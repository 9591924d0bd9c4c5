"""The log's entries as they were written, in order: what carries a record somewhere else."""

from __future__ import annotations

from datetime import datetime

from projections.asof import Connection
from store.sql import queries

SQL = queries("projections", "entries.sql")


async def recorded_at(connection: Connection, position: int) -> datetime | None:
    """When the last event up to a position was recorded, None before all."""
    cursor = await connection.execute(SQL["recorded_at"], {"position": position})
    row = await cursor.fetchone()
    return None if row is None else row[0]
