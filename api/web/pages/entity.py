"""/e/ID: an entity as it was on a day, by what was known on a day."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.export.views import of_entity
from api.graphql.as_of_rows import QUESTIONS, Question, questions_in
from api.language.labels import QUANTITIES, REPORTS, RecordLabels
from api.language.words import named, words
from api.web.citation_panel import CitationPanel, citation_panel
from api.web.existence import existence, nearest
from api.web.gap import gap
from api.web.held_order import BEST, in_order, order_in
from api.web.maps import region
from api.web.page_queries import (
    FACTS,
    answer,
    ask_at,
    bar_of,
    facts_of,
    filled,
    rectangles_of,
    template,
    words_of,
)
from api.web.pages.chart import chart_of, count_title
from api.web.render import show, takes
from api.web.timeline import timeline
from domain.dates import iso_of
from domain.facts import BASE, EXISTENCE, FLUENTS, MEMBERSHIP
from projections.rectangles import Rectangles

ASKED: Final = [question for question in QUESTIONS if question.fluent is not EXISTENCE]
"""The core's questions about an entity."""
MEMBERS: Final = 1_000
"""Members that a page shows."""


class Section(NamedTuple):
    """The answer to one question: rows with `it` as whom they speak of, and what that is called.

    Of an answer that `has_more` the rows are the first by their names: in another order they would
    not be the first of all.
    """

    name: str
    whom: str
    rows: list[dict[str, Any]]
    has_more: bool


@takes("sort")
async def overview(request: Request, state: PageAddress) -> Response:
    """GET /e/ID"""
    values = await overview_values(request, state, request.path_params["id"])
    values["take"] = await _taken(request, state, values)
    kept = {"sort": request.query_params.get("sort") or None}
    return await show(request, state, "overview.html", tab="overview", kept=kept, **values)


async def overview_values(request: Request, state: PageAddress, asked_for: str) -> dict[str, Any]:
    """What the templates of an entity's overview show."""
    sort = order_in(request.query_params)
    found = await ask_at(request, state, "overview", id=asked_for)
    told = found["state"]
    entity = told["entity"]
    facts = await facts_of(request, entity["id"], state, told["position"])
    rectangles = await rectangles_of(request, entity["id"], told["position"], state)
    sections, own = await sections_of(
        request, state, entity["id"], told["position"], rectangles, sort
    )
    called = RecordLabels(words(state.lang), words_of(request))
    count = told["members"]["count"]
    point = state.point(told["position"])
    lines = await asyncio.to_thread(
        existence, rectangles, entity["id"], point.known_at, told["position"], called
    )
    places = await asyncio.to_thread(placed, entity, sections, rectangles, state)
    chart = await chart_of(request, state, entity["id"], "members", point)
    drawn = await asyncio.to_thread(
        timeline,
        rectangles,
        entity["id"],
        point.as_of.latest,
        point.known_at,
        told["position"],
        called,
    )
    return {
        "entity": entity,
        "position": told["position"],
        "bar": await bar_of(request, entity["id"], told["position"], state, rectangles),
        "sections": sections,
        "own": own,
        "sort": sort,
        "count": count,
        "placed": places,
        "region": await asyncio.to_thread(region, places, words(state.lang)),
        "timeline": drawn,
        "chart": chart,
        "chart_title": count_title(entity["name"], "members", called),
        "picture": f"/e/{entity['id']}/members/count.png" if sections["members"].rows else None,
        "gaps": [gap(count, report) for report in count["reported"]],
        "reports": {
            name: [fact for fact in facts if fact["type"] == name and fact["counts"]]
            for name, found in called.vocabulary.fact_types.items()
            if not found.effects
        },
        "report_types": REPORTS,
        "facts": facts,
        "sources": len({source["id"] for fact in facts for source in fact["sources"]}),
        "lines": lines,
        "existed": nearest(lines, iso_of(point.as_of.latest)),
        "has_members": bool(sections["members"].rows) or has_members(rectangles, entity["id"]),
        "holds": any(section.rows for section in (sections | own).values()),
    }


