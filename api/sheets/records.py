"""Objects of JSON, JSON Lines or YAML as rows of a sheet: a column for each key that has a text.

Keys of objects within objects are joined by points (`name.first`). Texts in a list are one cell,
with semicolons between them. A list of objects has rows of its own where the layout names it.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final

import yaml

from api.sheets.adapters import ADAPTERS
from domain.errors import Refused
from domain.strict_json import parse_json

FORMATS: Final = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
}
"""By the end of a file's name, how its objects are written."""
KEY: Final = "key"
"""The column of the names that objects have in an object, where that stands for a list."""
MOST_COLUMNS: Final = 1_000
csv.field_size_limit(2**31 - 1)
"""A cell that is too long is refused by its row and column once it is read."""


def format_of(name: str) -> str | None:
    """How the objects of a file are written, None for a file of cells."""
    return FORMATS.get(PurePath(name).suffix.lower())


def table_of(text: str, kind: str, rows: str | None) -> list[list[str]]:
    """The headers, then the rows. Refused as BAD_RECORDS for what has none."""
    if (adapter := ADAPTERS.get(kind)) is not None:
        is_csv = adapter.has_csv and not text.lstrip().startswith(("{", "["))
        found = list(adapter.rows(_of_csv(text) if is_csv else _tops(text)))
    else:
        objects = _objects(text, kind)
        found = [dict(_cells(each, rows)) for top in objects for each in _split(top, rows)]
    headers = list(dict.fromkeys(column for row in found for column in row))
    if not headers:
        words = "the file has no objects with values: is `rows` in [file] of the map right?"
        raise Refused("BAD_RECORDS", words)
    if len(headers) > MOST_COLUMNS:
        words = f"its objects have {len(headers)} keys: `rows` in [file] says what is a row."
        raise Refused("BAD_RECORDS", words)
    return [headers, *([row.get(column, "") for column in headers] for row in found)]


def adapter_of(text: str, name: str) -> str | None:
    """The adapter that a file is for, by its first object, of CSV by its headers."""
    kind = format_of(name)
    if kind is None and name.lower().endswith(".csv"):
        top = dict.fromkeys(next(csv.reader(text.splitlines()[:1]), []))
        return next((n for n, it in ADAPTERS.items() if it.has_csv and it.is_like(top)), None)
    if kind not in ("json", "jsonl"):
        return None
    try:
        tops = _tops(text.partition("\n")[0] if kind == "jsonl" else text)
    except (Refused, IndexError):
        return None
    is_like = ((name, each) for name, each in ADAPTERS.items() if tops and each.is_like(tops[0]))
    return next((name for name, _ in is_like), None)


def rows_of(text: str, kind: str) -> str | None:
    """The key of the lists of objects that have the most items, None where objects have none."""
    counts: Counter[str] = Counter()
    try:
        for top in _objects(text, kind):
            for key, value in top.items():
                if isinstance(value, list) and all(isinstance(each, dict) for each in value):
                    counts[key] += len(value)
    except Refused:
        return None
    return next((key for key, count in counts.most_common(1) if count), None)


def _tops(text: str) -> list[dict[str, Any]]:
    """The objects of a file as they stand, one or several of them. Refused as BAD_RECORDS."""
    found = _values(text)
    if len(found) == 1 and isinstance(found[0], list):
        (found,) = found
    if not all(isinstance(each, dict) for each in found):
        raise Refused("BAD_RECORDS", "it is no object and no list of objects.")
    return found


def _values(text: str) -> list[Any]:
    """The values of a file: of its first line and of each further one, or else one of them all."""
    lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    found: list[Any] = []
    for number, line in lines:
        try:
            found.append(parse_json(line))
        except Refused as refused:
            if not found:
                return [parse_json(text)]
            words = f"line {number}: {refused.message}"
            raise Refused("BAD_RECORDS", words) from refused
    return found


def _of_csv(text: str) -> list[dict[str, Any]]:
    """The rows of a CSV file as objects. Refused as BAD_RECORDS."""
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise Refused("BAD_RECORDS", f"its rows can't be read: {error}.") from error


def _objects(text: str, kind: str) -> Iterator[dict[str, Any]]:
    if kind != "yaml":
        found: Any = _values(text)
        if len(found) == 1 and kind == "json":
            (found,) = found
    else:
        try:
            found = yaml.load(text, yaml.CBaseLoader)  # texts alone: dates stay as written
        except yaml.YAMLError as error:
            words = " ".join(str(error).split())
            raise Refused("BAD_RECORDS", f"it is no YAML: {words}.") from error
    if isinstance(found, dict):
        found = [
            {KEY: name, **each} if isinstance(each, dict) else {KEY: name, "value": each}
            for name, each in found.items()
        ]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Refused("BAD_RECORDS", "it is no list of objects, and no object of objects.")
    return iter(found)


def _split(top: dict[str, Any], rows: str | None) -> Iterator[dict[str, Any]]:
    """An object, or of its list `rows` each item with what the object has beside."""
    if rows is None:
        yield top
        return
    items = top.get(rows)
    for item in items if isinstance(items, list) else ():
        yield {**top, rows: item}


def _cells(value: Any, rows: str | None, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _cells(inner, rows, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        texts = [_text(each) for each in value if not isinstance(each, dict | list)]
        if texts:
            yield path, "; ".join(texts)
    elif path:
        yield path, _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
