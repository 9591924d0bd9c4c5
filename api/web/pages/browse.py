"""/browse: what the record holds, counted; /entities, /sources and /facts: lists of all of it.

A list is narrowed and ordered by its address, has pages, and its files have all that it has.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.node_dates import Row
from api.export.nodes import Nodes
from api.export.pinned_view import PinnedView, pin
from api.export.views import OF_RECORD
from api.web.citation_panel import citation_panel
from api.web.page_queries import point_of, read, words_of
from api.web.render import Page, show, takes
from domain.errors import Refused
from domain.point import Point
from domain.vocabulary import Vocabulary
from projections import view_rows
from projections.holdings import (
    LAST_PAGE,
    MOST,
    SORTS,
    Counted,
    Doubt,
    Holdings,
    ListOffset,
    check,
    entities,
    entity_condition,
    fact_condition,
    facts,
    holdings,
    source_condition,
    sources,
    years,
)

ROWS: Final = 100
NARROWINGS: Final = {name for listed in SORTS for name in OF_RECORD[listed].takes}


class BrowseContents(NamedTuple):
    """What the record holds, and its facts by year."""

    holdings: Holdings
    years: list[Counted]


class BrowsedList(NamedTuple):
    """A page of a list: rows as JSON has them, each with how many facts it is in."""

    rows: list[Row]
    facts: list[int]
    total: int
    letters: list[Counted]


async def browse(request: Request, state: PageAddress) -> Response:
    """GET /browse: how much there is of everything, each with the list of it"""
    point = await point_of(request, state)
    found = await read(request, partial(_contents, point=point, vocabulary=words_of(request)))
    return await show(
        request,
        state,
        "browse.html",
        held=found.holdings,
        years=found.years,
        most=MOST,
        take=await citation_panel(
            request,
            state,
            OF_RECORD["record"],
            point.position,
            parts=[OF_RECORD[name] for name in SORTS],
        ),
    )


def _contents(
    connection: view_rows.Connection, *, point: Point, vocabulary: Vocabulary
) -> BrowseContents:
    return BrowseContents(holdings(connection, point, vocabulary), years(connection, point))


def listed(name: str) -> Page:
    """The page of a list: entities, sources or facts."""
    view = OF_RECORD[name]

    @takes(*view.takes, "letter", "sort", "page")
    async def endpoint(request: Request, state: PageAddress) -> Response:
        given = request.query_params
        sort = given.get("sort") or SORTS[name][0]
        check(sort, SORTS[name], "sort")
        page = _page(given.get("page", ""))
        at = ListOffset(ROWS, (page - 1) * ROWS, state.lang, given.get("letter", "")[:1].casefold())
        pinned = await pin(request.app.state.access, view, None, {**given, "lang": state.lang})
        found = await read(request, partial(_list, name, pinned, sort, at))
        narrowing = pinned.narrowing
        return await show(
            request,
            state,
            "browse_list.html",
            name=name,
            given={**dict.fromkeys(NARROWINGS), **narrowing},
            kept={**narrowing, "letter": at.letter or None, "sort": given.get("sort") or None},
            found=found,
            most=MOST,
            page=page,
            pages=min(-(-found.total // ROWS), LAST_PAGE),
            sort=sort,
            sorts=SORTS[name],
            letter=at.letter,
            doubts=list(Doubt),
            take=await citation_panel(
                request,
                state,
                view,
                pinned.moment.position,
                more=narrowing,
                rows={view.name: found.total if found.total <= MOST else None},
            ),
        )

    return endpoint


def _page(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and 0 < int(text[:5]) <= LAST_PAGE):
        raise Refused(
            "BAD_VALUE", f"{text[:40]!a} is no page: write 1 to {LAST_PAGE:,}.", field="page"
        )
    return int(text)


def _list(
    name: str, pinned: PinnedView, sort: str, at: ListOffset, connection: view_rows.Connection
) -> BrowsedList:
    point, given, words = pinned.moment.point, pinned.narrowing, pinned.vocabulary
    nodes = Nodes(connection, point, pinned.lang, words)
    if name == "facts":
        ids, total = facts(connection, point, fact_condition(point, given, words), sort, at)
        rows = view_rows.facts_by_id(connection, point, ids)
        return BrowsedList(list(nodes.facts([rows[id_] for id_ in ids])), [], total, [])
    if name == "sources":
        condition = source_condition(given)
        found = sources(connection, point, condition, sort, at)
        told: list[Row] = [nodes.source_node(row) for row in found.rows]
    else:
        condition = entity_condition(connection, given, words)
        found = entities(connection, point, condition, sort, at)
        told = [nodes.entity_node(row) for row in found.rows]
    counts: list[Any] = [row["facts"] for row in found.rows]
    return BrowsedList(told, counts, found.total, found.letters)


LISTS: Final[dict[str, Page]] = {f"/{name}": listed(name) for name in SORTS}
"""Path → the page of the list there."""
