"""docs/reference is what the code says, and every setting that the code reads is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import program_reference

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "reference"


@pytest.mark.parametrize("name", program_reference.PAGES)
def test_a_page_says_what_the_code_says(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")

    assert page == program_reference.PAGES[name](), "run make docs-reference"


def test_every_setting_that_the_code_reads_is_documented() -> None:
    read = {"SIJILL_DATA", "SIJILL_SIGNING_KEY", "SIJILL_PUBLISHED"}  # joined of two texts
    for folder in ("domain", "store", "projections", "api"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            read.update(re.findall(r"environ(?:\.get)?[(\[][\"'](SIJILL_\w+)", text))
            read.update(re.findall(r"envvar=[\"'](SIJILL_\w+)", text))

    assert read == program_reference.SETTINGS.keys()
