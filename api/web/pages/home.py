"""/: what is in the record, what to ask it, and what it came to know last."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.web.asking import ask
from api.web.render import show
from api.web.state import State

LONGEST_SEARCH = 200


async def home(request: Request, state: State) -> Response:
    """GET /; with `search` what was found."""
    search = request.query_params.get("search", "").strip()[:LONGEST_SEARCH]
    found = await ask(
        request,
        "home",
        {"search": search, "found": bool(search), "lang": state.lang, **state.clocks},
    )
    return show(
        request,
        state,
        "home.html",
        search=search,
        found=[edge["node"] for edge in found.get("entities", {"edges": []})["edges"]],
        coalitions=[edge["node"] for edge in found["coalitions"]["edges"]],
        position=found["log"]["position"],
    )
