"""`whatIf`: the fields at the root once more, as if some of the record were not there, or more."""

# No `from __future__ import annotations`: the annotations are read as objects.

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON
from strawberry.tools import create_type

from api.graphql.arguments import Info
from api.graphql.context import Operation
from api.graphql.suppositions import check_reached
from domain.codec import read
from domain.definitions import Definition
from domain.errors import Refusals, Refused
from domain.sources import Entry
from domain.vocabulary import DEFINITIONS, Vocabulary
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


async def read_entries(
    operation: Operation, entries: list[Any], field: str, may: Callable[[Entry], None]
) -> list[Entry]:
    """Entries as a record file has them. Refused with the place of the one that is wrong, or that
    `may` refuses.

    What is refused by the words that are known here is read again by those that the record has now.
    """
    try:
        return _read_entries(entries, field, operation.vocabulary, may)
    except Refused:
        if not await take_definitions_in(operation):
            raise
    return _read_entries(entries, field, operation.vocabulary, may)


async def take_definitions_in(operation: Operation) -> bool:
    """Read what the record has defined since; whether there is any."""
    return await asyncio.to_thread(operation.access.instance.vocabulary.refresh)


def _read_entries(
    entries: list[Any], field: str, vocabulary: Vocabulary, may: Callable[[Entry], None]
) -> list[Entry]:
    if len(entries) > MOST_ENTRIES:
        raise Refused(
            "TOO_COSTLY",
            f"A request has at most {MOST_ENTRIES} entries: send several, or import a file.",
            field=field,
        )
    found, refusals = [], Refusals()
    for number, entry in enumerate(entries):
        try:
            taken = read(entry, vocabulary)
            may(taken)
            if isinstance(taken, Definition):
                vocabulary = vocabulary.extended(taken)
            found.append(taken)
        except Refused as refused:
            refusals.add(placed(refused, field, number))
            if isinstance(entry, dict) and str(entry.get("type")) in DEFINITIONS:
                break  # whether later entries use it can't be known
    if refusals:
        raise refusals.joined()
    return found


def placed(refused: Refused, field: str, number: object) -> Refused:
    """A refusal of the entry of a number, with where it is; all that it carries, each with its own
    place."""

    def with_place(each: Refused) -> Refused:
        where = f"{field}[{each.data.get('entry', number)}]"
        data = {key: value for key, value in each.data.items() if key != "entry"}
        where += f".{each.field}" if each.field else ""
        return Refused(each.code, each.message, field=where, **data)

    return Refusals(*map(with_place, Refusals(refused).first)).joined()


class Supposed:
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
) -> Any:
    operation = info.context
    session, record = operation.supposing, operation.access.instance.record
    assert session is not None  # since the document has this field
    entries = await read_entries(operation, with_ or [], "with", lambda entry: None)
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


def root_fields(supposed: list[Any]) -> list[Any]:
    """The field at the root, whose own fields are some of the root's."""
    kind: Any = create_type("WhatIf", supposed, description="The record as if.")
    return [
        strawberry.field(
            resolver=_what_if,
            name=WHAT_IF,
            graphql_type=kind | None,
            description="The same questions as if some sources or facts were not there, or more.",
        )
    ]
