"""`log`: the events of the log in order, who recorded each and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.query import opened_record
from api.terminal import JsonFlag, print_json_list, show

if TYPE_CHECKING:
    from store.database import Database

PAGE = 5_000
"""Events that are read at a time."""


def log(
    after: Annotated[
        int, typer.Option(metavar="POSITION", min=0, help="Only events after this position.")
    ] = 0,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="So many events at most.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """List what was recorded, when and by whom: sijill log --after 500 --limit 20"""
    with opened_record() as instance:
        upto = instance.catch_up()
        found = islice(events(instance.database, after, upto), limit)
        if as_json:
            print_json_list("events", found)
        else:
            _print_table(found)


def events(database: Database, after: int, upto: int) -> Iterator[dict[str, Any]]:
    """The projected events between two positions, the second one included."""
    import asyncio

    import psycopg

    from api.graphql.scalars import write_time
    from projections import lookup
    from store.database import READER

    with asyncio.Runner() as runner:
        connection = runner.run(
            psycopg.AsyncConnection.connect(
                database.url, autocommit=True, **database.session(READER)
            )
        )
        try:
            while True:
                rows, has_next = runner.run(lookup.log(connection, after, upto, PAGE))
                for row in rows:
                    yield {
                        "position": row["position"],
                        "type": row["type"],
                        "id": row["id"],
                        "recordedAt": write_time(row["recorded_at"]),
                        "actor": row["actor"],
                    }
                    after = row["position"]
                if not has_next:
                    return
        finally:
            runner.run(connection.close())


def _print_table(found: Iterable[dict[str, Any]]) -> None:
    """Row by row, since there may be millions: a table would hold them all."""
    for event in found:
        when = event["recordedAt"][:19].replace("T", " ")
        place = f"{event['position']:>9}  {when}Z  {event['actor']:<12}  "
        show(f"{place}{event['type']:<20}  {event['id']}")
