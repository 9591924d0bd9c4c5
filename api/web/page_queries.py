"""How a page asks the record: GraphQL's questions, in process, by the code that answers GraphQL.

A page holds no connection: each question borrows one, so that a page that waits for its turn as a
costly question, or renders, keeps none from others. Its questions are of one state of the record
all the same, since they name the position that the first one was answered at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from starlette.requests import Request

from api.addresses import PageAddress
from api.auth import Principal
from api.export.pinned_view import PinnedView, pin
from api.export.reader import Row, first_rows
from api.export.views import OF_ENTITY, ExportView
from api.graphql.context import Access, Operation
from api.graphql.execution import execute
from api.session import Session, SessionPool
from api.web.bar import Bar, bar
from domain.dates import today
from domain.errors import Refusals, Refused
from domain.point import Point
from domain.vocabulary import Vocabulary
from projections import view_rows
from projections.density import Clock, ClockReading, Density, density
from projections.rectangles import Rectangles, of_entity

T = TypeVar("T")

DOCUMENTS = Path(__file__).with_name("questions")
FACTS: Final = 1_000
"""Facts about an entity that its page looks at."""


def words_of(request: Request) -> Vocabulary:
    """The words that the record has now."""
    access: Access = request.app.state.access
    return access.instance.vocabulary.current


async def ask(request: Request, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """GraphQL's `data` for a document of `questions/`. Refused with the code of its error."""
    return await answer(request, document(name), variables)


async def ask_at(
    request: Request, state: PageAddress, name: str, **variables: Any
) -> dict[str, Any]:
    """The same at the clocks of a page, and in its language."""
    return await ask(request, name, {**variables, "lang": state.lang, **state.clocks})


async def answer(
    request: Request, text: str, variables: Mapping[str, Any], principal: Principal | None = None
) -> dict[str, Any]:
    """GraphQL's `data` for a document, asked for someone where it is to write."""
    access: Access = request.app.state.access
    response = await execute(access._replace(principal=principal), text, variables)
    if response.get("errors"):
        error = response["errors"][0]
        first = {**error["extensions"], "message": error["message"]}
        found = first.pop("errors", [first])
        raise Refusals(*(_refused(**each) for each in found)).joined()
    data: dict[str, Any] = response["data"]
    return data


def _refused(code: str, message: str, field: str | None = None, **more: Any) -> Refused:
    return Refused(code, message, field=field, **more)


async def rows_of(
    request: Request, pinned: PinnedView, most: int
) -> tuple[str | None, list[Row], dict[str, Any]]:
    """What `first_rows` gives, as a costly question."""
    return await read(request, lambda connection: first_rows(connection, pinned, most))


async def point_of(request: Request, state: PageAddress) -> Point:
    """The point of the clocks that a page's address names."""
    async with Operation(request.app.state.access) as operation:
        return (await operation.view(state.given())).point


async def read(request: Request, work: Callable[[view_rows.Connection], T]) -> T:
    """What blocking work reads by a connection that it borrows, as a costly question."""
    access, session = request.app.state.access, Session()
    pool: SessionPool = request.app.state.sessions

    def reading() -> T:
        with session.borrowed(pool) as connection:
            return work(connection)

    found: T = await access.costly.run(lambda _: session.work(reading))
    return found


async def facts_of(request: Request, entity: str, state: PageAddress, position: int) -> list[Row]:
    """The first facts about a canonical entity, in the order of their dates."""
    return await first_of(request, OF_ENTITY["facts"], entity, state, position, FACTS)


async def first_of(
    request: Request, view: ExportView, subject: str, state: PageAddress, position: int, most: int
) -> list[Row]:
    """The first rows of a view of what has an id, at a page's clocks and in its language."""
    given = {"asOf": state.as_of or "", "knownAt": state.clocks["knownAt"] or "",
             "atPosition": str(position), "lang": state.lang}  # fmt: skip
    pinned = await pin(request.app.state.access, view, subject, given)
    _, rows, _ = await rows_of(request, pinned, most)
    return rows


async def rectangles_of(
    request: Request, entity: str, position: int, state: PageAddress
) -> Rectangles:
    """What the record says of an entity along publication and record time, as a costly question:
    of a large one it is thousands of rows."""
    known, vocabulary = state.point(position).known_at, words_of(request)
    return await read(
        request, lambda connection: of_entity(connection, entity, position, known, vocabulary)
    )


async def densities_of(
    request: Request,
    entity: str,
    state: PageAddress,
    position: int,
    head: int,
    around: int | None = None,
) -> list[Density]:
    """The changes of an entity along a page's first and second clock, counted."""
    place = ClockReading(state.point(position), today(), head)
    second = Clock.RECORDED if state.by_record else Clock.PUBLISHED
    async with request.app.state.reader() as connection:
        return [
            await density(connection, entity, clock, place, around, words_of(request))
            for clock in (Clock.WORLD, second)
        ]


async def bar_of(
    request: Request,
    entity: str,
    position: int,
    state: PageAddress,
    rectangles: Rectangles | None = None,
) -> Bar:
    """The bar of an entity's page. Changes are counted where a page can't hold them all."""
    if rectangles is None:
        rectangles = await rectangles_of(request, entity, position, state)
    if rectangles.complete:
        return await asyncio.to_thread(bar, state, position, rectangles)
    return bar(
        state, position, counted=await densities_of(request, entity, state, position, position)
    )


@cache
def document(name: str) -> str:
    """A document of `questions/` with the fragments that it names."""
    return with_fragments((DOCUMENTS / f"{name}.graphql").read_text())


def filled(name: str, parts: object) -> str:
    """A document of `questions/templates/`, filled in, with the fragments that it names."""
    return with_fragments(template(name) % parts)


@cache
def template(name: str) -> str:
    """What is filled in."""
    return (DOCUMENTS / "templates" / f"{name}.graphql").read_text()


def with_fragments(text: str) -> str:
    """A document with the fragments of `questions/` that it names."""
    fragments = (DOCUMENTS / "fragments.graphql").read_text().split("\n\n")
    used: list[str] = []
    while missing := [each for each in fragments if each not in used and _names(each, text, *used)]:
        used += missing
    return "\n".join([text, *used])


def _names(fragment: str, *texts: str) -> bool:
    """Whether any of the texts asks for a fragment."""
    name = fragment.split()[1]
    return any(f"...{name} " in text for text in texts)
