"""explain is sufficient and minimal, and of a row that is not there it names what decides that.

The oracle judges, of the log without some events and without what a record then refuses.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import pytest
from oracle import START, Oracle
from projected import log_of
from states import FORWARD
from strategies import moments, random_record
from support.replaying import replayed, without
from thorough import times

from api.instance import Instance
from domain.codec import read
from domain.dates import MAX_DAY, Days, day_of
from domain.point import Point
from domain.versions import FluentKey
from projections.explain import Explained, explain
from store.database import READER

Entry = dict[str, Any]
Log = list[dict[str, Any]]
ROWS, ABSENCES = 20, 4
"""Explained in each random record."""


def record(instance: Instance, entries: Sequence[Entry]) -> Log:
    instance.record.apply([read(entry) for entry in entries], actor="someone")
    instance.catch_up()
    return log_of(instance)


def row_of(log: Log, key: FluentKey, point: Point) -> dict[str, Any] | None:
    """The oracle's row of a fluent, of whatever events."""
    k = None if point.known_at == MAX_DAY else point.known_at
    view = Oracle(log).view(k, None)
    if (view.canonical(key.scope), view.canonical(key.subject)) != key[1:]:
        return None
    asked = None if key.fluent == "existence" else key.scope
    answer = Oracle(log).answer(FORWARD[key.fluent], asked, point.as_of, k, None)
    found = [node for node in answer["nodes"] if node["subject"]["id"] == key.subject]
    return found[0] if found else None


def essence(row: dict[str, Any] | None) -> object:
    if row is None or row["standing"] == "ANNOUNCED":
        return row and row["standing"]
    return (row["standing"], *(
        side and (side["earliest"], side["latest"]) for side in (row["since"], row["until"])
    ))  # fmt: skip


def positions_of(found: Explained) -> list[int]:
    return [event.position for event, _ in found.events]


def asked(
    instance: Instance, log: Log, seed: int
) -> Iterator[tuple[FluentKey, Point, Explained, dict[str, Any] | None]]:
    """Explanations of random fluents at random points, each with the oracle's row."""
    rng = random.Random(seed)
    with instance.database.connect(READER) as connection:
        keys = [FluentKey(*row) for row in connection.execute(
            "SELECT DISTINCT fluent, scope, subject FROM intervals ORDER BY 1, 2, 3")]  # fmt: skip
        for again in count():
            for days, k, r in moments(log, 100 * seed + again, 20):
                key, point = rng.choice(keys), Point(Days(*days), MAX_DAY if k is None else k, r)
                row = row_of([row for row in log if row["position"] <= r], key, point)
                yield key, point, explain(connection, key, point), row


@pytest.mark.parametrize("seed", range(times(3, 50)))
def test_no_event_can_go_even_with_all_that_could_then_not_be_replayed(
    instance: Instance, seed: int
) -> None:
    log = record(instance, random_record(3000 + seed, 14, 18, oddities=False))
    explained = 0
    for key, point, found, row in asked(instance, log, seed):
        assert found.standing == (row and row["standing"])
        if row is None:
            continue
        named = [each for each in log if each["position"] in positions_of(found)]
        assert replayed(named) == named
        assert essence(row_of(named, key, point)) == essence(row)
        for position in positions_of(found):
            rest = without(named, [position])
            assert essence(row_of(rest, key, point)) != essence(row), (key, point, position)
        explained += 1
        if explained == ROWS:
            return


@pytest.mark.parametrize("seed", range(times(3, 50)))
def test_of_a_row_that_is_not_there_it_names_what_decides_that(
    instance: Instance, seed: int
) -> None:
    log = record(instance, random_record(4000 + seed, 14, 18, oddities=False))
    absent = 0
    for key, point, found, row in asked(instance, log, seed):
        if row is not None:
            continue
        assert found.standing is None
        so_far = [each for each in log if each["position"] <= point.position]
        named = positions_of(found)
        shifted = point._replace(known_at=MAX_DAY)
        match found.rule.split(":")[0]:
            case "Nothing that is recorded starts it.":
                assert not named
                facts = Oracle(so_far).view(None, None).facts.values()
                assert not [
                    f
                    for f in facts
                    if any(own == key and effect.side == START for effect, own in f.fluents)
                ]
            case "It has ended" | "It has not begun":
                ids = {each["entry"]["id"] for each in log if each["position"] in named}
                assert ids in folded(so_far, key, point.known_at)
            case "Nothing that is known by then starts it":
                k = day_of(found.rule.rpartition(" from ")[2].removesuffix(" on."))
                facts = Oracle(so_far).view(k, None).facts
                assert named
                assert any(own == key for fact in facts.values() for _, own in fact.fluents)
                assert not folded(so_far, key, k - 1)
                assert folded(so_far, key, k)
                # What falls with them may have kept other facts out: those may come in now.
                rest = without(so_far, named)
                still = set().union(*folded(rest, key, k)) & set().union(*folded(so_far, key, k))
                assert folded(rest, key, k - 1) or not still
            case "What starts it never counts.":
                assert named
                assert row_of(so_far, key, shifted) is None
            case _:
                assert row_of(without(so_far, named), key, point) is not None
                for position in named:
                    rest = without(so_far, set(named) - {position})
                    assert row_of(rest, key, point) is None, (key, point, named, position)
        absent += 1
        if absent == ABSENCES:
            return


