"""A record in the core's words, and the same one in random words that it defines, say the same."""

from __future__ import annotations

import asyncio
import json
import random
import string
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from conftest import NewInstance, browsing
from oracle import Oracle
from projected import answers, every_question, log_of, naive
from psycopg.rows import dict_row
from psycopg.types.range import Range
from strategies import moments, random_record
from support.proof_verifier import parse_answer_proof, verify_answer
from support.reworded import EntryObject, Retold, Words
from support.spark_workers import engine_without_spark
from thorough import times

from api.answer_proof import prove_question
from api.export.pinned_view import pin
from api.export.reader import first_rows
from api.export.views import OF_RECORD, of_entity
from api.graphql import execution
from api.graphql.execution import access
from api.graphql.question_document import document_of, question_named
from api.instance import Instance
from api.session import Session
from domain.codec import read, write
from domain.definitions import Definition, FactTypeDefined, FluentDefined, KindDefined
from domain.facts import Fluent
from domain.sources import Entry
from domain.vocabulary import CORE, Vocabulary
from projections.follower import Memory, catch_up
from projections.rebuild import rebuild
from store.checkpoints import sign_now
from store.database import FOLLOWER, WRITER

SEEDS = range(times(1, 60))
BEGUN = datetime(2020, 3, 1, 12, tzinfo=UTC)
ENTITIES = ("e1", "e2", "e3", "e4", "e5")
TABLES = ("entities", "sources", "versions", "intervals")


def entries_of(objects: Sequence[EntryObject]) -> list[Entry]:
    """Entries as a file has them, which may define the words of those that follow."""
    vocabulary, found = CORE, []
    for each in objects:
        entry = read(each, vocabulary)
        if isinstance(entry, Definition):
            vocabulary = vocabulary.extended(entry)
        found.append(entry)
    return found


def record(instance: Instance, taken: Sequence[Entry], places: Sequence[int], seed: int) -> None:
    """Take entries in, some at a time, days apart, and project them in batches of any size.

    `places` are the positions of the record's own entries, which come at the same times in
    whatever words: what stands between two of them comes with the second one.
    """
    rng, memory, start, now = random.Random(seed), Memory(), 0, BEGUN
    with instance.database.connect(FOLLOWER) as connection:
        while start < len(places) - 1:
            end = min(start + rng.choice([1, 1, 2, 5, 20]), len(places) - 1)
            now += timedelta(hours=rng.choice([0, 1, 20, 300, 1500]))
            instance.record.clock = lambda now=now: now  # type: ignore[misc]
            instance.record.apply(taken[places[start] : places[end]], actor="someone")
            start = end
            if rng.random() < 0.6:
                catch_up(connection, batch=rng.choice([1, 3, 1000]), memory=memory)
        instance.record.apply(taken[places[-1] :], actor="someone")
        catch_up(connection, batch=7)
    instance.vocabulary.refresh()


