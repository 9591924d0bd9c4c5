"""Migrations: numbered SQL files, each applied once and whole, under an advisory lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from typing import LiteralString

import psycopg

from domain.errors import Refused
from store.database import Database
from store.recorder import PostgresRecorder

LOCK = 0x51_11  # one for all of Sijill's migrations in a database

_TABLE: LiteralString = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


def migrations(packages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Name and SQL of every migration of these packages, in order."""
    for package in packages:
        files = resources.files(package).joinpath("schema").iterdir()
        for file in sorted(files, key=lambda file: file.name):
            if file.name.endswith(".sql"):
                name = f"{package}/{file.name.removesuffix('.sql')}"
                yield name, file.read_text(encoding="utf-8")


def migrate(
    database: Database, packages: Sequence[str], say: Callable[[str], None] = lambda words: None
) -> None:
    """Bring the database up to this program's schema. Refused if it is newer than that.

    Raises psycopg.errors.InsufficientPrivilege when the session's role may not.
    """
    wanted = dict(migrations(packages))
    with database.connect(lock_timeout="60s") as connection:
        if _applied(connection) == set(wanted):
            return
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        try:
            applied = _applied(connection)
            if unknown := applied - set(wanted):
                raise Refused(
                    "SCHEMA_TOO_NEW",
                    "The database was set up by a newer Sijill (it has "
                    f"{', '.join(sorted(unknown))}): use that one, or an older copy of the data.",
                )
            if not applied:
                recorder = PostgresRecorder(database, role=None, pool_size=1)
                recorder.create_table()
                recorder.close()
            with connection.transaction():
                connection.execute(_TABLE)
                for name, sql in wanted.items():
                    if name not in applied:
                        say(f"migrating: {name}")
                        connection.execute(sql.encode())
                        connection.execute(
                            "INSERT INTO schema_migrations (name) VALUES (%s)", (name,)
                        )
                for package in packages:
                    roles = resources.files(package).joinpath("roles.sql")
                    connection.execute(roles.read_text(encoding="utf-8").encode())
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _applied(connection: psycopg.Connection) -> set[str]:
    if connection.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,):
        return set()
    return {name for (name,) in connection.execute("SELECT name FROM schema_migrations")}
