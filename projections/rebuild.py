"""Rebuild: the projections anew from the whole log, beside the old ones, then in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from projections.follow import BATCH, catch_up, project
from store.database import Database
from store.migrate import fill

LIVE, NEXT, LAST = "projections", "projections_next", "projections_last"


def rebuild(
    database: Database, *, batch: int = BATCH, seen: Callable[[int], None] = lambda position: None
) -> int:
    """Rebuild and swap; the position reached. `seen` is told each position on the way.

    The old projections answer until the new ones, caught up, take their place in one transaction.
    Killed on the way, the old ones stay. Needs the owner's rights. Raises Poison.
    """
    with database.connect(search_path=f"{NEXT},public") as connection:
        with connection.transaction():
            _drop(connection, NEXT)
            _drop(connection, LAST)
            fill(connection, "projections", NEXT)
        catch_up(connection, batch=batch, seen=seen)
        with connection.transaction():
            # The live follower waits at its row, and goes on in the new tables.
            connection.execute(f"LOCK TABLE {LIVE}.progress IN EXCLUSIVE MODE".encode())
            position, count = project(connection, batch)
            while count:
                position, count = project(connection, batch)
            connection.execute(f"ALTER SCHEMA {LIVE} RENAME TO {LAST}".encode())
            connection.execute(f"ALTER SCHEMA {NEXT} RENAME TO {LIVE}".encode())
        with connection.transaction():
            _drop(connection, LAST)
        return position


def _drop(connection: psycopg.Connection[Any], schema: str) -> None:
    connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
