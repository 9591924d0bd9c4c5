"""Replay: the log up to a position, copied into another database.

The same positions and stored bytes, and a tree grown anew from them, which must have the root that
the log had there. A batch is copied in one transaction; a copy that was cut short goes on. Nothing
is written to the log that is copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, LiteralString, NamedTuple

import psycopg
from psycopg import sql

from domain.errors import Refused, Unreachable
from store.checkpoints import log_differs
from store.database import READER, Database
from store.migrations import applied, migrate
from store.sql import only_row, queries
from store.tree import grow, root_at

SQL = queries("store", "replay.sql")
TREE = queries("store", "tree.sql")
LOG = queries("store", "log.sql")
BATCH = 5_000
"""Events of a transaction."""
LOCK = 0x51_12
"""The advisory lock of whoever copies into a database."""
MAINTENANCE = "postgres"
"""The database that a session is in while it makes another."""

Connection = psycopg.Connection[Any]


class Replayed(NamedTuple):
    """What a copy has: its last position asked for, how many events, and the root of its tree."""

    position: int
    size: int
    root: bytes


def replay(
    source: Database,
    target: Database,
    position: int,
    say: Callable[[str], None] = lambda words: None,
    seen: Callable[[int], None] = lambda events: None,
) -> Replayed:
    """Copy the log up to a position into a database, which is made if there is none.

    `seen` is told how many events are there. Run again, it carries on. Refused as BAD_POSITION for
    one that the log does not reach, as HAS_A_RECORD where the database has another record, and as
    LOG_DIFFERS where the log is not what its tree says. Needs an owner's rights in the target.
    """
    with source.connect(READER) as log:
        size = _size_at(log, position)
        _make(target, say)
        with target.connect() as own:
            _check(own, log)
        migrate(target, say)
        with target.connect() as own:
            row = own.execute(SQL["lock"], {"lock": LOCK}).fetchone()
            if row != (True,):
                raise Refused("BUSY", "Another replay copies into this database: wait for it.")
            if _mark(own, position):
                _copy(log, own, position, seen)
                _finish(log, own, position, size)
            return Replayed(position, size, root_at(own, size))


def check_whole(connection: Connection) -> None:
    """Refused as HALF_A_COPY in the database of a copy that was cut short."""
    row = connection.execute(SQL["marked"]).fetchone()
    if row is not None and not row[1]:
        raise Refused(
            "HALF_A_COPY",
            f"This is half a copy of a record as of position {row[0]}: run the same `sijill "
            f"replay --to-position {row[0]}` again, or drop the database.",
        )


def is_copy(connection: Connection) -> bool:
    """Whether this is the database of a copy."""
    return connection.execute(SQL["marked"]).fetchone() is not None


def check_own(connection: Connection) -> None:
    """Refused as A_COPY in the database of a copy, which takes in nothing of its own."""
    row = connection.execute(SQL["marked"]).fetchone()
    if row is not None:
        raise Refused(
            "A_COPY",
            f"This is a copy of a record as it stood at position {row[0]}, to be asked and not to "
            "be added to: its log would be another than the one signed. Record it in the original.",
        )


def _size_at(log: Connection, position: int) -> int:
    """How many events the log has up to a position."""
    row = log.execute(LOG["head"]).fetchone()
    head = row[0] if row else 0
    if not 0 <= position <= head:
        raise Refused(
            "BAD_POSITION",
            f"The log goes from position 0 to {head}, not to {position}: see `sijill log`.",
            field="--to-position",
        )
    row = log.execute(SQL["size_at"], {"position": position}).fetchone()
    return row[0] if row else 0


def _make(target: Database, say: Callable[[str], None]) -> None:
    """Make the database if its server has none of the name."""
    try:
        with target.connect():
            return
    except Unreachable:
        if (name := target.name) is None:
            raise
        with target.named(MAINTENANCE).connect() as connection:
            if connection.execute(SQL["exists"], {"name": name}).fetchone() is not None:
                raise
    with target.named(MAINTENANCE).connect() as connection:
        try:
            connection.execute(sql.SQL(SQL["create"]).format(sql.Identifier(name)))
        except psycopg.errors.DuplicateDatabase:  # another was quicker
            return
        except psycopg.errors.InsufficientPrivilege as error:
            raise Unreachable(
                f"There is no database {name!a}, and this role may not make one "
                f"({error.diag.message_primary}): make it empty, or give --out as the connection "
                "of a role that may."
            ) from error
    say(f"The database {name} was made.")


def _check(own: Connection, log: Connection) -> None:
    """Refused as HAS_A_RECORD for what no copy may be made in, with nothing written to it."""
    same = own.execute(SQL["identity"]).fetchone() == log.execute(SQL["identity"]).fetchone()
    foreign = own.execute(SQL["is_foreign"]).fetchone() == (True,)
    if same or foreign or (_has_events(own) and _marked(own) is None):
        what = "the record itself" if same else "tables of others" if foreign else "a record"
        raise _occupied(f"It has {what} already")


def _has_events(own: Connection) -> bool:
    if "store/0001_record" not in applied(own):
        return False
    return own.execute(LOG["head"]).fetchone() != (0,)


def _marked(own: Connection) -> tuple[int, bool] | None:
    if "store/0001_record" not in applied(own):
        return None
    row: tuple[int, bool] | None = own.execute(SQL["marked"]).fetchone()
    return row


def _mark(own: Connection, position: int) -> bool:
    """Say in the database what it is to be a copy of; False if it is that, whole."""
    marked = _marked(own)
    if marked is None:
        if _has_events(own):
            raise _occupied("It has a record already")
        own.execute(SQL["mark"], {"position": position})
        return True
    if marked[0] != position:
        half = "" if marked[1] else "half "
        raise _occupied(f"It has {half}a copy of a record as of position {marked[0]}")
    return not marked[1]


def _occupied(words: str) -> Refused:
    return Refused(
        "HAS_A_RECORD",
        f"{words}, and a replay writes over nothing: name a database that does not exist yet, or "
        "drop this one first.",
        field="--out",
    )


def _copy(log: Connection, own: Connection, upto: int, seen: Callable[[int], None]) -> None:
    """Copy the events after the last one that is there, a batch in a transaction."""
    row = only_row(own.execute(TREE["head"]))
    size, after, _ = row
    seen(size)
    while True:
        row = log.execute(SQL["until"], {"after": after, "upto": upto, "limit": BATCH}).fetchone()
        if row is None or row[0] is None:
            return
        (until,) = row
        with own.transaction():
            _pipe(log, own, "events", after=after, until=until)
            own.execute(SQL["index_tags"], {"after": after, "until": until})
            grow(own)
            row = own.execute(TREE["head"]).fetchone()
        assert row is not None
        size, after, _ = row
        seen(size)


def _finish(log: Connection, own: Connection, position: int, size: int) -> None:
    """Compare the trees, copy what is kept beside the events, and call the copy whole."""
    row = own.execute(TREE["head"]).fetchone()
    if row is None or row[0] != size or root_at(own, size) != root_at(log, size):
        raise log_differs(
            f"The {size} events up to position {position} do not hash to the root that the log "
            "had there"
        )
    with own.transaction():
        _pipe(log, own, "requests", upto=position)
        _pipe(log, own, "checkpoints", size=size)
        own.execute(SQL["go_on_after"])
        own.execute(SQL["whole"])


def _pipe(log: Connection, own: Connection, what: LiteralString, **limits: int) -> None:
    """Rows from one database into the other, as they come."""
    out = sql.SQL(SQL[f"{what}_out"]).format(**{k: sql.Literal(v) for k, v in limits.items()})
    with log.cursor().copy(out) as rows, own.cursor().copy(SQL[f"{what}_in"]) as taken:
        for data in rows:
            taken.write(data)
