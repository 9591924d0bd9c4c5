"""`migrate`, `rebuild` and `schema`: what keeps a record in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.terminal import JsonFlag, bars, print_json, say

if TYPE_CHECKING:
    from store.database import Database


def migrate(as_json: JsonFlag = False) -> None:
    """Bring the database up to this version's schema, as its owner: sijill migrate"""
    from store.migrate import applied
    from store.migrate import migrate as bring_up

    with _owned() as database:
        bring_up(database, say, anew=True)
        with database.connect() as connection:
            names = sorted(applied(connection))
    say(f"The schema is up to date ({len(names)} migrations).")
    if as_json:
        print_json({"migrations": names})


def rebuild(
    accept: Annotated[
        bool, typer.Option("--accept", help="Swap even if the new answers differ.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make the answers anew from the whole log, while the old ones answer: sijill rebuild"""
    from projections.rebuild import rebuild as make_anew
    from store.migrate import migrate as bring_up

    with _owned() as database, bars() as bar:
        bring_up(database, say)
        rebuilt = make_anew(database, accept=accept, seen=bar("Rebuilding", _head(database)))
    for row in rebuilt.differing:
        say(f"{'was' if row.is_first else 'is '} {row.key}: {row.row}")
    say(f"Rebuilt up to position {rebuilt.position}, with {len(rebuilt.differing)} rows changed.")
    if as_json:
        changed = [row._asdict() for row in rebuilt.differing]
        print_json({"position": rebuilt.position, "differing": changed})


def schema() -> None:
    """Print the GraphQL schema: sijill schema > schema.graphql"""
    from api.graphql.schema import sdl

    print(sdl(), end="")


@contextmanager
def _owned() -> Iterator[Database]:
    """The database as its owner has it, the embedded server started if need be."""
    from api.settings import Settings
    from store.database import Database
    from store.embedded import Embedded

    settings = Settings.read()
    if settings.database_url is not None:
        yield Database(settings.database_url)
        return
    with Embedded(settings.data, say=say) as server:
        yield Database(server.url)


def _head(database: Database) -> int:
    from projections.follow import LOG

    with database.connect() as connection:
        row = connection.execute(LOG["head"]).fetchone()
    assert row is not None
    return int(row[0])
