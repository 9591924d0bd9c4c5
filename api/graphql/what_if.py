"""`whatIf`: the fields at the root once more, as if some of the record were not there, or more."""

# No `from __future__ import annotations`: the annotations are read as objects.

from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON
from strawberry.tools import create_type

from api.graphql import lists, questions
from api.graphql.arguments import Info
from api.graphql.context import Operation
from api.graphql.suppositions import check_reached
from domain.codec import read
from domain.errors import Refused
from domain.sources import Entry
from projections import lookup, what_if

MOST_ENTRIES = 1_000
WHAT_IF = "whatIf"


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
    session, record = operation.supposing, operation.access.instance.record
    assert session is not None  # since the document has this field
    entries = read_entries(with_ or [], "with")
    if entries:
        async with operation.connection() as connection:
            check_reached(session.position, await lookup.head(connection))
    left_out = without or Without()
    given = what_if.Exclusions(
        tuple(left_out.sources or ()),
        tuple(left_out.publishers or ()),
        left_out.grades_below or None,
        tuple(left_out.facts or ()),
    )
    try:
        _, supposed = await session.suppose(
            operation, lambda connection: what_if.suppose(connection, record, given, entries)
        )
    except Refused as refused:
        if "entry" in refused.data:
            raise placed(refused, "with", refused.data["entry"]) from refused
        raise
    return Supposed(supposed)


ROOT_FIELDS = [
    strawberry.field(
        resolver=_what_if,
        name=WHAT_IF,
        graphql_type=WhatIf | None,
        description="The same questions as if some sources or facts were not there, or more.",
    )
]
