"""/f/ID: a fact, what was ever said of it, and the sources that say so."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import OF_FACT
from api.web.citation_panel import citation_panel
from api.web.page_queries import ask
from api.web.render import show
from domain.dates import iso_of


async def fact(request: Request, state: PageAddress) -> Response:
    """GET /f/ID"""
    told = await evidence(request, state)
    position = state.position(told["position"])
    take = await citation_panel(
        request, state, OF_FACT["fact"], told["fact"]["id"], position, told["fact"]
    )
    return await show(request, state, "fact.html", take=take, **told)


async def drawer(request: Request, state: PageAddress) -> Response:
    """GET /f/ID/evidence: the same without the page round it, for a page that has one."""
    return await show(request, state, "evidence.html", **await evidence(request, state))


async def evidence(request: Request, state: PageAddress) -> dict[str, Any]:
    """What a template needs to tell a fact."""
    found = await ask(
        request, "fact", {"id": request.path_params["id"], "lang": state.lang, **state.clocks}
    )
    told = found["fact"]
    position = found["log"]["position"]
    at = told_at(told["versions"], iso_of(state.point(position).known_at), state.position(position))
    return {
        "fact": told,
        "current": at,
        "first_known": min(
            (version["known"]["from"] for version in told["versions"] if version["known"]["from"]),
            default=None,
        ),
        "position": position,
    }


def told_at(versions: list[dict[str, Any]], known: str, position: int) -> int | None:
    """Which of the versions stands at a point of K and R."""
    for number, version in enumerate(versions):
        k, r = version["known"], version["recorded"]
        if (
            (k["from"] is None or k["from"] <= known)
            and (k["until"] is None or known < k["until"])
            and r["from"] <= position
            and (r["until"] is None or position < r["until"])
        ):
            return number
    return None
