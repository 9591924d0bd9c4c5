"""Databases of other versions: each older schema is upgraded, the first edition and newer refused.

tests/golden/database-*.sql are databases of older schemas with a record. Who adds a migration to a
released schema first adds the file of that schema: `PYTHONPATH=tests:. python
tests/integration/test_migrations.py FOLDER > tests/golden/database-*.sql`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from conftest import NewInstance, _execute, _named
from oracle_log import FIRST, about, joined, left
from psycopg import Connection
from support.database_dump import dump, restore
from support.forked_sijill import sijill_program

from api.commands.log_evidence import audited
from api.instance import Instance, opened
from api.settings import Settings
from domain.codec import read
from domain.errors import Refused
from projections.rebuild import rebuild
from store import migrations as migrations_of
from store.checkpoints import sign_now
from store.database import READER, WRITER, Database
from store.embedded import Embedded
from store.migrations import migrate, unknown_schema

GOLDEN = Path(__file__).parents[1] / "golden"
DUMPS = sorted(GOLDEN.glob("database-*.sql"))
ENTRIES = [
    *FIRST,
    joined("first", "2014-09"),
    joined("second", "2014-09-10", "june"),
    left("third", "2016", "july"),
    about("FactCorrected", "fourth", fact="third", changes={"when": "2017"}),
]


@pytest.fixture
def empty(server_url: str, _template: str) -> Iterator[Callable[[], Database]]:
    """Makes databases with nothing in them, on a server that has our roles."""
    with ExitStack() as stack:

        def make() -> Database:
            name = f"sijill_test_{uuid4().hex[:12]}"
            _execute(
                server_url,
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'",
                name,
            )
            stack.callback(_execute, server_url, "DROP DATABASE {} WITH (FORCE)", name)
            return Database(_named(server_url, name))

        yield make


@contextmanager
def an_instance(database: Database, folder: Path) -> Iterator[Instance]:
    settings = Settings(database.url, folder, "127.0.0.1", 0)
    with opened(settings, lambda words: None) as instance:
        yield instance


def problems(instance: Instance) -> list[object]:
    return list(audited(instance, [], None, False, lambda words, total: lambda come: None)[1])


def fill(instance: Instance) -> None:
    """A record with some of everything that a database holds."""
    for number, entry in enumerate(ENTRIES):
        instance.record.apply([read(entry)], actor="someone", request_id=f"request-{number}")
    with instance.database.connect(WRITER) as connection:
        sign_now(connection, instance.signer())
    instance.catch_up()


@pytest.mark.parametrize("path", DUMPS, ids=lambda path: path.stem)
def test_a_database_of_each_schema_is_upgraded_with_its_record(
    path: Path, empty: Callable[[], Database], tmp_path: Path
) -> None:
    database = empty()
    restore(database, path.read_text(encoding="utf-8"))

    with an_instance(database, tmp_path) as instance:
        instance.catch_up()  # where a migration has the answers made anew
        with database.connect(READER) as connection:
            types = connection.execute("SELECT type FROM projections.events ORDER BY position")
            kinds = [kind for (kind,) in types]
        assert kinds == [entry["type"] for entry in ENTRIES]
        assert problems(instance) == []
        assert rebuild(database).differing == []
        instance.record.apply([read(joined("later", "2020"))], actor="someone")
        instance.catch_up()
        assert problems(instance) == []


def test_a_migration_that_is_added_is_applied_once_with_the_record_kept(
    new_instance: NewInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = migrations_of.migrations

    def with_one_more(package: str) -> Iterator[tuple[str, bytes]]:
        yield from shipped(package)
        if package == "store":
            yield (
                "store/9999_notes",
                b"CREATE TABLE notes (word text); INSERT INTO notes VALUES (1)",
            )
        else:
            yield "projections/9999_mark", b"ALTER TABLE events ADD COLUMN mark text DEFAULT 'm'"

    with new_instance() as instance:
        fill(instance)
        monkeypatch.setattr(migrations_of, "migrations", with_one_more)
        said: list[str] = []
        for _ in range(2):
            migrate(instance.database, said.append)

        assert said == ["migrating: store/9999_notes", "migrating: projections/9999_mark"]
        assert rebuild(instance.database).differing == []
        with instance.database.connect(READER) as connection:
            assert connection.execute("SELECT * FROM notes").fetchall() == [("1",)]
            rows = connection.execute("SELECT count(*), min(mark) FROM projections.events")
            assert rows.fetchone() == (len(ENTRIES), "m")


def test_a_migration_that_fails_changes_nothing(
    new_instance: NewInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = migrations_of.migrations

    def with_a_bad_one(package: str) -> Iterator[tuple[str, bytes]]:
        yield from shipped(package)
        if package == "store":
            yield "store/9998_good", b"CREATE TABLE notes (word text)"
            yield "store/9999_bad", b"SELECT 1/0"

    with new_instance() as instance:
        before = dump(instance.database)
        monkeypatch.setattr(migrations_of, "migrations", with_a_bad_one)
        with pytest.raises(Exception, match="division by zero"):
            migrate(instance.database)

        assert dump(instance.database) == before


def of_the_first_edition(owner: Connection[Any]) -> None:
    """As the version before events had salts left it, as far as a look at it goes."""
    owner.execute("DELETE FROM schema_migrations")
    names(owner, "store/0001_log", "store/0002_keys", "projections/0001_projections")


def of_a_state_between_versions(owner: Connection[Any]) -> None:
    owner.execute("DELETE FROM schema_migrations WHERE name = 'store/0002_workbooks'")
    names(owner, "store/0002_sheets")


def with_tables_that_no_migration_made(owner: Connection[Any]) -> None:
    owner.execute("DELETE FROM schema_migrations WHERE name = 'projections/0003_name_keys'")


def of_another_program(owner: Connection[Any]) -> None:
    owner.execute("DROP TABLE schema_migrations")


def names(owner: Connection[Any], *migrations: str) -> None:
    for name in migrations:
        owner.execute("INSERT INTO schema_migrations (name) VALUES (%s)", (name,))


@pytest.mark.parametrize(
    ("made", "commands"),
    [
        (of_the_first_edition, [["migrate"], ["rebuild"], ["log"]]),
        (of_a_state_between_versions, [["demo", "--port", "0"]]),
        (with_tables_that_no_migration_made, [["serve", "--port", "0"]]),
        (of_another_program, [["migrate"]]),
    ],
)
def test_a_database_that_no_released_schema_leads_to_is_refused_with_what_to_do(
    database: Database, made: Callable[[Connection[Any]], None], commands: list[list[str]]
) -> None:
    with database.connect() as owner:
        made(owner)
    before = dump(database)

    for command in commands:
        ended = subprocess.run(
            [sijill_program(), *command], capture_output=True, text=True, timeout=60, cwd="/",
            env={**os.environ, "SIJILL_DATABASE_URL": database.url},
        )  # fmt: skip
        assert ended.returncode == 1
        words = " ".join(ended.stderr.split())
        assert "Traceback" not in words
        assert f"The database {database.name} was set up by another version" in words
        assert "sijill export --out record.jsonl" in words
        assert "sijill import record.jsonl" in words
        assert "If it was only a demo, drop the database" in words
    with pytest.raises(Refused) as refused:
        migrate(database)

    assert refused.value.code == "SCHEMA_TOO_OLD"
    assert dump(database) == before


def test_the_folder_of_an_embedded_database_is_named_to_who_may_remove_it(tmp_path: Path) -> None:
    (tmp_path / "users.lock").touch()
    server = Embedded(tmp_path)

    words = unknown_schema(Database(server.url), "it has a where this one has b").message

    assert words.startswith(f"The database in {tmp_path} was set up by another version of Sijill")
    assert f"If it was only a demo, stop Sijill and remove {tmp_path}" in words


def test_a_database_of_a_newer_sijill_is_refused(database: Database) -> None:
    with database.connect() as owner:
        owner.execute("INSERT INTO schema_migrations (name) VALUES ('store/9999_later')")

    with pytest.raises(Refused) as refused:
        migrate(database)

    assert refused.value.code == "SCHEMA_TOO_NEW"
    assert "store/9999_later" in refused.value.message


def test_a_record_moves_by_its_exported_file(new_instance: NewInstance, tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"

    def sijill(instance: Instance, *arguments: str) -> str:
        ended = subprocess.run(
            [sijill_program(), *arguments], capture_output=True, text=True, timeout=60, check=True,
            env={**os.environ, "SIJILL_DATABASE_URL": instance.database.url},
        )  # fmt: skip
        return ended.stdout

    with new_instance() as old, new_instance() as new:
        fill(old)
        sijill(old, "export", "--out", str(file))
        told = json.loads(sijill(new, "import", str(file), "--json"))
        assert (told["recorded"], told["unchanged"]) == (len(ENTRIES), 0)
        question = ("ask", "members", "union", "--as-of", "2015-01-01", "--json")
        asked = [json.loads(sijill(each, *question)) for each in (old, new)]

    assert asked[0] == asked[1]
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [read(line) for line in lines] == [read(entry) for entry in ENTRIES]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    with Embedded(folder) as server:
        settings = Settings(None, folder, "127.0.0.1", 0)
        with opened(settings, lambda words: None) as filled:
            fill(filled)
        sys.stdout.write(dump(Database(server.url)))
