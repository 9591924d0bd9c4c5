"""Fetches axe-core for the tests of the pages: python -m tools.axe. It is in no wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from api.web.vendor import Package, fetch

FOLDER: Final = Path(__file__).parents[1] / "tests" / "vendor"
AXE: Final = Package(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    {"axe.min.js": "axe.min.js", "LICENSE": "axe.LICENSE"},
)

if __name__ == "__main__":
    fetch([AXE], FOLDER)
