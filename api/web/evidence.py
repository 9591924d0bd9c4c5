"""What a template needs to tell a fact: on its own page, and in the drawer beside another one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request

from api.addresses import PageAddress
from api.web.claims import beside
from api.web.event_sentences import named_in
from api.web.marked_text import passage
from api.web.page_queries import ask_at
from domain.dates import iso_of
from domain.errors import Refused
from projections.cited_documents import shown_text

ID: Final = re.compile(r"[a-z0-9][a-z0-9.:_-]*", re.ASCII)
"""What an id may be, and names of people seldom are."""


async def evidence_beside(request: Request, state: PageAddress) -> dict[str, Any] | None:
    """The fact that a page's address names to be told beside it, None if it names none; of one
    that can't be told, why. The page is whole all the same."""
    fact = request.query_params.get("evidence")
    if not fact:
        return None
    try:
        return await evidence(request, state, fact)
    except Refused as refused:
        return {"fact": None, "refused": f"{fact}: {refused.message}"}


async def evidence(request: Request, state: PageAddress, id_: str) -> dict[str, Any]:
    """A fact by its id. Refused(UNKNOWN_FACT)."""
    found = await ask_at(request, state, "fact", id=id_)
    told = found["fact"]
    position = found["log"]["position"]
    at = told_at(told["versions"], iso_of(state.point(position).known_at), state.position(position))
    near = await beside(request, state, told, state.point(state.position(position)))
    cited = [*told["citations"], *(it for each in told["corrections"] for it in each["citations"])]
    await _read_passages(request, cited)
    named = await named_in(
        request,
        state,
        state.position(position),
        events=[each["position"] for each in told["corrections"]],
        facts=told["setAsideBy"],
        entities=[it["attributedTo"] for it in cited if ID.fullmatch(it["attributedTo"] or "")],
    )
    return {
        "named": named,
        "fact": told,
        "maps": near.maps,
        "claims": near.claims,
        "current": at,
        "first_known": min(
            (version["known"]["from"] for version in told["versions"] if version["known"]["from"]),
            default=None,
        ),
        "position": position,
    }


async def _read_passages(request: Request, citations: Sequence[dict[str, Any]]) -> None:
    """Give each citation its `passage`, as it stands in a document that readers may have."""
    placed = [it for it in citations if it["anchor"] and it["anchor"]["start"] is not None]
    texts: dict[str, str | None] = {}
    if placed:
        async with request.app.state.reader() as connection:
            for sha256 in {it["source"]["sha256"] for it in placed}:
                texts[sha256] = await shown_text(connection, sha256)
    for it in citations:
        text = texts.get(it["source"]["sha256"]) if it in placed else None
        it["passage"] = text and passage(text, it["anchor"]["start"], it["anchor"]["end"])


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
