"""The count over time of a question, as pages and pictures draw it."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from api.addresses import PageAddress
from api.graphql.as_of_rows import questions_in
from api.language.labels import RecordLabels
from api.language.words import words
from api.web.count_chart import CountChart, count_chart
from api.web.page_queries import words_of
from domain.errors import Refused
from domain.point import Point
from projections.asof import sources_by_id
from projections.held_counts import held_counts


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