async def _taken(request: Request, state: PageAddress, shown: dict[str, Any]) -> CitationPanel:
    """What a reader takes along of an overview, by what it shows."""
    entity, facts, sections = shown["entity"], shown["facts"], shown["sections"]
    answers = sections | shown["own"]
    views = of_entity(words_of(request))
    names = [name for name, section in answers.items() if section.rows]
    names += ["timeline", "facts", "sources"] if facts else []
    names += ["quantities"] if any(fact["type"] in QUANTITIES for fact in facts) else []
    return await citation_panel(
        request,
        state,
        views["state"],
        shown["position"],
        entity,
        parts=[views[name] for name in names],
        rows={
            **{name: len(section.rows) for name, section in answers.items()},
            "members": sum(shown["count"][each.lower()] for each in BEST),
            "facts": len(facts) if len(facts) < FACTS else None,
        },
        pictures=pictures_of(
            entity["id"], sections, shown["chart"] is not None, shown["timeline"] is not None
        ),
    )


def pictures_of(
    entity: str,
    sections: dict[str, Section],
    has_chart: bool = False,
    has_timeline: bool = False,
) -> dict[str, str]:
    """The paths of the pictures that there are of an entity, by their kind."""
    found: dict[str, str] = {}
    for name in ("members", "bases"):
        if any(row["it"]["iso3166"] or row["it"]["location"] for row in sections[name].rows):
            found.setdefault("map", f"/e/{entity}/{name}/map")
    if has_chart:
        found["count"] = f"/e/{entity}/members/count"
    if has_timeline:
        found["timeline"] = f"/e/{entity}/timeline"
    return found


async def sections_of(
    request: Request,
    state: PageAddress,
    entity: str,
    position: int,
    rectangles: Rectangles,
    sort: str,
) -> tuple[dict[str, Section], dict[str, Section]]:
    """The answers to the core's questions, and to those of the record's own that have any.

    Nothing is asked that no rectangle speaks of; where there are too many to hold, any may.
    """
    fluents = {row["fluent"] for row in rectangles.intervals}
    asked = [
        question
        for question in questions_in(words_of(request))
        if question.fluent.name != EXISTENCE.name
        and (question.fluent.name in fluents or not rectangles.complete)
    ]
    told: dict[str, Any] = {}
    if asked:
        given = {"id": entity, "lang": state.lang, **state.clocks}
        given |= {"recordedAt": None, "atPosition": position}
        found = await answer(request, held_document(asked), given)
        told = found["state"]
    core = {each.name: _section(each, told, sort) for each in ASKED}
    own = {
        each.name: _section(each, told, sort) for each in asked if each.fluent.name not in FLUENTS
    }
    return core, own


def held_document(asked: Iterable[Question]) -> str:
    """The query for the answers to some questions."""
    return filled("held", " ".join(map(_field, asked)))


def _field(question: Question) -> str:
    most = f", first: {MEMBERS}" if question.name == "members" else ""
    return template("held_field") % (question.name, most, question.answers)


def _section(question: Question, told: dict[str, Any], sort: str) -> Section:
    found = told.get(question.name, {"edges": [], "pageInfo": {"hasNextPage": False}})
    has_more = found["pageInfo"]["hasNextPage"]
    edges = found["edges"] if has_more else in_order(found["edges"], sort)
    rows = [{**edge["node"], "it": edge["node"][question.answers]} for edge in edges]
    return Section(question.name, question.answers, rows, has_more)


def has_members(rectangles: Rectangles, entity: str) -> bool:
    """Whether it has members at any point."""
    return any(
        row["fluent"] == MEMBERSHIP.name and row["scope"] == entity for row in rectangles.intervals
    )


def placed(
    entity: dict[str, Any],
    sections: dict[str, Section],
    rectangles: Rectangles,
    state: PageAddress,
) -> list[dict[str, Any]]:
    """The places of bases: those that are held, then those that are at another point. Of what is
    itself at a place, that one: as it is operated, or as no more than where it is."""
    if entity["location"] is not None:
        best = min(
            (row["standing"] for row in sections["operators"].rows), key=BEST.index, default="HERE"
        )
        return [{"it": entity, "standing": best, "contested": False, "facts": []}]
    rows = list(sections["bases"].rows)
    held = {row["it"]["id"] for row in rows}
    bases = {row["subject"] for row in rectangles.intervals if row["fluent"] == BASE.name}
    for row in rectangles.names:
        if row["id"] in bases - held and row["location"]:
            held.add(row["id"])
            name = named(row["names"], state.lang)
            it = {"id": row["id"], "name": name, "location": row["location"]}
            rows.append({"it": it, "standing": "OFF", "contested": False, "facts": []})
    return rows if bases else []
