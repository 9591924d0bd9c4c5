"""Whether the database still protects the log as the migrations set it up: triggers, functions,
roles and grants. An owner or a superuser can change any of these; this tells that somebody did."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any

import psycopg

from store.audit import LogProblem
from store.migrations import PLACES, migrations, use_schema
from store.sql import queries

SQL = queries("store", "protection.sql")
READING = {"SELECT", "USAGE"}
"""Privileges that others may have."""


def audit_protection(
    connection: psycopg.Connection[Any], *, is_owner: bool
) -> Iterator[LogProblem]:
    """What is weaker than it was set up. Only the owner's session can tell which grants differ.

    Runs in a transaction of the caller's, in which nothing stays changed.
    """
    for table, name in connection.execute(SQL["triggers"]).fetchall():
        yield LogProblem(
            None, f"the trigger {name} that protects {table} is off, or not the one made"
        )
    for table, what in connection.execute(SQL["strange"]).fetchall():
        yield LogProblem(None, f"{table} has a {what} that no migration made")
    made = b"".join(script for package in PLACES for _, script in migrations(package)).decode()
    for name, source in connection.execute(SQL["functions"]).fetchall():
        if source not in made:
            yield LogProblem(None, f"the function {name} is not the one that migrations made")
    for role, power in connection.execute(SQL["roles"]).fetchall():
        yield LogProblem(None, f"the role {role} {power}")
    if is_owner:
        yield from _grants(connection)


def is_owned(connection: psycopg.Connection[Any]) -> bool:
    """Whether the session has the rights of the database's owner."""
    return connection.execute(SQL["is_owned"]).fetchone() == (True,)


def _grants(connection: psycopg.Connection[Any]) -> Iterator[LogProblem]:
    """Where rights differ from those of roles.sql: it is run again, compared and rolled back."""
    before = _rights(connection)
    with connection.transaction(force_rollback=True):
        for package, schema in PLACES.items():
            use_schema(connection, schema)
            connection.execute(resources.files(package).joinpath("roles.sql").read_bytes())
        after = _rights(connection)
    for role, privilege, name in sorted(before - after):
        yield LogProblem(None, f"{_called(role)} was granted {privilege} on {name}")
    for role, privilege, name in sorted(after - before):
        yield LogProblem(None, f"{_called(role)} lacks {privilege} on {name}")
    for role, privilege, name in sorted(before & after):
        if not role.startswith("sijill_") and role != "-" and privilege not in READING:
            yield LogProblem(None, f"{role} was granted {privilege} on {name}")


def _rights(connection: psycopg.Connection[Any]) -> set[tuple[str, str, str]]:
    return set(connection.execute(SQL["grants"]).fetchall())


def _called(role: str) -> str:
    return "everybody" if role == "-" else role
