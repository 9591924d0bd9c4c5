"""/search: entities, facts and sources by words in either language, on any day."""

from __future__ import annotations

from math import floor
from typing import Any, Final, NamedTuple
from unicodedata import normalize

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.auth import Reader
from api.graphql.lists import LONGEST_SEARCH
from api.language.labels import fact_labels
from api.rest.query_parameters import check_parameters
from api.rest.responses import answer, failed
from api.web.bar import bar
from api.web.page_queries import ask_at, point_of, words_of
from api.web.render import ALWAYS, show, takes
from domain.errors import Refused
from projections.search import MOST_FOUND, Searched, counts

ROWS: Final = 25
FEW: Final = 6
"""Rows of a kind where all kinds are shown."""
PARAMETERS: Final = ("q", "kind", "after")


class FoundGroup(NamedTuple):
    """What is found of a kind, or of any: the first rows, and where the next page is."""

    kind: Searched | None
    rows: list[dict[str, Any]]
    next: str | None


@takes(*PARAMETERS)
async def search(request: Request, state: PageAddress) -> Response:
    """GET /search?q=…; `kind` is one of `Searched` in small letters, `after` a page's cursor."""
    words, kind, after = _words(request), _kind(request), request.query_params.get("after")
    if kind is None and not after:
        told = await ask_at(request, state, "found", text=words, first=FEW)
        pages = [told[kind] for kind in Searched]
        groups = [
            FoundGroup(each, [edge["node"] for edge in told[each]["edges"]], None)
            for each in Searched
        ]
        # The kind with the best match first.
        groups.sort(key=lambda each: -floor(each.rows[0]["score"]) if each.rows else 0)
    else:
        found = await _found(request, state)
        following = found["pageInfo"]["endCursor"] if found["pageInfo"]["hasNextPage"] else None
        pages = [found]
        groups = [FoundGroup(kind, [edge["node"] for edge in found["edges"]], following)]
    counted = await _counted(request, state, words, pages)
    return await show(
        request,
        state,
        "search.html",
        words=words,
        kind=kind and kind.lower(),
        counted={each.lower(): number for each, number in counted.items()},
        groups=groups,
        most=MOST_FOUND,
        is_first=not after,
        bar=bar(state, pages[0]["position"]),
        kept={"q": words or None, "kind": kind and kind.lower()},
    )


async def _counted(
    request: Request, state: PageAddress, words: str, pages: list[dict[str, Any]]
) -> dict[Searched, int]:
    """How much there is of each kind: what a page counted is not looked for again."""
    known = {Searched(each["kind"]): each["number"] for page in pages for each in page["counts"]}
    asked = [kind for kind in Searched if kind not in known]
    if not asked:
        return known
    point, labels = await point_of(request, state), fact_labels(words_of(request))
    text = normalize("NFC", words)

    async def counting(reader: Reader) -> dict[Searched, int]:
        async with reader() as connection:
            return await counts(connection, point, text, labels, asked)

    found: dict[Searched, int] = await request.app.state.access.costly.run(counting)
    return {kind: (known | found)[kind] for kind in Searched}


async def found(request: Request) -> Response:
    """GET /search.json: what the page shows, as GraphQL answers it, with the same parameters."""
    try:
        check_parameters(request.query_params, [*ALWAYS, *PARAMETERS])
        told = await _found(request, PageAddress.read(request))
    except Exception as error:
        return failed(error)
    return answer(
        {"search": told}, headers={"cache-control": "no-cache", "vary": "accept-language"}
    )


async def _found(request: Request, state: PageAddress) -> dict[str, Any]:
    kind = _kind(request)
    found = await ask_at(
        request,
        state,
        "search",
        text=_words(request),
        kinds=None if kind is None else [kind],
        first=ROWS,
        after=request.query_params.get("after") or None,
    )
    told: dict[str, Any] = found["search"]
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
