"""A database as an SQL script that psycopg can run, to keep one of each released schema."""

from __future__ import annotations

import subprocess

import psycopg

from store.binaries import find
from store.database import Database


def dump(database: Database) -> str:
    """The schema, rows and grants of a database. Roles are the server's, and not among them."""
    command = [find() / "pg_dump", "--inserts", "--no-owner", database.url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines = done.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("\\restrict", "\\unrestrict")))


def restore(database: Database, script: str) -> None:
    """Run a dump in an empty database."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(script.encode())
