"""/e/ID/sources: who says what the record has of an entity."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.node_dates import Row
from api.export.nodes import Nodes
from api.export.views import OF_ENTITY
from api.web.citation_panel import citation_panel
from api.web.page_queries import FACTS, ask_at, bar_of, first_of, read, words_of
from api.web.render import show


async def sources(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/sources: those of its first facts."""
    found = await ask_at(request, state, "entity", id=request.path_params["id"])
    entity, position = found["entity"], state.position(found["log"]["position"])
    facts = await first_of(request, OF_ENTITY["facts"], entity["id"], state, position, FACTS + 1)
    counts = Counter(source["id"] for fact in facts[:FACTS] for source in fact["sources"])
    point, vocabulary = state.point(position), words_of(request)
    listed = await read(
        request,
        lambda connection: Nodes(connection, point, state.lang, vocabulary).sources(list(counts)),
    )
    return await show(
        request,
        state,
        "sources.html",
        tab="sources",
        entity=entity,
        take=await citation_panel(request, state, OF_ENTITY["sources"], position, entity),
        sources=sorted(listed, key=_published, reverse=True),
        counts=counts,
        more=len(facts) > FACTS,
        bar=await bar_of(request, entity["id"], position, state),
    )


def _published(source: Row) -> tuple[str, str]:
    return (source["published"] or {}).get("latest") or "", source["id"]
