"""/log: every event that was recorded, newest first, with what proves it; and the same as Atom."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import LARGEST_POSITION, PageAddress, position_of
from api.export.views import OF_RECORD
from api.language.words import words
from api.web.citation_panel import citation_panel
from api.web.event_sentences import named_in
from api.web.page_queries import ask, words_of
from api.web.pages.feeds import show_feed
from api.web.render import show, takes
from domain.errors import Refused
from domain.vocabulary import ADMINISTRATION
from projections.log_leaves import leaves
from projections.proofs import latest_checkpoint

ROWS = 100
FEED = 50


@takes("before")
async def log(request: Request, state: PageAddress) -> Response:
    """GET /log; `before` is the position before which the page ends."""
    head = (await ask(request, "log", {"after": 0, "first": 1}))["log"]["position"]
    until = min(before_of(request), head + 1)
    events = await events_before(request, until, ROWS)
    after = events[-1]["position"] - 1 if events else 0
    async with request.app.state.reader() as connection:
        hashes = await leaves(connection, after, ROWS)
        try:
            size, note = await latest_checkpoint(connection)
        except Refused:
            size, note = 0, None
    return await show(
        request,
        state,
        "log.html",
        events=events,
        hashes=hashes,
        named=await named_in(request, state, head, events=[each["position"] for each in events]),
        facts=words_of(request).fact_types,
        administration=ADMINISTRATION,
        head=head,
        size=size,
        note=note,
        take=await citation_panel(request, state, OF_RECORD["log"], head),
        older=after + 1 if after > 0 else None,
        newer=until + ROWS if until <= head else None,
    )


async def feed(request: Request, state: PageAddress) -> Response:
    """GET /log/feed.atom (RFC 4287)"""
    head = (await ask(request, "log", {"after": 0, "first": 1}))["log"]["position"]
    events = await events_before(request, head + 1, FEED)
    async with request.app.state.reader() as connection:
        hashes = await leaves(connection, events[-1]["position"] - 1 if events else 0, FEED)
    hashed = [
        {**each, "hash": hashes[each["position"]].hash}
        for each in events
        if each["position"] in hashes
    ]
    title = words(state.lang).gettext("The log")
    return await show_feed(request, state, title, hashed, head)


async def events_before(request: Request, until: int, most: int) -> list[dict[str, Any]]:
    """The last events before a position, newest first: positions may have gaps."""
    after, step = max(0, until - 1 - most), most
    while True:
        found = await ask(request, "log", {"after": after, "first": 5000})
        events = [event for event in found["log"]["events"] if event["position"] < until]
        if len(events) >= most or after == 0:
            return events[-most:][::-1]
        step *= 4
        after = max(0, after - min(step, 4000))


def before_of(request: Request) -> int:
    """The position before which a page of the log ends. Refused(BAD_POSITION)."""
    found = position_of(request.query_params.get("before") or None, "before")
    return LARGEST_POSITION if found is None else found
