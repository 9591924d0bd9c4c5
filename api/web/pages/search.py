"""/search: entities, facts and sources by words in either language, on any day."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.graphql.errors import failure
from api.graphql.lists import LONGEST_SEARCH
from api.rest.query_parameters import check_parameters
from api.rest.responses import answer, refused
from api.web.bar import bar
from api.web.page_queries import ask
from api.web.render import ALWAYS, show, status_of, takes
from domain.errors import Refused
from projections.search import Searched

ROWS: Final = 25
PARAMETERS: Final = ("q", "kind", "after")


@takes(*PARAMETERS)
async def search(request: Request, state: PageAddress) -> Response:
    """GET /search?q=…; `kind` is one of `Searched` in small letters, `after` a page's cursor."""
    found = await _found(request, state)
    words, kind = _words(request), _kind(request)
    return await show(
        request,
        state,
        "search.html",
        words=words,
        kind=kind and kind.lower(),
        kinds=[each.lower() for each in Searched],
        rows=[edge["node"] for edge in found["edges"]],
        next=found["pageInfo"]["endCursor"] if found["pageInfo"]["hasNextPage"] else None,
        is_first=not request.query_params.get("after"),
        bar=bar(state, found["position"]),
        kept={"q": words or None, "kind": kind and kind.lower()},
    )


async def found(request: Request) -> Response:
    """GET /search.json: what the page shows, as GraphQL answers it, with the same parameters."""
    try:
        check_parameters(request.query_params, [*ALWAYS, *PARAMETERS])
        told = await _found(request, PageAddress.read(request))
    except Refused as problem:
        return refused(status_of(problem.code), problem.code, problem.message, field=problem.field)
    except Exception as error:
        told = failure(error)
        code = told["extensions"]["code"]
        return refused(status_of(code), code, told["message"])
    return answer(
        {"search": told}, headers={"cache-control": "no-cache", "vary": "accept-language"}
    )


async def _found(request: Request, state: PageAddress) -> dict[str, Any]:
    kind = _kind(request)
    variables = {
        "text": _words(request),
        "kinds": None if kind is None else [kind],
        "first": ROWS,
        "after": request.query_params.get("after") or None,
        "lang": state.lang,
        **state.clocks,
    }
    told: dict[str, Any] = (await ask(request, "search", variables))["search"]
    return told


def _words(request: Request) -> str:
    return request.query_params.get("q", "").strip()[:LONGEST_SEARCH]


def _kind(request: Request) -> Searched | None:
    given = request.query_params.get("kind", "")
    if not given:
        return None
    for kind in Searched:
        if given == kind.lower():
            return kind
    known = ", ".join(each.lower() for each in Searched)
    raise Refused("BAD_VALUE", f"There is no {given[:40]!a} to search for: {known}.", field="kind")
