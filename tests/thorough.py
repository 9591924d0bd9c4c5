"""How often a law is tried: a fraction of it in the usual suite, all of it in the thorough one.

`make test-thorough` sets SIJILL_THOROUGH=1. Counts are written `times(usual, thorough)` where they
are used, so that both can be seen there.
"""

from __future__ import annotations

import os

THOROUGH = os.environ.get("SIJILL_THOROUGH") == "1"


def times(usual: int, thorough: int) -> int:
    """How many, in this run."""
    return thorough if THOROUGH else usual
