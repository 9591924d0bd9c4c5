"""What a record holds at a point of the clocks: counts, and lists by which all of it is reached.

Conditions are those of the pages and of their files alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from psycopg import sql
from psycopg.rows import dict_row

from domain.dates import MAX_DAY, MIN_DAY, days_from_civil
from domain.errors import Refused
from domain.point import Point
from domain.vocabulary import Vocabulary
from projections import lookup, search
from projections.asof import Row
from projections.lookup import check_fact_type
from projections.view_rows import Connection
from store.sql import queries

SQL = queries("projections", "holdings.sql")

MOST: Final = 10_000
"""Nothing is counted beyond: then a count is MOST + 1."""
LOOKED_AT: Final = 50_000
"""Rows that are looked at for what a filter finds."""
LATEST_EVENTS: Final = 2_000
"""Events of the log's end among which the newest knowledge is looked for."""
LONG: Final = 2 * 365
"""Days for which what no source attests is worth a look."""
LAST_PAGE: Final = 1_000


class Doubt(StrEnum):
    """A filter of facts."""

    CONTESTED = "contested"
    DISPUTED = "disputed"
    ANNOUNCED = "announced"
    SINGLE_SOURCE = "single-source"
    UNATTESTED = "unattested"


SORTS: Final = {
    "entities": ("name", "facts"),
    "sources": ("published", "name", "grade", "facts"),
    "facts": ("date", "newest", "known"),
}
"""The orders of each list, the usual one first."""


class ListCondition(NamedTuple):
    """A condition of a list, and its parameters."""

    text: sql.Composable
    given: dict[str, Any]


class Counted(NamedTuple):
    """How many there are by each name."""

    name: str
    number: int


class Holdings(NamedTuple):
    """What the record holds, counted: by kind, type and filter; of sources by each facet, too."""

    kinds: list[Counted]
    types: list[Counted]
    doubts: list[Counted]
    sources: dict[str, list[Counted]]

    @property
    def entities(self) -> int:
        """How many entities, of all kinds."""
        return sum(each.number for each in self.kinds)

    @property
    def facts(self) -> int:
        """How many facts, of all types."""
        return sum(each.number for each in self.types)


class HeldScope(NamedTuple):
    """How much of a fluent holds of an entity."""

    fluent: str
    entity: str
    number: int


class ListPage(NamedTuple):
    """Rows of a list, how many there are in all, and the first letters with how many have each."""

    rows: list[Row]
    total: int
    letters: list[Counted]


def _text(query: str, /, **parts: sql.Composable) -> sql.Composed:
    return sql.SQL(SQL[query]).format(**parts)


_GRADE: Final = _text("grade")
_PUBLISHED: Final = _text("published")
_DAY: Final = _text("day")
_BOUNDS: Final = {"least": MIN_DAY, "most": MAX_DAY}


def check(value: str, known: Iterable[str], field: str) -> None:
    """Refused(BAD_VALUE) for a value that is none of those known."""
    known = list(known)
    if value not in known:
        raise Refused(
            "BAD_VALUE", f"There is no {value[:40]!a} here: {', '.join(known)}.", field=field
        )


def fact_condition(point: Point, given: Mapping[str, str], vocabulary: Vocabulary) -> ListCondition:
    """The facts of a `type` and a `year` and what is `only` wanted. Refused(UNKNOWN_TYPE,
    BAD_VALUE)."""
    texts: list[sql.Composable] = []
    values: dict[str, Any] = {}
    if kind := given.get("type"):
        check_fact_type(kind, vocabulary)
        texts.append(sql.SQL(lookup.SQL["fact_of_type"]))
        values["type"] = kind
    if year := given.get("year"):
        first, last = _year(year)
        texts.append(_text("of_year", day=_DAY))
        values |= {**_BOUNDS, "year_first": first, "year_last": last}
    if only := given.get("only"):
        check(only, Doubt, "only")
        texts.append(_doubt(Doubt(only)))
        values |= _doubting(point)
    return ListCondition(sql.SQL(" AND ").join(texts or [sql.SQL("true")]), values)


