"""`migrate`, `rebuild`, `replay` and `schema`: what keeps a record in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.terminal import JsonFlag, bars, print_json, say, show

if TYPE_CHECKING:
    from api.settings import Settings
    from store.database import Database


def migrate(as_json: JsonFlag = False) -> None:
    """Bring the database up to this version's schema, as its owner: sijill migrate"""
    from store.migrations import applied
    from store.migrations import migrate as bring_up

    with owned() as (_, database):
        bring_up(database, say, anew=True)
        with database.connect() as connection:
            names = sorted(applied(connection))
    if as_json:
        print_json({"migrations": names})
    else:
        show(f"The schema is up to date ({len(names)} migrations).")


def rebuild(
    accept: Annotated[
        bool, typer.Option("--accept", help="Swap even if the new answers differ.")
    ] = False,
    engine: Annotated[
        Literal["processes", "spark"],
        typer.Option(help="What works: processes of this machine, or Apache Spark."),
    ] = "processes",
    spark_master: Annotated[
        str,
        typer.Option(metavar="URL", envvar="SIJILL_SPARK_MASTER", help="Spark's master."),
    ] = "local[*]",
    spark_folder: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            envvar="SIJILL_SPARK_FOLDER",
            exists=True,
            file_okay=False,
            writable=True,
            resolve_path=True,
            help="Where the log and the rows are meanwhile, on all of Spark's machines. Left out, "
            "a temporary one of this machine.",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make the answers anew from the whole log, while the old ones answer: sijill rebuild"""
    from projections.rebuild import rebuild as make_anew
    from store.migrations import migrate as bring_up

    spark = None
    if engine == "spark":
        from projections.spark import Spark, is_local

        if spark_folder is None and not is_local(spark_master):
            raise typer.BadParameter(
                f"name a folder that this machine and those of {spark_master} have at the same "
                "path.",
                param_hint="--spark-folder",
            )
        spark = Spark(spark_master, spark_folder)
    with owned() as (_, database), bars() as bar:
        bring_up(database, say)
        seen = bar("Rebuilding", _head(database))
        rebuilt = make_anew(database, accept=accept, engine=spark, seen=seen)
    if as_json:
        changed = [row._asdict() for row in rebuilt.differing]
        print_json({"position": rebuilt.position, "differing": changed})
        return
    for row in rebuilt.differing:
        show(f"{'was' if row.is_first else 'is '} {row.key}: {row.row}")
    show(f"Rebuilt up to position {rebuilt.position}, with {len(rebuilt.differing)} rows changed.")


def replay(
    to_position: Annotated[
        int, typer.Option("--to-position", metavar="N", help="Copy the log up to this position.")
    ],
    out: Annotated[
        str,
        typer.Option(
            metavar="DB",
            help="A database by its connection string, or by its name on the same server; made if "
            "there is none.",
        ),
    ],
    as_json: JsonFlag = False,
) -> None:
    """Copy the record as it stood, to be asked apart: sijill replay --to-position 536 --out then"""
    from api.instance import opened
    from api.settings import Settings
    from projections.follower import catch_up
    from store.database import Database, is_name
    from store.replay import replay as copy

    settings = Settings.read()
    with opened(settings, say) as instance, bars() as bar:
        source = instance.database
        target = source.named(out) if is_name(out) else Database(out)
        copied = copy(source, target, to_position, say, bar("Copying the log", None))
        with target.connect() as connection:
            catch_up(connection, seen=bar("Projecting it", to_position))
    root = copied.root.hex()
    if as_json:
        print_json(
            {"position": to_position, "events": copied.size, "root": root, "out": target.name}
        )
        return
    show(f"{copied.size:,} events up to position {to_position} are copied; their root is {root}.")
    if is_name(out) and settings.database_url is None:
        show(f"Ask there with SIJILL_DATABASE_URL={out}.")


def schema() -> None:
    """Print the GraphQL schema: sijill schema > schema.graphql"""
    from api.graphql.schema import sdl

    print(sdl(), end="")


@contextmanager
def owned() -> Iterator[tuple[Settings, Database]]:
    """The settings, and the database as its owner has it; starts the embedded server if need be."""
    from api.settings import Settings
    from store.embedded import Embedded

    settings = Settings.read()
    if settings.database_url is not None:
        yield settings, settings.at(settings.database_url)
        return
    with Embedded(settings.data, say=say) as server:
        yield settings, settings.at(server.url)


def _head(database: Database) -> int:
    from projections.follower import LOG

    with database.connect() as connection:
        row = connection.execute(LOG["head"]).fetchone()
    assert row is not None
    return int(row[0])
