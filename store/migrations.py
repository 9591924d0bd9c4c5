"""Migrations: numbered SQL files, each applied once and whole, under an advisory lock.

A released file never changes: a later one adds to it. The files of a package in order are its
schema as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from importlib import resources
from typing import Any

import psycopg

from domain.errors import Refused
from store.database import Database
from store.recorder import PostgresRecorder
from store.sql import naming, queries

SQL = queries("store", "migrations.sql")
LOCK = 0x51_11
"""The advisory lock of Sijill's migrations, one for a database."""

PLACES = {"store": "public", "projections": "projections"}
"""The packages that have migrations, in order, and the database schema that each fills."""
FIRST_EDITION = "store/0001_log"
"""A migration of the version before events had salts, whose databases are not upgraded."""


def migrations(package: str) -> Iterator[tuple[str, bytes]]:
    """Name and SQL of every migration of a package, in order."""
    files = resources.files(package).joinpath("schema").iterdir()
    for file in sorted(files, key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield f"{package}/{file.name.removesuffix('.sql')}", file.read_bytes()


def migrate(
    database: Database, say: Callable[[str], None] = lambda words: None, *, anew: bool = False
) -> None:
    """Bring the database up to this program's schema. Refused if it is newer or too old.

    `anew` gives the roles their grants again even where nothing is to be migrated.
    Raises psycopg.errors.InsufficientPrivilege when the session's role may not.
    """
    wanted = {name: script for package in PLACES for name, script in migrations(package)}
    with database.connect(lock_timeout="60s") as connection:
        if applied(connection) == set(wanted) and not anew:
            return
        connection.execute(SQL["lock"], {"lock": LOCK})
        done = applied(connection)
        check_age(done, set(wanted))
        # First of all, since it tells psycopg's error when the role may not.
        connection.execute(SQL["make_list"])
        if not done:
            recorder = PostgresRecorder(database, role=None, pool_size=1)
            recorder.create_table()
            recorder.close()
        with connection.transaction():
            for package, schema in PLACES.items():
                fill(connection, package, schema, done, say)


def check_age(done: Set[str], wanted: Set[str]) -> None:
    """Refused where a database's migrations are those of a newer program, or of one too old."""
    if FIRST_EDITION in done:
        raise Refused(
            "SCHEMA_TOO_OLD",
            "The database is of the Sijill before this one, whose events have no salt and can't be "
            "upgraded in place. With that version, write the record to a file (sijill export --out "
            "record.jsonl); with this one, import it into an empty database (sijill import "
            "record.jsonl, with another SIJILL_DATA or SIJILL_DATABASE_URL).",
        )
    if unknown := done - wanted:
        raise Refused(
            "SCHEMA_TOO_NEW",
            "The database was set up by a newer Sijill (it has "
            f"{', '.join(sorted(unknown))}): use that one, or an older copy of the data.",
        )


def fill(
    connection: psycopg.Connection[Any],
    package: str,
    schema: str,
    done: Set[str] = frozenset(),
    say: Callable[[str], None] = lambda words: None,
) -> None:
    """Run a package's migrations but those done in a schema, and note them; then its grants."""
    connection.execute(naming(SQL["make_schema"], schema=schema))
    use_schema(connection, schema)
    for name, statements in migrations(package):
        if name not in done:
            say(f"migrating: {name}")
            connection.execute(statements)
            connection.execute(SQL["note"], {"name": name})
    connection.execute(resources.files(package).joinpath("roles.sql").read_bytes())


def use_schema(connection: psycopg.Connection[Any], schema: str) -> None:
    """Look for tables in a schema first, until the transaction ends."""
    connection.execute(SQL["use_schema"], {"schema": schema})


def applied(connection: psycopg.Connection[Any]) -> set[str]:
    """The names of the migrations that the database has had."""
    if connection.execute(SQL["has_list"]).fetchone() == (False,):
        return set()
    return {name for (name,) in connection.execute(SQL["applied"])}