def _doubt(doubt: Doubt) -> sql.Composed:
    return _text(doubt.name.lower())


def _doubting(point: Point) -> dict[str, Any]:
    return {"looked_at": LOOKED_AT, "before": point.as_of.latest - LONG}


def _year(text: str) -> tuple[int, int]:
    """The days of a year as -0044, 2014. Refused(BAD_VALUE)."""
    digits = text.removeprefix("-")
    if not (len(digits) == 4 and digits.isascii() and digits.isdigit()):
        raise Refused(
            "BAD_VALUE", f"{text[:40]!a} is not a year: write for example 2014.", field="year"
        )
    year = int(text)
    last = MAX_DAY if year == 9999 else days_from_civil(year + 1, 1, 1) - 1
    return days_from_civil(year, 1, 1), last


def source_condition(given: Mapping[str, str]) -> ListCondition:
    """The sources of a `publisher`, a `grade` such as B or B2, a `year` of publication, which may
    be a decade's. Refused(BAD_VALUE)."""
    texts = {"publisher": "of_publisher", "grade": "of_grade", "year": "of_published"}
    wanted = {name: given[name] for name in texts if given.get(name)}
    if (grade := wanted.get("grade")) and not re.fullmatch("[A-F][1-6]?|[1-6]", grade):
        message = (
            f"{grade[:40]!a} is not a grade: write a reliability A, B, C, D, E or F, perhaps with "
            "a credibility 1 to 6, such as B or B2."
        )
        raise Refused("BAD_VALUE", message, field="grade")
    if (year := wanted.get("year")) and not re.fullmatch("-?[0-9]{2}([0-9][0-9X]|XX)", year):
        message = f"{year[:40]!a} is not a year: write for example 2014, or 201X for a decade."
        raise Refused("BAD_VALUE", message, field="year")
    parts: list[sql.Composable] = [
        _text(texts[name], grade=_GRADE, published=_PUBLISHED) for name in wanted
    ]
    return ListCondition(sql.SQL(" AND ").join(parts or [sql.SQL("true")]), dict(wanted))


def entity_condition(
    connection: Connection, given: Mapping[str, str], vocabulary: Vocabulary
) -> ListCondition:
    """The entities of a `kind` with the words of a `search`. Refused(BAD_VALUE)."""
    texts: list[sql.Composable] = []
    values: dict[str, Any] = {}
    if kind := given.get("kind"):
        check(kind, vocabulary.kinds, "kind")
        texts.append(_text("of_kind"))
        values["kind"] = kind
    if text := given.get("search"):
        row = connection.execute(
            search.SQL["fold"], {"text": unicodedata.normalize("NFC", text)}
        ).fetchone()
        assert row is not None
        asked = search.asked_of(text, row[0])
        words: sql.Composable = sql.SQL("false")
        if asked.patterns:
            words = search.matching(search.Searched.ENTITY, alike=False)
        texts.append(_text("of_words", words=words))
        values |= asked.parameters
    return ListCondition(sql.SQL(" AND ").join(texts or [sql.SQL("true")]), values)


def holdings(connection: Connection, point: Point, vocabulary: Vocabulary) -> Holdings:
    """What the record holds; what it has none of is left out."""
    given = {**point.parameters, **_doubting(point), "limit": MOST + 1}

    def counted(query: sql.Composed, **more: Any) -> list[Counted]:
        rows = connection.execute(query, {**given, **more})
        return [Counted(name, count) for name, count in rows if count]

    filters = sql.SQL(" UNION ALL ").join(
        _text("doubt", name=sql.Literal(each.value), condition=_doubt(each)) for each in Doubt
    )
    facets: dict[str, list[Counted]] = {"publisher": [], "grade": [], "year": [], "all": []}
    rows = connection.execute(_text("sources", grade=_GRADE, published=_PUBLISHED), given)
    for facet, name, count in rows:
        if name or facet == "all":
            facets[facet].append(Counted(name or "", count))
    for facet, found in facets.items():
        found.sort(key=lambda each: each.name, reverse=facet == "year")
    return Holdings(
        kinds=counted(_text("kinds"), names=list(vocabulary.kinds)),
        types=counted(_text("types"), names=list(vocabulary.fact_types)),
        doubts=counted(_text("doubts", filters=filters)),
        sources=facets,
    )


