"""Answers pinned to points of the clocks, as the domain gives them of a log: for the golden file.

`PYTHONPATH=tests:. python -m support.pinned SEED…` writes a record and its answers for each seed.
The file of an edition is never written again; a new edition of the contract gets one of its own.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from asking import held, histories
from oracle import QUESTIONS
from strategies import as_events, moments, random_record

SECOND_EDITION = Path(__file__).parents[1] / "golden" / "answers-2.jsonl"
Log = Sequence[Mapping[str, Any]]
Point = tuple[tuple[int, int], int | None, int]


def answers(log: Log, asked: Sequence[tuple[str, str | None, Point]]) -> Iterator[dict[str, Any]]:
    """What is held at each point, as JSON has it."""
    at = histories(log)
    for question, who, (days, k, r) in asked:
        fluent, side = QUESTIONS[question]
        intervals = at[max(position for position in at if position <= r)]
        nodes = held(intervals, fluent, who, days, k, inverse=side == "subject")
        yield json.loads(json.dumps(nodes, sort_keys=True))


def pinned(seed: int) -> dict[str, Any]:
    """A random record with answers at random points, those with rows."""
    log = as_events(random_record(seed, facts=14, corrections=22, oddities=False), seed)
    rng = random.Random(seed)
    asked = [
        (question, None if QUESTIONS[question][1] == "kind" else who, point)
        for point in moments(log, seed, 60)
        for question in rng.sample(sorted(QUESTIONS), 6)
        for who in rng.sample(["e1", "e2", "e3", "e4", "e5"], 2)
    ]
    found = [
        {"asked": question, "rows": rows}
        for question, rows in zip(asked, answers(log, asked), strict=True)
        if rows
    ]
    return {"log": log, "answers": found[:40]}


if __name__ == "__main__":
    for seed in sys.argv[1:]:
        print(json.dumps(pinned(int(seed)), ensure_ascii=False, separators=(",", ":")))
