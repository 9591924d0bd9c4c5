"""The count over time of a question, as pages and pictures draw it."""

from __future__ import annotations

from starlette.requests import Request

from api.addresses import PageAddress
from api.graphql.as_of_rows import questions_in
from api.language.labels import RecordLabels
from api.language.words import words
from api.web.count_chart import CountChart, count_chart
from api.web.page_queries import read, words_of
from domain.errors import Refused
from domain.point import Point
from projections.held_counts import held_counts
from projections.view_rows import Connection, rows_by_id


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

    def look(connection: Connection) -> CountChart | None:
        counted = held_counts(connection, asked.fluent, entity, point, inverse=asked.inverse)
        if counted is None:
            return None
        ids = {source for row in counted.reports for source in row["sources"]}
        rows = rows_by_id(connection, "sources_by_id", sorted(ids), point) if ids else {}
        called = {
            id_: row["source"].get("publisher") or row["source"]["title"]
            for id_, row in rows.items()
        }
        return count_chart(counted, point.as_of.latest, called, words(state.lang))

    return await read(request, look)
