"""/map: where what holds of an entity is: its members and bases, or what else lies somewhere."""

from __future__ import annotations

import asyncio
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.node_dates import Row
from api.export.nodes import Nodes
from api.export.views import of_entity
from api.language.words import words
from api.web.citation_panel import citation_panel
from api.web.held_order import order_in
from api.web.maps import region
from api.web.page_queries import ask_at, bar_of, point_of, read, rectangles_of, words_of
from api.web.pages.entity import pictures_of, placed, sections_of
from api.web.render import show, takes
from domain.errors import Refused
from domain.point import Point
from domain.vocabulary import Vocabulary
from projections import view_rows
from projections.holdings import mapped

MOST = 12
"""Entities that the page offers."""


@takes("entity", "sort")
async def geography(request: Request, state: PageAddress) -> Response:
    """GET /map; `entity` is whose map; left out, that of the entity with most places."""
    vocabulary = words_of(request)
    point = await point_of(request, state)
    others = await read(
        request, partial(_mapped, point=point, lang=state.lang, vocabulary=vocabulary)
    )
    chosen = request.query_params.get("entity")
    if chosen is None:
        if not others:
            raise Refused("UNKNOWN_ENTITY", "The record has nothing here to draw a map of.")
        chosen = others[0]["id"]
    told = (await ask_at(request, state, "overview", id=chosen))["state"]
    entity, position = told["entity"], told["position"]
    rectangles = await rectangles_of(request, entity["id"], position, state)
    sort = order_in(request.query_params)
    sections, own = await sections_of(request, state, entity["id"], position, rectangles, sort)
    views = of_entity(vocabulary)
    shown = ["members", "bases", *(name for name, section in own.items() if section.rows)]
    return await show(
        request,
        state,
        "map.html",
        entity=entity,
        others=others,
        take=await citation_panel(
            request,
            state,
            views["state"],
            position,
            entity,
            parts=[views[name] for name in shown],
            pictures=pictures_of(entity["id"], sections),
        ),
        members=sections["members"].rows,
        picture=f"/e/{entity['id']}/members/map.png" if sections["members"].rows else None,
        bases=sections["bases"],
        sort=sort,
        own=[
            (each, await asyncio.to_thread(region, each.rows, words(state.lang)))
            for each in own.values()
            if any(row["it"]["iso3166"] or row["it"]["location"] for row in each.rows)
        ],
        region=await asyncio.to_thread(
            region, placed(entity, sections, rectangles, state), words(state.lang)
        ),
        bar=await bar_of(request, entity["id"], position, state, rectangles),
        kept={"entity": entity["id"], "sort": request.query_params.get("sort") or None},
    )


def _mapped(
    connection: view_rows.Connection, *, point: Point, lang: str, vocabulary: Vocabulary
) -> list[Row]:
    ids = mapped(connection, point, MOST)
    found = Nodes(connection, point, lang, vocabulary).entities(ids)
    return [found[id_] for id_ in ids if id_ in found]
