"""/f/ID: a fact, what was ever said of it, and the sources that say so."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import OF_FACT
from api.web.citation_panel import citation_panel
from api.web.evidence import evidence
from api.web.render import show


async def fact(request: Request, state: PageAddress) -> Response:
    """GET /f/ID"""
    told = await evidence(request, state, request.path_params["id"])
    position = state.position(told["position"])
    take = await citation_panel(
        request,
        state,
        OF_FACT["fact"],
        position,
        told["fact"],
        rows={"fact": 1},
        pictures={
            "claims": f"/f/{told['fact']['id']}/claims",
            **({"knowledge": f"/f/{told['fact']['id']}/knowledge"} if told["maps"] else {}),
        },
    )
    return await show(
        request,
        state,
        "fact.html",
        take=take,
        picture=f"/f/{told['fact']['id']}/claims.png",
        **told,
    )


async def drawer(request: Request, state: PageAddress) -> Response:
    """GET /f/ID/evidence: the same without the page round it, for a page that has one."""
    told = await evidence(request, state, request.path_params["id"])
    return await show(request, state, "evidence.html", **told)
