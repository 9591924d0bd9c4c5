"""A pinned answer never changes within an edition of the contract, whatever becomes of the code."""

from __future__ import annotations

import json

import pytest
from support.pinned import SECOND_EDITION, answers

RECORDS = SECOND_EDITION.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("record", RECORDS, ids=range(len(RECORDS)))
def test_what_was_answered_at_a_point_is_answered_for_ever(record: str) -> None:
    stored = json.loads(record)
    asked = [
        (question, who, ((first, last), k, r))
        for question, who, ((first, last), k, r) in (each["asked"] for each in stored["answers"])
    ]

    found = list(answers(stored["log"], asked))

    assert found == [each["rows"] for each in stored["answers"]]


def test_the_pinned_answers_are_of_records_with_what_is_new_in_the_edition() -> None:
    types, said = set[str](), set[str]()
    for stored in map(json.loads, RECORDS):
        types |= {row["entry"]["type"] for row in stored["log"]}
        for rows in (each["rows"] for each in stored["answers"]):
            for row in rows.values():
                said |= {row["standing"]} | {key for key, value in row.items() if value}
                ending = {"CoalitionDissolved", "EntityAbolished", "FundClosed", "ForceDisbanded"}
                said |= {"implied"} if ending & {kind for _, kind, _ in row["facts"]} else set()

    assert types >= {
        "HoldingAttested", "AnnouncementCancelled", "EntityEstablished", "EntityAbolished",
        "EntitiesMerged", "FactPreferred", "SourceWithdrawn",
    }  # fmt: skip
    assert said >= {
        "CERTAIN", "POSSIBLE", "ANNOUNCED", "announcedEnds", "alternatives", "contested",
        "disputed", "implied",
    }  # fmt: skip
