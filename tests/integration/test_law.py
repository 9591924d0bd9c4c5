"""The law that matters most: live follower = rebuild = a naive reading of all events.

At random points of the clocks, however the record arrived; and an answer pinned to a position
never changes when more is recorded.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest
from oracle import Oracle
from projected import answers, every_question, log_of, naive, tables
from strategies import Entry, big_record, moments, random_record, reorder
from thorough import times

from api.instance import Instance
from domain.codec import read, write
from projections.follower import Memory, catch_up
from projections.rebuild import rebuild
from store.database import FOLLOWER


def record_in_batches(instance: Instance, entries: Sequence[Entry], seed: int) -> None:
    """Some entries at a time, the follower now and then behind, in batches of its own."""
    rng = random.Random(seed)
    start = 0
    memory = Memory()
    with instance.database.connect(FOLLOWER) as connection:
        while start < len(entries):
            size = rng.choice([1, 1, 2, 5, 20])
            batch = entries[start : start + size]
            instance.record.apply([read(entry) for entry in batch], actor="someone")
            start += size
            if rng.random() < 0.6:
                kept = memory if rng.random() < 0.7 else None
                catch_up(connection, batch=rng.choice([1, 3, 1000]), memory=kept)
        catch_up(connection, batch=7)


@pytest.mark.parametrize("seed", range(times(3, 300)))
def test_follower_rebuild_and_a_naive_reading_agree(instance: Instance, seed: int) -> None:
    entries = random_record(1000 + seed, facts=14, corrections=18, oddities=False)
    half = len(entries) // 2

    record_in_batches(instance, entries[:half], seed)
    early = log_of(instance)
    pinned = every_question(
        [point for point in moments(early, seed, 6) if point[2]] + [((0, 0), None, len(early))]
    )
    before = asyncio.run(answers(instance, pinned))
    record_in_batches(instance, entries[half:], seed + 1)
    log = log_of(instance)
    oracle = Oracle(log)
    asked = every_question(moments(log, seed, 10))
    live, live_tables = asyncio.run(answers(instance, asked)), tables(instance)
    rebuild(instance.database, batch=11)

    assert [event["entry"] for event in log] == [write(read(entry)) for entry in entries]
    for question, answer in zip(asked, live, strict=True):
        assert answer == naive(oracle, *question), question
    assert tables(instance) == live_tables
    assert asyncio.run(answers(instance, pinned)) == before


def test_ten_thousand_facts_import_and_answer_as_a_naive_reading_does(instance: Instance) -> None:
    entries = big_record(3)
    taken = [read(entry) for entry in entries]

    assert instance.record.apply(taken, actor="someone").recorded == len(entries)
    assert instance.record.apply(taken, actor="someone").unchanged == len(entries)
    instance.catch_up()

    log = log_of(instance)
    rng = random.Random(3)
    oracle = Oracle(log)
    points = moments(log, 3, 6)
    asked = [("members", f"coalition-{rng.randrange(100):03}", point) for point in points]
    asked += [("memberships", f"country-{rng.randrange(60):03}", point) for point in points[:2]]
    for question, answer in zip(asked, asyncio.run(answers(instance, asked)), strict=True):
        assert answer == naive(oracle, *question), question


def test_facts_in_another_order_give_the_same_answers(instance: Instance) -> None:
    entries = reorder(big_record(4, facts=1_500, coalitions=15), 4)
    oracle = Oracle(
        [
            {"position": n, "recordedAt": "2026-01-01", "actor": "someone", "entry": entry}
            for n, entry in enumerate(big_record(4, facts=1_500, coalitions=15), 1)
        ]
    )

    record_in_batches(instance, entries, 4)

    head = len(entries)
    points = [(days, k, head) for days, k, _ in moments(log_of(instance), 4, 5)]
    asked = [("members", f"coalition-{n:03}", point) for n, point in enumerate(points)]
    for question, answer in zip(asked, asyncio.run(answers(instance, asked)), strict=True):
        assert answer == naive(oracle, *question), question
