"""/e/ID/QUESTION/count.svg, the count over time, and /f/ID/knowledge.svg: pictures."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.graphql.as_of_rows import questions_in
from api.language.labels import RecordLabels
from api.language.titles import fact_title
from api.language.words import words
from api.web.claims import maps_of
from api.web.count_chart import CountChart, count_chart
from api.web.page_queries import ask, words_of
from api.web.render import show
from domain.errors import Refused
from domain.point import Point
from projections.asof import sources_by_id
from projections.held_counts import held_counts

SVG = "image/svg+xml; charset=utf-8"


async def count(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/QUESTION/count.svg"""
    name = request.path_params["question"]
    check_clocks(state)
    found = await ask(
        request, "entity", {"id": request.path_params["id"], "lang": state.lang, **state.clocks}
    )
    entity, position = found["entity"], state.position(found["log"]["position"])
    chart = await chart_of(request, state, entity["id"], name, state.point(position))
    if chart is None:
        raise Refused("NOT_FOUND", f"There is no count of {name[:40]!a} to draw here.")
    title = count_title(entity["name"], name, RecordLabels(words(state.lang), words_of(request)))
    return await show(request, state, "count.svg", media_type=SVG, chart=chart, title=title)


async def knowledge(request: Request, state: PageAddress) -> Response:
    """GET /f/ID/knowledge.svg: what was known of the row that a fact begins or ends, and when"""
    check_clocks(state)
    given = {"id": request.path_params["id"], "lang": state.lang, **state.clocks}
    found = await ask(request, "fact", given)
    fact, position = found["fact"], state.position(found["log"]["position"])
    maps = await maps_of(request, state, fact, state.point(position))
    if not maps:
        raise Refused("NOT_FOUND", "The fact begins and ends nothing: there is nothing to draw.")
    title = fact_title(fact, RecordLabels(words(state.lang), words_of(request)))
    return await show(request, state, "knowledge.svg", media_type=SVG, map=maps[0], title=title)


def check_clocks(state: PageAddress) -> None:
    """Refuse what a page would mend: a picture has no field to mend it in. Refused(BAD_VALUE)."""
    for clock in state.unread:
        message = clock.refused or f"{clock.text[:40]!a} can't be read as a date."
        raise Refused("BAD_VALUE", message, field=clock.field)


def count_title(entity: str, question: str, called: RecordLabels) -> str:
    """What the picture shows."""
    text = called.spoken.gettext("%(name)s: %(what)s over time")
    return text % {"name": entity, "what": called.view(question)}


async def chart_of(
    request: Request, state: PageAddress, entity: str, name: str, point: Point
) -> CountChart | None:
    """The chart of a question about a canonical entity; None where there is nothing to draw."""
    asked = next((each for each in questions_in(words_of(request)) if each.name == name), None)
    if asked is None:
        return None
    async with request.app.state.reader() as connection:
        counted = await held_counts(connection, asked.fluent, entity, point, inverse=asked.inverse)
        if counted is None:
            return None
        ids = sorted({source for row in counted.reports for source in row["sources"]})
        rows = await sources_by_id(connection, ids, point) if ids else []
    called = {row["id"]: row["source"].get("publisher") or row["source"]["title"] for row in rows}
    day = point.as_of.latest
    return await asyncio.to_thread(count_chart, counted, day, called, words(state.lang))
