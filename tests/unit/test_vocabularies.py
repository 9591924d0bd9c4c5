"""The vocabularies in records/vocabularies and their samples, as files: their form, their words in
both languages, and that one record can take them all."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.json_texts import texts

from api.files import sample, vocabulary_files, vocabulary_names
from domain.codec import read
from domain.definitions import Definition, DefinitionExtended
from domain.errors import Refused
from domain.facts import Fact
from domain.vocabulary import CORE, Vocabulary

ROOT = Path(__file__).parents[2]
NAMES = ["command-and-custody", "parliaments-and-offices", "states-and-treaties"]
Entry = dict[str, Any]


def lines(name: str, file: str) -> list[Entry]:
    path = ROOT / "records" / "vocabularies" / name / file
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def entries(name: str) -> list[Entry]:
    return lines(name, "definitions.jsonl") + lines(name, "sample.jsonl")


def defined(name: str) -> Vocabulary:
    return vocabulary_files(name, CORE, with_sample=False).vocabulary


def named(fact: Entry, vocabulary: Vocabulary) -> Iterator[str]:
    """The entities that a fact names."""
    for key in vocabulary.subject_keys(fact["type"]):
        value = fact.get(key, ())
        yield from [value] if isinstance(value, str) else value


def test_three_vocabularies_come_with_the_program() -> None:
    assert vocabulary_names() == NAMES


def test_a_vocabulary_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refused, match="states-and-treaties") as caught:
        vocabulary_files("../global-coalition", CORE, with_sample=False)

    assert caught.value.code == "UNKNOWN_VOCABULARY"


@pytest.mark.parametrize("name", NAMES)
def test_definitions_are_read_without_the_sample(name: str) -> None:
    read = vocabulary_files(name, CORE, with_sample=False)

    assert not read.refusals
    assert read.entries
    assert all(isinstance(entry, Definition) for entry in read.entries)


def without_names(entry: Entry) -> Entry:
    """A definition as it is where nothing of it has a name."""
    keys = {key: without_names(defined) for key, defined in entry.get("keys", {}).items()}
    bare = {what: value for what, value in entry.items() if what not in ("names", "inverseNames")}
    return bare | ({"keys": keys} if keys else {})


def without_key_names(entry: Entry) -> Entry:
    """A definition as it was before keys had names."""
    return entry | ({"keys": without_names(entry)["keys"]} if "keys" in entry else {})


def taken(*names: str, older: Callable[[Entry], Entry]) -> Vocabulary:
    """The words of a record that took vocabularies in an older form."""
    own = {each["id"]: each for name in names for each in lines(name, "definitions.jsonl")}
    definitions = (each for each in own.values() if each["type"] != "DefinitionExtended")
    return CORE.with_all(read(older(each)) for each in definitions)


def called(vocabulary: Vocabulary) -> list[Any]:
    """What kinds, fluents, types of facts and their keys are called."""
    return [
        {each.name: each.names for each in vocabulary.kinds.values()},
        {each.name: (each.names, each.inverse_names) for each in vocabulary.fluents.values()},
        {each.name: (each.names, each.key_names) for each in vocabulary.fact_types.values()},
    ]


@pytest.mark.parametrize("older", [without_key_names, without_names])
def test_a_record_that_took_vocabularies_before_all_had_names_takes_them_again(
    older: Callable[[Entry], Entry],
) -> None:
    vocabulary, fresh = taken(*NAMES, older=older), CORE
    for name in NAMES:
        again = vocabulary_files(name, vocabulary, with_sample=True)
        assert not again.refusals
        vocabulary = again.vocabulary
        fresh = vocabulary_files(name, fresh, with_sample=False).vocabulary

    assert called(vocabulary) == called(fresh)
    assert any(each.key_names for each in vocabulary.fact_types.values())
    for name in NAMES:
        third = vocabulary_files(name, vocabulary, with_sample=True)
        assert not third.refusals
        assert third.vocabulary == vocabulary


def test_what_is_called_otherwise_in_a_record_stays_so() -> None:
    before = taken("states-and-treaties", older=without_names)
    own = {"type": "KindDefined", "id": "TREATY", "names": {"en": "Pact"}}
    key = {"type": "ENTITY", "names": {"en": "Pact"}}
    changes = {"names": {"en": "Pact ratified"}, "keys": {"party": key}}
    extended = DefinitionExtended(
        id="own", definition="TreatyRatified", changes=changes, reason="Ours."
    )
    before = CORE.with_all(
        read(own) if each.id == "TREATY" else each for each in before.definitions.values()
    ).extended(extended)

    again = vocabulary_files("states-and-treaties", before, with_sample=False)

    assert not again.refusals
    assert again.vocabulary.kinds["TREATY"].names == {"en": "Pact", "ar": "معاهدة"}
    ratified = again.vocabulary.fact_types["TreatyRatified"]
    assert ratified.names["en"] == "Pact ratified"
    assert ratified.key_names["party"] == {"en": "Pact", "ar": "الطرف"}


def test_a_definition_that_differs_in_more_than_names_is_refused() -> None:
    before = CORE.with_all(
        [
            read(
                {
                    "type": "FactTypeDefined",
                    "id": "TreatyRatified",
                    "keys": {"of": {"type": "TEXT"}},
                }
            )
        ]
    )

    again = vocabulary_files("states-and-treaties", before, with_sample=False)

    assert {each.code for each in again.refusals.first} == {"NAME_TAKEN"}


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_sixty_facts_or_more_and_uses_every_definition_of_a_kind(name: str) -> None:
    read = vocabulary_files(name, CORE, with_sample=True)
    kinds = {entry["id"] for entry in entries(name) if entry["type"] == "KindDefined"}
    used = {entry.get("kind") for entry in entries(name)}

    assert not read.refusals
    assert sum(isinstance(entry, Fact) for entry in read.entries) >= 60
    assert kinds <= used


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_starts_something_of_every_fluent_that_is_defined(name: str) -> None:
    vocabulary = defined(name)
    types = {entry["type"] for entry in lines(name, "sample.jsonl")}
    started = {
        effect.starts
        for fact in types & vocabulary.fact_types.keys()
        for effect in vocabulary.fact_types[fact].effects
    }
    own = {entry["id"] for entry in entries(name) if entry["type"] == "FluentDefined"}

    assert own <= started


@pytest.mark.parametrize("name", NAMES)
def test_all_is_called_in_english_and_in_arabic(name: str) -> None:
    for entry in entries(name):
        for key in ("names", "inverseNames"):
            if key in entry:
                assert {"en", "ar"} <= set(entry[key]), entry["id"]
                assert re.search("[\u0621-\u064a]", entry[key]["ar"]), entry["id"]
        if entry["type"] in ("KindDefined", "FluentDefined", "FactTypeDefined"):
            assert "names" in entry, entry["id"]
        assert entry["type"] != "FluentDefined" or "inverseNames" in entry, entry["id"]


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_opens_with_its_type_and_an_id_of_its_own(name: str) -> None:
    found = entries(name)

    assert all(list(entry)[:2] == ["type", "id"] for entry in found)
    assert len({entry["id"] for entry in found}) == len(found)


@pytest.mark.parametrize("name", NAMES)
def test_text_is_composed_and_no_source_is_quoted(name: str) -> None:
    for entry in entries(name):
        for text in texts(entry):
            assert unicodedata.is_normalized("NFC", text), text
            assert not any(unicodedata.category(char) in ("Cc", "Cf") for char in text), text
        for citation in entry.get("citations", ()):
            assert not {"quote", "quoteSha256"} & set(citation), entry["id"]


@pytest.mark.parametrize("name", NAMES)
def test_sources_say_what_they_are_who_published_them_and_how_good_they_are(name: str) -> None:
    for entry in entries(name):
        if entry["type"] == "SourceRegistered":
            assert {"title", "publisher", "language", "reliability", "credibility"} <= set(entry)
            assert "published" in entry or "url" in entry, entry["id"]


@pytest.mark.parametrize("name", NAMES)
def test_every_source_is_cited_and_every_entity_is_spoken_of(name: str) -> None:
    vocabulary, found = defined(name), entries(name)
    cited = {citation["source"] for entry in found for citation in entry.get("citations", ())}
    spoken = {
        entity
        for entry in found
        if entry["type"] in vocabulary.fact_types
        for entity in named(entry, vocabulary)
    }

    assert {e["id"] for e in found if e["type"] == "SourceRegistered"} - cited == set()
    assert {e["id"] for e in found if e["type"] == "EntityRegistered"} - spoken == set()


def test_one_record_can_take_all_vocabularies_after_the_sample_record() -> None:
    vocabulary = sample().vocabulary
    assert {"partOf", "nationality", "locatedIn"} <= set(vocabulary.definitions)

    for name in NAMES:
        read = vocabulary_files(name, vocabulary, with_sample=False)
        assert not read.refusals
        vocabulary = read.vocabulary

    own = {entry["id"] for name in NAMES for entry in lines(name, "definitions.jsonl")}
    assert own <= {*vocabulary.definitions, *vocabulary.extensions}
