"""What was reported, said and done between two points: facts that begin and end nothing, which the
diff of what holds does not have. Where the points are of two days, each has what had happened by
its own, which is what is not dated later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from starlette.requests import Request

from api.addresses import PageAddress
from api.export.node_dates import Row
from api.web.page_queries import facts_of, read, words_of
from domain.corrections import Correction
from domain.dates import iso_of
from domain.errors import Refused
from domain.point import Point
from projections import view_rows
from projections.diff import Change
from projections.diff_causes import Cause
from projections.view_rows import Connection

MOST = 10_000
"""Events between two points that are looked through for what was corrected."""


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

    known: dict[str, Row]
    happened: dict[str, Row]


async def report_changes(
    request: Request, entity: str, old: tuple[PageAddress, Point], new: tuple[PageAddress, Point]
) -> list[ReportChange]:
    """Those of an entity between two points, by the day and then by the id."""
    before, after = [await _told(request, entity, *each) for each in (old, new)]
    if old[1].as_of == new[1].as_of:
        before, after = before._replace(happened=before.known), after._replace(happened=after.known)
    ids = [
        id_
        for id_ in before.happened.keys() | after.happened.keys()
        if _said(before.happened.get(id_)) != _said(after.happened.get(id_))
    ]
    first, last = sorted((old[1], new[1]), key=lambda point: point.position)
    corrected = await _corrected_between(request, ids, first.position, last)
    found = []
    for id_ in ids:
        was, now = before.happened.get(id_), after.happened.get(id_)
        change = Change.ADDED if was is None else Change.REMOVED if now is None else Change.CHANGED
        known = before.known.get(id_), after.known.get(id_)
        cause = _cause(*known, first.position, last.position, id_ in corrected)
        found.append(ReportChange(change, was, now, cause))
    return sorted(found, key=lambda it: (it.fact["when"]["earliest"] or "", it.fact["id"]))


async def _told(request: Request, entity: str, state: PageAddress, point: Point) -> _Told:
    try:
        facts = await facts_of(request, entity, state._replace(as_of=None), point.position)
    except Refused as refused:
        if refused.code != "UNKNOWN_ENTITY":
            raise
        facts = []  # it is not recorded yet
    types = words_of(request).fact_types
    known = {
        fact["id"]: fact
        for fact in facts
        if fact["counts"] and fact["type"] in types and not types[fact["type"]].effects
    }
    day = iso_of(point.as_of.latest)
    happened = {id_: fact for id_, fact in known.items() if (fact["when"]["earliest"] or "") <= day}
    return _Told(known, happened)


def _said(fact: Row | None) -> tuple[Any, ...] | None:
    """What a fact says of itself."""
    if fact is None:
        return None
    named = [
        (each["key"], each["entity"]["id"], each["entity"]["name"]) for each in fact["subjects"]
    ]
    return fact["when"], fact["modality"], fact["details"], fact["disputed"], named


async def _corrected_between(
    request: Request, facts: Sequence[str], first: int, last: Point
) -> set[str]:
    """Those of the facts of which the log has a correction after a position, up to a point."""
    if first == last.position:
        return set()

    def corrected(connection: Connection) -> set[str]:
        said = view_rows.said_of(connection, facts, last, after=first, most=MOST)
        return {name for name, (event, _) in said if isinstance(event.entry, Correction)}

    return await read(request, corrected)


def _cause(old: Row | None, new: Row | None, first: int, last: int, is_corrected: bool) -> Cause:
    """The clock that made it: the world's if both points know of it, else the log's if it was
    recorded, corrected or taken back between their positions, else that of publication."""
    fact = new or old
    assert fact is not None
    if _said(old) == _said(new):
        return Cause.WORLD
    if first < fact["position"] <= last:
        return Cause.RECORDED
    if is_corrected:
        return Cause.RETRACTED if new is None else Cause.CORRECTED
    return Cause.LEARNED
