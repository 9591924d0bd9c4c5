"""Sheets imported into a record by a map that is written in a test."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from api.commands.record_import import project
from api.commands.sheets import take_in
from api.instance import Instance
from api.sheets.map_file import MapFile, read_map
from api.sheets.sheet_import import SheetImport, read_sheets


def csv_bytes(
    rows: Iterable[Sequence[object]], encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    """Rows as CSV, the headers first."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode(encoding)


def a_map(folder: Path, text: str) -> MapFile:
    """A map that stands in a file."""
    path = folder / "map.toml"
    path.write_text(text, encoding="utf-8")
    return read_map(path)


def prepared(instance: Instance, folder: Path, text: str, sheets: dict[str, bytes]) -> SheetImport:
    """What an import of sheets, by their names, would record."""
    for name, content in sheets.items():
        (folder / name).write_bytes(content)
    file = a_map(folder, text)
    instance.catch_up()
    found = SheetImport(read_sheets([str(folder / name) for name in sheets], file), file)
    found.prepare(instance)
    return found


def imported(instance: Instance, folder: Path, text: str, sheets: dict[str, bytes]) -> SheetImport:
    """The same, once it is recorded and projected."""
    found = prepared(instance, folder, text, sheets)
    take_in(instance, found, lambda words, total: lambda come: None, dry_run=False)
    project(instance)
    return found
