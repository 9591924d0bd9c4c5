"""/e/ID/QUESTION/map.png and its like: answers as pictures, each as SVG and as PNG.

A picture has its title, the point of the clocks, its sources and the log position within it. The
same address, with its day and position, has the same bytes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.pinned_view import PinnedView, pin
from api.export.views import of_entity
from api.graphql.context import Access
from api.language.counts import count_words
from api.language.labels import RecordLabels
from api.language.titles import fact_title, view_title
from api.language.words import Words, words
from api.rest.cross_origin import shared
from api.web import atlas
from api.web.bar import holds
from api.web.claims import SourceClaim, beside
from api.web.claims_picture import claims_picture
from api.web.maps import region
from api.web.page_queries import ask_at, rectangles_of, rows_of, words_of
from api.web.pages.chart import chart_of, check_clocks
from api.web.picture_frame import TextLine, framed
from api.web.png import png
from api.web.render import Page, environment, in_xml, sent
from api.web.timeline import timeline
from api.web.timeline_picture import timeline_picture
from domain.dates import iso_of, today
from domain.errors import Refused

SVG, PNG = "image/svg+xml; charset=utf-8", "image/png"
ROWS: Final = 500
KEPT: Final = "public, max-age=3600"
"""What it says never changes; how it is drawn may, with the next version of the program."""
WIDE: Final = 1120
WORLD: Final = Path(__file__).parents[1] / "vendor" / atlas.WORLD
STANDINGS: Final = ("certain", "possible", "announced")


class Drawing(NamedTuple):
    """What is drawn in a frame: `shape` is how, `it` what, `kinds` those of the legend.

    A card has no sources, and no position where its page has none."""

    shape: str
    title: str
    point: str
    sources: list[str] | None
    position: int | None
    kinds: list[str]
    body: float
    it: Any = None
    lines: list[TextLine] = []  # noqa: RUF012 — a named tuple's field


Draw = Callable[[Request, PageAddress], Awaitable[Drawing]]


class PicturedAnswer(NamedTuple):
    """The answer to a question about an entity, its title, and who says so."""

    pinned: PinnedView
    name: str
    rows: list[dict[str, Any]]
    title: str
    point: str
    sources: list[str]


async def answered(request: Request, state: PageAddress) -> PicturedAnswer:
    """The question of a picture's address. Refused(NOT_FOUND) where there is none."""
    question = request.path_params["question"]
    view = of_entity(words_of(request)).get(question)
    if view is None or view.question is None:
        raise Refused("NOT_FOUND", f"There is no question {question[:40]!a} to draw.")
    check_clocks(state)
    access: Access = request.app.state.access
    given = {name: str(value) for name, value in state.clocks.items() if value is not None}
    pinned = await pin(access, view, request.path_params["id"], {**given, "lang": state.lang})
    name, rows, counts = await rows_of(request, pinned, ROWS)
    called = RecordLabels(words(state.lang), words_of(request))
    count = counts[view.name]
    title = called.spoken.gettext(": ").join((str(name), count_words(count, question, called)))
    point = view_title(question, name, pinned.moment.variables(), None, called)
    cited = [source for row in rows for source in row["sources"]]
    return PicturedAnswer(pinned, str(name), rows, title, point, _called(cited))


async def count(request: Request, state: PageAddress) -> Drawing:
    """GET /e/ID/QUESTION/count.svg and .png: the count over time"""
    found = await answered(request, state)
    pinned = found.pinned
    chart = await chart_of(request, state, pinned.ids[-1], pinned.view.name, pinned.moment.point)
    if chart is None:
        name = pinned.view.name
        raise Refused("NOT_FOUND", f"There is no count of {name[:40]!a} to draw here.")
    kinds = [*STANDINGS, *(["reported"] if chart.dots else [])]
    return _of(found, "count", kinds, WIDE * 0.24, chart)


async def geography(request: Request, state: PageAddress) -> Drawing:
    """GET /e/ID/QUESTION/map.svg and .png: where it holds"""
    found = await answered(request, state)
    kinds = [*STANDINGS, "contested"]
    rows = [{**row, "it": row["entity"]} for row in found.rows]
    if any(row["it"]["iso3166"] for row in rows):
        return _of(found, "world", kinds, WIDE * 0.345, rows)
    drawn = await asyncio.to_thread(region, rows, words(state.lang))
    if drawn is None:
        raise Refused("NOT_FOUND", "Nothing that holds here lies somewhere: there is no map.")
    return _of(found, "region", kinds, min(520, WIDE * drawn.height / drawn.width), drawn)


