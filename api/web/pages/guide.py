"""/guide: how to read dates, certainty and the three clocks."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.web.render import show

DATES = (
    "2014-09-10",
    "2014-09",
    "2014",
    "201X",
    "2014-21",
    "2014-01~",
    "2010?",
    "[2014..2025-11-03]",
    "[..2025-11-03]",
    "2015-06/2025-11-03",
)


async def guide(request: Request, state: PageAddress) -> Response:
    """GET /guide"""
    return await show(request, state, "guide.html", dates=DATES)
