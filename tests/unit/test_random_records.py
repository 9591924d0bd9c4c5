"""The records that `strategies` makes, against docs/contract/knowledge.md#what-cannot-follow."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import EFFECTS, END, FACT_TYPES, QUESTIONS, Oracle, subject_keys
from strategies import as_events, big_record, moments, random_record, records, reorder


def refusals(entries: list[dict[str, Any]], *, strict: bool) -> list[str]:
    """What is refused in a record, read on the record clock just before each entry.

    Strict also refuses what random records leave out without `oddities`.
    """
    problems, rows = [], as_events(entries)
    known: set[str] = set()
    for number, entry in enumerate(entries):
        view = Oracle(rows[:number]).view()
        kind, facts = entry["type"], view.facts
        named = [citation["source"] for citation in entry.get("citations", [])]
        problems += [f"{entry['id']} cites {name}" for name in named if name in view.withdrawn]
        for key in ("fact", "source", "entity", "preference"):
            named += [entry[key]] if key in entry else []
        for key in ("over", "entities"):
            named += entry.get(key, [])
        if kind in ("EntitiesMerged", "EntitiesSplit"):
            named += [entry["into"]] if isinstance(entry["into"], str) else entry["into"]
        for key in subject_keys(kind) if kind in FACT_TYPES else ():
            named += [entry[key]] if isinstance(entry[key], str) else entry[key]
        problems += [f"{entry['id']} names {name}" for name in named if name not in known]
        known.add(entry["id"])

        fact = facts.get(entry.get("fact", ""))
        if fact is not None:
            must = {"FactReinstated": fact.retracted, "DisputeWithdrawn": fact.disputed}
            must |= {"FactPreferred": not fact.retracted}
            must |= {"AnnouncementCancelled": fact.announced and not fact.cancelled}
            if entry.get("basis") != "EVIDENCE":
                must |= {"FactCorrected": not fact.retracted}
            if strict:
                must |= {"FactRetracted": not fact.retracted, "FactDisputed": not fact.disputed}
            problems += [f"{entry['id']} cannot follow"] * (not must.get(kind, True))
            for other in entry.get("over", []):
                mine, its = ({f for _, f in facts[it].fluents} for it in (fact.id, other))
                same = bool(mine & its) and other != fact.id
                problems += [f"{entry['id']} prefers across fluents"] * (not same)
        if kind in FACT_TYPES and kind in EFFECTS and EFFECTS[kind].side == END:
            problems += [f"{entry['id']} ends at an interval"] * ("/" in entry["when"])
        supports = [c for c in entry.get("citations", []) if c.get("stance") != "DISPUTES"]
        if kind in FACT_TYPES or kind in ("FactCorroborated", "HoldingAttested"):
            problems += [f"{entry['id']} has no support"] * (not supports)
        elif entry.get("basis") == "EVIDENCE":
            problems += [f"{entry['id']} has no evidence"] * ("citations" not in entry)
    if len(known) != len(entries):
        problems.append("an id is used twice")
    return problems


@settings(max_examples=60)
@given(records(), st.integers(0, 99))
def test_a_random_record_holds_nothing_refused_in_either_order(
    record: list[dict[str, Any]], seed: int
) -> None:
    assert refusals(record, strict=False) == []
    assert refusals(reorder(record, seed), strict=False) == []


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_a_random_record_without_oddities_is_also_strict(seed: int) -> None:
    assert refusals(random_record(seed, oddities=False), strict=True) == []


def test_the_same_seed_gives_the_same_record() -> None:
    assert random_record(5) == random_record(5)
    assert random_record(5) != random_record(6)
    assert big_record(5, 50, 5) == big_record(5, 50, 5)


def test_random_records_have_the_sizes_asked_for_and_between_them_every_type() -> None:
    written: set[str] = set()
    for seed in range(150):
        record = random_record(seed, 12, 12)
        types = [entry["type"] for entry in record]
        assert sum(kind in FACT_TYPES for kind in types) == 12
        assert sum(entry["id"][0] == "c" for entry in record) == 12
        written.update(types)

    corrections = ["Corroborated", "Disputed", "Corrected", "Retracted", "Reinstated", "Preferred"]
    assert written == (
        {"HoldingAttested", "AnnouncementCancelled"}
        | set(FACT_TYPES)
        | {f"Fact{name}" for name in corrections}
        | {"DisputeWithdrawn", "PreferenceWithdrawn"}
        | {f"Source{name}" for name in ("Registered", "Withdrawn", "Reassessed", "Corrected")}
        | {f"Entity{name}" for name in ("Registered", "Corrected", "Renamed")}
        | {"EntitiesMerged", "EntitiesSplit"}
    )


def test_random_records_collide_enough_to_be_worth_asking() -> None:
    seen: dict[str, int] = {}

    def see(what: str, times: int) -> None:
        seen[what] = seen.get(what, 0) + times

    for seed in range(60):
        oracle = Oracle(as_events(random_record(seed, 14, 14), seed))
        view = oracle.view()
        see("merged", len(view.parents) > 0)
        for fluent in view.fluents():
            episodes = view.episodes(fluent)
            see("several episodes", len(episodes) > 1)
            see("contested", any(episode.contested for episode in episodes))
            see("announced", len(view.announcements(fluent)) > 0)
        for fact in view.facts.values():
            see("set aside", fact.visible and not fact.counts)
            see("disputed", fact.disputed)
            see("retracted", fact.retracted)
            see("unknown", not fact.known)

    assert len(seen) == 8
    assert min(seen.values()) >= 10, seen


def of_one_day(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A log recorded on one day, since of two corrections the one of the newer day counts."""
    return [{**row, "recordedAt": "2020-01-01T12:00:00Z"} for row in as_events(entries)]


@settings(max_examples=40)
@given(records(), st.integers(0, 99))
def test_the_order_in_which_facts_are_recorded_changes_no_answer(
    record: list[dict[str, Any]], seed: int
) -> None:
    rows = of_one_day(record)
    one, other = Oracle(rows), Oracle(of_one_day(reorder(record, seed)))

    for as_of, _, _ in moments(rows, seed, 3):
        for question, (_, asked_from) in QUESTIONS.items():
            for scope in [None] if asked_from == "kind" else ["e1", "e2", "e3"]:
                assert one.answer(question, scope, as_of) == other.answer(question, scope, as_of)


@settings(max_examples=60)
@given(records(14, 8), st.integers(0, 99))
def test_the_bounds_of_an_episode_are_in_order(record: list[dict[str, Any]], seed: int) -> None:
    rows = as_events(record, seed)
    oracle = Oracle(rows)

    for _, known_at, position in moments(rows, seed, 4):
        view = oracle.view(known_at, position)
        for fluent in view.fluents():
            for episode in view.episodes(fluent):
                found = episode.bounds()
                assert found.start_earliest <= found.start_latest
                assert found.start_earliest <= found.end_earliest <= found.end_latest
                if any(mark.hard for mark in episode.end.marks):
                    assert found.start_latest <= found.end_latest


def test_a_big_record_is_big_and_holds_nothing_refused() -> None:
    small, big = big_record(1, 150, 3), big_record(1)

    assert refusals(small, strict=True) == []
    assert sum(entry["type"] in FACT_TYPES for entry in big) == 10_000
    assert len({entry["coalition"] for entry in big if "coalition" in entry}) == 100
    assert {"FactCorrected", "FactPreferred", "FactRetracted"} <= {e["type"] for e in big}
