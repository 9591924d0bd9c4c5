"""A vocabulary of treaties, as a record defines it, and what is refused of more entries."""

from __future__ import annotations

from typing import Any

import pytest

from domain.codec import read
from domain.definitions import Definition
from domain.errors import Refusals, Refused
from domain.vocabulary import CORE, DEFINITIONS, Vocabulary

DEFINING = CORE._replace(types={**CORE.types, **DEFINITIONS})
TREATY = {"type": "KindDefined", "id": "TREATY", "names": {"en": "Treaty", "ar": "معاهدة"}}
RATIFICATION = {
    "type": "FluentDefined",
    "id": "ratification",
    "scope": "treaty",
    "subject": "party",
    "question": "treatyParties",
    "inverse": "treatiesOf",
    "names": {"en": "Parties", "ar": "الأطراف"},
    "inverseNames": {"en": "Party to", "ar": "طرف في"},
    "scopeKinds": ["TREATY"],
    "subjectKinds": ["COUNTRY"],
}
ENTITY = {"type": "ENTITY"}
STARTS = {"starts": "ratification", "scope": "treaty", "subject": "party"}
ENDS = {"ends": "ratification", "scope": "treaty", "subject": "party"}
RATIFIED = {
    "type": "FactTypeDefined",
    "id": "TreatyRatified",
    "effects": [STARTS],
    "keys": {
        "treaty": ENTITY,
        "party": ENTITY,
        "depositary": {"type": "ENTITY", "required": False},
        "reservations": {"type": "TEXT", "required": False},
        "articles": {"type": "INTEGER", "required": False},
        "share": {"type": "NUMBER", "required": False},
        "deposited": {"type": "DATE", "required": False},
        "witnesses": {"type": "ENTITIES", "required": False},
    },
    "names": {"en": "Treaty ratified"},
}
INSTRUMENT = {"type": "CODE", "codes": ["RATIFICATION", "ACCESSION"], "required": False}
EXTENSION = {
    "type": "DefinitionExtended",
    "id": "ext-1",
    "definition": "TreatyRatified",
    "changes": {"keys": {"instrument": INSTRUMENT}},
    "reason": "Some acceded.",
}
FACT = {
    "type": "TreatyRatified",
    "id": "f-1",
    "treaty": "npt",
    "party": "france",
    "when": "1992-08-03",
    "citations": [{"source": "s"}],
}


def defined(*objects: dict[str, Any], vocabulary: Vocabulary = DEFINING) -> Vocabulary:
    """A vocabulary with definitions more, each read from its JSON object."""
    for each in objects:
        definition = read(each, vocabulary)
        assert isinstance(definition, Definition)
        vocabulary = vocabulary.extended(definition)
    return vocabulary


TREATIES = defined(TREATY, RATIFICATION, RATIFIED, EXTENSION)


def refusal(*objects: dict[str, Any], vocabulary: Vocabulary = TREATIES) -> tuple[str, str | None]:
    """The code and the field of the first refusal of the last object."""
    *earlier, last = objects
    vocabulary = defined(*earlier, vocabulary=vocabulary)

    def take() -> None:
        entry = read(last, vocabulary)
        if isinstance(entry, Definition):
            vocabulary.extended(entry)

    with pytest.raises(Refused) as caught:
        take()
    first = Refusals(caught.value).first[0]
    return first.code, first.field
