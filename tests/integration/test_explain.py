"""explain is sufficient and minimal: what it names yields the row, and nothing of it can go."""

from __future__ import annotations

import random
from itertools import count
from typing import Any

import pytest
from memory import MemoryRecorder
from strategies import moments, random_record
from thorough import times

from api.instance import Instance
from domain.codec import read, write
from domain.dates import MAX_DAY
from domain.errors import Refused
from domain.intervals import Key
from domain.record import Record
from projections.asof import Point
from projections.explain import essence, explain, row_of
from projections.follow import LOG, decoded
from store.database import READER

ROWS = 20
"""Explained in each random record."""


def entries_of(instance: Instance) -> list[Any]:
    with instance.database.connect(READER) as connection:
        rows = connection.execute(LOG["events_after"], {"after": 0, "limit": 1000}).fetchall()
    return [tagged.event for tagged in decoded(rows)]


@pytest.mark.parametrize("seed", range(times(6, 50)))
def test_an_explanation_is_sufficient_and_minimal(instance: Instance, seed: int) -> None:
    record = random_record(3000 + seed, 14, 18, oddities=False)
    instance.record.apply([read(entry) for entry in record], actor="someone")
    instance.catch_up()
    log = [{"position": n, "recordedAt": "2026-01-01", "actor": "", "entry": entry}
           for n, entry in enumerate(record, 1)]  # fmt: skip
    rng = random.Random(seed)
    explained = 0

    with instance.database.connect(READER) as connection:
        keys = [Key(*row) for row in connection.execute(
            "SELECT DISTINCT fluent, scope, subject FROM intervals ORDER BY 1, 2, 3")]  # fmt: skip
        moment = (one for again in count() for one in moments(log, 100 * seed + again, 20))
        while explained < ROWS:
            days, k, r = next(moment)
            key = rng.choice(keys)
            point = Point(*days, MAX_DAY if k is None else k, r)
            whole = row_of([e for e in entries_of(instance) if e.position <= r], key, point)
            found = explain(connection, key, point)
            assert found.standing == (whole and whole[0])
            if whole is None:
                continue
            explained += 1
            events = [event for event, _ in found.events]
            again = row_of(events, key, point)
            assert again is not None
            assert essence(again) == essence(whole)
            for left_out in events:
                rest = row_of([e for e in events if e is not left_out], key, point)
                assert rest is None or essence(rest) != essence(whole), (key, point, left_out)
            replay = Record(MemoryRecorder())
            try:
                replay.apply([read(write(event.entry)) for event in events], actor="someone")
            except Refused as refused:
                pytest.fail(f"{refused.message} {events}")
