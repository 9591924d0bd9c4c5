"""The audit of the projections: whether a replay of the log gives the rows that are there.

The replay is made beside them, in the same transaction that looks at them, and rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from domain.record import MOST_AHEAD
from projections.follower import BATCH, Poison, project
from projections.rebuild import LIVE
from store.audit import MOST, LogProblem
from store.migrations import fill
from store.sql import only_row, queries

SQL = queries("projections", "audit.sql")
REPLAY = "projections_audit"


def audit_projections(
    connection: psycopg.Connection[Any], seen: Callable[[int], None] = lambda position: None
) -> list[LogProblem]:
    """Where the projections are not what the log leads to, as far as they have come.

    In a transaction that sees one state of the database. Needs the owner's rights.
    """
    with connection.transaction(force_rollback=True):
        reached = connection.execute(SQL["reached"]).fetchone()
        assert reached is not None
        fill(connection, "projections", REPLAY)
        try:
            position, count = project(connection, BATCH, before=reached[0] + 1)
            while count:
                seen(position)
                position, count = project(connection, BATCH, before=reached[0] + 1)
        except Poison as poison:
            return [
                LogProblem(poison.position, f"the event can't be replayed: {poison.why}; what the "
                "projections have was not compared")
            ]  # fmt: skip
        except (ValueError, LookupError, AttributeError, AssertionError) as error:
            return [LogProblem(None, f"the log can't be replayed: {type(error).__name__}: {error}")]
        return list(_differences(connection, reached))


def clock_of(connection: psycopg.Connection[Any]) -> datetime:
    """The time by the database's own clock."""
    row = only_row(connection.execute(SQL["clock"]))
    now: datetime = row[0]
    return now


def ahead_of_the_clock(connection: psycopg.Connection[Any]) -> LogProblem | None:
    """The first event whose recorded time has not come yet by the database's clock, if any has."""
    row = connection.execute(SQL["ahead"], {"bound": MOST_AHEAD}).fetchone()
    if row is None:
        return None
    position, recorded_at, now = row
    return LogProblem(
        position,
        f"it was recorded under a clock that was ahead: at {recorded_at:%Y-%m-%d %H:%M} UTC, and "
        f"the database's clock says {now:%Y-%m-%d %H:%M}. Until then all later entries get its "
        "time; set the clocks right",
    )


def _differences(
    connection: psycopg.Connection[Any], reached: tuple[Any, ...]
) -> Iterator[LogProblem]:
    if connection.execute(SQL["replayed"]).fetchone() != reached:
        yield LogProblem(reached[0], "the projections' progress is not the one of a replay")
    for table, column in connection.execute(SQL["tables"]).fetchall():
        position = {"position": "position", "recorded": "lower(recorded)"}.get(column, "NULL")
        names = sql.Identifier(LIVE, table), sql.Identifier(REPLAY, table)
        for (there, replayed), how in ((names, "has"), (names[::-1], "lacks")):
            rows = connection.execute(
                sql.SQL(SQL["rows_beside"]).format(
                    position=sql.SQL(position),
                    there=there,
                    replayed=replayed,
                    most=sql.Literal(MOST),
                )
            )
            for at, row in rows.fetchall():
                yield LogProblem(at, f"the projection {table} {how} a row, unlike a replay: {row}")


def named(connection: psycopg.Connection[Any], problems: Iterable[LogProblem]) -> list[LogProblem]:
    """The problems in the log's order, each with the id that its event's author gave it."""
    problems = list(problems)
    positions = list({problem.position for problem in problems if problem.position is not None})
    rows = connection.execute(SQL["names"], {"positions": positions}).fetchall()
    names = {position: _name(*rest) for position, *rest in rows}
    return sorted(
        (
            problem._replace(event=names.get(problem.position or 0) or problem.event)
            for problem in problems
        ),
        key=lambda problem: (problem.position is None, problem.position or 0),
    )


def _name(stored_type: str | None, data: bytes | None, projected: str | None) -> str | None:
    """The id as it was projected, since the bytes may have changed; else the id that they say."""
    if projected is not None or stored_type is None:
        return projected
    try:
        return str(json.loads(data or b"")["entry"]["id"])
    except (ValueError, LookupError, TypeError):
        return stored_type
