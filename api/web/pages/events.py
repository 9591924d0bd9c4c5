"""/e/ID/log: what was recorded of an entity, in the order in which the log took it in."""

from __future__ import annotations

from contextlib import closing
from itertools import chain, islice
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import OF_ENTITY
from api.graphql.scalars import write_time
from api.web.citation_panel import citation_panel
from api.web.event_sentences import named_in
from api.web.page_queries import FACTS, ask_at, bar_of, read
from api.web.render import show
from domain.corrections import Correction
from domain.facts import Fact
from domain.point import Point
from projections import view_rows
from projections.view_rows import Connection

MOST = 1_000
"""Events that a page shows."""


class LogRow(NamedTuple):
    """An event that recorded or corrected a fact."""

    position: int
    recorded_at: str
    actor: str
    reason: str | None
    type: str
    fact: str


async def events(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/log: the newest first."""
    found = await ask_at(request, state, "entity", id=request.path_params["id"])
    entity, position = found["entity"], state.position(found["log"]["position"])
    point = state.point(position)
    rows, more = await read(request, lambda connection: _newest(connection, entity["id"], point))
    return await show(
        request,
        state,
        "events.html",
        tab="log",
        entity=entity,
        take=await citation_panel(request, state, OF_ENTITY["log"], position, entity),
        events=rows,
        named=await named_in(request, state, position, events=[row.position for row in rows]),
        more=more,
        bar=await bar_of(request, entity["id"], position, state),
    )


def _newest(connection: Connection, entity: str, point: Point) -> tuple[list[LogRow], bool]:
    """The newest events of the first facts of an entity, each once, and whether there is more."""
    with closing(view_rows.facts(connection, point, entity=entity)) as batches:
        facts = [row["id"] for row in islice(chain.from_iterable(batches), FACTS + 1)]
    said = list(view_rows.said_of(connection, facts[:FACTS], point, most=MOST + 1))
    rows = {
        event.position: LogRow(
            event.position,
            write_time(recorded_at),
            event.actor,
            event.entry.reason if isinstance(event.entry, Correction) else None,
            type(event.entry).__name__,
            name,
        )
        for name, (event, recorded_at) in said[:MOST]
        if isinstance(event.entry, Fact | Correction)
    }
    return list(rows.values()), len(facts) > FACTS or len(said) > MOST
