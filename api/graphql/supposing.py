"""`whatIf`: the fields at the root once more, as if some of the record were not there, or more."""

# No `from __future__ import annotations`: the annotations are read as objects.

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import psycopg
import strawberry
from strawberry.scalars import JSON
from strawberry.tools import create_type

from api.graphql import lists, questions
from api.graphql.arguments import Info
from api.graphql.context import LONGEST_QUERY, Operation
from domain.codec import read
from domain.errors import Refused
from domain.sources import Entry
from projections import whatif
from projections.asof import Connection
from projections.whatif import Supposition
from store.database import READER, Database

MOST_ENTRIES = 1_000


@strawberry.input(description="What counts for nothing, as if withdrawn from the beginning.")
class Without:
    sources: list[strawberry.ID] | None = strawberry.UNSET
    publishers: list[str] | None = strawberry.UNSET
    grades_below: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="C leaves out sources of reliability D to F; C3 also of credibility 4 to 6.",
    )
    facts: list[strawberry.ID] | None = strawberry.UNSET


def read_entries(entries: list[Any], field: str) -> list[Entry]:
    """Entries as a record file has them. Refused with the place of the one that is wrong."""
    if len(entries) > MOST_ENTRIES:
        raise Refused(
            "TOO_COSTLY",
            f"A request has at most {MOST_ENTRIES} entries: send several, or import a file.",
            field=field,
        )
    found = []
    for number, entry in enumerate(entries):
        try:
            found.append(read(entry))
        except Refused as refused:
            raise placed(refused, field, number) from refused
    return found


def placed(refused: Refused, field: str, number: object) -> Refused:
    """A refusal of the entry of a number, with where it is."""
    where = f"{field}[{number}]" + (f".{refused.field}" if refused.field else "")
    data = {key: value for key, value in refused.data.items() if key != "entry"}
    return Refused(refused.code, refused.message, field=where, **data)


@asynccontextmanager
async def supposed_session(
    database: Database, supposition: Supposition
) -> AsyncIterator[Connection]:
    """A session of its own in which the projections answer as if; it is gone afterwards."""
    connection = await psycopg.AsyncConnection.connect(
        database.url,
        autocommit=True,
        **database.session(READER, statement_timeout=f"{LONGEST_QUERY}s"),
    )
    async with connection:
        await whatif.install_async(connection, supposition)
        yield connection


async def supposed(operation: Operation, supposition: Supposition) -> Operation:
    """An operation within another that answers as if."""
    session = await operation.enter(
        supposed_session(operation.access.instance.database, supposition)
    )

    @asynccontextmanager
    async def reader() -> AsyncIterator[Connection]:
        yield session

    return await operation.enter(Operation(operation.access._replace(reader=reader, lease=None)))


WhatIf: Any = create_type("WhatIf", [*questions.ROOT_FIELDS, *lists.ROOT_FIELDS])
WhatIf.__doc__ = "The record as if."


class Supposed(WhatIf):  # type: ignore[misc]
    """The value that WhatIf's fields are asked of."""

    def __init__(self, supposed: Operation) -> None:
        self.supposed = supposed


async def _what_if(
    info: Info,
    without: Without | None = strawberry.UNSET,
    with_: Annotated[
        list[JSON] | None,
        strawberry.argument(name="with", description="Entries as a record file has them."),
    ] = strawberry.UNSET,
) -> WhatIf:
    operation = info.context
    instance, head = operation.access.instance, await operation.position()
    entries = read_entries(with_ or [], "with")
    left_out = without or Without()
    given = whatif.Without(
        tuple(left_out.sources or ()),
        tuple(left_out.publishers or ()),
        left_out.grades_below or None,
        tuple(left_out.facts or ()),
    )
    try:
        supposition = await operation.in_session(
            lambda connection: whatif.suppose(connection, instance.record, given, entries, head)
        )
    except Refused as refused:
        if "entry" in refused.data:
            raise placed(refused, "with", refused.data["entry"]) from refused
        raise
    return Supposed(await supposed(operation, supposition))


ROOT_FIELDS = [
    strawberry.field(
        resolver=_what_if,
        name="whatIf",
        graphql_type=WhatIf | None,
        description="The same questions as if some sources or facts were not there, or more.",
    )
]
