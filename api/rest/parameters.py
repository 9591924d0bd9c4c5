"""The parameters of an address: one that nothing reads is refused, as it would change nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rapidfuzz import process

from domain.errors import Refused

SIMILAR: Final = 50
"""Of 100, how much alike a name must be to be meant."""


def check_parameters(given: Iterable[str], known: Iterable[str]) -> None:
    """Refused(BAD_PARAMETER) with the nearest known name, such as asOf for asof."""
    known = list(dict.fromkeys(known))
    for name in given:
        if name not in known:
            words = f"There is no parameter {name[:40]!a} here"
            nearest = process.extractOne(
                name[:40], known, processor=str.lower, score_cutoff=SIMILAR
            )
            words += f": did you mean {nearest[0]}?" if nearest else "."
            raise Refused(
                "BAD_PARAMETER", f"{words} There are {', '.join(known)}.", field=name[:40]
            )
