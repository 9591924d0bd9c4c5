"""What if: as a record built so would answer, and nothing of the live one is touched."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import Any

import psycopg
import pytest
from oracle import QUESTIONS, Oracle
from projected import answers, log_of, naive, tables
from strategies import moments, random_record
from thorough import times

from api.instance import Instance
from domain.codec import read
from domain.errors import Refused
from projections import follower, what_if
from projections.related_events import Tagged
from projections.what_if import Exclusions, Supposition, install_async, prepare_async, suppose
from store.database import READER


def about(kind: str, name: str, **keys: Any) -> dict[str, Any]:
    return {"type": kind, "id": name, "reason": "what if", **keys}


async def answering(connection: psycopg.AsyncConnection[Any], supposition: Supposition) -> None:
    await prepare_async(connection)
    await install_async(connection, supposition, 1)


@pytest.mark.parametrize("seed", range(times(2, 67)))
def test_a_supposition_answers_as_a_record_built_so(instance: Instance, seed: int) -> None:
    entries = random_record(4000 + seed, 14, 18, oddities=False)
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    head = instance.catch_up()
    before = tables(instance)
    log = log_of(instance)
    rng = random.Random(seed)
    sources = [e["id"] for e in entries if e["type"] == "SourceRegistered"]
    facts = [e["id"] for e in entries if "when" in e and "citations" in e and e["id"][0] == "f"]

    for _ in range(3):
        without = Exclusions(
            sources=tuple(rng.sample(sources, rng.choice([0, 1, 2]))),
            facts=tuple(rng.sample(facts, rng.choice([0, 1, 2]))),
        )
        more = [
            {"type": "MemberJoined", "id": "new", "coalition": "e1", "member": "e3",
             "when": "2015-03", "citations": [{"source": "fresh"}]},
        ] * rng.choice([0, 1])  # fmt: skip
        if more:
            source = {"type": "SourceRegistered", "id": "fresh", "title": "A new one",
                      "published": "2015-04-01"}  # fmt: skip
            more = [source, *more]
        built = [
            *(about("SourceWithdrawn", f"w-{s}", source=s) for s in without.sources),
            *(about("FactRetracted", f"r-{f}", fact=f) for f in without.facts),
            *more,
        ]
        oracle = Oracle(
            log
            + [
                {"position": head + n, "recordedAt": "2030-01-01", "actor": "", "entry": entry}
                for n, entry in enumerate(built, 1)
            ]
        )
        asked = [
            (question, who, (days, k, head + len(built)))
            for days, k, _ in moments(log, rng.randrange(10**6), 3)
            for question, (_, side) in QUESTIONS.items()
            for who in ([None] if side == "kind" else ["e1", "e2", "e3", "e4", "e5"])
        ]
        with instance.database.connect(READER) as connection:
            taken = [read(entry) for entry in more]
            supposition = suppose(connection, instance.record, without, taken)
            at_head = [(q, who, (days, k, supposition.head)) for q, who, (days, k, _) in asked]
        found = asyncio.run(answers(instance, at_head, partial(answering, supposition=supposition)))
        for question, answer in zip(asked, found, strict=True):
            assert answer == naive(oracle, *question), (without, question)

    assert tables(instance) == before
    assert log_of(instance) == log


SOURCES = [
    {"type": "SourceRegistered", "id": "a", "title": "A", "publisher": "Wire", "reliability": "B"},
    {"type": "SourceRegistered", "id": "b", "title": "B", "publisher": "Wire", "reliability": "D",
     "credibility": 5},
    {"type": "SourceRegistered", "id": "c", "title": "C", "reliability": "C", "credibility": 4},
]  # fmt: skip


@pytest.mark.parametrize(
    ("without", "left_out"),
    [
        (Exclusions(publishers=("Wire",)), {"a", "b"}),
        (Exclusions(grades_below="B"), {"b", "c"}),
        (Exclusions(grades_below="C"), {"b"}),
        (Exclusions(grades_below="D4"), {"b"}),
        (Exclusions(grades_below="F"), set()),
        (Exclusions(sources=("c",), grades_below="C"), {"b", "c"}),
    ],
)
def test_sources_are_left_out_by_publisher_and_grade(
    instance: Instance, without: Exclusions, left_out: set[str]
) -> None:
    instance.record.apply([read(entry) for entry in SOURCES], actor="someone")
    instance.catch_up()

    with instance.database.connect(READER) as connection:
        supposition = suppose(connection, instance.record, without, [])

    assert {name for kind, name in supposition.ids if kind == "source"} == left_out


@pytest.mark.parametrize(
    ("without", "code"),
    [
        (Exclusions(sources=("nowhere",)), "UNKNOWN_SOURCE"),
        (Exclusions(facts=("nothing",)), "UNKNOWN_FACT"),
        (Exclusions(facts=("a",)), "UNKNOWN_FACT"),
        (Exclusions(grades_below="G"), "BAD_GRADE"),
        (Exclusions(grades_below="C7"), "BAD_GRADE"),
    ],
)
def test_what_is_unknown_is_refused(instance: Instance, without: Exclusions, code: str) -> None:
    instance.record.apply([read(entry) for entry in SOURCES], actor="someone")
    instance.catch_up()

    with instance.database.connect(READER) as connection, pytest.raises(Refused) as caught:
        suppose(connection, instance.record, without, [])
    assert caught.value.code == code


def test_what_bears_on_too_many_events_is_refused(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance.record.apply([read(entry) for entry in random_record(1, 14, 18)], actor="someone")
    instance.catch_up()
    monkeypatch.setattr(what_if, "MOST_EVENTS", 5)
    events: list[int] = []

    def read_at(cursor: psycopg.Cursor[Any], positions: set[int]) -> list[Tagged]:
        events.extend(positions)
        return follower.read_at(cursor, positions)

    monkeypatch.setattr(what_if, "read_at", read_at)
    with instance.database.connect(READER) as connection:
        (source,) = connection.execute(
            "SELECT sources[1] FROM versions GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()  # type: ignore[misc]

        with pytest.raises(Refused, match="more than 5 events") as refused:
            suppose(connection, instance.record, Exclusions(sources=(source,)), [])

    assert refused.value.code == "TOO_COSTLY"
    assert len(events) == len(set(events)) <= 5