def folded(log: Log, key: FluentKey, k: int) -> list[set[str]]:
    """The facts of each episode and announcement of a fluent."""
    view = Oracle(log).view(None if k == MAX_DAY else k, None)
    episodes = [set(episode.facts) for episode in view.episodes(key)]
    return episodes + [{mark.fact} for mark in view.announcements(key)]


def fact(kind: str, name: str, when: str, by: str = "early", **more: Any) -> Entry:
    return {"type": kind, "id": name, "coalition": "g", "member": "m", "when": when,
            "citations": [{"source": by}], **more}  # fmt: skip


def about(kind: str, name: str, **keys: Any) -> Entry:
    return {"type": kind, "id": name, "reason": "we looked again", **keys}


BEGINNING: list[Entry] = [
    {"type": "SourceRegistered", "id": "early", "title": "E", "published": "2015-01-01"},
    {"type": "SourceRegistered", "id": "late", "title": "L", "published": "2018-01-01"},
    {"type": "EntityRegistered", "id": "g", "kind": "COALITION", "names": {"en": "G"}},
    {"type": "EntityRegistered", "id": "m", "kind": "COUNTRY", "names": {"en": "M"}},
    {"type": "EntityRegistered", "id": "n", "kind": "COUNTRY", "names": {"en": "N"}},
]
STARTS = fact("MemberJoined", "starts", "2010")
KEY = FluentKey("membership", "g", "m")
X, K = day_of("2016-06-01"), day_of("2017-01-01")


def explained(instance: Instance, *entries: Entry, x: int = X, k: int = K) -> Explained:
    record(instance, [*BEGINNING, *entries])
    with instance.database.connect(READER) as connection:
        return explain(connection, KEY, Point(Days(x, x), k, len(BEGINNING) + len(entries)))


def test_a_dispute_goes_with_its_withdrawal_though_neither_can_go_alone(
    instance: Instance,
) -> None:
    found = explained(
        instance,
        STARTS,
        about("FactDisputed", "disputed", fact="starts"),
        about("DisputeWithdrawn", "undisputed", fact="starts"),
        about("FactCorrected", "corrected", fact="starts", changes={"when": "2011"}),
    )

    assert [(event.entry.id, role) for event, role in found.events] == [
        ("early", "source"), ("g", "entity"), ("m", "entity"),
        ("starts", "start"), ("corrected", "correction"),
    ]  # fmt: skip


WHY_NOT: list[tuple[list[Entry], str, list[tuple[str, str]]]] = [
    ([], "Nothing that is recorded starts it.", []),
    ([STARTS, fact("MemberLeft", "ends", "2013")], "It has ended.", [("ends", "end")]),
    (
        [STARTS, fact("MemberLeft", "ends", "2013"), fact("MemberLeft", "left", "2013-05")],
        "It has ended.",
        [("ends", "end"), ("left", "end")],
    ),
    (
        [STARTS, about("FactRetracted", "retracted", fact="starts")],
        "What starts it is retracted.",
        [("retracted", "retraction")],
    ),
    (
        [STARTS, about("SourceWithdrawn", "withdrawn", source="early")],
        "A source that makes it known is withdrawn.",
        [("withdrawn", "withdrawal")],
    ),
    (
        [STARTS, about("FactCorrected", "corrected", fact="starts", changes={"member": "n"})],
        "It is corrected to another date, or to something else.",
        [("corrected", "correction")],
    ),
    (
        [
            STARTS,
            fact("MemberJoined", "prefers", "2017"),
            about("FactPreferred", "preferred", fact="prefers", over=["starts"]),
        ],
        "Another date is preferred to the one that would start it.",
        [("preferred", "preference")],
    ),
    (
        [fact("MemberJoined", "starts", "2010", "late")],
        "Nothing that is known by then starts it: what does is known from 2018-01-01 on.",
        [("late", "source"), ("starts", "start")],
    ),
    (
        [fact("MemberJoined", "starts", "2016-07")],
        "It has not begun: it is not possible before 2016-07-01.",
        [("starts", "start")],
    ),
    (
        [fact("MemberJoined", "starts", "2010/2012")],
        "It has ended: it is not possible after 2012-12-31.",
        [("starts", "episode")],
    ),
    (
        [STARTS, about("EntitiesMerged", "merged", entities=["m"], into="n")],
        "Its entities are taken for others: some were merged or split.",
        [("merged", "identity")],
    ),
]


@pytest.mark.parametrize(("entries", "rule", "events"), WHY_NOT, ids=lambda value: str(value)[:40])
def test_why_not(
    instance: Instance, entries: list[Entry], rule: str, events: list[tuple[str, str]]
) -> None:
    found = explained(instance, *entries)

    assert found.standing is None
    assert found.rule == rule
    assert [(event.entry.id, role) for event, role in found.events] == events
