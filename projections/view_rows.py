"""Views as streams of rows: one statement each, read through a server-side cursor.

The questions are those of asof, lookup, search and entries; here they have no pages. A batch of
rows is in memory at a time, whatever the size of the view.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import RowFactory, dict_row, scalar_row

from domain.codec import decode
from domain.corrections import FactCorroborated
from domain.facts import Fact, Fluent
from domain.point import Point
from domain.spans import EPOCH
from domain.standing import Standing
from domain.vocabulary import CORE, Vocabulary
from projections import asof, entries, lookup, search
from projections.asof import Row
from projections.lookup import Recorded, check_fact_type
from store.database import streaming
from store.sql import only_row, queries

SQL = queries("projections", "view_rows.sql")

BATCH: Final = 1_000
"""Rows that are read at a time."""

Connection = psycopg.Connection[Any]
Batches = Generator[list[Row], None, None]
T = TypeVar("T")


def _batches(connection: Connection, query: sql.Composed, given: Mapping[str, Any]) -> Batches:
    """Rows that PostgreSQL writes as JSON, each by itself: reading their columns takes longer."""
    return _read(connection, sql.SQL(SQL["as_json"]).format(query=query), given, scalar_row)


def _read(
    connection: Connection, query: sql.Composed, given: Mapping[str, Any], made: RowFactory[Row]
) -> Batches:
    with streaming(connection, "export", made) as cursor:
        connection.execute(SQL["read_all"])
        cursor.execute(query, given, binary=True)
        connection.execute(SQL["look_up"])
        while rows := cursor.fetchmany(BATCH):
            yield rows


def taken(rows: list[T]) -> Iterator[T]:
    """The rows of a batch. Each leaves the batch as it is taken, so that an export which waits for
    its turn holds none."""
    rows.reverse()
    while rows:
        yield rows.pop()


def held(
    connection: Connection,
    point: Point,
    fluent: Fluent,
    asked: str | None,
    *,
    inverse: bool,
    kind: str | None,
    lang: str,
) -> Batches:
    """What `asof.held` answers, whole. Each row has the counts of all; without a row that answers
    there is one with no id, for the counts."""
    side = None if asked is None else sql.Placeholder("id")
    other = sql.Identifier("scope" if inverse else "subject")
    query = sql.SQL(asof.SQL["held"]).format(
        sources=asof.rows_at("sources", asof.GIVEN),
        speaking=asof.speaking(fluent, side, asof.GIVEN, inverse=inverse),
        page=sql.SQL(asof.SQL["held_page"]).format(
            other=other, entities=asof.rows_at("entities", asof.GIVEN), **asof.GIVEN
        ),
    )
    given = {
        **point.parameters,
        "id": asked,
        "kind": kind,
        "lang": lang,
        "standings": [standing.value for standing in Standing],
        **_WHOLE,
    }
    return _batches(connection, query, given)


def reported_counts(connection: Connection, point: Point, coalition: str) -> list[Row]:
    """What `asof.reported_counts` answers."""
    query = asof.reported(sql.Placeholder("id"), asof.GIVEN)
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(query, {**point.parameters, "id": coalition})
        return cursor.fetchall()


_WHOLE: Final = {"after": None, "after_folded": None, "after_id": None, "limit": None}
"""The parameters of a page that is everything."""


def facts(
    connection: Connection,
    point: Point,
    *,
    entity: str | None = None,
    source: str | None = None,
    type: str | None = None,  # noqa: A002
    counting: bool = False,
    vocabulary: Vocabulary = CORE,
) -> Batches:
    """What `lookup.facts` answers, whole, with position, recorded_at and actor.
    Refused(UNKNOWN_TYPE)."""
    check_fact_type(type, vocabulary)
    conditions, given = lookup.narrowed(entity=entity, source=source, type=type, counts=counting)
    return facts_that(connection, point, lookup.every(conditions), given)


def facts_that(
    connection: Connection, point: Point, condition: sql.Composable, given: Mapping[str, Any]
) -> Batches:
    """The same of the facts that meet a condition, which has parameters of its own."""
    query = sql.SQL(SQL["facts"]).format(conditions=condition)
    for rows in _batches(connection, query, {**point.parameters, **given}):
        for row in rows:
            row["recorded_at"] = datetime.fromisoformat(row["recorded_at"])
        yield rows


def quantities(
    connection: Connection, point: Point, *, entity: str, measure: str | None
) -> Batches:
    """What `lookup.quantities` answers, whole."""
    conditions, given = lookup.narrowed_to_quantities(entity, measure)
    return facts_that(connection, point, lookup.every(conditions), given)


def entities(
    connection: Connection, point: Point, *, text: str | None, kind: str | None, lang: str
) -> Batches:
    """What `lookup.entities` answers, whole."""
    condition: sql.Composable = sql.SQL(lookup.SQL["entity_of_kind"] if kind else "true")
    words: dict[str, Any] = {}
    if text:
        text = unicodedata.normalize("NFC", text)
        row = only_row(connection.execute(search.SQL["fold"], {"text": text}))
        asked = search.asked_of(text, row[0])
        # What has no letter or digit is in no name.
        is_word = bool(asked.patterns)
        entity = search.Searched.ENTITY
        condition = search.matching(entity, alike=False) if is_word else sql.SQL("false")
        words = asked.parameters
    query = sql.SQL(lookup.SQL["entities"]).format(conditions=condition)
    given = {**point.parameters, **words, "kind": kind, "lang": lang, **_WHOLE}
    return _batches(connection, query, given)


def sources_that(
    connection: Connection, point: Point, condition: sql.Composable, given: Mapping[str, Any]
) -> Batches:
    """The sources that meet a condition, which has parameters of its own, in `lookup`'s order."""
    query = sql.SQL(lookup.SQL["sources"]).format(conditions=condition)
    return _batches(connection, query, {**point.parameters, **_WHOLE, **given})


