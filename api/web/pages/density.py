"""/e/ID/density: how many changes an entity has along the clocks, for a page that can't hold them.

`counts` are of equal parts of the stretch from `low` to `high`, `before` and `after` the changes
nearest to where the clock stands. Days are numbers, 1970-01-01 is 0.
"""

from __future__ import annotations

from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.language.words import words
from api.web.page_queries import ask_at, densities_of
from api.web.pages.chart import check_clocks
from api.web.pages.rectangles import spoken_words
from api.web.render import sent, takes
from domain.dates import today
from domain.errors import Refused

AROUND = 200
"""Days on either side of where a clock stands, for whoever asks for what is `near`."""


@takes("span")
async def density(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/density; `span=near` is of the days around"""
    check_clocks(state)
    span = request.query_params.get("span", "all")
    if span not in ("all", "near"):
        raise Refused("BAD_VALUE", f"{span[:40]!a} is neither all nor near.", field="span")
    found = await ask_at(request, state, "entity", id=request.path_params["id"])
    entity, head = found["entity"]["id"], found["log"]["position"]
    position = state.position(head)
    around = AROUND if span == "near" else None
    told = await densities_of(request, entity, state, position, head, around)
    content = {
        "entity": entity,
        "position": head,
        "today": today(),
        "clocks": [each._asdict() for each in told],
        "words": spoken_words(words(state.lang)),
    }
    return await sent(request, partial(msgspec.json.encode, content), "application/json")
