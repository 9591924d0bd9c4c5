"""/e/ID/sources: who says what the record has of an entity."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import OF_ENTITY
from api.web.citation_panel import citation_panel
from api.web.page_queries import ask_at, bar_of
from api.web.render import show


async def sources(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/sources"""
    found = await ask_at(request, state, "sources", id=request.path_params["id"])
    by_id: dict[str, dict[str, Any]] = {}
    for edge in found["facts"]["edges"]:
        for source in edge["node"]["sources"]:
            by_id.setdefault(source["id"], {**source, "facts": []})["facts"].append(edge["node"])
    listed = sorted(
        by_id.values(), key=lambda it: ((it["published"] or {}).get("latest") or "", it["id"])
    )
    position = state.position(found["log"]["position"])
    entity = found["entity"]
    return await show(
        request,
        state,
        "sources.html",
        tab="sources",
        entity=entity,
        take=await citation_panel(request, state, OF_ENTITY["sources"], position, entity),
        sources=listed[::-1],
        bar=await bar_of(request, entity["id"], position, state),
    )
