"""/e/ID/changes: an entity at two points of the clocks side by side, and why they differ."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import FIRST_POINT, FROM, PageAddress
from api.export.views import OF_ENTITY
from api.web.citation_panel import citation_panel
from api.web.event_sentences import named_in
from api.web.page_queries import ask, ask_at, bar_of, rectangles_of
from api.web.render import show, takes
from api.web.report_changes import report_changes
from domain.dates import MIN_DAY, iso_of
from projections.rectangles import Rectangles

MOST = 500


class Preset(NamedTuple):
    """A pair of points that is often asked for; `changes` are an address's parts."""

    label: str
    when: str
    changes: dict[str, str | int | None]
    chosen: bool


@takes(*FIRST_POINT)
async def changes(request: Request, state: PageAddress) -> Response:
    """GET /e/ID/changes; the point before is fromAsOf, fromKnownAt, fromAtPosition."""
    id_ = request.path_params["id"]
    before = PageAddress.as_typed(request, is_first=True)
    found = await ask_at(request, state, "entity", id=id_)
    entity = found["entity"]
    at = state.position(found["log"]["position"])
    asked = {"fromAsOf": before.as_of, "fromKnownAt": before.known_at}
    if any(value is not None for value in (*asked.values(), before.at_position)):
        told = await ask(
            request,
            "changes",
            {
                "id": entity["id"],
                "lang": state.lang,
                "from": _point(before, state),
                "to": _point(state, state),
                "first": MOST,
            },
        )
        diff: dict[str, Any] | None = told["diff"]
        first = before if before.as_of else before._replace(as_of=state.as_of)
        reports = await report_changes(
            request,
            entity["id"],
            (first, first.point(told["diff"]["from"]["position"])),
            (state, state.point(told["diff"]["to"]["position"])),
        )
    else:
        diff, reports = None, []
    rectangles = await rectangles_of(request, entity["id"], at, state)
    kept = {
        **{name: value for name, value in asked.items() if value},
        "fromAtPosition": before.at_position,
    }
    rows = [] if diff is None else [edge["node"] for edge in diff["edges"]]
    return await show(
        request,
        state,
        "changes.html",
        tab="changes",
        entity=entity,
        take=await citation_panel(
            request, state, OF_ENTITY["changes"], at, entity, more=_points(before)
        ),
        before=before,
        diff=diff,
        rows=rows,
        reports=reports,
        named=await named_in(
            request, state, at, events=[it["position"] for row in rows for it in row["events"][:4]]
        ),
        totals=Counter([*(row["change"] for row in rows), *(it.change.value for it in reports)]),
        bar=await bar_of(request, entity["id"], at, state, rectangles),
        presets=_presets(state, before, at, rectangles),
        kept=kept,
    )


def _points(before: PageAddress) -> dict[str, str]:
    """The first point, as an export takes it."""
    return {FROM[name]: str(value) for name, value in before.clocks.items() if value is not None}


def _point(state: PageAddress, other: PageAddress) -> dict[str, Any]:
    """A point as GraphQL's AsOf; the day that one side leaves out is the other's."""
    clocks = {name: value for name, value in state.clocks.items() if value is not None}
    if "asOf" not in clocks and other.as_of:
        clocks["asOf"] = other.as_of
    return clocks


def _presets(
    state: PageAddress, before: PageAddress, position: int, rectangles: Rectangles
) -> list[Preset]:
    """Pairs that tell something here: the days of publication that brought most, a year, the
    beginning, and the last event of the log that speaks of it."""
    (_, last), known, _ = state.point(position)
    day = iso_of(last)
    rows = [*rectangles.intervals, *rectangles.reports]
    learned = Counter(
        row["known"].lower
        for row in rows
        if row["known"].lower is not None and row["known"].lower < known
    )
    recorded = [row["recorded"].lower for row in rows if row["recorded"].lower <= position]
    began = [row["possible"].lower for row in rectangles.intervals if row["possible"].lower]
    pairs: list[tuple[str, str, dict[str, Any]]] = [
        ("known", iso_of(at), {"asOf": day, "fromAsOf": day, "fromKnownAt": iso_of(at)})
        for at, _ in sorted(learned.most_common(3), reverse=True)
    ]
    if not day.startswith("-") and day[:4] > "0001":
        year = iso_of(max(MIN_DAY, last - 365))
        pairs.append(("year", year, {"asOf": day, "fromAsOf": year}))
    if began:
        first = iso_of(min(began))
        pairs.append(("since", first, {"asOf": day, "fromAsOf": first}))
    if recorded:
        at = max(recorded)
        pairs.append(("event", f"#{at}", {"asOf": day, "fromAsOf": day, "fromAtPosition": at - 1}))
    return [
        Preset(
            label,
            when,
            {"fromAsOf": None, "fromKnownAt": None, "fromAtPosition": None, **parts},
            (before.as_of, before.known_at, before.at_position)
            == (parts.get("fromAsOf"), parts.get("fromKnownAt"), parts.get("fromAtPosition")),
        )
        for label, when, parts in pairs
    ]
