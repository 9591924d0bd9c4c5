"""The other fields at the root: what is looked up by id, searched, or listed page by page."""

# No `from __future__ import annotations`: the annotations are read as objects.

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from api.graphql.arguments import (
    USUAL_PAGE,
    After,
    First,
    Info,
    Lang,
    page_size,
    position_after,
    root_field,
)
from api.graphql.context import View
from api.graphql.facts import Fact, fact_of_id, fact_of_row
from api.graphql.questions import State
from api.graphql.types import (
    DateRange,
    Entity,
    PageInfo,
    Source,
    computed,
    entity,
    entity_of_id,
    page_info,
    source,
    source_of_id,
    sources_of,
    written,
)
from domain.entities import EntityKind
from domain.errors import Refused
from projections import asof, lookup
from projections.asof import Row

LONGEST_SEARCH = 200


R = TypeVar("R")
T = TypeVar("T")


@strawberry.type(description="A node in its place.")
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    position: int = strawberry.field(description="The log position that it was answered at.")
    page_info: PageInfo
    edges: list[Edge[T]]


@strawberry.type(description="A measure of an entity, as reported.")
class Quantity:
    measure: str
    value: float
    comparator: str = strawberry.field(description="= > >= or ~ (about).")
    unit: str | None
    when: DateRange
    fact: Fact
    view: strawberry.Private[View]
    cited: strawberry.Private[list[str]]

    @computed()
    async def sources(self) -> list[Source]:
        return await sources_of(self.view, self.cited)


def connection_of(
    view: View,
    rows: Sequence[R],
    has_next: bool,
    after: str | None,
    cursor_of: Callable[[R], str],
    node: Callable[[R], T],
) -> Connection[T]:
    """A page of a list."""
    view.operation.spend(len(rows))
    cursors = [cursor_of(row) for row in rows]
    return Connection(
        position=view.point.position,
        page_info=page_info(cursors, after, has_next),
        edges=[
            Edge(cursor=cursor, node=node(row)) for cursor, row in zip(cursors, rows, strict=True)
        ],
    )


async def entity_field(view: View, id: strawberry.ID) -> Entity | None:  # noqa: A002
    return await entity_of_id(view, id, "id")


async def fact_field(view: View, id: strawberry.ID) -> Fact | None:  # noqa: A002
    return await fact_of_id(view, id)


async def source_field(view: View, id: strawberry.ID) -> Source | None:  # noqa: A002
    return await source_of_id(view, id, "id")


async def state_field(
    view: View,
    entity: strawberry.ID,
) -> Any:
    return State(
        position=view.point.position, entity=await entity_of_id(view, entity, "entity"), view=view
    )


Search = Annotated[
    str | None, strawberry.argument(description="A part of a name in any language, or an id.")
]


async def entities(
    view: View,
    search: Search = None,
    kind: EntityKind | None = None,
    lang: Lang = "en",
    first: First = USUAL_PAGE,
    after: After = None,
) -> Connection[Entity] | None:
    if search is not None and len(search) > LONGEST_SEARCH:
        raise Refused(
            "BAD_VALUE", f"Search for at most {LONGEST_SEARCH} characters.", field="search"
        )
    async with view.operation.connection() as connection:
        listed = await lookup.entities(
            connection,
            view.point,
            search=search and unicodedata.normalize("NFC", search),
            kind=kind,
            lang=lang or "en",
            first=page_size(first),
            after=after,
        )
    return connection_of(view, *listed, after, asof.cursor_of, entity)


async def sources(
    view: View, first: First = USUAL_PAGE, after: After = None
) -> Connection[Source] | None:
    async with view.operation.connection() as connection:
        listed = await lookup.sources(connection, view.point, page_size(first), after)
    return connection_of(view, *listed, after, lookup.source_place, source)


async def facts(
    view: View,
    entity: strawberry.ID | None = None,
    source: strawberry.ID | None = None,
    type: str | None = None,  # noqa: A002
    first: First = USUAL_PAGE,
    after: After = None,
) -> Connection[Fact] | None:
    if source is not None:
        await source_of_id(view, source, "source")
    return await _facts(
        view, entity, source=source, type=type, counting=False, first=first, after=after
    )


async def timeline(
    view: View, entity: strawberry.ID, first: First = USUAL_PAGE, after: After = None
) -> Connection[Fact] | None:
    return await _facts(
        view, entity, source=None, type=None, counting=True, first=first, after=after
    )


async def _facts(
    view: View, entity: str | None, *, first: int | None, after: str | None, **narrowing: Any
) -> Connection[Fact]:
    about = None if entity is None else await view.canonical(entity, "entity")
    async with view.operation.connection() as connection:
        listed = await lookup.facts(
            connection,
            view.point,
            entity=about,
            first=page_size(first),
            after=after,
            vocabulary=view.operation.vocabulary,
            **narrowing,
        )
    return connection_of(
        view, *listed, after, lookup.fact_place, lambda row: fact_of_row(view, row)
    )


async def quantities(
    view: View,
    subject: strawberry.ID,
    measure: str | None = None,
    first: First = USUAL_PAGE,
    after: After = None,
) -> Connection[Quantity] | None:
    about = await view.canonical(subject, "subject")
    async with view.operation.connection() as connection:
        listed = await lookup.quantities(
            connection,
            view.point,
            subject=about,
            measure=measure,
            first=page_size(first),
            after=after,
        )

    def node(row: Row) -> Quantity:
        version = row["version"]
        return Quantity(
            measure=version["measure"],
            value=float(version["value"]),
            comparator=version.get("comparator", "="),
            unit=version.get("unit"),
            when=written(version["when"]),
            fact=fact_of_row(view, row),
            view=view,
            cited=row["sources"],
        )

    return connection_of(view, *listed, after, lookup.fact_place, node)


@strawberry.type(description="An event of the log, without its content.")
class LogEvent:
    position: int
    type: str
    id: strawberry.ID = strawberry.field(
        description="The author's id of the fact, source, entity or correction."
    )
    recorded_at: datetime
    actor: str


@strawberry.type(name="Log", description="A stretch of the log.")
class LogPage:
    position: int = strawberry.field(description="How far the record is projected.")
    events: list[LogEvent]
    has_next_page: bool


async def log(info: Info, after: int | None = 0, first: First = USUAL_PAGE) -> LogPage | None:
    size = page_size(first)
    start = position_after(after)
    operation = info.context
    upto = await operation.position()
    async with operation.connection() as connection:
        listed = await lookup.log(connection, start, upto, size)
    operation.spend(len(listed.rows))
    return LogPage(
        position=upto,
        events=[LogEvent(**row) for row in listed.rows],
        has_next_page=listed.has_next,
    )


ROOT_FIELDS = [
    root_field(
        "state", state_field, "All that holds of an entity, from either side.", kind=State | None
    ),
    root_field("entity", entity_field, "An entity, or what it is merged into."),
    root_field("entities", entities, "Entities by a part of a name, or by kind, ordered by name."),
    root_field("fact", fact_field, "A fact: as it stands, and all that was ever said of it."),
    root_field("facts", facts, "Facts that count or are set aside, ordered by date."),
    root_field("source", source_field, "A source."),
    root_field("sources", sources, "Every source, ordered by id."),
    root_field("timeline", timeline, "The facts about an entity that count, ordered by date."),
    root_field("quantities", quantities, "What was reported of an entity for days up to asOf."),
    strawberry.field(
        resolver=log, name="log", description="The events of the log after a position."
    ),
]
