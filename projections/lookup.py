"""The questions beside the as-of ones: what is looked up by id, searched or listed at a point."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import sql
from psycopg.abc import QueryNoTemplate as Query

from domain.codec import Event, decode
from domain.errors import Refused
from domain.facts import Fact, QuantityReported
from domain.point import Point
from domain.vocabulary import CORE, Vocabulary
from projections.asof import Connection, Row, fetched, read_cursor
from projections.follower import Progress
from projections.related_events import Tagged
from projections.search import Searched, fold, matching
from store.sql import only_row_async, queries

SQL = queries("projections", "lookup.sql")
LOG = queries("store", "log.sql")
PROGRESS = queries("projections", "projections.sql")["progress"]


Narrowing = tuple[list[sql.SQL], dict[str, Any]]
"""Conditions of facts, and their parameters."""


class Recorded(NamedTuple):
    """An event of the log, with its effective recorded time."""

    event: Event
    recorded_at: datetime


class Listed(NamedTuple):
    """A page of a list, and whether more follow."""

    rows: list[Row]
    has_next: bool


async def progress(connection: Connection) -> Progress:
    """How far the projections have come."""
    return Progress(*await only_row_async(connection.execute(PROGRESS)))


async def head(connection: Connection) -> int:
    """The position of the last event of the log, 0 for none."""
    return int((await only_row_async(connection.execute(LOG["head"])))[0])


async def growth(connection: Connection, after: int) -> tuple[int, int]:
    """How many events the log has beyond a position, and its last position."""
    row = await only_row_async(connection.execute(SQL["growth"], {"after": after}))
    return row[0], row[1]


async def generation(connection: Connection) -> tuple[int, int]:
    """Which projections these are, by the oid of their progress, and how far they have come."""
    row = await only_row_async(connection.execute(SQL["generation"]))
    return int(row[0]), int(row[1])


async def behind(connection: Connection) -> int:
    """How many events of the log are not projected yet."""
    return int((await only_row_async(connection.execute(SQL["behind"])))[0])


# Lists


async def log(connection: Connection, after: int, upto: int, first: int) -> Listed:
    """The projected events after a position: position, type, id, recorded_at, actor."""
    return await _listed(connection, SQL["log"], {"after": after, "position": upto}, first)


async def _listed(
    connection: Connection, query: Query, given: Mapping[str, Any], first: int
) -> Listed:
    rows = await fetched(connection, query, {**given, "limit": first + 1})
    return Listed(rows[:first], len(rows) > first)


async def entities(
    connection: Connection,
    point: Point,
    *,
    search: str | None,
    kind: str | None,
    lang: str,
    first: int,
    after: str | None,
) -> Listed:
    """Entities by a part of a name, or by kind. Rows and cursors as those of `asof.held`."""
    folded, last_id = (None, None) if after is None else read_cursor(after)
    condition: sql.Composable = sql.SQL(SQL["entity_of_kind"] if kind else "true")
    words: dict[str, Any] = {}
    if search:
        asked = await fold(connection, search)
        # What has no letter or digit is in no name.
        condition = matching(Searched.ENTITY, alike=False) if asked.patterns else sql.SQL("false")
        words = asked.parameters
    query = sql.SQL(SQL["entities"]).format(conditions=condition)
    given = {**point.parameters, **words, "kind": kind, "lang": lang}
    given |= {"after_folded": folded, "after_id": last_id}
    return await _listed(connection, query, given, first)


async def sources(connection: Connection, point: Point, first: int, after: str | None) -> Listed:
    """Every source, in the order of their ids; the cursor is a place in it."""
    last = None if after is None else _read_place(after, str)[0]
    query = sql.SQL(SQL["sources"]).format(conditions=sql.SQL("true"))
    return await _listed(connection, query, {**point.parameters, "after": last}, first)


async def facts(
    connection: Connection,
    point: Point,
    *,
    entity: str | None = None,
    source: str | None = None,
    type: str | None = None,  # noqa: A002
    counting: bool = False,
    vocabulary: Vocabulary = CORE,
    first: int,
    after: str | None,
) -> Listed:
    """Facts that count or are set aside, of an entity (a canonical id), a source, a type.

    `source` asks for facts that a counting citation of it supports; `counting` leaves out what is
    set aside. In the order of their dates, then ids. Refused(UNKNOWN_TYPE, BAD_CURSOR).
    """
    check_fact_type(type, vocabulary)
    narrowing = narrowed(entity=entity, source=source, type=type, counts=counting)
    query, more = "facts", dict[str, Any]()
    if entity is None and source is None:
        query = "facts_of_types"
        more["types"] = list(vocabulary.fact_types) if type is None else [type]
    return await _facts(connection, point, narrowing, more, first, after, query)


def narrowed(*, counts: bool, reported: bool = False, **given: str | None) -> Narrowing:
    """Facts of an entity, a source, a type, a measure, where they are given; of those the ones that
    count, and that are reported for days on or before X."""
    names = [f"fact_of_{name}" for name, value in given.items() if value is not None]
    names += ["fact_counts"] * counts + ["fact_reported"] * reported
    return [sql.SQL(SQL[name]) for name in names], dict(given)


def narrowed_to_quantities(entity: str, measure: str | None) -> Narrowing:
    """The same of the quantities reported of an entity."""
    kind = QuantityReported.__name__
    return narrowed(entity=entity, type=kind, measure=measure, counts=True, reported=True)


def every(conditions: Sequence[sql.Composable]) -> sql.Composed:
    """All of some conditions, none of which anything meets."""
    return sql.SQL(" AND ").join(conditions or [sql.SQL("true")])


def check_fact_type(name: str | None, vocabulary: Vocabulary) -> None:
    """Refuse a type that is none of a fact. None stands for all types."""
    if name is not None and name not in vocabulary.fact_types:
        types = ", ".join(vocabulary.fact_types)
        raise Refused(
            "UNKNOWN_TYPE",
            f"There is no type of fact {name[:80]!a}; the types are {types}.",
            field="type",
        )


async def quantities(
    connection: Connection,
    point: Point,
    *,
    subject: str,
    measure: str | None,
    first: int,
    after: str | None,
) -> Listed:
    """The quantities reported of an entity for days on or before X, in the order of `facts`."""
    narrowing = narrowed_to_quantities(subject, measure)
    return await _facts(connection, point, narrowing, {}, first, after)


async def _facts(
    connection: Connection,
    point: Point,
    narrowing: Narrowing,
    more: Mapping[str, Any],
    first: int,
    after: str | None,
    query: str = "facts",
) -> Listed:
    conditions, given = narrowing
    if after is not None:
        earliest, latest, last_id = _read_place(after, int, int, str)
        conditions.append(sql.SQL(SQL["fact_after"]))
        given |= {"after_earliest": earliest, "after_latest": latest, "after_id": last_id}
    statement = sql.SQL(SQL[query]).format(conditions=every(conditions))
    return await _listed(connection, statement, {**point.parameters, **given, **more}, first)


# Cursors


def fact_place(row: Row) -> str:
    """The cursor of a row of `facts` or `quantities`."""
    return _place(row["earliest"], row["latest"], row["id"])


def source_place(row: Row) -> str:
    """The cursor of a row of `sources`."""
    return _place(row["id"])


def _place(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def _read_place(cursor: str, *kinds: type) -> list[Any]:
    """The parts of a cursor. Refused(BAD_CURSOR) if it is none of ours."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, RecursionError):
        parts = None
    if isinstance(parts, list) and [type(part) for part in parts] == list(kinds):
        numbers = [part for part in parts if isinstance(part, int)]
        texts = [part for part in parts if isinstance(part, str)]
        if all(-(2**31) <= number < 2**31 for number in numbers) and all(
            text.isascii() and text.isprintable() for text in texts
        ):
            return parts
    raise Refused(
        "BAD_CURSOR",
        "The cursor is not one of ours: pass on an endCursor as it came, or leave it out.",
        field="after",
    )


