"""Every template that the code or another template names is there."""

from __future__ import annotations

import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "api" / "web"
TEMPLATES = WEB / "templates"
NAMED = re.compile(r"""["'](\w+\.(?:html|atom|svg|txt|xml))["']""")


def test_every_template_that_is_named_is_there_and_every_one_is_named() -> None:
    pages = [*WEB.parent.rglob("*.py"), *TEMPLATES.iterdir()]
    named = {name for page in pages for name in NAMED.findall(page.read_text("utf-8"))}
    there = {page.name for page in TEMPLATES.iterdir()}
    beside = {page.name for page in WEB.glob("*.html")}  # sent as they are

    assert {name for name in named if name.endswith(".html")} <= there | beside
    assert there <= named
