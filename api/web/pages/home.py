"""/: what is in the record, what to ask it, and what it came to know last."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import OF_RECORD
from api.web.citation_panel import citation_panel
from api.web.page_queries import ask
from api.web.render import show
from domain.dates import day_of, iso_of
from domain.errors import Refused
from domain.vocabulary import CORRECTIONS
from projections import lookup
from projections.proofs import latest_checkpoint

LATEST = 8
LOOKED_AT = 500
"""Events of the log's end in which corrections are looked for."""
PARTS = ("log", "facts", "sources", "entities", "organisations")


async def home(request: Request, state: PageAddress) -> Response:
    """GET /"""
    async with request.app.state.reader() as connection:
        seen = await lookup.progress(connection)
        behind = await lookup.behind(connection)
        try:
            signed, _ = await latest_checkpoint(connection)
        except Refused:
            signed = 0
    given = {"since": max(0, seen.position - LOOKED_AT), "lang": state.lang, **state.clocks}
    found = await ask(request, "home", given)
    corrections = [event for event in found["log"]["events"] if event["type"] in CORRECTIONS]
    coalitions = [edge["node"] for edge in found["coalitions"]["edges"]]
    return await show(
        request,
        state,
        "home.html",
        coalitions=[{**row, "it": row["organisation"], **_early(row)} for row in coalitions],
        corrections=corrections[-LATEST:][::-1],
        take=await citation_panel(
            request,
            state,
            OF_RECORD["record"],
            None,
            state.position(found["log"]["position"]),
            {"name": None},
            parts=[OF_RECORD[name] for name in PARTS],
        ),
        seen=seen,
        behind=behind,
        signed=signed,
    )


def _early(row: dict[str, Any]) -> dict[str, Any]:
    """A day soon after an organisation began, to ask for; None where the record has none."""
    latest = row["since"]["latest"]
    return {"early": None if latest is None else iso_of(day_of(latest) + 15)}
