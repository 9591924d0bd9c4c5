"""Sheets and their map → the entries that are to be recorded, and what there is to say of them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from api.instance import Instance
from api.sheets.conversion import Conversion, described
from api.sheets.map_file import MapFile
from api.sheets.revision import Revision, SheetVersion, version_of, words_of_gone
from api.sheets.shape import Made, SheetFindings
from api.sheets.sheet import Layout, Sheet
from api.sheets.sheet_files import content_of
from api.sheets.snapshots import day_of_file
from api.sheets.workbook_process import sheet_of
from domain.errors import Refusals, Refused
from domain.recorder import Recorder
from domain.sources import Entry
from projections.entity_index import EntityIndex, fact_ids, read_index, source_ids
from store.database import READER

Seen = Callable[[int], None]


class SheetImport:
    """What an import of sheets by a map would record. It writes nothing itself."""

    def __init__(self, sheets: Sequence[Sheet], file: MapFile) -> None:
        self.sheets, self.file = list(sheets), file
        self.entries: list[Entry] = []
        self.versions: list[SheetVersion] = []
        self.findings = SheetFindings()
        self.types: Counter[str] = Counter()
        """The number of entries to be recorded of each type."""
        self.unchanged = 0
        self.gone: list[str] = []
        """Facts of rows that the sheet does not have any more."""
        self._rows = array("Q")
        self._sheet_numbers = array("H")

    def row_of(self, number: int) -> tuple[Sheet, int]:
        """The sheet and the row of an entry; 0 for one of the whole sheet."""
        return self.sheets[self._sheet_numbers[number]], self._rows[number]

    def prepare(self, instance: Instance, seen: Seen = lambda rows: None) -> None:
        """Find out what is to be recorded, the answers being up to date.

        Raises Refused with all that is wrong, each with file, row and column where it has them.
        """
        with instance.database.connect(READER) as connection:
            self._prepare(instance.record.recorder, connection, seen)

    def _prepare(self, recorder: Recorder, connection: psycopg.Connection[Any], seen: Seen) -> None:
        sheet_map, index = self.file.map, read_index(connection)
        known = fact_ids(connection, f"{sheet_map.id}:")
        self._check_snapshots(source_ids(connection, f"{sheet_map.source.id}-"))
        try:
            self.versions = [
                version_of(recorder, sheet, described(sheet, self.file)) for sheet in self.sheets
            ]
        except Refused as refused:
            raise self.file.located(refused, "source") from refused
        conversion = self._conversion(index, known)
        self.findings = conversion.findings
        names = [version.entry.id for version in self.versions]
        base = sheet_map.source.id
        revision = Revision(recorder, self.sheets, names, base, known, self.findings)
        for made in revision.changes(conversion.entries(seen)):
            self._take(made)
        if self.findings.refusals:
            raise self.findings.refusals.joined()
        self._look_for_gone(revision, conversion)
        self.unchanged = revision.unchanged

    def warn(self, code: str, message: str, number: int | None) -> None:
        """The record takes an entry, of a number, and says that it is likely a slip."""
        sheet, row = self.row_of(number) if number is not None else (self.sheets[0], 0)
        self.findings.warn(sheet.refused(code, message, row or None))

    def located(self, refused: Refused) -> Refused:
        """What the record refused, with the row of each entry."""
        found = Refusals(refused)
        found.first = [self._located(each) for each in found.first]
        return found.joined()

    def _conversion(self, index: EntityIndex, known: set[str]) -> Conversion:
        names = [version.entry.id for version in self.versions]
        new = [version.entry for version in self.versions if version.is_new]
        return Conversion(self.sheets, self.file, index, names, new, known)

    def _take(self, made: Made) -> None:
        self.entries.append(made.entry)
        self.types[type(made.entry).__name__] += 1
        self._rows.append(made.row)
        self._sheet_numbers.append(made.sheet)

    def _look_for_gone(self, revision: Revision, conversion: Conversion) -> None:
        self.gone = sorted(revision.missing)
        if not self.gone:
            return
        title, column_of = self.sheets[0].name, conversion.column_of
        if self.file.map.gone == "retract":
            for made in revision.retractions(self.gone, title, column_of):
                self._take(made)
            return
        # Warnings beyond those that are shown are counted alone.
        last = revision.last_said(self.gone[: Refusals.MOST])
        for name in self.gone:
            place = self.findings.not_given.get(name)
            sheet, row, column = place or (self.sheets[0], None, None)
            what = "the cell says nothing of it any more"
            if not place:
                what = words_of_gone(title, last.get(name), column_of)
            words = (
                f"{name} is in the record, and {what}. Retract it if it was wrong, or say "
                '`gone = "retract"` in the map; else put it back.'
            )
            self.findings.warn(sheet.refused("GONE", words, row, column))

    def _check_snapshots(self, sources: set[str]) -> None:
        """Refuse some snapshots without the others: what is only in those would count as gone."""
        snapshots = self.file.map.snapshots
        if snapshots is None or snapshots.file_day is None:
            return
        base = self.file.map.source.id
        given = {f"{base}-{day_of_file(sheet, self.file.map)}" for sheet in self.sheets}
        missing = sorted(
            name for name in sources if not any(name.startswith(each) for each in given)
        )
        if missing:
            words = (
                f"Snapshots are imported together, and the record has {', '.join(missing[:5])} "
                "too, which are not given: name the files of all days."
            )
            raise Refused("SNAPSHOT_MISSING", words, file=self.sheets[0].name)

    def _located(self, refused: Refused) -> Refused:
        number = refused.data.get("entry")
        if not isinstance(number, int):
            return refused
        sheet, row = self.row_of(number)
        words = f"{refused.field}: {refused.message}" if refused.field else refused.message
        return sheet.refused(refused.code, words, row or None)


def read_sheets(paths: Sequence[str], file: MapFile) -> list[Sheet]:
    """The sheets in some files, in the order of their days where they are snapshots. Refused."""
    refusals, sheets = Refusals(), []
    for path in paths:
        try:
            sheets.append(read_sheet(path, file.map.file))
        except Refused as refused:
            refusals.add(refused)
    if refusals:
        raise refusals.joined()
    snapshots = file.map.snapshots
    if snapshots is not None and snapshots.file_day is not None:
        try:
            sheets.sort(key=lambda sheet: day_of_file(sheet, file.map))
        except Refused as refused:
            raise file.located(refused) from refused
    return sheets


def read_sheet(path: str, layout: Layout) -> Sheet:
    """The sheet in a file. Refused."""
    return sheet_of(Path(path).name, content_of(path), layout)
