"""Answers touch the rows that they return, by the indexes meant for them, however deep the history.

Told by EXPLAIN of the statement that is prepared for a question, by what it read, not how long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from conftest import NewInstance
from graphql import get_operation_ast

from api.graphql.context import Access, Operation
from api.graphql.execution import prepare, session
from api.graphql.plan_execution import PlannedQuery, ask
from api.instance import Instance
from benchmarks import straight
from benchmarks.generator import Size, deep_known, entries
from benchmarks.question import DOCUMENT, Question
from domain.codec import read
from domain.dates import MAX_DAY, Days, today
from domain.point import Point
from domain.record import Record
from projections import lookup
from store.database import READER
from store.sql import queries

DAYS = queries("projections", "rectangles.sql")
SHALLOW, DEEP, MEMBERS = 1, 1_000, 4
MOMENTS = "now", "old K", "old R", "old K and R"
INDEXES = {"now": {"intervals_scope_open"}}
PAST = {"intervals_scope"}
NOW = Point(Days(today(), today()), MAX_DAY, 2**31)
CLOSED = (SHALLOW + DEEP) * MEMBERS
"""Versions that a later one has replaced, which are passed over."""


@pytest.fixture(scope="module")
def recorded(new_instance: NewInstance) -> Iterator[Instance]:
    """Facts corrected once and a thousand times, among others."""
    with new_instance() as instance:
        straight.append(instance, entries(Size(300, (90,), (SHALLOW, DEEP), MEMBERS)))
        straight.project(instance)
        with instance.database.connect() as owner:
            owner.execute("VACUUM ANALYZE")
        yield instance


def question(instance: Instance, depth: int, moment: str) -> Question:
    """The members of that depth at a moment in the middle of their corrections."""
    asked = Question(f"depth-{depth}")
    if "K" in moment:
        asked = asked._replace(known_at=deep_known(depth))
    if "R" in moment:
        with instance.database.connect() as connection:
            row = connection.execute(
                "SELECT position FROM events WHERE id = %s", [f"depth-{depth}-0-fix-{depth // 2}"]
            ).fetchone()
        assert row is not None
        asked = asked._replace(at_position=row[0])
    return asked


class Plan:
    """What a statement did."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree = tree
        self.pages = tree["Shared Hit Blocks"] + tree["Shared Read Blocks"]

    def scans(self, table: str) -> Iterator[Mapping[str, Any]]:
        """The nodes that read a table, bitmaps of its indexes among them."""
        waiting = [self.tree]
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", [])
            if node.get("Relation Name") == table or node.get("Index Name", "").startswith(table):
                yield node

    def touched(self, table: str) -> float:
        """How many rows of a table were looked at, whether they were of use or not."""
        return sum(
            node["Actual Loops"]
            * (
                node["Actual Rows"]
                + node.get("Rows Removed by Filter", 0)
                + node.get("Rows Removed by Index Recheck", 0)
            )
            for node in self.scans(table)
            if "Relation Name" in node
        )

    def indexes(self, table: str) -> set[str]:
        """The indexes that a table was read by; `a scan` where by none."""
        return {
            node.get("Index Name", "a scan")
            for node in self.scans(table)
            if node["Node Type"] != "Bitmap Heap Scan" and node["Actual Loops"]
        }


def explained(instance: Instance, statement: bytes, parameters: Sequence[str | None]) -> Plan:
    """A statement's, prepared as it is for an answer."""
    kinds = ", ".join(["text"] * len(parameters))
    with psycopg.connect(
        instance.database.url, autocommit=True, **session(instance.database)
    ) as connection:
        connection.execute(f"PREPARE it ({kinds}) AS ".encode() + statement)
        given = psycopg.sql.SQL(", ").join(map(psycopg.sql.Literal, parameters))
        row = connection.execute(
            psycopg.sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE it ({})").format(given)
        ).fetchone()
    assert row is not None
    return Plan(row[0][0]["Plan"])


def rows_of(instance: Instance, question: Question) -> Plan:
    """The statement of a question."""
    asked = asyncio.run(_asked(instance, question))
    return explained(instance, asked.plan.statement, asked.parameters)


def sources_of(instance: Instance, question: Question, ids: Sequence[str]) -> Plan:
    """The statement that writes the sources of a question's rows."""
    asked = asyncio.run(_asked(instance, question))
    [(statement, group)] = asked.plan.source_texts
    values = asked.values[group]
    position = values.get("position", str(2**40))
    return explained(instance, statement, [values["known_at"], position, f"{{{','.join(ids)}}}"])


def cited(instance: Instance, coalition: str) -> list[str]:
    """The sources of what stands of a coalition."""
    with instance.database.connect(READER) as connection:
        found = connection.execute(
            "SELECT DISTINCT unnest(sources) FROM intervals "
            "WHERE scope = %s AND upper_inf(known) AND upper_inf(recorded)",
            [coalition],
        )
        return [source for (source,) in found]


