"""A record in the core's words, and the same one in random words that it defines, say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from conftest import NewInstance
from psycopg.rows import dict_row
from psycopg.types.range import Range
from strategies import random_record
from support.reworded import Words
from thorough import times

from api.instance import Instance
from domain.codec import read, write
from domain.definitions import Definition
from domain.point import Clocks
from domain.sources import Entry
from domain.versions import FluentKey
from domain.vocabulary import CORE, DEFINITIONS
from projections.explain import Explained, explain
from projections.rebuild import rebuild
from store.sql import queries

LOG = queries("store", "log.sql")
SEEDS = range(times(4, 60))
DEFINING = CORE._replace(types={**CORE.types, **DEFINITIONS})
"""What files do not take yet."""
THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entries_of(objects: Sequence[dict[str, Any]]) -> list[Entry]:
    """Entries as a file has them, which may define the words of those that follow."""
    vocabulary, found = DEFINING, []
    for each in objects:
        entry = read(each, vocabulary)
        if isinstance(entry, Definition):
            vocabulary = vocabulary.extended(entry)
        found.append(entry)
    return found


class Twice(NamedTuple):
    """The same record in two words; in its own it begins with so many definitions."""

    core: Instance
    own: Instance
    words: Words
    shift: int
    length: int

    def rows(self, own: bool) -> dict[str, list[str]]:
        """The rows of all tables, in the core's words and positions."""
        instance = self.own if own else self.core
        found = {}
        with instance.database.connect() as connection:
            for table in ("entities", "sources", "versions", "intervals"):
                with connection.cursor(row_factory=dict_row) as cursor:
                    rows = cursor.execute(f"SELECT * FROM projections.{table}".encode()).fetchall()
                found[table] = sorted(self._written(row, own) for row in rows)
        return found

    def _written(self, row: dict[str, Any], own: bool) -> str:
        back = self.words.back(row) if own else row
        recorded = back["recorded"]
        shift = self.shift if own else 0
        upper = recorded.upper and recorded.upper - shift
        back = {**back, "recorded": (recorded.lower - shift, upper)}
        return json.dumps(back, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    return [value.lower, value.upper, value.isempty] if isinstance(value, Range) else str(value)


@pytest.fixture
def twice(new_instance: NewInstance, request: pytest.FixtureRequest) -> Iterator[Twice]:
    seed = request.param
    entries = random_record(2000 + seed, facts=16, corrections=14, oddities=False)
    words = Words(seed)
    definitions = words.definitions()
    with new_instance() as core, new_instance() as own:
        for instance, objects in (
            (core, entries),
            (own, [*definitions, *words.retold(entries)]),
        ):
            instance.record.clock = lambda: THEN
            taken = entries_of(objects)
            for start in range(0, len(taken), 40):
                instance.record.apply(taken[start : start + 40], actor="someone")
                instance.catch_up()
        yield Twice(core, own, words, len(definitions), len(entries))


@pytest.mark.parametrize("twice", SEEDS, indirect=True)
def test_the_rows_are_the_same_up_to_the_names(twice: Twice) -> None:
    expected = twice.rows(own=False)

    assert expected["intervals"]
    same_rows(twice.rows(own=True), expected)
    rebuild(twice.own.database, batch=11)
    same_rows(twice.rows(own=True), expected)


def same_rows(found: dict[str, list[str]], expected: dict[str, list[str]]) -> None:
    """One by one, so that a failure shows the row."""
    for table, rows in expected.items():
        assert len(found[table]) == len(rows)
        for mine, theirs in zip(found[table], rows, strict=True):
            assert mine == theirs, table


@pytest.mark.parametrize("twice", SEEDS, indirect=True)
def test_explanations_are_the_same_up_to_the_names(twice: Twice) -> None:
    core, own, words, shift, length = twice
    with core.database.connect() as mine, own.database.connect() as theirs:
        keys = mine.execute(
            "SELECT DISTINCT fluent, scope, subject FROM projections.intervals ORDER BY 1, 2, 3"
        ).fetchall()
        for fluent, *sides in keys[:4]:
            for day in (16_000, 16_200, 16_400):
                point = Clocks().point(length, day)
                expected = explain(mine, FluentKey(fluent, *sides), point)
                found = explain(
                    theirs,
                    FluentKey(words.fluents[fluent], *sides),
                    point._replace(position=length + shift),
                )
                assert (found.standing, found.rule) == (expected.standing, expected.rule)
                assert named(found) == named(expected)


def named(found: Explained) -> list[tuple[str, str]]:
    """The events of an explanation, each with its role."""
    return [(event.entry.id, role) for event, role in found.events]


def test_a_record_exported_is_read_again(new_instance: NewInstance) -> None:
    words = Words(1)
    objects = [*words.definitions(), *words.retold(random_record(1, oddities=False))]
    taken = entries_of(objects)

    with new_instance() as instance:
        instance.record.apply(taken, actor="someone")
        with instance.database.connect() as connection:
            rows = connection.execute(
                "SELECT id, type, data FROM sijill_events_tt_main ORDER BY id"
            )
            from domain.codec import decode

            stored = [write(decode(*row).entry) for row in rows]
        assert stored == [write(entry) for entry in taken]
        assert instance.record.apply(entries_of(stored), actor="another").recorded == 0
