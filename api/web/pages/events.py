"""/e/ID/log: what was recorded of an entity, in the order in which the log took it in."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import OF_ENTITY
from api.web.citation_panel import citation_panel
from api.web.event_sentences import named_in
from api.web.page_queries import ask_at, bar_of
from api.web.render import show


async def events(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/log: the newest first."""
    found = await ask_at(request, state, "events", id=request.path_params["id"])
    rows: list[dict[str, Any]] = []
    for edge in found["facts"]["edges"]:
        fact = edge["node"]
        rows.append({**fact, "fact": fact, "reason": None})
        rows += [{**each, "fact": fact} for each in fact["corrections"]]
    position = state.position(found["log"]["position"])
    entity = found["entity"]
    by_position = {(row["position"], row["id"]): row for row in rows}
    return await show(
        request,
        state,
        "events.html",
        tab="log",
        entity=entity,
        take=await citation_panel(request, state, OF_ENTITY["log"], position, entity),
        events=[by_position[key] for key in sorted(by_position, reverse=True)],
        named=await named_in(request, state, position, events=[row["position"] for row in rows]),
        more=found["facts"]["pageInfo"]["hasNextPage"],
        bar=await bar_of(request, entity["id"], position, state),
    )
