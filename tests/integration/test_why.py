"""why: everything recorded that bears on a fact, in order, with what it does."""

from __future__ import annotations

from typing import Any

import pytest

from api.instance import Instance
from domain.codec import read
from domain.dates import iso_of
from domain.errors import Refused
from projections.why import why
from store.database import READER


def member(name: str, when: str, source: str) -> dict[str, Any]:
    return {"type": "MemberJoined", "id": name, "coalition": "g", "member": "m", "when": when,
            "citations": [{"source": source}]}  # fmt: skip


def about(kind: str, name: str, **keys: Any) -> dict[str, Any]:
    return {"type": kind, "id": name, "reason": f"because of {name}", **keys}


ENTRIES = [
    {"type": "SourceRegistered", "id": "early", "title": "E", "published": "2015-01-01"},
    {"type": "SourceRegistered", "id": "late", "title": "L", "published": "2016-01"},
    {"type": "EntityRegistered", "id": "g", "kind": "COALITION", "names": {"en": "G"}},
    {"type": "EntityRegistered", "id": "m", "kind": "COUNTRY", "names": {"en": "M"}},
    member("f", "2014-09-10", "early"),
    member("other", "2013", "late"),
    {"type": "FactCorroborated", "id": "c1", "fact": "f", "citations": [{"source": "late"}]},
    about("FactDisputed", "c2", fact="f", basis="EVIDENCE", citations=[{"source": "late"}]),
    about("DisputeWithdrawn", "c3", fact="f"),
    about("FactCorrected", "c4", fact="f", changes={"when": "2014-09-11"}),
    about("FactPreferred", "c5", fact="other", over=["f"]),
    about("PreferenceWithdrawn", "c6", preference="c5"),
    about("FactRetracted", "c7", fact="f"),
    about("FactReinstated", "c8", fact="f"),
    about("SourceWithdrawn", "c9", source="early"),
]


def test_a_life_lists_everything_that_bears_on_a_fact(instance: Instance) -> None:
    instance.record.apply([read(entry) for entry in ENTRIES], actor="someone")
    head = instance.catch_up()

    with instance.database.connect(READER) as connection:
        turns = why(connection, "f", head)

    told = [
        (turn.event.entry.id, turn.known_from and iso_of(turn.known_from), turn.effect)
        for turn in turns
    ]
    assert told == [
        ("f", "2015-01-01", "recorded"),
        ("other", "2016-01-31", "contests it"),
        ("c1", "2016-01-31", "corroborated"),
        ("c2", "2016-01-31", "disputed"),
        ("c3", None, "dispute withdrawn"),
        ("c4", None, "corrected: when"),
        ("c5", None, "set aside for other"),
        ("c6", None, "preference c5 withdrawn"),
        ("c7", None, "retracted"),
        ("c8", None, "reinstated"),
        ("c9", None, "source early withdrawn: its citations count no longer"),
    ]
    assert turns[3].reason == "because of c2"
    assert turns[3].sources == ("late",)


def test_a_life_as_of_an_old_position_is_as_it_was(instance: Instance) -> None:
    instance.record.apply([read(entry) for entry in ENTRIES], actor="someone")
    instance.catch_up()

    with instance.database.connect(READER) as connection:
        assert [turn.event.position for turn in why(connection, "f", 7)] == [5, 6, 7]


def test_an_unknown_fact_is_refused(instance: Instance) -> None:
    with instance.database.connect(READER) as connection, pytest.raises(Refused) as caught:
        why(connection, "nothing", 0)
    assert caught.value.code == "UNKNOWN_FACT"