def scopes(connection: Connection, point: Point, most: int) -> list[HeldScope]:
    """The entities of which most holds, by the fluent of which it does."""
    given = {**point.parameters, "looked_at": LOOKED_AT, "limit": most}
    return [HeldScope(*row) for row in connection.execute(_text("scopes"), given)]


def mapped(connection: Connection, point: Point, most: int) -> list[str]:
    """The entities of which most lies in a country or at a place, those with most first."""
    given = {**point.parameters, "looked_at": LOOKED_AT, "limit": most}
    return [entity for (entity,) in connection.execute(_text("mapped"), given)]


def years(connection: Connection, point: Point) -> list[Counted]:
    """How many facts there are of each year, the latest first."""
    query = _text("years", year=_text("year", day=_DAY), day=_DAY)
    given = {**point.parameters, **_BOUNDS, "limit": LOOKED_AT}
    return [Counted(name, count) for name, count in connection.execute(query, given)]


def newest(
    connection: Connection, point: Point, vocabulary: Vocabulary, most: int
) -> list[tuple[str, int]]:
    """The facts that became known last, among those recorded lately, each with the day."""
    given = {
        **point.parameters,
        "events": LATEST_EVENTS,
        "types": list(vocabulary.fact_types),
        "limit": most,
    }
    return [(fact, day) for fact, day in connection.execute(_text("newest"), given)]


def entities(
    connection: Connection, point: Point, condition: ListCondition, sort: str, at: ListOffset
) -> ListPage:
    """A page of entities; `letter` narrows it to names that begin so."""
    letter = sql.SQL("true") if not at.letter else _text("of_letter")
    given = {**condition.given, "lang": at.lang, "letter": at.letter}
    query = _text(
        "entities_listed",
        conditions=condition.text,
        letter=letter,
        naming=_naming(sort, "subjects"),
        order=_text(f"entities_by_{sort}"),
    )
    row = _one(connection, query, point, at, given)
    return ListPage(row["rows"], row["total"], [Counted(*each) for each in row["letters"]])


def _naming(sort: str, side: str) -> sql.Composed:
    return _text("naming", side=sql.Identifier(side)) if sort == "facts" else _text("unordered")


def sources(
    connection: Connection, point: Point, condition: ListCondition, sort: str, at: ListOffset
) -> ListPage:
    """A page of sources."""
    order = _text(f"sources_by_{sort}", grade=_GRADE)
    query = _text(
        "sources_listed", conditions=condition.text, order=order, naming=_naming(sort, "sources")
    )
    row = _one(connection, query, point, at, condition.given)
    return ListPage(row["rows"], row["total"], [])


def facts(
    connection: Connection, point: Point, condition: ListCondition, sort: str, at: ListOffset
) -> tuple[list[str], int]:
    """The ids of a page of facts, and how many there are."""
    query = _text("facts_listed", conditions=condition.text, order=_text(f"facts_by_{sort}"))
    row = _one(connection, query, point, at, condition.given)
    return row["ids"], row["total"]


class ListOffset(NamedTuple):
    """Where a page of a list is: so many rows after so many; names are in `lang`."""

    rows: int
    offset: int
    lang: str = "en"
    letter: str = ""


def _one(
    connection: Connection,
    query: sql.Composed,
    point: Point,
    at: ListOffset,
    given: Mapping[str, Any],
) -> Row:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            query,
            {
                **point.parameters,
                **given,
                "rows": at.rows,
                "offset": at.offset,
                "limit": MOST + 1,
                "looked_at": LOOKED_AT,
            },
        )
        row = cursor.fetchone()
    assert row is not None
    return row
