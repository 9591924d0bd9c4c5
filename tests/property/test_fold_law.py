"""The fold of one fluent against the naive reading, on random facts of it and of its sides."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Episode, Oracle, View
from oracle import Mark as NaiveMark
from strategies import START, as_events, random_when

from domain.codec import read
from domain.facts import Fact
from domain.intervals import ANNOUNCEMENT, Interval, intervals_of
from domain.versions import FluentKey, Version

FLUENT = ("membership", "union", "syria")
KEY = FluentKey(*FLUENT)


def random_facts(seed: int) -> list[dict[str, Any]]:
    """A record of one fluent: its own facts, and the beginnings and ends of its two sides."""
    rng = random.Random(f"fold {seed}")
    entries: list[dict[str, Any]] = [
        {"type": "SourceRegistered", "id": "paper", "title": "Paper", "published": "2013"},
        {"type": "EntityRegistered", "id": "union", "kind": "COALITION", "names": {"en": "U"}},
        {"type": "EntityRegistered", "id": "syria", "kind": "COUNTRY", "names": {"en": "S"}},
    ]
    for number in range(rng.randint(1, 7)):
        is_start = rng.random() < 0.55
        of = rng.choice(["own"] * 5 + ["union", "syria"])
        if of == "own":
            kind = "MemberJoined" if is_start else "MemberLeft"
            subjects = {"coalition": "union", "member": "syria"}
        else:
            kind = "EntityEstablished" if is_start else "EntityAbolished"
            subjects = {"entity": of}
        entry = {"type": kind, "id": f"f{number}", **subjects, "citations": [{"source": "paper"}]}
        entry["when"] = random_when(rng, interval=is_start and rng.random() < 0.25)
        if rng.random() < 0.25:
            entry["modality"] = "ANNOUNCED"
        if rng.random() < 0.3:
            entry["episode"] = rng.choice(["1", "2"])
        entries.append(entry)
        if rng.random() < 0.2:
            doubt = {"type": "FactDisputed", "id": f"d{number}", "fact": f"f{number}"}
            entries.append({**doubt, "reason": "in doubt"})
    return entries


def folded(entries: list[dict[str, Any]], view: View) -> list[Interval]:
    """The intervals that the product makes of it."""
    own, ending = [], []
    for entry in entries:
        fact = read(entry)
        if isinstance(fact, Fact):
            seen = view.facts[fact.id]
            keys = [FluentKey(*fluent) for _, fluent in seen.fluents]
            version = Version(fact, keys, (), seen.sources, seen.disputed)
            if version.marks(KEY):
                own.append(version)
            elif version.ended is not None:
                ending.append(version)
    return intervals_of(KEY, own, ending)


def expected(view: View) -> list[tuple[Any, ...]]:
    """The rows of the naive reading: its episodes that may hold on some day, then the
    announcement that speaks."""
    episodes = view.episodes(FLUENT)
    rows: list[tuple[Any, ...]] = []
    for number, episode in enumerate(episodes):
        bounds = episode.bounds()
        if bounds.start_earliest <= bounds.end_latest:
            rows.append((number, *_of(view, episode)))
    for mark in view.announcements(FLUENT):
        if not any(episode.bounds().end_latest > mark.earliest for episode in episodes):
            rows.append((ANNOUNCEMENT, *_of(view, mark)))
            break
    return rows


def _of(view: View, row: Episode | NaiveMark) -> tuple[Any, ...]:
    announced = [
        (mark.earliest, mark.latest, mark.fact) for mark in view.announced_ends(FLUENT, row)
    ]
    attested = view.attested(row)
    if isinstance(row, NaiveMark):
        return (row.earliest, row.edtf, None, False, [row.fact], [], announced, attested)
    bounds = row.bounds()
    alternatives = [mark.fact for mark in row.start.alternatives + row.end.alternatives]
    return (
        (bounds.start_earliest, bounds.start_latest, bounds.end_earliest, bounds.end_latest),
        row.start.edtf(),
        row.end.edtf(),
        row.contested,
        row.facts,
        alternatives,
        announced,
        attested,
    )


def shown(interval: Interval) -> tuple[Any, ...]:
    bounds: Any = (
        interval.start_earliest, interval.start_latest, interval.end_earliest, interval.end_latest
    )  # fmt: skip
    if interval.ordinal == ANNOUNCEMENT:
        bounds = interval.start_earliest
    return (
        interval.ordinal,
        bounds,
        interval.since,
        interval.until,
        interval.contested,
        [fact.id for fact in interval.facts],
        [alternative.fact.id for alternative in interval.alternatives],
        [
            (each.until.earliest, each.until.latest, each.fact.id)
            for each in interval.announced_ends
            if each.until is not None
        ],
        interval.attested,
    )


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=400)
def test_the_fold_is_the_naive_reading_of_the_rules(seed: int) -> None:
    entries = random_facts(seed)
    view = Oracle(as_events(entries)).view()

    found = folded(entries, view)

    assert [shown(interval) for interval in found] == expected(view)
    for days in (days for each in found for days in (each.possible, each.certain)):
        assert days is None or days.earliest <= days.latest


def test_random_facts_reach_every_rule() -> None:
    seen: set[str] = set()
    for seed in range(1500):
        entries = random_facts(seed)
        view = Oracle(as_events(entries)).view()
        for interval in folded(entries, view):
            ends = {fact.id for fact in interval.facts if fact.type == "EntityAbolished"}
            seen |= {"an implied end"} if ends else set()
            seen |= {"an announced end"} if interval.announced_ends else set()
            seen |= {"attested"} if interval.attested is not None else set()
            seen |= {"contested"} if interval.contested else set()
            seen |= {"announced"} if interval.ordinal == ANNOUNCEMENT else set()
        seen |= {"labels"} if len({e.get("episode") for e in entries if START}) > 2 else set()

    assert seen == {
        "an implied end", "an announced end", "attested", "contested", "announced", "labels"
    }  # fmt: skip