async def timelines(request: Request, state: PageAddress) -> Drawing:
    """GET /e/ID/timeline.svg and .png: what held, and when"""
    check_clocks(state)
    found = await ask_at(request, state, "entity", id=request.path_params["id"])
    entity, position = found["entity"], state.position(found["log"]["position"])
    point = state.point(position)
    rectangles = await rectangles_of(request, entity["id"], position, state)
    called = RecordLabels(words(state.lang), words_of(request))

    def drawn() -> Drawing:
        told = timeline(
            rectangles, entity["id"], point.as_of.latest, point.known_at, position, called
        )
        if told is None:
            raise Refused("NOT_FOUND", "The record knows nothing of it to draw along time.")
        it = timeline_picture(told, called)
        kinds = [*STANDINGS, "contested", "reported"]
        title = called.spoken.gettext(": ").join((entity["name"], called.view("timeline")))
        cited = Counter(
            rectangles.source_names[source]
            for row in rectangles.intervals
            if holds(row["known"], point.known_at) and holds(row["recorded"], position)
            for source in row["sources"]
            if source in rectangles.source_names
        )
        return Drawing(
            "timeline", title, _point(state, entity["name"], called),
            [name for name, _ in cited.most_common()], position, kinds, it.height, it, it.lines,
        )  # fmt: skip

    return await asyncio.to_thread(drawn)


async def claims(request: Request, state: PageAddress) -> Drawing:
    """GET /f/ID/claims.svg and .png: who says what of a fact, and of those that it contradicts"""
    return await _of_fact(request, state, "claims")


async def knowledge(request: Request, state: PageAddress) -> Drawing:
    """GET /f/ID/knowledge.svg and .png: what was known of the row of a fact, and when"""
    return await _of_fact(request, state, "knowledge")


async def _of_fact(request: Request, state: PageAddress, shape: str) -> Drawing:
    check_clocks(state)
    found = await ask_at(request, state, "fact", id=request.path_params["id"])
    fact, position = found["fact"], state.position(found["log"]["position"])
    near = await beside(request, state, fact, state.point(position))
    called = RecordLabels(words(state.lang), words_of(request))
    title = fact_title(fact, called)
    told = near.claims or [SourceClaim(fact, citation) for citation in fact["citations"]]
    point = _known(state, called.spoken)
    sources = _called(claim.citation["source"] for claim in told)
    if shape == "claims":
        lines, height = claims_picture(told, called)
        return Drawing("claims", title, point, sources, position, [], height, None, lines)
    if not near.maps:
        raise Refused("NOT_FOUND", "The fact begins and ends nothing: there is nothing to draw.")
    it = near.maps[0]
    return Drawing("knowledge", title, point, sources, position, it.kinds, 480, it)


def _known(state: PageAddress, spoken: Words) -> str:
    """By when it was known, as a sentence."""
    day = spoken.edtf(state.known_at or iso_of(today()))
    return spoken.gettext("As known by %(day)s.") % {"day": day}


def _point(state: PageAddress, name: str, called: RecordLabels) -> str:
    """The point of the clocks as a sentence."""
    known = state.clocks["knownAt"]
    at = {"asOf": state.as_of or iso_of(today()), **({"knownAt": known} if known else {})}
    return view_title("state", name, at, None, called)


def _of(found: PicturedAnswer, shape: str, kinds: list[str], body: float, it: Any) -> Drawing:
    position = found.pinned.moment.position
    return Drawing(shape, found.title, found.point, found.sources, position, kinds, round(body), it)


def _called(sources: Iterable[Mapping[str, Any]]) -> list[str]:
    """Sources by their publishers, else by their titles, the most cited first."""
    named = Counter(source["publisher"] or source["title"] for source in sources)
    return [name for name, _ in named.most_common()]


def svg(drawing: Drawing, lang: str) -> str:
    """A drawing in its frame."""
    spoken = words(lang)
    _ = spoken.gettext
    named = {
        "certain": _("Certain"), "possible": _("Possible"), "announced": _("Announced"),
        "contested": _("Contested"), "reported": _("Reported by a source"),
        "set_aside": _("Set aside"),
    }  # fmt: skip
    frame = framed(
        drawing.title,
        drawing.point,
        drawing.sources,
        drawing.position,
        [(kind, named[kind]) for kind in drawing.kinds],
        drawing.body,
        spoken,
    )
    shapes = atlas.world_shapes(WORLD) if drawing.shape == "world" else {}
    template = environment(lang).get_template("picture.svg")
    return in_xml(template.render(**drawing._asdict(), frame=frame, shapes=shapes).strip())


def picture(draw: Draw, media_type: str) -> Page:
    """The page that answers with a drawing."""

    async def drawn(request: Request, state: PageAddress) -> Response:
        drawing = await draw(request, state)
        made = partial(svg, drawing, state.lang)
        if media_type == SVG:
            answer = await sent(request, lambda: made().encode(), SVG)
        else:
            pool = request.app.state.access.costly
            content = await pool.run(lambda _: asyncio.to_thread(lambda: png(made())))
            answer = await sent(request, lambda: content, PNG)
        if state.as_of is not None and state.at_position is not None:
            answer.headers.update(shared(request) | {"cache-control": KEPT})
        return answer

    drawn.__doc__ = draw.__doc__
    return drawn


DRAWN: Final[dict[str, Draw]] = {
    "/e/{id}/{question}/count": count,
    "/e/{id}/{question}/map": geography,
    "/e/{id}/timeline": timelines,
    "/f/{id}/claims": claims,
    "/f/{id}/knowledge": knowledge,
}
PICTURES: Final[dict[str, Page]] = {
    f"{path}.{extension}": picture(draw, media_type)
    for path, draw in DRAWN.items()
    for extension, media_type in (("svg", SVG), ("png", PNG))
}
"""Path → what draws it."""
