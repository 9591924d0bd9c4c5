"""How much is measured: a run that is tiny (for the tests), quick, or full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Plan(NamedTuple):
    """`seconds` is when a figure begins no other round; `sizes` are facts of the bulk."""

    name: str
    rounds: int
    requests: int
    load_seconds: float
    seconds: float
    probes: Sequence[int]
    sizes: Sequence[int]
    depths: Sequence[int]
    deep_members: int
    peers: Sequence[str]
    """Those that are asked."""


IN_PYTHON = ("GiST table", "eventsourcing")
ON_JAVA = ("XTDB", "Datomic")

TINY = Plan("tiny", 1, 2, 0.1, 1, (1, 5), (20, 40), (1, 4), 4, IN_PYTHON)
QUICK = Plan(
    "quick", 10, 10, 0.25, 4, (1, 90, 5_000), (2_000, 10_000), (1, 1_000), 4, IN_PYTHON
)  # fmt: skip
FULL = Plan(
    "full", 40, 20, 0.5, 60, (1, 90, 5_000), (10_000, 100_000, 1_000_000, 10_000_000),
    (1, 10, 100, 1_000), 10, IN_PYTHON + ON_JAVA,
)  # fmt: skip
PLANS = {plan.name: plan for plan in (TINY, QUICK, FULL)}
