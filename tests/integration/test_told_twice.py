"""A record in the core's words, and the same one in random words that it defines, say the same."""

from __future__ import annotations

import asyncio
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

from api.export.pinned_view import pin
from api.export.reader import first_rows
from api.export.views import OF_RECORD, of_entity
from api.graphql import execution
from api.graphql.execution import access
from api.instance import Instance
from api.session import Session
from domain.codec import read, write
from domain.definitions import Definition
from domain.sources import Entry
from domain.vocabulary import CORE
from projections.rebuild import rebuild
from store.sql import queries

LOG = queries("store", "log.sql")
SEEDS = range(times(4, 60))
THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entries_of(objects: Sequence[dict[str, Any]]) -> list[Entry]:
    """Entries as a file has them, which may define the words of those that follow."""
    vocabulary, found = CORE, []
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
            instance.vocabulary.refresh()
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


DIFF = """query ($from: AsOf!, $to: AsOf!) { diff(from: $from, to: $to, first: 500) { edges { node {
  question scope { id kind } subject { id kind } change causes
  before { standing contested since { edtf earliest latest } until { edtf earliest latest } }
  after { standing contested since { edtf earliest latest } until { edtf earliest latest } }
  events { id type } sources { id } } } } }"""
FACTS = """{ facts(first: 500) { edges { node {
  id type when { edtf } subjects { key entity { id kind } } details disputed counts
  citations { source { id } } } } } }"""
EXPLAIN = """query ($question: Question!, $scope: ID!, $subject: ID!) {
  explain(question: $question, scope: $scope, subject: $subject) {
    standing events { id type role } } }"""


def asked(instance: Instance, document: str, variables: dict[str, Any] | None = None) -> Any:
    answer = execution.ask(instance, document, variables or {})
    assert "errors" not in answer, answer
    return answer["data"]


@pytest.mark.parametrize("twice", SEEDS, indirect=True)
def test_answers_are_the_same_up_to_the_names(twice: Twice) -> None:
    core, own, words, shift, length = twice
    middle = length // 2

    def diff(instance: Instance, shift: int) -> Any:
        clocks = {"from": {"atPosition": middle + shift}, "to": {"atPosition": length + shift}}
        return asked(instance, DIFF, clocks)

    differing = diff(core, 0)
    assert by_row(words.back(diff(own, shift))) == by_row(differing)
    found, expected = words.back(asked(own, FACTS)), asked(core, FACTS)
    for mine, theirs in zip(found["facts"]["edges"], expected["facts"]["edges"], strict=True):
        assert mine == theirs
    for each in differing["diff"]["edges"][:3]:
        node = each["node"]
        question = node["question"].lower()
        sides = {"scope": node["scope"]["id"], "subject": node["subject"]["id"]}
        explained = asked(own, EXPLAIN, {"question": words.questions[question].upper(), **sides})
        expected = asked(core, EXPLAIN, {"question": question.upper(), **sides})
        assert words.back(explained) == expected


def by_row(data: dict[str, Any]) -> list[str]:
    """The rows of a diff in an order that no name has a part in."""
    return sorted(json.dumps(each["node"], sort_keys=True) for each in data["diff"]["edges"])


@pytest.mark.parametrize("twice", SEEDS, indirect=True)
def test_questions_of_either_side_are_the_same_up_to_the_names(twice: Twice) -> None:
    core, own, words, *_ = twice
    with core.database.connect() as connection:
        log = [row for (row,) in connection.execute("SELECT id FROM projections.entities")]
    days = ["2012-06-01", "2014", "2015-03"]
    for name, fluent, inverse in CORE.questions:
        if fluent.question == "organisations":
            continue
        side = words.sides[fluent.name]
        theirs = (fluent.subject, fluent.scope) if inverse else (fluent.scope, fluent.subject)
        ours = side[::-1] if inverse else side
        for entity in sorted(set(log))[:3]:
            for day in days:
                expected, held = (
                    asked(
                        instance,
                        f'{{ {question}({named[0]}: "{entity}", asOf: "{day}") {{'
                        f" count {{ certain possible announced }}"
                        f" edges {{ node {{ {named[1]} {{ id kind }} standing facts {{ id type }}"
                        f" since {{ edtf }} until {{ edtf }} sources {{ id }} }} }} }} }}",
                    )
                    for instance, question, named in (
                        (core, name, theirs),
                        (own, words.questions[name], ours),
                    )
                )
                assert words.back(held) == expected


@pytest.mark.parametrize("twice", SEEDS, indirect=True)
def test_what_ifs_are_the_same_up_to_the_names(twice: Twice) -> None:
    core, own, words, *_ = twice
    members = CORE.fluents["membership"]
    side = words.sides[members.name]
    ids = """SELECT DISTINCT scope, sources[1] FROM projections.intervals
      WHERE fluent = 'membership' ORDER BY 1, 2 LIMIT 3"""
    with core.database.connect() as connection:
        cases = connection.execute(ids).fetchall()
    assert cases

    for scope, source in cases:
        expected, supposed = (
            asked(
                instance,
                f'{{ whatIf(without: {{sources: ["{source}"]}}) {{'
                f' {question}({named[0]}: "{scope}", asOf: "2014") {{'
                f" count {{ certain possible announced }}"
                f" edges {{ node {{ {named[1]} {{ id kind }} standing facts {{ id type }}"
                f" since {{ edtf }} until {{ edtf }} sources {{ id }} }} }} }} }} }}",
            )
            for instance, question, named in (
                (core, members.question, (members.scope, members.subject)),
                (own, words.questions[members.question], side),
            )
        )
        assert words.back(supposed) == expected


@pytest.mark.parametrize("twice", SEEDS, indirect=True)
def test_exports_are_the_same_up_to_the_names(twice: Twice) -> None:
    core, own, words, shift, length = twice

    def rows(instance: Instance, name: str, subject: str | None, position: int) -> list[Any]:
        views = OF_RECORD if subject is None else of_entity(instance.vocabulary.current)
        given = {"asOf": "2014", "atPosition": str(position)}
        pinned = asyncio.run(pin(access(instance), views[name], subject, given))
        return first_rows(instance.database, pinned, 1_000, Session())[1]

    with core.database.connect() as connection:
        found = connection.execute("SELECT DISTINCT id FROM projections.entities ORDER BY id")
        entities = [name for (name,) in found][:3]
    for name, subject in [("facts", None), ("entities", None), *(("state", e) for e in entities)]:
        expected = rows(core, name, subject, length)
        told = [
            _shifted(words.back(row), shift) for row in rows(own, name, subject, length + shift)
        ]
        assert sorted(map(_sorted, told)) == sorted(map(_sorted, expected))


def _shifted(row: Any, shift: int) -> Any:
    """A row with the positions that it has where nothing is defined first."""
    if isinstance(row, dict):
        return {
            key: each - shift if key == "position" else _shifted(each, shift)
            for key, each in row.items()
        }
    return [_shifted(each, shift) for each in row] if isinstance(row, list) else row


def _sorted(row: Any) -> str:
    return json.dumps(row, sort_keys=True)


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
