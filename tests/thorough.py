"""How often a law is tried: a fraction of it in the usual suite, all of it in the thorough one.

`make test-thorough` sets SIJILL_THOROUGH=1. Counts are written `times(usual, thorough)` where they
are used, so that both can be seen there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

THOROUGH = os.environ.get("SIJILL_THOROUGH") == "1"

One = TypeVar("One")
Other = TypeVar("Other")


def pairs(ones: Sequence[One], others: Sequence[Other]) -> list[tuple[One, Other]]:
    """Each of the ones with each of the others; in the usual suite with one of them, by turns."""
    return [
        (one, other)
        for number, one in enumerate(ones)
        for turn, other in enumerate(others)
        if THOROUGH or turn == number % len(others)
    ]


def times(usual: int, thorough: int) -> int:
    """How many, in this run."""
    return thorough if THOROUGH else usual
