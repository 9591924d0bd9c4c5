"""/edit/recorded: what was recorded by a form, and where it shows."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress, position_of
from api.web.editing import editor_session
from api.web.editing.editing_page import show_editing
from api.web.page_queries import ask
from domain.errors import Refused


async def recorded(request: Request, state: PageAddress) -> Response:
    """GET /edit/recorded?event=ID&position=N: what the log has there, and where it shows"""
    given = request.query_params
    position, id_ = position_of(given.get("position")), given.get("event", "")
    told = given.get("fact", id_)
    after = max(0, (position or 0) - 1)
    log = (await ask(request, "log", {"after": after, "first": 1}))["log"]
    event = next((it for it in log["events"] if it["id"] == id_), None)
    if position is None or event is None:
        raise Refused("NOT_FOUND", f"The log has no event {id_[:128]!a} at that position.")
    who = await editor_session.signed_in(request)
    values: dict[str, Any] = {"fact": None, "source": None, "entities": []}
    if entity := given.get("entity"):
        found = await ask(request, "named", {"id": entity, "lang": state.lang})
        values["entities"] = [found["entity"]]
    elif source := given.get("source"):
        found = await ask(request, "source", {"id": source, "lang": state.lang})
        values["source"] = found["source"]
    else:
        found = await ask(request, "fact", {"id": told, "lang": state.lang})
        values |= {
            "fact": found["fact"],
            "entities": [it["entity"] for it in found["fact"]["subjects"]],
        }
    return await show_editing(request, state, "edit_recorded.html", who, event=event, **values)
