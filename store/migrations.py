"""Migrations: numbered SQL files, each applied once and whole, under an advisory lock.

What a released file does never changes: a later one adds to it. The files of a package in order are
its schema as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from importlib import resources
from typing import Any

import psycopg

from domain.errors import Refused
from store.database import Database
from store.datafolder import folder_of
from store.recorder import PostgresRecorder
from store.sql import naming, queries

SQL = queries("store", "migrations.sql")
LOCK = 0x51_11
"""The advisory lock of Sijill's migrations, one for a database."""

PLACES = {"store": "public", "projections": "projections"}
"""The packages that have migrations, in order, and the database schema that each fills."""


def migrations(package: str) -> Iterator[tuple[str, bytes]]:
    """Name and SQL of every migration of a package, in order."""
    files = resources.files(package).joinpath("schema").iterdir()
    for file in sorted(files, key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield f"{package}/{file.name.removesuffix('.sql')}", file.read_bytes()


def migrate(
    database: Database, say: Callable[[str], None] = lambda words: None, *, anew: bool = False
) -> None:
    """Bring the database up to this program's schema, whole or not at all.

    `anew` gives the roles their grants again even where nothing is to be migrated.
    Refused as `check_schema` does, and where a migration does not fit what is there. Raises
    psycopg.errors.InsufficientPrivilege when the session's role may not.
    """
    with database.connect(lock_timeout="60s") as connection:
        if is_current(check_schema(database, connection)) and not anew:
            return
        connection.execute(SQL["lock"], {"lock": LOCK})
        done = check_schema(database, connection)
        with connection.transaction():
            # First of all, since it tells psycopg's error when the role may not.
            connection.execute(SQL["make_list"])
            try:
                if not done:
                    connection.execute(log_tables(database))
                for package, schema in PLACES.items():
                    fill(connection, package, schema, done, say)
            except (psycopg.errors.InsufficientPrivilege, psycopg.OperationalError):
                raise
            except psycopg.Error as error:
                said = error.diag.message_primary or str(error)
                raise unknown_schema(
                    database, f"a migration does not fit what is there ({said})"
                ) from error


def log_tables(database: Database) -> bytes:
    """The SQL of the event recorder's own types, tables and functions."""
    recorder = PostgresRecorder(database, role=None, pool_size=1)
    recorder.close()
    return ";".join(each.as_string() for each in recorder.sql_create_statements).encode()


def is_current(done: Set[str]) -> bool:
    """Whether these are all migrations of this program."""
    return done == {name for package in PLACES for name, _ in migrations(package)}


def check_schema(database: Database, connection: psycopg.Connection[Any]) -> set[str]:
    """The migrations that a database has had.

    Refused as SCHEMA_TOO_NEW where it has had all of this program's and more, and as
    SCHEMA_TOO_OLD where they are not the first ones of this program's.
    """
    done = applied(connection)
    for package in PLACES:
        wanted = [name for name, _ in migrations(package)]
        had = sorted(name for name in done if name.startswith(f"{package}/"))
        if had[: len(wanted)] == wanted and had != wanted:
            raise Refused(
                "SCHEMA_TOO_NEW",
                f"{_called(database)} was set up by a newer Sijill (it has "
                f"{', '.join(had[len(wanted) :])}): use that one, or an older copy of the data.",
            )
        if had != wanted[: len(had)]:
            theirs, ours = next(pair for pair in zip(had, wanted, strict=False) if len({*pair}) > 1)
            raise unknown_schema(database, f"it has {theirs} where this one has {ours}")
    return done


def unknown_schema(database: Database, why: str) -> Refused:
    """The refusal of a database that no released schema leads to, with the way out."""
    folder = folder_of(database.url)
    remove = "drop the database" if folder is None else f"stop Sijill and remove {folder}"
    return Refused(
        "SCHEMA_TOO_OLD",
        f"{_called(database)} was set up by another version of Sijill and can't be upgraded in "
        f"place: {why}. Nothing was changed. With the version that made it, write the record to a "
        "file (sijill export --out record.jsonl); with this one, import it into an empty database "
        "(sijill import record.jsonl, with another SIJILL_DATA or SIJILL_DATABASE_URL). If it was "
        f"only a demo, {remove} and start again.",
    )


def _called(database: Database) -> str:
    if folder := folder_of(database.url):
        return f"The database in {folder}"
    return f"The database {database.name or 'of SIJILL_DATABASE_URL'}"


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
