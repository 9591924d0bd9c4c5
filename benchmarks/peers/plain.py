"""Plain strawberry over the same rows: the stock way, its resolvers run by graphql-core.

The same document and answer as Sijill's own. Documents are parsed and validated once, by
strawberry's own cache extensions; one query fetches the rows, sources included, so that there is
no N+1 to blame.
"""

# No `from __future__ import annotations`: strawberry reads the annotations as objects.

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any, NewType, Optional

import strawberry
from fastapi import FastAPI
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.fastapi import GraphQLRouter
from strawberry.schema.config import StrawberryConfig

from benchmarks.floors import SQL
from benchmarks.question import parameters
from store.database import READER, Database

EdtfDate = NewType("EdtfDate", str)
Day = NewType("Day", str)
SCALARS: dict[object, Any] = {
    EdtfDate: strawberry.scalar(name="EDTFDate", serialize=str, parse_value=str),
    Day: strawberry.scalar(name="Date", serialize=str, parse_value=str),
}


@strawberry.type
class DateRange:
    edtf: str | None
    earliest: Day | None = None
    latest: Day | None = None


@strawberry.type
class Member:
    id: strawberry.ID
    kind: str
    name: str
    iso3166: str | None


@strawberry.type
class Fact:
    id: strawberry.ID
    type: str
    when: DateRange


@strawberry.type
class Source:
    id: strawberry.ID
    title: str
    publisher: str | None
    published: DateRange | None


@strawberry.type
class Node:
    member: Member
    standing: str
    contested: bool
    since: DateRange
    until: DateRange | None
    facts: list[Fact]
    sources: list[Source]


@strawberry.type
class Edge:
    node: Node


@strawberry.type
class Count:
    certain: int
    possible: int
    announced: int


@strawberry.type
class Members:
    position: int
    count: Count
    edges: list[Edge]


def _day(number: int | None) -> Any:
    return None if number is None else (date(1970, 1, 1) + timedelta(days=number)).isoformat()


def _dates(edtf: str | None, earliest: int | None, latest: int | None) -> DateRange:
    return DateRange(edtf=edtf, earliest=_day(earliest), latest=_day(latest))


def _node(row: dict[str, Any]) -> Node:
    return Node(
        member=Member(
            id=strawberry.ID(row["id"]),
            kind=row["kind"],
            name=row["name"],
            iso3166=row["iso3166"],
        ),
        standing=row["standing"],
        contested=row["contested"],
        since=_dates(row["since"], row["start_earliest"], row["start_latest"]),
        until=_dates(row["until"], row["end_earliest"], row["end_latest"])
        if row["ended"]
        else None,
        facts=[
            Fact(id=fact["id"], type=fact["type"], when=DateRange(edtf=fact["when"]))
            for fact in row["facts"]
        ],
        sources=[
            Source(
                id=source["id"],
                title=source["title"],
                publisher=source["publisher"],
                published=DateRange(**source["published"]) if source["published"] else None,
            )
            for source in row["sources"] or []
        ],
    )


@strawberry.type
class Query:
    @strawberry.field
    async def members(
        self,
        info: strawberry.Info,
        coalition: strawberry.ID,
        as_of: Optional[EdtfDate] = None,  # noqa: UP045 - NewType has no |
        known_at: Optional[Day] = None,  # noqa: UP045
        at_position: int | None = None,
        first: int | None = None,
    ) -> Members:
        asked = parameters(
            {
                "coalition": coalition,
                "asOf": as_of,
                "knownAt": known_at,
                "atPosition": at_position,
            }
        )
        async with info.context["pool"].connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute(SQL["rows"], asked, prepare=True)
            rows = await cursor.fetchall()
            if at_position is None:
                found = await connection.execute("SELECT position FROM progress", prepare=True)
                (at_position,) = await found.fetchone() or (0,)
        standings = [row["standing"] for row in rows]
        return Members(
            position=at_position,
            count=Count(
                certain=standings.count("CERTAIN"),
                possible=standings.count("POSSIBLE"),
                announced=standings.count("ANNOUNCED"),
            ),
            edges=[Edge(node=_node(row)) for row in rows],
        )


def app() -> FastAPI:
    """For a server's factory: SIJILL_DATABASE_URL says where the rows are."""
    url = os.environ["SIJILL_DATABASE_URL"]
    pool = AsyncConnectionPool(
        url,
        kwargs={**Database(url).session(READER), "autocommit": True},
        min_size=8,
        max_size=8,
        open=False,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    async def context() -> dict[str, Any]:
        return {"pool": pool}

    schema = strawberry.Schema(
        Query,
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[lambda: ParserCache(maxsize=100), lambda: ValidationCache(maxsize=100)],
    )
    made = FastAPI(lifespan=lifespan)
    made.include_router(GraphQLRouter(schema, context_getter=context), prefix="/graphql")
    return made
