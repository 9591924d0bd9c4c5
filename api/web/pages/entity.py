"""/e/ID: an entity as it was on a day, by what was known on a day."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.graphql.held import QUESTIONS
from api.web.asking import ask
from api.web.bar import bar
from api.web.gap import gap
from api.web.render import show
from api.web.state import State
from domain.facts import EXISTENCE
from projections.rectangles import Rectangles, of_entity

ASKED: Final = [question for question in QUESTIONS if question.fluent is not EXISTENCE]
REPORTS: Final = (
    "StatementMade",
    "QuantityReported",
    "MemberCountReported",
    "VisitMade",
    "AgreementSigned",
    "OperationConducted",
)


class Section(NamedTuple):
    """The answer to one question: rows with `it` as whom they speak of."""

    name: str
    rows: list[dict[str, Any]]


async def overview(request: Request, state: State) -> Response:
    """GET /e/ID"""
    found = await ask(
        request, "overview", {"id": request.path_params["id"], "lang": state.lang, **state.clocks}
    )
    told = found["state"]
    entity = told["entity"]
    sections = {
        question.name: Section(
            question.name,
            [
                {**edge["node"], "it": edge["node"][question.answers]}
                for edge in told[question.name]["edges"]
            ],
        )
        for question in ASKED
    }
    facts = [edge["node"] for edge in found["facts"]["edges"]]
    others: dict[str, Any] = {"commands": {"edges": []}, "funds": {"edges": []}}
    if entity["kind"] == "COALITION":
        others = await ask(request, "organisations", {"lang": state.lang, **state.clocks})
    rectangles = await rectangles_of(request, entity["id"], told["position"])
    count = told["members"]["count"]
    return show(
        request,
        state,
        "overview.html",
        tab="overview",
        entity=entity,
        bar=bar(state, told["position"], rectangles),
        sections=sections,
        count=count,
        gaps=[gap(count, report) for report in count["reported"]],
        reports={
            name: [fact for fact in facts if fact["type"] == name and fact["counts"]]
            for name in REPORTS
        },
        facts=facts,
        sources=len({source["id"] for fact in facts for source in fact["sources"]}),
        commands=_existing(others["commands"]),
        funds=_existing(others["funds"]),
    )


def _existing(connection: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**edge["node"], "it": edge["node"]["organisation"]} for edge in connection["edges"]]


async def rectangles_of(request: Request, entity: str, position: int) -> Rectangles:
    """All that is told of an entity along publication and record time."""
    async with request.app.state.reader() as connection:
        return await of_entity(connection, entity, position)
