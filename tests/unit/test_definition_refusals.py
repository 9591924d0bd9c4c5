"""What a record may not define, each refused with its code, its field and its line."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import graphql
import pytest
from support.treaties import (
    DEFINING,
    ENDS,
    ENTITY,
    EXTENSION,
    FACT,
    INSTRUMENT,
    RATIFICATION,
    RATIFIED,
    STARTS,
    TREATIES,
    TREATY,
    defined,
    refusal,
)

from api.export.views import OF_ENTITY
from api.files import RecordFiles
from api.web.pages import PAGES
from domain.codec import read
from domain.definitions import Definition
from domain.vocabulary import CORE, RESERVED_QUESTIONS

SCHEMA = Path(__file__).parents[2] / "api" / "graphql" / "schema.graphql"

KEYS: dict[str, Any] = {"treaty": ENTITY, "party": ENTITY}
NEW_TYPE = {"type": "FactTypeDefined", "id": "TreatyLeft", "keys": KEYS, "effects": [ENDS]}
NEW_FLUENT = {
    **RATIFICATION,
    "id": "signature",
    "question": "signatories",
    "inverse": "signed",
}
CHANGES = {**EXTENSION, "id": "ext-9"}


def keyed(**keys: Any) -> dict[str, Any]:
    return {**NEW_TYPE, "keys": {**KEYS, **keys}}


def changing(definition: str, **changes: Any) -> dict[str, Any]:
    return {**CHANGES, "definition": definition, "changes": changes}


BAD = {
    # names that every record has
    "a core kind": ({**TREATY, "id": "COUNTRY"}, "RESERVED", "id"),
    "a core fluent": ({**NEW_FLUENT, "id": "membership"}, "RESERVED", "id"),
    "a core type": ({**NEW_TYPE, "id": "MemberJoined"}, "RESERVED", "id"),
    "a correction's type": ({**NEW_TYPE, "id": "FactRetracted"}, "RESERVED", "id"),
    "a definition's type": ({**NEW_TYPE, "id": "KindDefined"}, "RESERVED", "id"),
    "a story's type": ({**NEW_TYPE, "id": "StoryTold"}, "RESERVED", "id"),
    "the type of a key": ({**NEW_TYPE, "id": "KeyIssued"}, "RESERVED", "id"),
    "a core question": ({**NEW_FLUENT, "question": "members"}, "RESERVED", "question"),
    "a core inverse": ({**NEW_FLUENT, "inverse": "memberships"}, "RESERVED", "inverse"),
    "a core inverse asked": ({**NEW_FLUENT, "question": "offices"}, "RESERVED", "question"),
    "a field at the root": ({**NEW_FLUENT, "question": "state"}, "RESERVED", "question"),
    "another at the root": ({**NEW_FLUENT, "inverse": "whatIf"}, "RESERVED", "inverse"),
    "a field of a state": ({**NEW_FLUENT, "question": "position"}, "RESERVED", "question"),
    "a page of an entity": ({**NEW_FLUENT, "inverse": "changes"}, "RESERVED", "inverse"),
    "a scope like a node's": ({**NEW_FLUENT, "scope": "standing"}, "RESERVED", "scope"),
    "a subject like a clock": ({**NEW_FLUENT, "subject": "asOf"}, "RESERVED", "subject"),
    "a key like a fact's": (keyed(when=ENTITY), "RESERVED", "keys.when"),
    "a key called gist": (keyed(gist={"type": "TEXT"}), "RESERVED", "keys.gist"),
    # names that the record has
    "a kind once more": ({**TREATY, "names": {"en": "Pact"}}, "NAME_TAKEN", "id"),
    "a kind like a type": ({"type": "KindDefined", "id": "TREATY"}, "NAME_TAKEN", "id"),
    "a type once more": ({**RATIFIED, "effects": []}, "NAME_TAKEN", "id"),
    "a fluent once more": ({**RATIFICATION, "single": True}, "NAME_TAKEN", "id"),
    "a question once more": ({**NEW_FLUENT, "question": "treatyParties"}, "NAME_TAKEN", "question"),
    "an inverse as question": ({**NEW_FLUENT, "question": "treatiesOf"}, "NAME_TAKEN", "question"),
    "an extension's id": ({**EXTENSION, "reason": "another"}, "ID_TAKEN", "id"),
    # names that are none
    "a small kind": ({**TREATY, "id": "treaty"}, "BAD_VALUE", "id"),
    "a long kind": ({**TREATY, "id": "T" * 64}, "BAD_VALUE", "id"),
    "a fluent in capitals": ({**NEW_FLUENT, "id": "Signature"}, "BAD_VALUE", "id"),
    "a question with _": ({**NEW_FLUENT, "question": "signed_by"}, "BAD_VALUE", "question"),
    "a small type": ({**NEW_TYPE, "id": "treatyLeft"}, "BAD_VALUE", "id"),
    "a key with -": (keyed(**{"de-positary": ENTITY}), "BAD_VALUE", "keys.de-positary"),
    "no question": ({**NEW_FLUENT, "question": None}, "MISSING_KEY", "question"),
    "a name unseen": ({**TREATY, "id": "PACT", "names": {"en": "\u200b"}}, "BAD_NAME", "names.en"),
    "an inverse name unseen": (
        {**NEW_FLUENT, "inverseNames": {"en": " "}},
        "BAD_NAME",
        "inverseNames.en",
    ),
    "a key's name unseen": (
        keyed(depositary={**ENTITY, "names": {"en": " "}}),
        "BAD_NAME",
        "keys.depositary.names.en",
    ),
    # sides
    "one side twice": ({**NEW_FLUENT, "subject": "treaty"}, "SAME_SIDES", "subject"),
    "one question twice": ({**NEW_FLUENT, "inverse": "signatories"}, "SAME_SIDES", "inverse"),
    "an unknown kind": ({**NEW_FLUENT, "scopeKinds": ["PACT"]}, "UNKNOWN_KIND", "scopeKinds[0]"),
    # keys
    "an unknown type of key": (keyed(x={"type": "BLOB"}), "BAD_VALUE", "keys.x.type"),
    "a key that says what no key does": (keyed(x={**ENTITY, "of": 1}), "UNKNOWN_KEY", "keys.x.of"),
    "keys that are a list": ({**NEW_TYPE, "keys": ["treaty"]}, "BAD_VALUE", "keys"),
    "a code without codes": (keyed(x={"type": "CODE"}), "BAD_KEY", "keys.x.codes"),
    "codes of a text": (keyed(x={"type": "TEXT", "codes": ["A"]}), "BAD_KEY", "keys.x.codes"),
    "a code twice": (keyed(x={"type": "CODE", "codes": ["A", "A"]}), "BAD_KEY", "keys.x.codes"),
    "kinds of a text": (keyed(x={"type": "TEXT", "kinds": ["TREATY"]}), "BAD_KEY", "keys.x.kinds"),
    "kinds undefined": (keyed(x={**ENTITY, "kinds": ["PACT"]}), "UNKNOWN_KIND", "keys.x.kinds[0]"),
    # effects
    "no fluent": (
        {**NEW_TYPE, "effects": [{**STARTS, "starts": "signature"}]},
        "UNKNOWN_FLUENT",
        "effects[0].starts",
    ),
    "both at once": ({**NEW_TYPE, "effects": [{**STARTS, **ENDS}]}, "BAD_EFFECT", "effects[0]"),
    "neither": (
        {**NEW_TYPE, "effects": [{"scope": "treaty", "subject": "party"}]},
        "BAD_EFFECT",
        "effects[0]",
    ),
    "a key that is not there": (
        {**NEW_TYPE, "effects": [{**ENDS, "scope": "pact"}]},
        "BAD_EFFECT",
        "effects[0].scope",
    ),
    "a key that is no entity": (
        {**keyed(day={"type": "DATE"}), "effects": [{**ENDS, "subject": "day"}]},
        "BAD_EFFECT",
        "effects[0].subject",
    ),
    "a list as a side": (
        {**keyed(all={"type": "ENTITIES"}), "effects": [{**ENDS, "subject": "all"}]},
        "BAD_EFFECT",
        "effects[0].subject",
    ),
    "a key that may be left out": (
        {**keyed(other={**ENTITY, "required": False}), "effects": [{**ENDS, "subject": "other"}]},
        "BAD_EFFECT",
        "effects[0].subject",
    ),
    "three effects": ({**NEW_TYPE, "effects": [ENDS, STARTS, ENDS]}, "BAD_VALUE", "effects"),
    "an effect twice": ({**NEW_TYPE, "effects": [ENDS, ENDS]}, "BAD_EFFECT", "effects[1]"),
    "begun and ended at once": (
        {**NEW_TYPE, "effects": [ENDS, STARTS]},
        "BAD_EFFECT",
        "effects[1]",
    ),
    "two that exist as one": (
        {**NEW_TYPE, "effects": [{"starts": "existence", "scope": "treaty", "subject": "party"}]},
        "BAD_EFFECT",
        "effects[0].subject",
    ),
    # extensions
    "of nothing": (changing("Nothing", retired=True), "UNKNOWN_DEFINITION", "definition"),
    "of the core": (changing("MemberJoined", retired=True), "UNKNOWN_DEFINITION", "definition"),
    "of nothing new": (changing("TREATY"), "BAD_VALUE", "changes"),
    "a key needed from now on": (
        changing("TreatyRatified", keys={"x": {"type": "TEXT"}}),
        "CHANGES_DEFINITION",
        "changes.keys.x.required",
    ),
    "a key of another type": (
        changing("TreatyRatified", keys={"instrument": {"type": "TEXT", "required": False}}),
        "CHANGES_DEFINITION",
        "changes.keys.instrument.type",
    ),
    "a key no longer needed": (
        changing("TreatyRatified", keys={"party": {"type": "ENTITY", "required": False}}),
        "CHANGES_DEFINITION",
        "changes.keys.party.required",
    ),
    "another name of a key": (
        changing(
            "TreatyRatified",
            keys={"instrument": {**INSTRUMENT, "names": {"fr": "Acte", "FR": "Instrument"}}},
        ),
        "DUPLICATE_LANGUAGE",
        "changes.keys.instrument.names.FR",
    ),
    "another name": (
        changing("TREATY", names={"en": "Pact"}),
        "CHANGES_DEFINITION",
        "changes.names.en",
    ),
    "back from retirement": (changing("TREATY", retired=False), "BAD_VALUE", "changes.retired"),
    "effects": (changing("TreatyRatified", effects=[ENDS]), "UNKNOWN_KEY", "changes.effects"),
    "another question": (changing("ratification", question="x"), "UNKNOWN_KEY", "changes.question"),
    "one at a time": (changing("ratification", single=True), "UNKNOWN_KEY", "changes.single"),
    "a new key called like a clock": (
        changing("TreatyRatified", keys={"asOf": {"type": "TEXT", "required": False}}),
        "RESERVED",
        "changes.keys.asOf",
    ),
    # facts and entities
    "a code that is none": ({**FACT, "instrument": "ADHESION"}, "BAD_VALUE", "instrument"),
    "a fact without a side": ({**FACT, "party": None}, "MISSING_KEY", "party"),
    "a key of no such fact": ({**FACT, "member": "x"}, "UNKNOWN_KEY", "member"),
    "a number as text": ({**FACT, "articles": "3"}, "BAD_VALUE", "articles"),
    "a broken number": ({**FACT, "articles": 3.5}, "BAD_VALUE", "articles"),
    "a day that is none": ({**FACT, "deposited": "1992-13"}, "BAD_EDTF", "deposited"),
    "an id that is none": ({**FACT, "party": "a b"}, "BAD_ID", "party"),
    "no citation": ({**FACT, "citations": []}, "NO_CITATION", "citations"),
    "an interval on an end": (
        {**FACT, "type": "TreatyLeft", "when": "1992/1993"},
        "INTERVAL_ON_END",
        "when",
    ),
    "a type of nothing": ({**FACT, "type": "TreatySigned"}, "UNKNOWN_TYPE", "type"),
    "an entity of no kind": (
        {"type": "EntityRegistered", "id": "x", "kind": "PACT", "names": {"en": "X"}},
        "BAD_VALUE",
        "kind",
    ),
}


@pytest.mark.parametrize(("obj", "code", "field"), BAD.values(), ids=BAD)
def test_what_no_record_may_say_is_refused(obj: dict[str, Any], code: str, field: str) -> None:
    left = defined(NEW_TYPE, vocabulary=TREATIES)

    vocabulary = left if obj.get("type") == "TreatyLeft" else TREATIES

    assert refusal(obj, vocabulary=vocabulary) == (code, field)


def test_there_are_sixty_kinds() -> None:
    assert len(BAD) >= 60


def test_a_record_that_asked_by_a_name_reserved_since_stays_readable() -> None:
    asking = read({**NEW_FLUENT, "question": "position"}, DEFINING)
    assert isinstance(asking, Definition)

    recorded = TREATIES.with_all([asking])

    assert "position" in {name for name, _, _ in recorded.questions}
    assert recorded.extended(asking) is recorded


def test_no_question_stands_in_the_way_of_a_page_a_file_or_a_field() -> None:
    """Definitions are never undone, so that one would hide it for ever."""
    questions = {name for name, _, _ in CORE.questions}
    pages = {path.split("/")[3] for path in PAGES if path.startswith("/e/{id}/")}
    addresses = {page for page in pages if page.isalpha()} | {*OF_ENTITY}
    state = graphql.build_schema(SCHEMA.read_text()).type_map["State"]
    assert isinstance(state, graphql.GraphQLObjectType)

    assert (addresses | {*state.fields}) - questions - RESERVED_QUESTIONS == set()


@pytest.mark.parametrize(("obj", "code", "field"), BAD.values(), ids=BAD)
def test_what_is_refused_in_a_file_is_told_with_its_line(
    obj: dict[str, Any], code: str, field: str
) -> None:
    lines = [TREATY, RATIFICATION, RATIFIED, EXTENSION]
    if obj.get("type") == "TreatyLeft":
        lines.append(NEW_TYPE)
    text = "\n".join(json.dumps(each) for each in [*lines, obj, {**TREATY, "id": "LAST"}])

    found = RecordFiles()
    found.take("own.jsonl", BytesIO(text.encode()))

    refused = found.refusals.first[0]
    assert (refused.code, refused.field) == (code, field)
    assert (refused.data["file"], refused.data["line"]) == ("own.jsonl", len(lines) + 1)
    assert len(refused.message) > len(code)
    assert len(found.entries) == len(lines) + 1
    assert found.entries[-1].id == "LAST"
