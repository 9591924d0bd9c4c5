"""A record's own words: what they may be, what they make of entries, and how they are extended."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from support.treaties import (
    DEFINING,
    ENTITY,
    EXTENSION,
    FACT,
    RATIFICATION,
    RATIFIED,
    TREATIES,
    TREATY,
    defined,
    refusal,
)

from api.language.labels import RecordLabels
from api.language.words import words
from domain.codec import decode, encode, read, read_line, write
from domain.facts import Fact, subject_keys, subjects_of


def test_a_defined_fact_is_a_fact_like_any_other() -> None:
    fact = read({**FACT, "instrument": "ACCESSION", "witnesses": ["a", "b"]}, TREATIES)

    assert isinstance(fact, Fact)
    assert [tuple(effect) for effect in fact.effects] == [("ratification", True, "treaty", "party")]
    assert subject_keys(type(fact)) == ("treaty", "party", "depositary", "witnesses")
    assert subjects_of(fact) == ("npt", "france", "a", "b")


def test_a_line_is_read_as_its_object_is() -> None:
    line = (
        b'{"type":"TreatyRatified","id":"f-1","treaty":"npt","party":"france",'
        b'"when":"1992-08-03","citations":[{"source":"s"}]}'
    )

    assert read_line(line, TREATIES) == read(FACT, TREATIES)


@pytest.mark.parametrize(
    "obj",
    [
        TREATY,
        RATIFICATION,
        RATIFIED,
        EXTENSION,
        FACT,
        {
            **FACT,
            "instrument": "ACCESSION",
            "share": 0.1,
            "articles": 3,
            "deposited": "1992-08~",
            "reservations": "Art. 3",
            "witnesses": ["b", "a"],
            "gist": "«…»",
            "episode": "2",
        },
        {"type": "EntityRegistered", "id": "npt", "kind": "TREATY", "names": {"en": "NPT"}},
    ],
)
def test_stored_bytes_say_all_by_themselves(obj: dict[str, Any]) -> None:
    entry = read(obj, TREATIES)

    event = decode(7, *encode(entry, actor="someone", recorded_at=datetime.now(UTC)))

    assert write(event.entry) == write(entry)
    if isinstance(entry, Fact):
        assert isinstance(event.entry, Fact)
        assert event.entry.effects == entry.effects
        assert subjects_of(event.entry) == subjects_of(entry)
        assert pickle.loads(pickle.dumps(event.entry)) == event.entry
        assert write(pickle.loads(pickle.dumps(entry))) == write(entry)


def test_names_and_keys_keep_their_order_in_the_log() -> None:
    entry = read({**TREATY, "names": {"fr": "Traité", "ar": "معاهدة", "en": "Treaty"}}, DEFINING)
    ratified = read(RATIFIED, TREATIES)

    stored = [
        decode(1, *encode(each, actor="a", recorded_at=datetime.now(UTC))).entry
        for each in (entry, ratified)
    ]

    assert list(write(stored[0])["names"]) == ["fr", "ar", "en"]
    assert list(write(stored[1])["keys"]) == list(RATIFIED["keys"])  # type: ignore[call-overload]


def test_what_is_there_already_is_no_change() -> None:
    again = defined(TREATY, RATIFICATION, RATIFIED, EXTENSION, vocabulary=TREATIES)
    same_keys = defined({**EXTENSION, "id": "ext-2"}, vocabulary=TREATIES)

    assert again is TREATIES
    assert same_keys is TREATIES


def test_an_extension_adds_keys_codes_kinds_and_names() -> None:
    more = defined(
        {
            **EXTENSION,
            "id": "ext-2",
            "changes": {
                "names": {"fr": "Traité ratifié"},
                "keys": {"instrument": {"type": "CODE", "codes": ["SUCCESSION"]}},
            },
        },
        {
            "type": "DefinitionExtended",
            "id": "ext-3",
            "definition": "ratification",
            "changes": {"subjectKinds": ["ORGANISATION"], "inverseNames": {"fr": "Partie à"}},
            "reason": "The European Union is a party to some.",
        },
        {
            "type": "DefinitionExtended",
            "id": "ext-4",
            "definition": "TREATY",
            "changes": {"retired": True},
            "reason": "None left.",
        },
        vocabulary=TREATIES,
    )

    ratified = more.fact_types["TreatyRatified"]
    assert ratified.names == {"en": "Treaty ratified", "fr": "Traité ratifié"}
    assert ratified.keys["instrument"].codes == ("RATIFICATION", "ACCESSION", "SUCCESSION")
    assert more.fluents["ratification"].subject_kinds == ("COUNTRY", "ORGANISATION")
    assert more.fluents["ratification"].inverse_names["fr"] == "Partie à"
    assert more.kinds["TREATY"].retired
    assert read({**FACT, "instrument": "SUCCESSION"}, more)
    assert refusal({**FACT, "instrument": "SUCCESSION"}) == ("BAD_VALUE", "instrument")


def test_what_keys_are_called_makes_no_other_type_of_facts() -> None:
    party = {**ENTITY, "names": {"en": "Party", "ar": "الطرف"}}
    named = {**RATIFIED, "keys": {**RATIFIED["keys"], "party": party}}  # type: ignore[dict-item]
    more = {"party": {**ENTITY, "names": {"fr": "Partie"}},
            "share": {"type": "NUMBER", "names": {"en": "Part of it"}}}  # fmt: skip
    extended = {**EXTENSION, "id": "ext-2", "changes": {"keys": more}}

    plain = defined(TREATY, RATIFICATION, RATIFIED).fact_types["TreatyRatified"]
    found = defined(TREATY, RATIFICATION, named, extended).fact_types["TreatyRatified"]

    assert (found.entry, found.keys) == (plain.entry, plain.keys)
    assert plain.key_names == {}
    assert found.key_names["party"] == {"en": "Party", "ar": "الطرف", "fr": "Partie"}
    assert found.key_names["share"] == {"en": "Part of it"}


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_key_is_called_by_its_own_type_then_by_another_then_in_words(lang: str) -> None:
    member = {"type": "FactTypeDefined", "id": "SeatWon", "keys": {
        "member": {**ENTITY, "names": {"en": "Winner", "ar": "الفائز"}},
        "heldFor": {"type": "TEXT", "names": {"en": "Held on behalf of", "ar": "نيابةً عن"}},
        "byBallot": {"type": "TEXT"}}}  # fmt: skip
    called = RecordLabels(words(lang), defined(TREATY, member, vocabulary=TREATIES))

    found = [
        called.subject("member", "SeatWon"), called.subject("member"), called.subject("heldFor"),
        called.subject("treaty"), called.subject("byBallot", "SeatWon"),
    ]  # fmt: skip

    arabic = ["الفائز", "العضو", "نيابةً عن", "معاهدة", "By ballot"]
    english = ["Winner", "Member", "Held on behalf of", "Treaty", "By ballot"]
    assert found == (arabic if lang == "ar" else english)


def test_a_retired_type_is_still_taken() -> None:
    retired = {**EXTENSION, "id": "ext-2", "changes": {"retired": True}}

    vocabulary = defined(retired, vocabulary=TREATIES)

    assert vocabulary.fact_types["TreatyRatified"].retired
    assert read(FACT, vocabulary) == read(FACT, TREATIES)