class Twice(NamedTuple):
    """The same record in two words."""

    core: Instance
    own: Instance
    words: Words
    retold: Retold
    entries: list[EntryObject]

    @property
    def head(self) -> int:
        return len(self.entries)

    def ours(self, position: int) -> int:
        """The position in its own words that an entry has, or 0."""
        return self.retold.places[position]

    def back(self, value: Any) -> Any:
        """What is said in its own words and positions, in the core's."""
        positions = {own: core for core, own in enumerate(self.retold.places)}
        return _placed(self.words.back(value), positions)

    def rows(self, own: bool) -> dict[str, list[str]]:
        """The rows of all tables, in the core's words and positions."""
        instance = self.own if own else self.core
        found = {}
        with instance.database.connect() as connection:
            for table in TABLES:
                with connection.cursor(row_factory=dict_row) as cursor:
                    rows = cursor.execute(f"SELECT * FROM projections.{table}".encode()).fetchall()
                found[table] = sorted(self._written(row, own) for row in rows)
        return found

    def _written(self, row: dict[str, Any], own: bool) -> str:
        recorded = row["recorded"]
        ends = [{"position": recorded.lower}, {"position": recorded.upper}]
        row = {**row, "recorded": ends}
        return json.dumps(self.back(row) if own else row, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    return [value.lower, value.upper, value.isempty] if isinstance(value, Range) else str(value)


def _placed(value: Any, positions: dict[int, int]) -> Any:
    if isinstance(value, dict):
        return {
            key: positions.get(each, each) if key == "position" else _placed(each, positions)
            for key, each in value.items()
        }
    return [_placed(each, positions) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def twice(new_instance: NewInstance, request: pytest.FixtureRequest) -> Iterator[Twice]:
    seed = request.param
    entries = random_record(2000 + seed, facts=16, corrections=14, oddities=False)
    words = Words(seed)
    retold = words.retold(entries)
    with new_instance() as core, new_instance() as own:
        record(core, entries_of(entries), range(len(entries) + 1), seed)
        record(own, entries_of(retold.objects), retold.places, seed)
        for instance in (core, own):
            with instance.database.connect(WRITER) as connection:
                sign_now(connection, instance.signer())
        yield Twice(core, own, words, retold, entries)


told_twice = pytest.mark.parametrize("twice", SEEDS, indirect=True, scope="module")


@told_twice
def test_the_rows_are_the_same_up_to_the_names(
    twice: Twice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = twice.rows(own=False)

    assert expected["intervals"]
    same_rows(twice.rows(own=True), expected)
    rebuild(twice.own.database, batch=11)
    same_rows(twice.rows(own=True), expected)
    rebuild(twice.own.database, engine=engine_without_spark(monkeypatch, tmp_path), accept=True)
    same_rows(twice.rows(own=True), expected)


def same_rows(found: dict[str, list[str]], expected: dict[str, list[str]]) -> None:
    """One by one, so that a failure shows the row."""
    for table, rows in expected.items():
        assert len(found[table]) == len(rows)
        for mine, theirs in zip(found[table], rows, strict=True):
            assert mine == theirs, table


@told_twice
def test_a_naive_reading_gives_the_same_answers(twice: Twice) -> None:
    log = log_of(twice.own)
    oracle = Oracle(log)
    asked = every_question(moments(log, twice.head, times(3, 5)), oracle.words.questions)

    found = asyncio.run(answers(twice.own, asked))

    assert any(answer["ids"] for answer in found)
    for question, answer in zip(asked, found, strict=True):
        assert answer == naive(oracle, *question), question


ROW = "standing contested since { edtf earliest latest } until { edtf earliest latest }"
HELD = f"""{ROW} disputed attested facts {{ id type when {{ edtf }} }} sources {{ id title }}
  alternatives {{ since {{ edtf }} until {{ edtf }} facts {{ id }} sources {{ id }} setAside }}
  announcedEnds {{ edtf facts {{ id }} }}"""
DIFF = f"""query ($from: AsOf!, $to: AsOf!) {{ diff(from: $from, to: $to, first: 500) {{ edges {{
  node {{ question scope {{ id kind }} subject {{ id kind }} change causes
    before {{ {ROW} announcedEnds {{ edtf }} }} after {{ {ROW} announcedEnds {{ edtf }} }}
    events {{ id type position }} sources {{ id }} }} }} }} }}"""
FACTS = """query ($at: Int!) { facts(first: 500, atPosition: $at) { edges { node {
  id type when { edtf } subjects { key entity { id kind } } details disputed counts setAsideBy
  position citations { source { id } } } } } }"""
EXPLAIN = """query ($question: Question!, $scope: ID!, $subject: ID!, $asOf: EDTFDate, $at: Int!) {
  explain(question: $question, scope: $scope, subject: $subject, asOf: $asOf, atPosition: $at) {
    standing rule events { id type role position } } }"""


def asked(instance: Instance, document: str, variables: dict[str, Any] | None = None) -> Any:
    answer = execution.ask(instance, document, variables or {})
    assert "errors" not in answer, answer
    return answer["data"]


def same(found: Any, expected: Any) -> None:
    """Edges in any order that a name has a part in, and subjects in that of the keys."""
    found, expected = (json.loads(json.dumps(each)) for each in (found, expected))
    for data in (found, expected):
        for answer in data.values():
            for node in (edge["node"] for edge in answer["edges"]):
                node.get("subjects", []).sort(key=str)
            answer["edges"].sort(key=lambda edge: json.dumps(edge, sort_keys=True))
    assert found == expected


@told_twice
def test_diffs_and_facts_are_the_same_up_to_the_names(twice: Twice) -> None:
    rng = random.Random(twice.head)
    for _ in range(times(2, 4)):
        first, last = rng.randint(0, twice.head), twice.head
        days = {"asOf": rng.choice(["2014-06", "2015"])}, {"asOf": rng.choice(["2015", "2016-03"])}
        if rng.random() < 0.5:
            days[0]["knownAt"] = "2015-06-01"

        def diff(instance: Instance, positions: Sequence[int], days: Any = days) -> Any:
            points = [{**said, "atPosition": at} for said, at in zip(days, positions, strict=True)]
            return asked(instance, DIFF, {"from": points[0], "to": points[1]})

        told = diff(twice.own, [twice.ours(first), twice.ours(last)])
        same(twice.back(told), diff(twice.core, [first, last]))
        facts = asked(twice.own, FACTS, {"at": twice.ours(first)})
        same(twice.back(facts), asked(twice.core, FACTS, {"at": first}))


def held_places(twice: Twice, of: str | None = None) -> list[tuple[str, str, str]]:
    """Fluents, or one, that the record says something of, with their sides."""
    with twice.core.database.connect() as connection:
        found = connection.execute(
            "SELECT DISTINCT fluent, scope, subject FROM projections.intervals ORDER BY 1, 2, 3"
        ).fetchall()
    assert found
    return [place for place in found if of in (None, place[0])]


@told_twice
def test_explanations_are_the_same_up_to_the_names(twice: Twice) -> None:
    for fluent, scope, subject in held_places(twice):
        for day in ("2014-06-01", "2015", "2016-03"):
            row = {"question": CORE.fluents[fluent].question.upper()}
            row |= {"scope": scope, "subject": subject}
            own = row
            if fluent in twice.words.sides:
                place = twice.words.place(fluent, scope, subject)
                own = dict(zip(("question", "scope", "subject"), place, strict=True))
            told = asked(twice.own, EXPLAIN, {**own, "asOf": day, "at": twice.ours(-1)})
            explained = asked(twice.core, EXPLAIN, {**row, "asOf": day, "at": twice.head})
            assert twice.back(told) == explained


def questions() -> Iterator[tuple[str, Fluent, bool]]:
    return (each for each in CORE.questions if each[1].name != "existence")


def question(twice: Twice, name: str, fluent: Fluent, inverse: bool, own: bool) -> tuple[str, ...]:
    """A question with the side that it asks and the one that it answers, in one of the words."""
    sides = twice.words.sides[fluent.name] if own else (fluent.scope, fluent.subject)
    return (twice.words.questions[name] if own else name, *(sides[::-1] if inverse else sides))


def field(named: Sequence[str], entity: str, clocks: str) -> str:
    name, asks, answers_ = named
    return (
        f'{name}({asks}: "{entity}", {clocks}) {{ position count {{ certain possible announced }}'
        f" edges {{ node {{ {answers_} {{ id kind name }} {HELD} }} }} }}"
    )


def both(twice: Twice, name: str, fluent: Fluent, inverse: bool, ask: Any) -> tuple[Any, Any]:
    """What is answered in its own words, and in the core's."""
    own = ask(twice.own, question(twice, name, fluent, inverse, own=True), twice.ours(-1))
    core = ask(twice.core, question(twice, name, fluent, inverse, own=False), twice.head)
    return twice.back(own), core


@told_twice
def test_questions_of_either_side_are_the_same_up_to_the_names(twice: Twice) -> None:
    for name, fluent, inverse in questions():
        sides = {place[2 if inverse else 1] for place in held_places(twice, fluent.name)}

        def ask(
            instance: Instance, named: Sequence[str], at: int, asked_of: Any = sides or {"e1"}
        ) -> Any:
            clocks = [f'asOf: "{day}", atPosition: {at}' for day in ("2012-06-01", "2014", "2015")]
            asks = [(e, c) for e in sorted(asked_of) for c in clocks]
            fields = (f"q{n}: {field(named, *each)}" for n, each in enumerate(asks))
            return asked(instance, f"{{ {' '.join(fields)} }}")

        told, expected = both(twice, name, fluent, inverse, ask)
        assert told == expected


@told_twice
def test_what_ifs_are_the_same_up_to_the_names(twice: Twice) -> None:
    rng = random.Random(twice.head)
    recorded = [e for e in twice.entries if e["type"] in CORE.fact_types]
    sources = [e["id"] for e in twice.entries if e["type"] == "SourceRegistered"]
    document = """query ($without: Without, $more: [JSON!]) {
      whatIf(without: $without, with: $more) { %s } }"""
    for name, fluent, inverse in rng.sample(list(questions()), times(3, 5)):
        fresh = {"type": "SourceRegistered", "id": "fresh", "title": "New", "published": "2015-04"}
        again = {**rng.choice(recorded), "id": "again", "citations": [{"source": "fresh"}]}
        without = {
            "sources": rng.sample(sources, 1), "facts": [each["id"] for each in recorded[:1]]
        }  # fmt: skip

        def ask(
            instance: Instance,
            named: Sequence[str],
            at: int,
            without: Any = without,
            more: Any = (fresh, again),
        ) -> Any:
            if instance is twice.own:
                more = twice.words.supposed(more)
            day = 'asOf: "2015"'
            fields = (f"q{n}: {field(named, e, day)}" for n, e in enumerate(ENTITIES))
            variables = {"without": without, "more": [*more]}
            found = asked(instance, document % " ".join(fields), variables)
            for each in found["whatIf"].values():
                del each["position"]
            return found

        told, expected = both(twice, name, fluent, inverse, ask)
        assert told == expected


@told_twice
def test_proofs_are_the_same_up_to_the_names(twice: Twice, new_instance: NewInstance) -> None:
    rng = random.Random(twice.head)
    places = [place for place in held_places(twice) if place[0] in twice.words.sides]
    for fluent_name, scope, subject in rng.sample(places, min(len(places), times(2, 4))):
        # Reported counts, which are of the core alone, are behind the members of a coalition.
        fluent = CORE.fluents[fluent_name]
        inverse = fluent_name == "membership" or rng.random() < 0.5
        name = (fluent.inverse or "") if inverse else fluent.question
        variables = {"subject": subject if inverse else scope, "asOf": rng.choice(["2014", "2015"])}

        def ask(instance: Instance, named: Sequence[str], at: int, v: Any = variables) -> Any:
            asks = question_named(named[0], instance.vocabulary.current)
            proof = prove_question(instance, asks, {**v, "atPosition": at})
            checked = verify_answer(parse_answer_proof(proof.text), instance.signer().verifier)
            behind = [{"position": each.event.position} for each in checked]
            for edge in proof.answer[named[0]]["edges"]:
                del edge["cursor"]
            return {"answer": proof.answer, "behind": behind}

        told, expected = both(twice, name, fluent, inverse, ask)
        del told["answer"][name]["pageInfo"], expected["answer"][name]["pageInfo"]
        assert told == expected
        assert_it_is_given_again(twice, new_instance, name, variables, expected)


def assert_it_is_given_again(
    twice: Twice,
    new_instance: NewInstance,
    name: str,
    variables: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """Whether the events of a proof, in a record that has the words, give its answer."""
    objects = twice.retold.objects
    proved = {twice.ours(each["position"]) for each in expected["behind"]}
    with new_instance() as again:
        taken = [
            entry
            for position, entry in enumerate(entries_of(objects), 1)
            if isinstance(entry, Definition) or position in proved
        ]
        again.record.apply(taken, actor="someone")
        again.catch_up()
        again.vocabulary.refresh()
        asks = question_named(twice.words.questions[name], again.vocabulary.current)
        found = asked(again, document_of(asks), variables)
    (answer,) = twice.back(found).values()
    for edge in answer["edges"]:
        del edge["cursor"]
    del answer["pageInfo"]
    assert {**answer, "position": 0} == {**expected["answer"][name], "position": 0}


@told_twice
def test_exports_are_the_same_up_to_the_names(twice: Twice) -> None:
    def rows(instance: Instance, name: str, subject: str | None, position: int) -> list[str]:
        of = OF_RECORD if subject is None else of_entity(instance.vocabulary.current)
        given = {"asOf": "2014", "atPosition": str(position)}
        pinned = asyncio.run(pin(access(instance), of[name], subject, given))
        with Session().connected(instance.database) as connection:
            found = first_rows(connection, pinned, 1_000)[1]
        if instance is twice.own:
            found = twice.back(found)
        for row in found:
            row.get("subjects", []).sort(key=str)
        return sorted(json.dumps(row, sort_keys=True) for row in found)

    views: list[tuple[str, str | None]] = [(name, None) for name in ("facts", "entities")]
    views += [(name, None) for name in ("sources", "organisations", "changes")]
    some = random.Random(twice.head).sample(ENTITIES, 2)
    views += [(name, e) for e in some for name in ("state", "facts", "timeline", "changes")]
    for name, subject in views:
        told = rows(twice.own, name, subject, twice.ours(-1))
        assert told == rows(twice.core, name, subject, twice.head)
    for name, fluent, inverse in questions():
        for place in held_places(twice, fluent.name)[:1]:
            subject = place[2 if inverse else 1]
            told = rows(twice.own, twice.words.questions[name], subject, twice.ours(-1))
            assert told == rows(twice.core, name, subject, twice.head)


@told_twice
def test_it_is_read_again_as_it_was_written(twice: Twice, new_instance: NewInstance) -> None:
    stored = [event["entry"] for event in log_of(twice.own)]

    written = [write(entry) for entry in entries_of(twice.retold.objects)]
    assert json.dumps(stored, sort_keys=True) == json.dumps(written, sort_keys=True)
    with new_instance() as again:
        done = again.record.apply(entries_of(stored), actor="another")
        assert (done.recorded, done.unchanged) == (len(stored), 0)
        done = again.record.apply(entries_of(stored), actor="another")
        assert (done.recorded, done.unchanged) == (0, len(stored))


CLOCKS = "asOf=2015&atPosition={at}"
FILES = (
    "/e/e1.json", "/e/e3.csv", "/e/e3.ttl", "/e/e4.jsonl", "/e/e5/facts.csv", "/facts.json",
    "/entities.csv", "/log.jsonl",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(times(1, 20)))
def test_pinned_answers_survive_every_definition_and_extension(
    instance: Instance, seed: int
) -> None:
    entries = random_record(3000 + seed, facts=14, corrections=10, oddities=False)
    words, rng = Words(seed), random.Random(seed)
    retold = words.retold(entries)
    begun = retold.places[len(entries) * 2 // 3]
    taken = entries_of(retold.objects)
    instance.record.apply(taken[:begun], actor="someone")

    with browsing(instance) as client:
        defined = {each["id"] for each in retold.objects[:begun]}
        asks = Pinned(client, words, begun, defined)
        asks.wait_for("{ vocabulary { position } }")
        before = asks.bytes()
        assert any(b'"disputed":' in each for each in before)
        instance.record.apply(taken[begun:], actor="someone")
        for number in range(times(3, 6)):
            more = [*extensions(instance.vocabulary.current, rng, number), probe(number)]
            instance.record.apply([read(each) for each in more], actor="someone")
            asks.wait_for(f'{{ probes{number}(place: "e1") {{ position }} }}')
            assert asks.bytes() == before
        was_not_there = f'{{ probes0(place: "e1", atPosition: {begun}) {{ edges {{ cursor }} }} }}'
        assert asks.answer(was_not_there) == {"data": {"probes0": {"edges": []}}}


class Pinned(NamedTuple):
    """A client's questions and files at a position, in the words that a record had there."""

    client: httpx.Client
    words: Words
    at: int
    defined: set[str]

    def bytes(self) -> list[bytes]:
        files = [f"{file}?{CLOCKS.format(at=self.at)}" for file in FILES]
        answers_ = [self.client.get(file) for file in files]
        # Never asked like this before, so that no cache has the answer.
        answers_ += [self._ask(f"{each} # {time.monotonic_ns()}") for each in self.documents()]
        assert all(answer.status_code == 200 for answer in answers_), answers_
        return [answer.content for answer in answers_]

    def documents(self) -> Iterator[str]:
        at = f'asOf: "2015", atPosition: {self.at}'
        for name, fluent, inverse in questions():
            if self.words.fluents[fluent.name] in self.defined:
                sides = self.words.sides[fluent.name]
                named = (self.words.questions[name], *(sides[::-1] if inverse else sides))
                for entity in ENTITIES[::2]:
                    yield f"{{ {field(named, entity, at)} }}"
        yield FACTS.replace("query ($at: Int!)", "").replace("$at", str(self.at))
        words = "kinds { id names { name } } factTypes { id keys { name codes } retired }"
        yield f"{{ vocabulary(atPosition: {self.at}) {{ {words} fluents {{ id scopeKinds }} }} }}"
        points = f"from: {{ atPosition: 0 }}, to: {{ {at} }}"
        yield f"{{ diff({points}) {{ edges {{ node {{ question change {ROW_CHANGE} }} }} }} }}"

    def _ask(self, document: str) -> httpx.Response:
        return self.client.post("/graphql", json={"query": document})

    def answer(self, document: str) -> Any:
        return self._ask(document).json()

    def wait_for(self, document: str) -> None:
        """Until the server has projected something and answers in its words."""
        until = time.monotonic() + 60
        while True:
            answer = self.answer(document)
            found = [*(answer.get("data") or {}).values()]
            if "errors" not in answer and found[0]["position"] >= self.at:
                return
            assert time.monotonic() < until, answer
            time.sleep(0.02)


ROW_CHANGE = "scope { id } subject { id } causes events { id type }"


def probe(number: int) -> EntryObject:
    return {
        "type": "FluentDefined", "id": f"probe{number}", "scope": "place", "subject": "guest",
        "question": f"probes{number}", "inverse": f"probedBy{number}",
    }  # fmt: skip


def extensions(vocabulary: Vocabulary, rng: random.Random, number: int) -> Iterator[EntryObject]:
    """Some of all that may be added to what a record defines."""
    name, lang = f"added {number}", f"q{string.ascii_lowercase[number]}"
    kinds = [each.id for each in vocabulary.definitions.values() if isinstance(each, KindDefined)]
    for definition in rng.sample(sorted(vocabulary.definitions), 6):
        changes: EntryObject = {"names": {lang: name}}
        found = vocabulary.definitions[definition]
        if isinstance(found, FluentDefined):
            changes |= {"scopeKinds": rng.sample(kinds, 1), "inverseNames": {lang: name}}
        elif isinstance(found, FactTypeDefined):
            keys: EntryObject = {f"added{number}": {"type": "ENTITIES", "required": False}}
            for key, each in found.keys.items():
                if each.codes and key not in keys:
                    keys[key] = {"type": "CODE", "codes": [name]}
            changes["keys"] = keys
        if rng.random() < 0.3:
            changes["retired"] = True
        yield {
            "type": "DefinitionExtended", "id": f"more-{number}-{definition}",
            "definition": definition, "changes": changes, "reason": "There is more to say.",
        }  # fmt: skip
