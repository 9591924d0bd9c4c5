"""Makes docs/reference/sheet-map.md from the structs of a map: `make docs-reference`.

Keys, types and meanings are those of api/sheets/sheet_map.py; a key without a meaning is an error.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from api.sheets import sheet, sheet_map

DOCS: Final = Path(__file__).parents[1] / "docs" / "reference"
MADE: Final = "<!-- `make docs-reference` writes this page from the code: do not edit it. -->\n"
PARTS: Final[dict[str, tuple[type[Any], str]]] = {
    "The map": (sheet_map.SheetMap, ""),
    "[source]": (sheet_map.SourceRule, "source"),
    "[file]": (sheet.Layout, "file"),
    "[dates]": (sheet_map.Dates, "dates"),
    "[entities.NAME]": (sheet_map.EntityRule, "entities"),
    "[[spells]]": (sheet_map.Spell, "spells"),
    "[[entries]]": (sheet_map.EntryRule, "entries"),
    "[panel]": (sheet_map.Panel, "panel"),
    "[snapshots]": (sheet_map.Snapshots, "snapshots"),
    "[rowSource]": (sheet_map.RowSource, "rowSource"),
    "A date": (sheet_map.DateRule, ""),
    "A condition": (sheet_map.Condition, ""),
    "A location": (sheet_map.LocationRule, ""),
}
TYPES: Final = {
    "Prefix": "1 to 32 letters, digits, `.`, `_` or `-`",
    "Column": "a column",
    "tuple[Column, ...]": "list of columns",
    "Text": "text",
    "str": "text",
    "bool": "`true` or `false`",
    "int": "whole number",
    "tuple[str, ...]": "list of texts",
    "Way": "text",
    "Language": "a language tag",
    "tuple[Language, ...]": "list of language tags",
    "Conditions": "list of [conditions](#a-condition)",
    "When": "a column, or [a date](#a-date)",
    "dict[str, Any]": "table",
    "dict[Language, Text]": "template by language",
    "dict[Language, tuple[Text, ...]]": "list of templates by language",
    "dict[str, Text]": "template by scheme",
    "LocationRule": "[a location](#a-location)",
    "SourceRule": "table",
    "Layout": "table",
    "Dates": "table",
    "RowSource": "table",
    "Panel": "table",
    "Snapshots": "table",
    "dict[str, EntityRule]": "tables",
    "tuple[Spell, ...]": "tables",
    "tuple[EntryRule, ...]": "tables",
}
OF_THE_RECORD: Final = "As [the record file](../record-file.md) has it."


def page() -> str:
    """The text of docs/reference/sheet-map.md."""
    return "\n".join(_page())


def _page() -> Iterator[str]:
    yield MADE
    yield "# The map of a sheet\n"
    yield (
        "A map is one TOML or JSON file. It has one shape: `[[spells]]` and `[[entries]]`, or\n"
        "`[panel]`, or `[snapshots]`. An unknown key is refused with its line. `sijill map FILE`\n"
        "guesses a map; `sijill map FILE --schema` prints the JSON Schema of maps.\n\n"
        "A *template* is text with columns in braces, such as `state-{Code}`. Where one of its\n"
        "cells says nothing, it gives nothing.\n"
    )
    for title, (kind, key) in PARTS.items():
        yield f"## {title}\n" if title[0] != "[" else f"## `{title}`\n"
        yield f"{_docs(kind)[0]}\n"
        yield "| key | | value | meaning |\n|---|---|---|---|"
        for field in _fields(kind):
            yield _row(kind, field, key)
        yield ""


def _fields(kind: type[Any]) -> Iterator[msgspec.structs.FieldInfo]:
    inherited = {each.name for each in msgspec.structs.fields(sheet_map.Dates)}
    for field in msgspec.structs.fields(kind):
        if kind is not sheet_map.DateRule or field.name not in inherited:
            yield field


def _row(kind: type[Any], field: msgspec.structs.FieldInfo, key: str) -> str:
    _, annotations, meanings = _docs(kind)
    value = _value(annotations[field.name])
    default = field.default
    if default not in (msgspec.NODEFAULT, None, ()) and not isinstance(default, msgspec.Struct):
        default = list(default) if isinstance(default, tuple) else default
        value += f"; `{default}` if left out"
    meaning = meanings.get(field.name)
    if meaning is None:
        parts = {path: title for title, (_, path) in PARTS.items() if path}
        link = parts.get(field.encode_name)
        meaning = f"See `{link}` [below](#{_anchor(link)})." if link and not key else OF_THE_RECORD
    required = "required" if field.required else ""
    return f"| `{field.encode_name}` | {required} | {value} | {meaning} |"


def _anchor(title: str) -> str:
    return title.strip("[]").lower().replace(".", "").replace("[", "").replace("]", "")


def _value(annotation: str) -> str:
    bare = annotation.removesuffix(" | None")
    if bare in TYPES:
        return TYPES[bare]
    tree = ast.parse(bare, mode="eval").body
    return _of(tree)


def _of(tree: ast.expr) -> str:
    """An annotation in words."""
    if isinstance(tree, ast.BinOp):
        return f"{_of(tree.left)} or {_of(tree.right)}"
    if isinstance(tree, ast.Subscript):
        name = ast.unparse(tree.value)
        if name == "Literal":
            items = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
            return ", ".join(f"`{ast.literal_eval(item)}`" for item in items)
        if name == "Annotated":
            assert isinstance(tree.slice, ast.Tuple)
            return _of(tree.slice.elts[0])
        if name == "tuple":
            assert isinstance(tree.slice, ast.Tuple)
            return f"list of {_of(tree.slice.elts[0])}s"
    return TYPES[ast.unparse(tree)]


def _docs(kind: type[Any]) -> tuple[str, dict[str, str], dict[str, str]]:
    """A struct's docstring, and by field its annotation and its meaning, as the source has them."""
    module = sheet if kind.__module__ == sheet.__name__ else sheet_map
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    found = next(
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    annotations: dict[str, str] = {}
    meanings: dict[str, str] = {}
    last = ""
    for node in found.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            last = node.target.id
            annotations[last] = ast.unparse(node.annotation)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and last:
            meanings[last] = " ".join(str(node.value.value).split())
    return " ".join((ast.get_docstring(found) or "").split()), annotations, meanings


def main() -> None:
    """Write the page."""
    (DOCS / "sheet-map.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
