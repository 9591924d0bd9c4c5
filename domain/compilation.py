"""Where the modules are on which the fold spends its time, compiled to C by tools/compile.py.

They are kept under a digest of the source of all that they were compiled with. Once that has
changed, or where there is no C compiler, Python reads the source as it does any other.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

HOT = (
    "domain/catalogue.py", "domain/dossier.py", "domain/event_stream.py", "domain/fact_history.py",
    "domain/fluents.py", "domain/history.py", "domain/intervals.py", "domain/kinship.py",
    "domain/spans.py", "domain/stretches.py", "domain/versions.py", "projections/projector.py",
    "projections/rows.py",
)  # fmt: skip
"""What is compiled."""
ROOT = Path(__file__).parents[1]


def folder() -> Path:
    """The folder of the compiled packages for the source as it is, which need not be there.

    With SIJILL_INTERPRETED set to anything, one that never is.
    """
    if os.environ.get("SIJILL_INTERPRETED"):
        return ROOT / "build" / "compiled" / "interpreted"
    digest = sha256()
    for path in sorted({*(ROOT / "domain").glob("*.py"), *(ROOT / name for name in HOT)}):
        digest.update(path.read_bytes())
    return ROOT / "build" / "compiled" / digest.hexdigest()[:16]
