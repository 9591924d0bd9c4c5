"""The law that matters most, in the domain alone: intervals = a naive reading of all events."""

from __future__ import annotations

from typing import Any

from asking import held, histories, told
from hypothesis import example, given, settings
from hypothesis import strategies as st
from memory import MemoryRecorder
from oracle import QUESTIONS, Oracle
from strategies import as_events, moments, random_record, records, reorder

from domain.codec import decode, read, write
from domain.record import Record

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=40)
@given(entries=records(), seed=seeds)
def test_intervals_answer_as_a_naive_reading_does(entries: list[dict[str, Any]], seed: int) -> None:
    events = as_events(entries, seed)
    oracle = Oracle(events)
    at = histories(events)

    for days, k, r in moments(events, seed, 12):
        intervals = at[max(position for position in at if position <= r)]
        view = oracle.view(k, r)
        for question, (fluent, side) in QUESTIONS.items():
            inverse = side == "subject"
            asked: set[str | None] = {
                key.subject if inverse else key.scope
                for key in intervals
                if key.fluent == fluent and view.canonical(key.scope) == key.scope
                and view.canonical(key.subject) == key.subject
            }  # fmt: skip
            for who in {None} if side == "kind" else asked:
                naive = told(oracle.answer(question, who, days, k, r)["nodes"])
                assert held(intervals, fluent, who, days, k, inverse=inverse) == naive


@settings(max_examples=25)
@given(seed=seeds)
def test_the_record_takes_what_the_design_does_not_refuse(seed: int) -> None:
    entries = random_record(seed, oddities=False)
    recorder = MemoryRecorder()

    outcome = Record(recorder).apply([read(entry) for entry in entries], actor="someone")

    assert outcome == (len(entries), len(entries), 0)
    stored = [decode(e.position, e.event.type, e.event.data) for e in recorder.read()]
    assert [read(write(event.entry)) for event in stored] == [read(entry) for entry in entries]


@settings(max_examples=25)
@given(seed=seeds)
@example(seed=12583242)
def test_the_order_in_which_facts_are_recorded_changes_no_answer_at_the_head(seed: int) -> None:
    # In both the sources come first, at the same times: one without a date of publication makes
    # known from the day on which it was registered.
    entries = reorder(random_record(seed, oddities=False))
    other = reorder(entries, seed)
    one, two = as_events(entries), as_events(other)
    first, second = histories(one), histories(two)

    for days, k, _ in moments(one, seed, 6):
        for question, (fluent, side) in QUESTIONS.items():
            for who in {None} if side == "kind" else {"e1", "e2", "e3", "e4", "e5"}:
                at = (fluent, who, days, k)
                inverse = side == "subject"
                before = held(first[len(one)], *at, inverse=inverse)
                assert held(second[len(two)], *at, inverse=inverse) == before, question
