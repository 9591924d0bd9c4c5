"""/e/ID/log: what was recorded of an entity, in the order in which the log took it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.node_dates import Row
from api.export.views import OF_ENTITY
from api.graphql.scalars import write_time
from api.web.citation_panel import citation_panel
from api.web.event_sentences import named_in
from api.web.page_queries import FACTS, ask_at, bar_of, first_of
from api.web.render import show
from domain.corrections import Correction
from domain.facts import Fact
from domain.point import Point
from projections import lookup


class LogRow(NamedTuple):
    """An event that recorded or corrected a fact."""

    position: int
    id: str
    recorded_at: str
    actor: str
    reason: str | None
    fact: Row


async def events(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/log: the newest first."""
    found = await ask_at(request, state, "entity", id=request.path_params["id"])
    entity, position = found["entity"], state.position(found["log"]["position"])
    facts = await first_of(request, OF_ENTITY["facts"], entity["id"], state, position, FACTS + 1)
    rows = await _events_of(request, facts[:FACTS], state.point(position))
    return await show(
        request,
        state,
        "events.html",
        tab="log",
        entity=entity,
        take=await citation_panel(request, state, OF_ENTITY["log"], position, entity),
        events=rows,
        named=await named_in(request, state, position, events=[row.position for row in rows]),
        more=len(facts) > FACTS,
        bar=await bar_of(request, entity["id"], position, state),
    )


async def _events_of(request: Request, facts: Sequence[Row], point: Point) -> list[LogRow]:
    """The facts' own events and their corrections, each once, the newest first."""
    by_id = {fact["id"]: fact for fact in facts}
    async with request.app.state.reader() as connection:
        files = await lookup.files(connection, list(by_id), point)
    rows = {
        event.position: LogRow(
            event.position,
            event.entry.id,
            write_time(recorded_at),
            event.actor,
            event.entry.reason if isinstance(event.entry, Correction) else None,
            by_id[name],
        )
        for name, file in files.items()
        for event, recorded_at in file
        if isinstance(event.entry, Fact | Correction)
    }
    return [rows[position] for position in sorted(rows, reverse=True)]
