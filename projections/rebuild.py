"""Rebuild: the projections anew from the whole log, beside the old ones, then in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg

from domain.errors import Refused
from projections.compare import Differing, differing
from projections.follow import BATCH, catch_up, project
from store.database import Database
from store.migrate import fill

LIVE, NEXT, LAST = "projections", "projections_next", "projections_last"


class Rebuilt(NamedTuple):
    """The position reached, and the rows in which the new projections differ from the old."""

    position: int
    differing: list[Differing]


def rebuild(
    database: Database,
    *,
    accept: bool = False,
    batch: int = BATCH,
    seen: Callable[[int], None] = lambda position: None,
) -> Rebuilt:
    """Rebuild, compare and swap. `seen` is told each position on the way.

    The old projections answer until the new ones, caught up, take their place in one transaction.
    Refused(ANSWERS_DIFFER), the rows in its data, if the new ones say anything else, unless told
    to `accept` that. Killed on the way, the old ones stay. Needs the owner's rights. Raises Poison.
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
            if not _stopped(connection):
                _reach(connection, LIVE, batch)
            position = _reach(connection, NEXT, batch)
            found = list(differing(connection, LIVE, NEXT))
            if found and not accept:
                raise Refused(
                    "ANSWERS_DIFFER",
                    f"The rebuilt projections differ in {len(found)} rows, of "
                    f"{', '.join(dict.fromkeys(row.key for row in found[:5]))}…: look at them, and "
                    "rebuild with --accept if the new ones are right.",
                    differing=[row._asdict() for row in found],
                )
            connection.execute(f"ALTER SCHEMA {LIVE} RENAME TO {LAST}".encode())
            connection.execute(f"ALTER SCHEMA {NEXT} RENAME TO {LIVE}".encode())
        with connection.transaction():
            _drop(connection, LAST)
        return Rebuilt(position, found)


def _stopped(connection: psycopg.Connection[Any]) -> bool:
    """Whether the old projections stopped at an event that they can't take in."""
    row = connection.execute(f"SELECT stopped_at FROM {LIVE}.progress".encode()).fetchone()
    return row is not None and row[0] is not None


def _reach(connection: psycopg.Connection[Any], schema: str, batch: int) -> int:
    """Project what is left of the log in a schema; the position reached."""
    connection.execute(f"SET LOCAL search_path = {schema}, public".encode())
    position, count = project(connection, batch)
    while count:
        position, count = project(connection, batch)
    return position


def _drop(connection: psycopg.Connection[Any], schema: str) -> None:
    connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
