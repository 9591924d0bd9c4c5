"""Merges and splits cost only those who ask about the entities that they name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import NewInstance
from thorough import times

from api.answer_proof import prove_question
from api.graphql.question_document import question_named
from api.instance import Instance
from domain.codec import read
from domain.dates import MAX_DAY, Days, day_of
from domain.point import Point
from domain.versions import FluentKey
from projections.explain import explain
from projections.rebuild import rebuild
from store.checkpoints import sign_now
from store.database import READER, WRITER

MERGES = times(500, 3_500)
KEY = FluentKey("membership", "league", "laos")
DAY = day_of("2019-01-01")


def source(name: str) -> dict[str, Any]:
    return {"type": "SourceRegistered", "id": name, "title": name, "published": "2018-01-01"}


def entity(name: str) -> dict[str, Any]:
    return {"type": "EntityRegistered", "id": name, "kind": "OTHER", "names": {"en": name}}


def merge(name: str, one: str, into: str, by: str) -> dict[str, Any]:
    return {"type": "EntitiesMerged", "id": name, "entities": [one], "into": into,
            "basis": "EVIDENCE", "citations": [{"source": by}], "reason": "Are one"}  # fmt: skip


def joined(name: str, member: str, when: str, by: str = "almanac") -> dict[str, Any]:
    return {"type": "MemberJoined", "id": name, "coalition": "league", "member": member,
            "when": when, "citations": [{"source": by}]}  # fmt: skip


OURS = [
    *map(source, ("almanac", "gazette")), *map(entity, ("league", "laos", "lao-pdr")),
    joined("laos-joins", "laos", "2015"), joined("lao-pdr-joins", "lao-pdr", "2015-03"),
    merge("one-laos", "lao-pdr", "laos", "gazette"),
]  # fmt: skip
THEIRS = [
    *(source(f"source-{number}") for number in range(MERGES // 10)),
    *(entity(f"{side}-{number}") for number in range(MERGES) for side in ("a", "b")),
    *(
        merge(f"merge-{number}", f"a-{number}", f"b-{number}", f"source-{number // 10}")
        for number in range(MERGES)
    ),
]


def record(instance: Instance, entries: list[dict[str, Any]]) -> None:
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()


@pytest.fixture(scope="module")
def alone(new_instance: NewInstance) -> Iterator[Instance]:
    """Our record without the merges of others."""
    with new_instance() as instance:
        record(instance, OURS)
        yield instance


@pytest.fixture(scope="module")
def among(new_instance: NewInstance) -> Iterator[Instance]:
    """The same record among merges of others: one more of them than there were entities."""
    with new_instance() as instance:
        record(instance, THEIRS)
        record(instance, OURS)
        yield instance


def explained(instance: Instance) -> list[tuple[str, str]]:
    with instance.database.connect(READER) as connection:
        row = connection.execute("SELECT max(id) FROM sijill_events_tt_main").fetchone()
        assert row is not None
        found = explain(connection, KEY, Point(Days(DAY, DAY), MAX_DAY, row[0]))
    return [(event.entry.id, role) for event, role in found.events]


def proved(instance: Instance) -> int:
    with instance.database.connect(WRITER) as connection:
        sign_now(connection, instance.signer())
    variables = {"subject": "league", "asOf": "2019-01-01"}
    return len(prove_question(instance, question_named("members"), variables).proofs)


def test_a_row_is_explained_and_proved_by_the_merges_of_its_own_entities_alone(
    alone: Instance, among: Instance
) -> None:
    assert explained(among) == explained(alone)
    assert ("one-laos", "identity") in explained(among)
    assert proved(among) == proved(alone)


def test_nothing_unrelated_does_more_for_the_merges_of_others(
    alone: Instance, among: Instance
) -> None:
    def command(instance: Instance) -> None:
        instance.record.apply([read(entity("unrelated"))], actor="someone")

    def commanded_fact(instance: Instance) -> None:
        instance.record.apply([read(joined("again", "laos", "2015"))], actor="someone")

    for what in (command, commanded_fact, Instance.catch_up, explained, proved):
        few, many = (calls(what, instance) for instance in (alone, among))
        assert many <= 1.1 * few + 200, what


def calls(what: Callable[[Instance], object], instance: Instance) -> int:
    """How often Python calls a function while something is done: grows with what is read."""
    count = 0

    def called(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        what(instance)
    finally:
        sys.setprofile(None)
    return count


def test_merges_are_rebuilt_as_they_were_followed(among: Instance) -> None:
    assert rebuild(among.database, workers=0).differing == []