async def _asked(instance: Instance, question: Question) -> PlannedQuery:
    @asynccontextmanager
    async def reader() -> Any:
        async with await psycopg.AsyncConnection.connect(
            instance.database.url, autocommit=True, **session(instance.database)
        ) as connection:
            yield connection

    variables = question.variables()
    prepared = prepare(DOCUMENT, variables, None)
    assert not isinstance(prepared, list)
    definition = get_operation_ast(prepared.document)
    assert definition is not None
    async with Operation(Access(instance, reader)) as operation:
        asked = await ask(operation, (DOCUMENT, None, ()), prepared.document, definition, variables)
    assert asked is not None
    return asked


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("depth", [SHALLOW, DEEP])
def test_an_answer_touches_the_rows_that_it_returns(
    recorded: Instance, depth: int, moment: str
) -> None:
    asked = question(recorded, depth, moment)
    plan = rows_of(recorded, asked)

    assert plan.indexes("intervals") == INDEXES.get(moment, PAST)
    assert plan.touched("intervals") == MEMBERS
    for table in "entities", "sources":
        assert "a scan" not in plan.indexes(table)
    assert plan.touched("entities") == MEMBERS + 1
    assert plan.touched("sources") <= 1
    sources = sources_of(recorded, asked, ["first-word", "evidence-0000"])
    assert "a scan" not in sources.indexes("sources")
    assert sources.touched("sources") == 2


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_thousand_corrections_cost_no_more_pages_than_one(
    recorded: Instance, moment: str
) -> None:
    shallow, deep = (
        rows_of(recorded, question(recorded, depth, moment)) for depth in (SHALLOW, DEEP)
    )

    assert deep.pages <= 1.5 * shallow.pages


class Explaining(psycopg.AsyncCursor[Any]):
    """Executes no query, but tells what it would do."""

    async def execute(self, query: Any, *args: Any, **kwargs: Any) -> Explaining:
        """As psycopg's."""
        told = psycopg.sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ") + (
            query if isinstance(query, psycopg.sql.Composable) else psycopg.sql.SQL(query)
        )
        return await super().execute(told, *args, **kwargs)


def listed(instance: Instance, work: Callable[[Any], Awaitable[lookup.Listed]]) -> Plan:
    """What the statement of a list does."""

    async def look() -> Plan:
        async with await psycopg.AsyncConnection.connect(
            instance.database.url,
            autocommit=True,
            cursor_factory=Explaining,
            **session(instance.database),
        ) as connection:
            found = await work(connection)
        return Plan(found.rows[0]["QUERY PLAN"][0]["Plan"])

    return asyncio.run(look())


def test_entities_of_a_kind_are_read_and_no_others(recorded: Instance) -> None:
    kinds = {"search": None, "lang": "en", "after": None, "first": 500}
    plan = listed(recorded, lambda it: lookup.entities(it, NOW, kind="COUNTRY", **kinds))
    with recorded.database.connect() as owner:
        row = owner.execute(
            "SELECT count(*) FILTER (WHERE kind = 'COUNTRY'), count(*) FROM entities"
        ).fetchone()
    assert row is not None

    assert plan.indexes("entities") <= {"entities_kind", "entities_id", "entities_now"}
    assert plan.touched("entities") == 2 * row[0]  # by kind, then by id
    assert row[0] < row[1]


@pytest.mark.parametrize("first", [1, 20])
def test_a_page_of_sources_is_read_in_their_order(recorded: Instance, first: int) -> None:
    plan = listed(recorded, lambda it: lookup.sources(it, NOW, first, None))

    assert plan.indexes("sources") == {"sources_listed"}
    assert plan.touched("sources") == first + 1


@pytest.mark.parametrize("first", [1, 5])
def test_a_page_of_facts_of_a_type_is_read_in_their_order(recorded: Instance, first: int) -> None:
    plan = listed(
        recorded, lambda it: lookup.facts(it, NOW, type="MemberLeft", first=first, after=None)
    )

    assert plan.indexes("versions") == {"versions_type"}
    assert plan.touched("versions") < 2 * (first + 1)  # some do not count


def test_a_page_of_all_facts_reads_a_page_of_each_type(recorded: Instance) -> None:
    plan = listed(recorded, lambda it: lookup.facts(it, NOW, first=10, after=None))
    with recorded.database.connect() as owner:
        row = owner.execute("SELECT count(DISTINCT type) FROM versions").fetchone()
    assert row is not None

    assert plan.indexes("versions") == {"versions_type"}
    assert plan.touched("versions") <= 11 * row[0] + CLOSED


def test_the_days_of_records_are_those_of_a_reading_of_all(instance: Instance) -> None:
    times = [datetime(2024, 1, 1 + day // 2, 23 * (day % 2), tzinfo=UTC) for day in range(8)]
    for number, time in enumerate(times):
        Record(instance.record.recorder, lambda time=time: time).apply(  # type: ignore[misc]
            [read(entry) for entry in _registrations(number)], actor="someone"
        )
    instance.catch_up()

    for position in range(17):
        with instance.database.connect(READER) as connection:
            told = connection.execute(
                DAYS["recorded_on"], {"position": position, "limit": 100}
            ).fetchall()
            expected = connection.execute(
                "SELECT recorded_at::date - date '1970-01-01' AS day, min(position), max(position) "
                "FROM events WHERE position <= %s GROUP BY recorded_at::date ORDER BY day",
                [position],
            ).fetchall()
        assert told == expected


def test_the_days_of_records_cost_a_look_at_their_ends(recorded: Instance) -> None:
    with recorded.database.connect(READER) as connection:
        row = connection.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + DAYS["recorded_on"],
            {"position": 2_000, "limit": 100},
        ).fetchone()
    assert row is not None
    assert row[0][0]["Plan"]["Shared Hit Blocks"] + row[0][0]["Plan"]["Shared Read Blocks"] < 40


def _registrations(number: int) -> list[dict[str, Any]]:
    return [
        {"type": "EntityRegistered", "id": f"e{number}-{each}", "kind": "COUNTRY",
         "names": {"en": "A country"}}
        for each in range(2)
    ]  # fmt: skip


def test_ninety_members_are_found_by_a_look_each(recorded: Instance) -> None:
    asked = Question("probe-90")
    plan = rows_of(recorded, asked)
    ids = cited(recorded, "probe-90")
    sources = sources_of(recorded, asked, ids)

    assert plan.touched("intervals") == 90
    assert plan.touched("entities") == 90 + 1
    assert plan.touched("sources") <= 1
    assert sources.touched("sources") == len(ids) < 180
