"""The formats: each module of the package is one, and the documentation lists them as they are."""

from __future__ import annotations

import pkgutil
from pathlib import Path

from api.export import formats
from api.export.format import DATED, LINKED, ROWS
from api.export.formats import FORMATS

DOCS = Path(__file__).parents[2] / "docs"
BEGIN = "<!-- formats: made by tests/unit/test_formats.py from the formats themselves -->\n"
END = "<!-- /formats -->"
VIEWS = {
    ROWS: "every view",
    DATED: "what is held, facts",
    LINKED: "what is held, facts, sources, entities",
}


def table() -> str:
    rows = ["| extension | opens in | of |", "|---|---|---|"]
    for each in FORMATS.values():
        of = "every view" if each.cites else VIEWS.get(each.kinds, "entities, what is held, facts")
        rows.append(f"| `{each.extension}` | {each.opens_in} | {of} |")
    return "\n".join(rows) + "\n"


def test_every_module_of_the_package_is_a_format() -> None:
    modules = {module.name for module in pkgutil.iter_modules(formats.__path__)}

    assert len(modules) == len(FORMATS)
    assert {type(each.write).__name__ for each in FORMATS.values()} == {"function"}


def test_the_documentation_lists_the_formats_as_they_are() -> None:
    [page] = DOCS.rglob("exports.md")

    told = page.read_text().partition(BEGIN)[2].partition(END)[0]
    if told != table():  # what it should say, ready to be committed
        before, _, rest = page.read_text().partition(BEGIN)
        page.write_text(before + BEGIN + table() + END + rest.partition(END)[2])
    assert told == table()
