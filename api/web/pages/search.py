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
    """What is found of a kind, or of any: the first rows, where the next page is, and whether
    those rows are all that there is of it."""

    kind: Searched | None
    rows: list[dict[str, Any]]
    next: str | None
    is_all: bool


@takes(*PARAMETERS)
async def search(request: Request, state: PageAddress) -> Response:
    """GET /search?q=…; `kind` is one of `Searched` in small letters, `after` a page's cursor."""
    words, kind, after = _words(request), _kind(request), request.query_params.get("after")
    if kind is None and not after:
        told, position = await _of_each(request, state, words)
    else:
        found = await _found(request, state)
        following = found["pageInfo"]["endCursor"] if found["pageInfo"]["hasNextPage"] else None
        rows = [edge["node"] for edge in found["edges"]]
        told = [FoundGroup(kind, rows, following, is_all=not (following or after))]
        position = found["position"]
    counted = await _counted(request, state, words, told)
    return await show(
        request,
        state,
        "search.html",
        words=words,
        kind=kind and kind.lower(),
        counted={each.lower(): number for each, number in counted.items()},
        groups=told,
        most=MOST_FOUND,
        is_first=not after,
        bar=bar(state, position),
        kept={"q": words or None, "kind": kind and kind.lower()},
    )


async def _of_each(
    request: Request, state: PageAddress, words: str
) -> tuple[list[FoundGroup], int]:
    """The first of each kind, the kind with the best match first, and the position."""
    told = await ask_at(request, state, "found", text=words, first=FEW)
    groups = [
        FoundGroup(
            kind,
            [edge["node"] for edge in told[kind]["edges"]],
            None,
            is_all=not told[kind]["pageInfo"]["hasNextPage"],
        )
        for kind in Searched
    ]
    groups.sort(key=lambda each: -floor(each.rows[0]["score"]) if each.rows else 0)
    return groups, told["ENTITY"]["position"]


async def _counted(
    request: Request, state: PageAddress, words: str, told: list[FoundGroup]
) -> dict[Searched, int]:
    """How much there is of each kind: what is shown whole is not looked for again."""
    whole = {group.kind: len(group.rows) for group in told if group.kind and group.is_all}
    asked = [kind for kind in Searched if kind not in whole]
    if not asked:
        return whole
    point, labels = await point_of(request, state), fact_labels(words_of(request))
    text = normalize("NFC", words)

    async def counting(reader: Reader) -> dict[Searched, int]:
        async with reader() as connection:
            return await counts(connection, point, text, labels, asked)

    found: dict[Searched, int] = await request.app.state.access.costly.run(counting)
    return whole | found


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
