"""The commands of a page of docs/how-to, to be run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "how-to"


def sections(page: str) -> dict[str, str]:
    """The shell script of each section of a page, by its heading: all of its ```sh blocks."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = {}
    for section in re.split(r"^#+ ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        blocks = re.findall(r"^```sh\n(.*?)^```", body, flags=re.MULTILINE | re.DOTALL)
        if blocks:
            found[heading] = "".join(blocks)
    return found
