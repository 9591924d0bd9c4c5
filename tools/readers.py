"""Fetches what tests have browsers run of others: python -m tools.readers. It is in no wheel.

axe-core looks at the pages, TimelineJS reads its export.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tools.page_files import Package, fetch

FOLDER: Final = Path(__file__).parents[1] / "tests" / "vendor"
READERS: Final = [
    Package(
        "axe-core",
        "4.14.1",
        "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        {"axe.min.js": "axe.min.js", "LICENSE": "axe.LICENSE"},
    ),
    Package(
        "@knight-lab/timelinejs",
        "3.9.11",
        "sha512-+jUuY1OJ+9zSO5O3AfYSLd1yB0vQkm22zyIElz8BWT5DQ9mL0rsxlQkBKAqLbWpJjFuAAJeqzLY35xFIg6GW4g==",
        {
            "dist/js/timeline.js": "timeline.js",
            "dist/css/timeline.css": "timeline.css",
            "LICENSE": "timeline.LICENSE",
        },
    ),
]

if __name__ == "__main__":
    fetch(READERS, FOLDER)
