"""The samples of the vocabularies that come with the program, asked what their pages ask."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import NewInstance
from msgspec.structs import replace

from api.cli import main
from api.files import sample, vocabulary_files, vocabulary_names
from api.graphql.question_document import STATE_AT_ONCE
from api.instance import Instance
from domain.definitions import DefinitionExtended, FactTypeDefined
from domain.vocabulary import CORE

pytestmark = pytest.mark.timeout(200)

DOCS = Path(__file__).parents[2] / "docs"
ARABIC = DOCS / "ar" / "vocabularies.md"
ROW = re.compile(
    r"^\| (?P<question>[^|]+) \| `(?P<ask>[^`|]+)` \| (?P<answer>[^|]+) \|$", re.MULTILINE
)
STANDINGS = {"certain": "CERTAIN", "possible": "POSSIBLE", "مؤكَّد": "CERTAIN", "محتمل": "POSSIBLE"}
NONE = "none", "لا شيء"
Answer = dict[str, set[str]]
HELD = {
    "states-and-treaties": {
        "capitals", "memberships", "recognisers", "recognisedStates", "treatiesOf",
        "signedTreaties", "organisations",
    },
    "parliaments-and-offices": {"nationalities", "organisations"},
    "command-and-custody": {"placesIn"},
}  # fmt: skip
"""The questions that the state of an entity of each sample answers on New Year's Day 2012."""


class Example(NamedTuple):
    """A row of a page: what is given to `sijill ask`, and the ids of the answer by standing."""

    ask: str
    answer: Answer


def examples(text: str) -> list[Example]:
    return [Example(row["ask"], _answer(row["answer"])) for row in ROW.finditer(text)]


def _answer(words: str) -> Answer:
    found = {}
    for part in () if words in NONE else re.split("[;؛] ", words):
        standing, _, ids = part.partition(": ")
        found[STANDINGS[standing]] = set(re.findall("`([^`]+)`", ids))
    return found


def page(name: str) -> str:
    return (DOCS / "how-to" / "vocabularies" / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=vocabulary_names())
def filled(
    request: pytest.FixtureRequest, new_instance: NewInstance
) -> Iterator[tuple[str, Instance]]:
    """The name of a vocabulary, and a record of its sample."""
    found = vocabulary_files(request.param, CORE, with_sample=True)
    with new_instance() as instance:
        instance.record.apply(found.entries, actor="someone")
        instance.catch_up()
        yield request.param, instance


def run(instance: Instance, patch: pytest.MonkeyPatch, *arguments: str) -> int:
    patch.setenv("SIJILL_DATABASE_URL", instance.database.url)
    return main(arguments)


def subjects(data: Any) -> Answer:
    """The ids of the nodes of an answer, by standing."""
    found = defaultdict(set)
    (answer,) = data.values()
    for edge in answer["edges"]:
        (subject,) = (
            each for each in edge["node"].values() if isinstance(each, dict) and "kind" in each
        )
        found[edge["node"]["standing"]].add(subject["id"])
    return dict(found)


def test_each_page_has_ten_questions_and_the_arabic_one_has_all_of_them() -> None:
    pages = [
        examples(page(name))
        for name in ("states-and-treaties", "parliaments-and-offices", "command-and-custody")
    ]

    assert [len(found) for found in pages] == [10, 10, 10]
    assert examples(ARABIC.read_text(encoding="utf-8")) == [
        each for found in pages for each in found
    ]


