"""What was reported, said and done between two points: facts that begin and end nothing, which the
diff of what holds does not have. Where the points are of two days, each has what had happened by
its own, which is what is not dated later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from starlette.requests import Request

from api.addresses import PageAddress
from api.web.page_queries import ask, words_of
from domain.dates import iso_of
from domain.point import Point
from projections.diff import Change
from projections.diff_causes import Cause

Row = Mapping[str, Any]
SAID = ("when", "modality", "details", "disputed", "subjects")
"""What a fact says of itself."""


class ReportChange(NamedTuple):
    """A report that is there at one of two points, or says something else at the other."""

    change: Change
    before: Row | None
    after: Row | None
    cause: Cause

    @property
    def fact(self) -> Row:
        """It, as the later point has it."""
        found = self.after or self.before
        assert found is not None
        return found


class _Told(NamedTuple):
    """The reports at a point: all that are known there, and those that have happened."""

    point: Point
    known: dict[str, Row]
    happened: dict[str, Row]


async def report_changes(
    request: Request, entity: str, old: tuple[PageAddress, Point], new: tuple[PageAddress, Point]
) -> list[ReportChange]:
    """Those of an entity between two points, by the day and then by the id."""
    before, after = [await _told(request, entity, *each) for each in (old, new)]
    if old[1].as_of == new[1].as_of:
        before, after = before._replace(happened=before.known), after._replace(happened=after.known)
    found = list(_changes(before, after))
    return sorted(found, key=lambda it: (it.fact["when"]["earliest"] or "", it.fact["id"]))


async def _told(request: Request, entity: str, state: PageAddress, point: Point) -> _Told:
    given = {**state.clocks, "asOf": None, "recordedAt": None, "atPosition": point.position}
    asked = {"id": entity, "lang": state.lang, **given}
    types = words_of(request).fact_types
    known: dict[str, Row] = {}
    for name in sorted({fact["type"] for fact in await _facts(request, "types", asked)}):
        if name in types and not types[name].effects:
            found = await _facts(request, "reported", {**asked, "type": name})
            known |= {fact["id"]: fact for fact in found if fact["counts"]}
    day = iso_of(point.as_of.latest)
    happened = {id_: fact for id_, fact in known.items() if (fact["when"]["earliest"] or "") <= day}
    return _Told(point, known, happened)


async def _facts(request: Request, name: str, asked: dict[str, Any]) -> list[Row]:
    found = await ask(request, name, asked)
    return [edge["node"] for edge in found["facts"]["edges"]]


def _changes(before: _Told, after: _Told) -> Iterator[ReportChange]:
    for id_ in before.happened.keys() | after.happened.keys():
        old, new = before.happened.get(id_), after.happened.get(id_)
        if old is None:
            yield ReportChange(Change.ADDED, None, new, _cause(id_, before, after))
        elif new is None:
            yield ReportChange(Change.REMOVED, old, None, _cause(id_, before, after))
        elif any(old[key] != new[key] for key in SAID):
            yield ReportChange(Change.CHANGED, old, new, _cause(id_, before, after))


def _cause(id_: str, before: _Told, after: _Told) -> Cause:
    """The clock that made it: the world's if both points know of it, else the log's if it was
    recorded, corrected or taken back between them, else that of publication."""
    old, new = before.known.get(id_), after.known.get(id_)
    if old is not None and new is not None and all(old[key] == new[key] for key in SAID):
        return Cause.WORLD
    fact = new or old
    assert fact is not None
    first, last = sorted((before.point.position, after.point.position))
    if first < fact["position"] <= last:
        return Cause.RECORDED
    between = [each for each in fact["corrections"] if first < each["position"] <= last]
    if between:
        return Cause.RETRACTED if new is None else Cause.CORRECTED
    return Cause.LEARNED