# By id


async def files(
    connection: Connection, facts: Sequence[str], point: Point
) -> dict[str, list[Recorded]]:
    """By fact, its own event and then the corrections of it up to a position."""
    given = {**point.parameters, "tags": [f"fact:{fact}" for fact in facts]}
    found: dict[str, list[Recorded]] = {}
    for row in await fetched(connection, SQL["files"], given):
        event = decode(row["position"], row["type"], row["data"])
        found.setdefault(row["tag"].removeprefix("fact:"), []).append(
            Recorded(event, row["recorded_at"])
        )
    return _of_facts(found)


def with_fresh(
    found: dict[str, list[Recorded]], facts: Sequence[str], fresh: Iterable[Tagged], point: Point
) -> dict[str, list[Recorded]]:
    """`files` with the events that are supposed after those of the log."""
    for event, tags in fresh:
        for fact in facts:
            if f"fact:{fact}" in tags and event.position <= point.position:
                found.setdefault(fact, []).append(Recorded(event, event.recorded_at))
    return _of_facts(found)


def _of_facts(found: dict[str, list[Recorded]]) -> dict[str, list[Recorded]]:
    """Without corrections, whose own ids have such tags too: a fact's file begins with a fact."""
    return {fact: file for fact, file in found.items() if isinstance(file[0].event.entry, Fact)}


async def rectangles(
    connection: Connection, facts: Sequence[str], point: Point
) -> dict[str, list[Row]]:
    """By fact, the versions that it has had up to a position, with ranges of K and R."""
    given = {**point.parameters, "ids": list(facts)}
    found: dict[str, list[Row]] = {}
    for row in await fetched(connection, SQL["rectangles"], given):
        found.setdefault(row["id"], []).append(row)
    return found


async def first_recorded(
    connection: Connection, sources: Sequence[str], point: Point
) -> dict[str, datetime]:
    """By source, when it was registered."""
    cursor = await connection.execute(
        SQL["first_recorded"], {**point.parameters, "ids": list(sources)}
    )
    return dict(await cursor.fetchall())