def test_the_questions_of_a_page_are_answered_as_it_says(
    filled: tuple[str, Instance],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name, instance = filled

    for ask, answer in examples(page(name)):
        assert run(instance, monkeypatch, "ask", *ask.split(), "--json") == 0, ask
        assert subjects(json.loads(capsys.readouterr().out)) == answer, ask


def test_a_page_names_every_word_that_is_defined(filled: tuple[str, Instance]) -> None:
    name, instance = filled
    instance.vocabulary.refresh()
    text = page(name)

    for word, definition in instance.vocabulary.current.definitions.items():
        spoken = getattr(definition, "question", word)
        assert f"`{spoken}`" in text, word


def test_nothing_in_a_sample_looks_like_a_slip(
    filled: tuple[str, Instance],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, instance = filled

    assert run(instance, monkeypatch, "check", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"warnings": []}


def test_all_samples_go_into_one_record(new_instance: NewInstance) -> None:
    """What several of them name is registered in the same words."""
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        for name in vocabulary_names():
            entries = vocabulary_files(name, CORE, with_sample=True).entries
            assert instance.record.apply(entries, actor="someone").recorded > 100, name


def test_no_two_facts_of_a_sample_contradict_each_other(filled: tuple[str, Instance]) -> None:
    _, instance = filled

    with instance.database.connect() as connection:
        found = connection.execute(
            "SELECT fluent, scope, subject FROM projections.intervals "
            "WHERE contested AND upper_inf(recorded) AND upper_inf(known)"
        ).fetchall()

    assert found == []


def test_a_vocabulary_is_taken_into_a_record_and_again_changes_nothing(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use = "vocabulary", "use", "states-and-treaties", "--json"

    assert run(instance, monkeypatch, *use, "--dry-run") == 0
    could = json.loads(capsys.readouterr().out)
    assert run(instance, monkeypatch, *use) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(instance, monkeypatch, *use) == 0
    again = json.loads(capsys.readouterr().out)
    assert run(instance, monkeypatch, "vocabulary", "--json") == 0
    fluents = {each["id"] for each in json.loads(capsys.readouterr().out)["vocabulary"]["fluents"]}

    assert could["recorded"] == first["recorded"] == again["unchanged"] > 20
    assert (could["position"], again["recorded"]) == (0, 0)
    assert {"partOf", "ratification", "capital"} <= fluents


def test_a_record_that_took_a_vocabulary_before_its_keys_had_names_records_the_names(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = vocabulary_files("command-and-custody", CORE, with_sample=False).entries
    older = [
        replace(each, keys={key: replace(of, names=None) for key, of in each.keys.items()})
        if isinstance(each, FactTypeDefined)
        else each
        for each in entries
        if not isinstance(each, DefinitionExtended)
    ]
    instance.record.apply(older, actor="someone")
    use = "vocabulary", "use", "command-and-custody", "--sample", "--json"

    assert run(instance, monkeypatch, *use) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(instance, monkeypatch, *use) == 0
    again = json.loads(capsys.readouterr().out)
    assert run(instance, monkeypatch, "vocabulary", "--json") == 0
    types = json.loads(capsys.readouterr().out)["vocabulary"]["factTypes"]

    assert first["recorded"] > 100
    assert again["recorded"] == 0
    (located,) = (each for each in types if each["id"] == "PlaceLocated")
    assert {"lang": "ar", "name": "المنطقة"} in located["keys"][0]["names"]


def test_a_vocabulary_that_does_not_come_with_it_is_refused(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(instance, monkeypatch, "vocabulary", "use", "nothing", "--json") == 1

    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "UNKNOWN_VOCABULARY"
    assert "states-and-treaties" in error["message"]


def test_the_state_of_an_entity_has_more_questions_than_a_document_may_ask(
    filled: tuple[str, Instance],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name, instance = filled
    of = {"states-and-treaties": "sudan", "parliaments-and-offices": "boris-johnson"}.get(
        name, "iraq"
    )

    assert run(instance, monkeypatch, "state", of, "--as-of", "2012-01-01", "--json") == 0

    found = json.loads(capsys.readouterr().out)["state"]
    held = {
        question for question, rows in found.items() if isinstance(rows, dict) and rows.get("edges")
    }
    assert len(found) > STATE_AT_ONCE
    assert held == HELD[name]


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        ("parts global-coalition", {"cjtf-oir"}),
        ("partOf cjtf-oir", {"global-coalition"}),
        ("nationalities tom-barrack", {"united-states"}),
        ("placesIn iraq", {"ain-al-asad", "erbil-base", "union-iii"}),
        ("locatedIn al-tanf", {"syria"}),
    ],
)
def test_the_sample_record_says_what_is_part_of_what_and_what_lies_where(
    sampled: Instance,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ask: str,
    answer: set[str],
) -> None:
    given = "ask", *ask.split(), "--as-of", "2025-11-03", "--json"

    assert run(sampled, monkeypatch, *given) == 0
    assert subjects(json.loads(capsys.readouterr().out)) == {"CERTAIN": answer}
