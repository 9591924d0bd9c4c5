"""/f/ID: a fact, what was ever said of it, and the sources that say so."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import OF_FACT
from api.web.citation_panel import citation_panel
from api.web.page_queries import ask
from api.web.render import show
from domain.corrections import Basis
from domain.dates import iso_of
from domain.sources import Stance

OUT_OR_BACK: Final = ("FactRetracted", "FactReinstated")
"""Of these the last one in effect wins."""


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
    at = told_at(told["versions"], iso_of(state.known_day()), state.position(position))
    current = None if at is None else told["versions"][at]
    return {
        "fact": told,
        "life": found["why"]["life"],
        "current": at,
        "retracted": _retracted(told, current),
        "withdrawn": current is None and _withdrawn(told["citations"]),
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


def _retracted(fact: dict[str, Any], current: dict[str, Any] | None) -> dict[str, Any] | None:
    """The retraction that stands, if that is why the fact does not count."""
    if current is not None:
        return None
    last = [each for each in fact["corrections"] if each["type"] in OUT_OR_BACK and _holds(each)]
    return last[-1] if last and last[-1]["type"] == "FactRetracted" else None


def _withdrawn(citations: list[dict[str, Any]]) -> bool:
    """Whether sources had published the fact, and all of them were withdrawn."""
    said = [each["source"] for each in citations if each["stance"] == Stance.SUPPORTS]
    return bool(said) and all(source["withdrawn"] for source in said)


def _holds(correction: dict[str, Any]) -> bool:
    """Whether a correction is in effect: one by evidence has a source that counts."""
    return correction["basis"] != Basis.EVIDENCE or any(
        not citation["source"]["withdrawn"] for citation in correction["citations"]
    )
