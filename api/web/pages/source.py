"""/s/ID: a source, what it is worth, and every passage that the record takes from it."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import OF_SOURCE
from api.web.citation_panel import citation_panel
from api.web.event_sentences import named_in
from api.web.evidence import ID
from api.web.marked_text import found_in, lost, marked
from api.web.page_queries import FACTS, ask_at, first_of
from api.web.render import show
from projections.cited_documents import Reading, reading
from store.database import WRITER


async def source(request: Request, state: PageAddress) -> Response:
    """GET /s/ID"""
    id_ = request.path_params["id"]
    found = await ask_at(request, state, "source", id=id_)
    position = state.position(found["log"]["position"])
    facts = await first_of(request, OF_SOURCE["facts"], id_, state, position, FACTS + 1)
    more = len(facts) > FACTS
    del facts[FACTS:]
    for fact in facts:
        fact["cited"] = [each for each in fact["citations"] if each["source"]["id"] == id_]
    document = await asyncio.to_thread(_read, request, id_, position)
    return await show(
        request,
        state,
        "source.html",
        source=found["source"],
        facts=facts,
        more=more,
        position=position,
        take=await citation_panel(
            request,
            state,
            OF_SOURCE["source"],
            position,
            found["source"],
            parts=[OF_SOURCE["facts"]],
        ),
        document=document,
        pieces=marked(document.text, document.places) if document.text else [],
        lost=lost(document.places),
        found=found_in(document.places),
        named=await named_in(
            request,
            state,
            position,
            entities=[
                each["attributedTo"]
                for fact in facts
                for each in fact["cited"]
                if ID.fullmatch(each["attributedTo"] or "")
            ],
        ),
    )


def _read(request: Request, source: str, position: int) -> Reading:
    """Places are told of documents that may not be shown, too: not a reader's session."""
    database = request.app.state.instance.database
    with database.connect(WRITER, default_transaction_read_only="on") as connection:
        return reading(connection, source, position)
