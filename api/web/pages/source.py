"""/s/ID: a source, what it is worth, and every passage that the record takes from it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.web.asking import ask
from api.web.render import show
from api.web.state import State


async def source(request: Request, state: State) -> Response:
    """GET /s/ID"""
    id_ = request.path_params["id"]
    found = await ask(request, "source", {"id": id_, "lang": state.lang, **state.clocks})
    facts = [edge["node"] for edge in found["facts"]["edges"]]
    for fact in facts:
        fact["cited"] = [each for each in fact["citations"] if each["source"]["id"] == id_]
    return show(
        request,
        state,
        "source.html",
        source=found["source"],
        facts=facts,
        more=found["facts"]["pageInfo"]["hasNextPage"],
        position=found["log"]["position"],
    )
