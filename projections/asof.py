"""As-of questions: what held on day X, by what had been published by day K, as of position R."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.abc import QueryNoTemplate as Query
from psycopg.rows import dict_row

from domain.errors import Refused
from domain.facts import Fluent
from domain.point import Point
from domain.standing import Standing
from store.sql import only_row_async, queries

SQL = queries("projections", "asof.sql")
Connection = psycopg.AsyncConnection[Any]
Row = dict[str, Any]

ALL_STANDINGS = tuple(Standing)
LARGEST_PAGE = 5_000


class Page(NamedTuple):
    """Rows of an answer, the counts of the whole, and whether more follow."""

    rows: list[Row]
    certain: int
    possible: int
    announced: int
    has_next: bool


async def position_at(connection: Connection, time: datetime) -> int:
    """The last position recorded at or before a time."""
    return int((await only_row_async(connection.execute(SQL["position_at"], {"time": time})))[0])


async def canonical(
    connection: Connection, entity: str, point: Point, field: str | None = None
) -> str:
    """Whom an id means at a point. Refused(UNKNOWN_ENTITY) if the record never heard of it.

    `field` is the argument that has the id, which the refusal names.
    """
    cursor = await connection.execute(SQL["canonical"], {"id": entity, **point.parameters})
    row = await cursor.fetchone()
    if row is None:
        raise Refused(
            "UNKNOWN_ENTITY",
            f"The record has no entity {entity[:128]!a}: look it up with entities(search: …).",
            field=field,
            entity=entity[:128],
        )
    return str(row[0])


async def held(
    connection: Connection,
    fluent: Fluent,
    asked: str | None,
    point: Point,
    *,
    inverse: bool = False,
    kind: str | None = None,
    lang: str = "en",
    standings: Sequence[Standing] = ALL_STANDINGS,
    first: int = 100,
    after: str | None = None,
) -> Page:
    """The subjects of a scope, or with `inverse` the scopes of a subject, at a point.

    `asked` is a canonical id, None for all of the fluent; `kind` narrows to entities of a kind.
    Rows have the columns of the query `held`, ordered by casefolded name in `lang`, then id.
    """
    folded, last_id = (None, None) if after is None else read_cursor(after)
    side = None if asked is None else sql.Placeholder("id")
    query = sql.SQL(SQL["held"]).format(
        sources=rows_at("sources", GIVEN),
        speaking=speaking(fluent, side, GIVEN, inverse=inverse),
        page=sql.SQL(SQL["held_page"]).format(
            other=sides(inverse=inverse)[1], entities=rows_at("entities", GIVEN), **GIVEN
        ),
    )
    given = {
        **point.parameters,
        "id": asked,
        "kind": kind,
        "lang": lang,
        "standings": [standing.value for standing in standings],
        "after_folded": folded,
        "after_id": last_id,
        "limit": first + 1,
    }
    rows = await fetched(connection, query, given)
    found = [row for row in rows if row["id"] is not None]
    certain, possible, announced = (
        rows[0][f"{standing.lower()}_count"] for standing in ALL_STANDINGS
    )
    return Page(found[:first], certain, possible, announced, has_next=len(found) > first)


GIVEN: dict[str, sql.Composable] = {
    **{
        name: sql.Placeholder(name)
        for name in (
            "as_of_earliest", "as_of_latest", "known_at", "position",
            "lang", "standings", "kind", "after_folded", "after_id", "limit",
        )
    },
}  # fmt: skip
"""Parameters by their names, for queries that are not prepared."""


def rows_at(table: str, given: Mapping[str, sql.Composable]) -> sql.Composed:
    """The rows of a table at `known_at` and `position`; without `known_at`, the newest."""
    name = sql.Identifier(table)
    if "known_at" in given:
        point = {each: given[each] for each in ("known_at", "position")}
        return sql.SQL(SQL["visible"]).format(table=name, **point)
    return sql.SQL(SQL["open"]).format(table=name)


def sides(*, inverse: bool) -> tuple[sql.Identifier, sql.Identifier]:
    """The columns of what is asked about, and of what answers."""
    scope, subject = sql.Identifier("scope"), sql.Identifier("subject")
    return (subject, scope) if inverse else (scope, subject)


def speaking(
    fluent: Fluent,
    asked: sql.Composable | None,
    given: Mapping[str, sql.Composable],
    *,
    inverse: bool,
    on_a_day: bool = False,
) -> sql.Composed:
    """The common table expression `speaking` of a question about an id, None for all.

    `given` has the SQL of a point and of `standings`. With `on_a_day` the first day is the last,
    which is the same, but faster.
    """
    side, other = sides(inverse=inverse)
    condition: sql.Composable = sql.SQL("true")
    if asked is not None:
        query, point = SQL["about"], {}
        if "known_at" in given:
            query, point = SQL["about_at"], {each: given[each] for each in ("known_at", "position")}
        condition = sql.SQL(query).format(side=side, id=asked, **point)
    names = ("as_of_earliest",) if on_a_day else ("as_of_earliest", "as_of_latest")
    days = {name: given[name] for name in names}
    return sql.SQL(SQL["speaking_on" if on_a_day else "speaking"]).format(
        fluent=sql.Literal(fluent.name),
        asked=condition,
        other=other,
        intervals=rows_at("intervals", given),
        standings=given["standings"],
        **days,
    )


def reported(coalition: sql.Composable, given: Mapping[str, sql.Composable]) -> sql.Composed:
    """The query of the member counts reported of a coalition: source, value, comparator."""
    return sql.SQL(SQL["reported"]).format(
        versions=rows_at("versions", given), coalition=coalition, as_of_latest=given["as_of_latest"]
    )


def cursor_of(row: Row) -> str:
    """The opaque cursor of a row: a place in the order, so that pages never skip or repeat."""
    text = json.dumps([row["folded"], row["id"]], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_cursor(cursor: str) -> tuple[str, str]:
    """The place of a cursor. Refused(BAD_CURSOR) if it is none of ours."""
    try:
        folded, last_id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        if isinstance(folded, str) and isinstance(last_id, str) and "\0" not in folded + last_id:
            (folded + last_id).encode()
            return folded, last_id
    except (ValueError, TypeError, RecursionError):
        pass
    raise Refused(
        "BAD_CURSOR",
        "The cursor is not one of ours: pass on an endCursor as it came, or leave it out.",
        field="after",
    )


async def reported_counts(connection: Connection, coalition: str, point: Point) -> list[Row]:
    """The member counts reported for the latest day on or before X: source, value, comparator."""
    query = reported(sql.Placeholder("id"), GIVEN)
    return await fetched(connection, query, {**point.parameters, "id": coalition})


async def fetched(connection: Connection, query: Query, given: Mapping[str, Any]) -> list[Row]:
    """The rows of a query, each by the names of its columns."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, given)).fetchall()


async def _by_id(connection: Connection, query: str, ids: Sequence[str], point: Point) -> list[Row]:
    return await fetched(connection, SQL[query], {**point.parameters, "ids": list(ids)})


async def sources_by_id(connection: Connection, ids: Sequence[str], point: Point) -> list[Row]:
    """The sources of these ids as they stand at a point; those not yet recorded are left out."""
    return await _by_id(connection, "sources_by_id", ids, point)


async def entities_by_id(connection: Connection, ids: Sequence[str], point: Point) -> list[Row]:
    """The entities of these ids as they stand at a point; those not yet recorded are left out."""
    return await _by_id(connection, "entities_by_id", ids, point)


async def versions_by_id(connection: Connection, ids: Sequence[str], point: Point) -> list[Row]:
    """The facts of these ids that count or are set aside at a point."""
    return await _by_id(connection, "versions_by_id", ids, point)
