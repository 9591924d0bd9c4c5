"""Some of a log replayed into an empty record: what it refuses falls away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from memory import MemoryRecorder

from domain.codec import read
from domain.errors import Refused
from domain.record import Record

Log = list[dict[str, Any]]
"""As the oracle takes it."""


def replayed(log: Log) -> Log:
    """Some of a log without what a record refuses, one event after another."""
    replay = Record(MemoryRecorder())
    taken = []
    for row in log:
        try:
            replay.apply([read(row["entry"])], actor="someone")
        except Refused:
            continue
        taken.append(row)
    return taken


def without(log: Log, positions: Iterable[int]) -> Log:
    gone = set(positions)
    return replayed([row for row in log if row["position"] not in gone])
