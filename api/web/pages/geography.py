"""/map: where the members and the bases of a coalition are."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import OF_ENTITY
from api.language.words import words
from api.web.citation_panel import citation_panel
from api.web.maps import region
from api.web.page_queries import ask, bar_of, rectangles_of
from api.web.pages.entity import placed, sections_of
from api.web.render import show, takes
from domain.errors import Refused


@takes("entity")
async def geography(request: Request, state: PageAddress) -> Response:
    """GET /map; `entity` is whose, the first coalition's if left out."""
    given = {"lang": state.lang, **state.clocks}
    chosen = request.query_params.get("entity")
    listed = await ask(request, "organisations", given)
    coalitions = [edge["node"]["organisation"] for edge in listed["coalitions"]["edges"]]
    if chosen is None:
        if not coalitions:
            raise Refused("UNKNOWN_ENTITY", "The record has no coalition here to draw a map of.")
        chosen = coalitions[0]["id"]
    told = (await ask(request, "overview", {"id": chosen, **given}))["state"]
    entity = told["entity"]
    rectangles = await rectangles_of(request, entity["id"], told["position"], state)
    sections = sections_of(told)
    return await show(
        request,
        state,
        "map.html",
        entity=entity,
        coalitions=coalitions,
        take=await citation_panel(
            request,
            state,
            OF_ENTITY["state"],
            entity["id"],
            told["position"],
            entity,
            parts=[OF_ENTITY["members"], OF_ENTITY["bases"]],
        ),
        members=sections["members"].rows,
        bases=sections["bases"].rows,
        region=await asyncio.to_thread(
            region, placed(sections, rectangles, state), words(state.lang)
        ),
        bar=await bar_of(request, entity["id"], told["position"], state, rectangles),
        kept={"entity": entity["id"]},
    )
