"""/compare: two entities, or an entity at two points of the clocks, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import FIRST_POINT, PageAddress
from api.graphql.as_of_rows import Question, questions_in
from api.language.words import Words, words
from api.web.compared_counts import ComparedChart, compared_chart
from api.web.maps import Region, region
from api.web.page_queries import answer, ask, ask_at, filled, read, words_of
from api.web.render import show, takes
from domain.errors import Refused
from domain.facts import EXISTENCE
from domain.standing import Standing
from projections.held_counts import HeldCounts, held_counts
from projections.rectangles import fluents_of
from projections.view_rows import Connection

Row = dict[str, Any]

OFFERED: Final = 60
"""Entities of a kind that are offered for comparing."""
ORDER: Final = [standing.value for standing in Standing]


class ComparedSide(NamedTuple):
    """One of the two: its entity at its point, what holds there, and whether there is more."""

    state: PageAddress
    entity: Row
    position: int
    counts: dict[str, int]
    rows: list[Row]
    has_more: bool


class ComparedRow(NamedTuple):
    """Whom a row speaks of, and what holds on each side; None where nothing does. Its `standing` is
    the less certain of the two."""

    it: Row
    left: Row | None
    right: Row | None

    @property
    def summary(self) -> Row:
        """The row as counts take it."""
        there = [row for row in (self.left, self.right) if row is not None]
        return {
            "standing": max((row["standing"] for row in there), key=ORDER.index),
            "contested": any(row["contested"] for row in there),
        }


class Comparison(NamedTuple):
    """What is on both sides, and on one alone."""

    both: list[ComparedRow]
    left: list[ComparedRow]
    right: list[ComparedRow]


def comparison(left: Iterable[Row], right: Iterable[Row]) -> Comparison:
    """The rows of two sides, each in the order that it has there."""
    on_left, on_right = ({row["it"]["id"]: row for row in rows} for rows in (left, right))

    def rows(names: Iterable[str]) -> list[ComparedRow]:
        pairs = ((on_left.get(name), on_right.get(name)) for name in names)
        return [ComparedRow((right or left or {})["it"], left, right) for left, right in pairs]

    return Comparison(
        rows(name for name in on_right if name in on_left),
        rows(name for name in on_left if name not in on_right),
        rows(name for name in on_right if name not in on_left),
    )


@takes("left", "right", "question", *FIRST_POINT)
async def compare(request: Request, state: PageAddress) -> Response:
    """GET /compare; the left point is fromAsOf, fromKnownAt, fromAtPosition, else the right one."""
    given = request.query_params
    before = _first_point(request, state)
    left_id = await _entity(request, state, given.get("left") or given.get("right"), "left")
    if left_id is None:
        return await show(request, state, "compare.html", sides=None, others=[])
    right_id = await _entity(request, state, given.get("right"), "right") or left_id
    names = [(left_id, before), (right_id, state)]
    question = _named(request, given.get("question"))
    asked = await _asked(request, names, question)
    question = question or asked[0]
    left, right = [await _side(request, question, *each) for each in names]
    found = comparison(left.rows, right.rows)
    spoken = words(state.lang)
    kept = {
        "left": left.entity["id"], "right": right.entity["id"], "question": given.get("question"),
        **{name: given.get(name) or None for name in FIRST_POINT},
    }  # fmt: skip
    return await show(
        request,
        state,
        "compare.html",
        sides=[left, right],
        asked=[each.name for each in asked],
        question=question.name,
        whom=question.answers,
        found=found,
        groups={name: [row.summary for row in rows] for name, rows in found._asdict().items()},
        maps=await asyncio.to_thread(_regions, left, right, spoken),
        has_countries=any(row["it"]["iso3166"] for row in [*left.rows, *right.rows]),
        chart=await _chart(request, question, left, right, spoken),
        others=await _others(request, state, left.entity),
        before=before,
        is_one=left.entity["id"] == right.entity["id"],
        kept=kept,
    )


def _first_point(request: Request, state: PageAddress) -> PageAddress:
    """The left point: the right one where the address names none, and its day if that is all."""
    before = PageAddress.as_typed(request, is_first=True)._replace(lang_given=state.lang_given)
    if not any(request.query_params.get(name) for name in FIRST_POINT):
        return state._replace(typed=())
    return before if before.as_of else before._replace(as_of=state.as_of)


async def _entity(request: Request, state: PageAddress, text: str | None, field: str) -> str | None:
    """The id of an entity given by its id or its name."""
    text = (text or "").strip()
    if not text:
        return None
    found = await ask(request, "entities_named", {"text": text[:200], "lang": state.lang})
    by_id: dict[str, Row] = {
        edge["node"]["id"]: edge["node"] for edge in found["entities"]["edges"]
    }
    if text in by_id or not by_id:
        return text
    same = (
        name
        for name, node in by_id.items()
        if text.casefold() in (each["name"].casefold() for each in node["names"])
    )
    return next(same, next(iter(by_id)))


def _questions(request: Request) -> list[Question]:
    """All that can be compared."""
    return [each for each in questions_in(words_of(request)) if each.fluent is not EXISTENCE]


def _named(request: Request, name: str | None) -> Question | None:
    """The question of a name. Refused(BAD_VALUE) where there is none."""
    if not name:
        return None
    questions = _questions(request)
    found = next((each for each in questions if each.name == name), None)
    if found is None:
        raise Refused(
            "BAD_VALUE",
            f"There is no question {name[:40]!a}: ask {', '.join(it.name for it in questions)}.",
            field="question",
        )
    return found


async def _asked(
    request: Request, names: Sequence[tuple[str, PageAddress]], named: Question | None
) -> list[Question]:
    """The questions that either side answers at any time, and the one that is named; all if there
    is too much to look at."""
    questions = _questions(request)
    held: set[tuple[str, bool]] = set()
    for name, state in names:
        found = await ask_at(request, state, "entity", id=name)
        entity, position = found["entity"]["id"], state.position(found["log"]["position"])
        async with request.app.state.reader() as connection:
            fluents = await fluents_of(connection, entity, position)
        if fluents is None:
            return questions
        held |= fluents
    return [
        each for each in questions if each == named or (each.fluent.name, each.inverse) in held
    ] or questions[:1]


async def _side(
    request: Request, question: Question, entity: str, state: PageAddress
) -> ComparedSide:
    text = filled("side", (question.name, question.answers))
    given = {"id": entity, "lang": state.lang, **state.clocks}
    told = (await answer(request, text, given))["state"]
    held = told[question.name]
    rows = [{**edge["node"], "it": edge["node"][question.answers]} for edge in held["edges"]]
    return ComparedSide(
        state, told["entity"], told["position"], held["count"], rows,
        held["pageInfo"]["hasNextPage"],
    )  # fmt: skip


def _regions(left: ComparedSide, right: ComparedSide, spoken: Words) -> list[Region] | None:
    """Maps of the places of both sides, of the same stretch of land."""
    found = []
    for one, other in ((left, right), (right, left)):
        own = {row["it"]["id"] for row in one.rows}
        rest = [{**row, "standing": "OFF"} for row in other.rows if row["it"]["id"] not in own]
        drawn = region(sorted([*one.rows, *rest], key=lambda row: row["it"]["id"]), spoken)
        if drawn is None:
            return None
        found.append(drawn)
    return found


async def _chart(
    request: Request, question: Question, left: ComparedSide, right: ComparedSide, spoken: Words
) -> ComparedChart | None:
    points = [side.state.point(side.position) for side in (left, right)]

    def look(connection: Connection) -> list[HeldCounts | None]:
        return [
            held_counts(
                connection, question.fluent, side.entity["id"], point, inverse=question.inverse
            )
            for side, point in zip((left, right), points, strict=True)
        ]

    both = [each for each in await read(request, look) if each is not None]
    if len(both) < 2:
        return None
    days = [point.as_of.latest for point in points]
    return await asyncio.to_thread(compared_chart, both, days, spoken)


async def _others(request: Request, state: PageAddress, entity: Row) -> list[Row]:
    """Other entities of the same kind, as many as are offered."""
    kind = entity["kind"]
    found = await ask_at(request, state, "entities_of_kind", kind=kind, first=OFFERED)
    nodes = [edge["node"] for edge in found["entities"]["edges"]]
    return [node for node in nodes if node["id"] != entity["id"]]