def events(connection: Connection, upto: int, entity: str | None) -> Iterator[list[Recorded]]:
    """The projected events up to a position; with an entity, those that bear on it, by its id."""
    narrowing = sql.SQL("true" if entity is None else entries.SQL["bearing"])
    query = sql.SQL(entries.SQL["entries"]).format(narrowing=narrowing)
    given = {"after": 0, "position": upto, "limit": None, "entity": entity}
    for rows in _read(connection, query, given, dict_row):
        yield [
            Recorded(decode(row["position"], row["type"], row["data"]), row["recorded_at"])
            for row in taken(rows)
        ]


def latest_entries(
    connection: Connection, upto: int, types: Sequence[str], most: int
) -> list[tuple[int, str, bytes, datetime]]:
    """The last events of some types up to a position, the newest first: position, type, data and
    when it was recorded."""
    given = {"types": list(types), "position": upto, "limit": most}
    return connection.execute(SQL["latest_entries"], given).fetchall()


def entries_at(connection: Connection, positions: Sequence[int]) -> list[tuple[int, str, bytes]]:
    """The events at some positions, but those of administration: position, type and data."""
    return connection.execute(SQL["entries_at"], {"positions": list(positions)}).fetchall()


class StoredEvent(NamedTuple):
    """An event as it is stored, with the hash of its leaf in hex."""

    position: int
    type: str
    data: bytes
    hash: str


def events_about(
    connection: Connection, tags: Sequence[str], types: Sequence[str] | None, most: int
) -> list[StoredEvent]:
    """The last events that have any of some tags, of some types alone if any are given, and what
    was said of the facts among them, newest first, but those of administration."""
    given = {"tags": list(tags), "types": None if types is None else list(types), "most": most}
    return [StoredEvent(*row) for row in connection.execute(SQL["events_about"], given)]


def rows_by_id(
    connection: Connection, query: str, ids: Sequence[str], point: Point
) -> dict[str, Row]:
    """By id, the rows of a query of asof.sql: `entities_by_id` or `sources_by_id`."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(asof.SQL[query], {**point.parameters, "ids": list(ids)})
        return {row["id"]: row for row in cursor}


def names_on_days(
    connection: Connection, asked: Sequence[tuple[str, int]], point: Point
) -> dict[tuple[str, int], dict[str, str]]:
    """The names by language of entities, each on a day of its own, of those that there are."""
    ids, days = [name for name, _ in asked], [day for _, day in asked]
    given = {**point.parameters, "ids": ids, "days": days}
    rows = connection.execute(asof.SQL["names_on_days"], given)
    return {(name, day): names for name, day, names in rows}


def facts_by_id(connection: Connection, point: Point, ids: Sequence[str]) -> dict[str, Row]:
    """By id, the facts that count or are set aside at a point, as rows of `facts`."""
    condition = sql.SQL(SQL["fact_is_one_of"])
    query = sql.SQL(SQL["facts"]).format(conditions=condition)
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(query, {**point.parameters, "ids": list(ids)})
        return {row["id"]: row for row in cursor}


def corroborations(
    connection: Connection, point: Point, ids: Sequence[str]
) -> dict[str, list[FactCorroborated]]:
    """By fact, what corroborates it, in order."""
    found: dict[str, list[FactCorroborated]] = {}
    rows = connection.execute(
        SQL["corroborations"],
        {"tags": [f"fact:{name}" for name in ids], "position": point.position},
    )
    for tag, position, type_, data in rows:
        entry = decode(position, type_, data).entry
        fact = tag.removeprefix("fact:")
        if isinstance(entry, FactCorroborated) and entry.fact == fact:
            found.setdefault(fact, []).append(entry)
    return found


def said_of(
    connection: Connection, facts: Iterable[str], point: Point, *, after: int = 0, most: int
) -> Iterator[tuple[str, Recorded]]:
    """The last events of some facts and what was said of them, each with its fact, after a
    position."""
    given = {"tags": [f"fact:{name}" for name in facts], "after": after, "most": most}
    rows = connection.execute(SQL["said_of"], {**point.parameters, **given})
    for tag, position, type_, data, recorded_at in rows:
        yield tag.removeprefix("fact:"), Recorded(decode(position, type_, data), recorded_at)


def fact_history(
    connection: Connection, fact: str, point: Point
) -> tuple[list[Row], list[Recorded]]:
    """The versions that a fact has had up to a position, and the events of it and its corrections,
    the fact's own first. Of no fact there are none."""
    with connection.cursor(row_factory=dict_row) as cursor:
        given = {**point.parameters, "ids": [fact], "tags": [f"fact:{fact}"]}
        versions = cursor.execute(lookup.SQL["rectangles"], given).fetchall()
        recorded = [
            Recorded(decode(row["position"], row["type"], row["data"]), row["recorded_at"])
            for row in cursor.execute(lookup.SQL["files"], given)
        ]
    own = recorded and isinstance(recorded[0].event.entry, Fact)
    return versions, recorded if own else []


def registered_on(connection: Connection, ids: Sequence[str], point: Point) -> dict[str, int]:
    """By source, the day on which it was registered."""
    rows = connection.execute(lookup.SQL["first_recorded"], {**point.parameters, "ids": list(ids)})
    return {name: (time - EPOCH).days for name, time in rows}
