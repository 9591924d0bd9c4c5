"""Where the record is kept: a server of one's own, or the embedded one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import RowFactory

from domain.errors import Unreachable

T = TypeVar("T")

LOCK_TIMEOUT = 2
"""Seconds that an append waits for another writer."""

BY_INDEX = {
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
    "max_parallel_workers_per_gather": "0",
}
"""Settings of sessions that look up what bears on a few events: of a log that grew since its
statistics were taken, PostgreSQL would read all tags for a few, plan each look anew, and start
processes for it, which takes longer than the look."""

WRITER, FOLLOWER, READER = "sijill_writer", "sijill_follower", "sijill_reader"


def is_name(text: str) -> bool:
    """Whether a text is the mere name of a database, which libpq takes for no connection string."""
    return "=" not in text and "/" not in text and ":" not in text


_OVERRIDING = "PGDATESTYLE", "PGTZ"
"""Variables that libpq sends after our own settings, which they would then win over."""
_SETTINGS = {
    "search_path": "projections,public",
    "datestyle": "ISO",  # the only one that psycopg reads
    "timezone": "UTC",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "default_transaction_isolation": "read\\ committed",
}


@dataclass(frozen=True, slots=True)
class Database:
    """A libpq connection string, and how sessions on it are set up."""

    url: str

    @property
    def name(self) -> str | None:
        """What the database is called on its server, where the string says so."""
        name = conninfo_to_dict(self.url).get("dbname")
        return None if name is None else str(name)

    def named(self, name: str) -> Database:
        """Another database of the same server, by the same login."""
        return Database(make_conninfo(self.url, dbname=name))

    def session(self, role: str | None, **settings: str) -> dict[str, Any]:
        """Connection arguments for a session in a role (None: the one that logs in).

        What would override them is taken out of this process's environment.
        """
        for name in _OVERRIDING:
            os.environ.pop(name, None)
        options = {**_SETTINGS, **settings}
        if role is not None:
            options["role"] = role
        return {
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
            "application_name": "sijill",
            "connect_timeout": 10,
        }

    @contextmanager
    def connect(self, role: str | None = None, **settings: str) -> Iterator[psycopg.Connection]:
        """A session of its own, in autocommit mode. Raises Unreachable."""
        try:
            connection = psycopg.connect(
                self.url, autocommit=True, **self.session(role, **settings)
            )
        except psycopg.OperationalError as error:
            raise Unreachable(
                f"The database can't be reached ({str(error).strip()}): start it, or mend "
                "SIJILL_DATABASE_URL."
            ) from error
        with closing(connection):  # whatever happens; there is no transaction to commit
            yield connection


@contextmanager
def streaming(
    connection: psycopg.Connection[Any], name: str, made: RowFactory[T]
) -> Iterator[psycopg.ServerCursor[T]]:
    """A server-side cursor in a transaction of its own. Where it is left after the session was
    ended from outside (api/session.py), which closes the connection, it is left quietly."""
    cursor = connection.cursor(name, row_factory=made)
    try:
        with connection.transaction(), cursor:
            yield cursor
    except psycopg.errors.QueryCanceled as canceled:
        if connection.closed:
            cursor.close()
        if not isinstance(canceled.__context__, GeneratorExit):
            raise
