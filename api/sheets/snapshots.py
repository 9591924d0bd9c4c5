"""Snapshots: what was there on a day, of several days, in a file each or with a column of days."""

from __future__ import annotations

import re
from collections.abc import Iterator

from api.sheets.cell_dates import BadDate, Sentinel, read_cell
from api.sheets.date_words import words_of
from api.sheets.entity_finder import row_key
from api.sheets.ledger import Ledger
from api.sheets.runs import Observation
from api.sheets.shape import Made, Workbench
from api.sheets.sheet import Row, Sheet
from api.sheets.sheet_map import SheetMap
from api.sheets.spells import reader_of
from domain.dates import Days, iso_of, parse
from domain.errors import Refused


class SnapshotShape:
    """The [snapshots] of a map, put together with a sheet. Sheets of all days share a ledger."""

    def __init__(self, bench: Workbench, before: SnapshotShape | None = None) -> None:
        """Refused, with the line of the map, for what the sheet or a type does not have."""
        rule = bench.map.snapshots
        assert rule is not None
        self._bench = bench
        self._start = bench.maker(rule.start, rule.keys, "snapshots")
        self._makers = self._start, bench.maker(rule.end, rule.keys, "snapshots")
        try:
            self._item = [bench.sheet.column(column) for column in rule.item]
        except Refused as refused:
            raise bench.file.located(refused, "snapshots.item") from refused
        self._reader = self._day = None
        if rule.day is not None:
            self._reader = reader_of(bench, rule.day, "snapshots.day")
        else:
            self._day = parse(day_of_file(bench.sheet, bench.map)).earliest
        self.is_last = True
        if before is None:
            self._ledger = Ledger(*self._makers, is_whole=True)
            self._days: dict[int, Workbench] = {}
        else:
            self._ledger, self._days = before._ledger, before._days
            before.is_last = False
        if self._day is not None:
            self._days[self._day] = bench

    def look(self, row: Row) -> None:
        """See which entities a row names, before any entry is made."""
        for finder in self._start.finders:
            finder.look(row.number, row.cells)

    def entries(self, row: Row) -> Iterator[Made]:
        """Nothing yet: a row is kept. Refused with the row and the column; Listed."""
        day = self._day_of(row) if self._day is None else self._day
        key = row_key([row.cells[place] for place in self._item])
        column = None if self._reader is None else self._reader.column
        period = Days(day, day)
        self._ledger.take(self._bench, row, key, period, self._makers, is_in=True, column=column)
        self._days.setdefault(day, self._bench)
        return iter(())

    def end(self) -> Iterator[Made]:
        """The entries of all snapshots, once the last one is read."""
        if not self.is_last:
            return
        marks = {day: self._ledger.mark_whole(bench) for day, bench in self._days.items()}
        for item in self._ledger.items.values():
            there = {each.period.earliest for each in item.observations}
            item.observations.extend(
                Observation(Days(day, day), False, mark)
                for day, mark in marks.items()
                if day not in there
            )
        columns = {**self._start.columns}
        yield from self._ledger.entries(columns, attests=True)

    def _day_of(self, row: Row) -> int:
        assert self._reader is not None
        edtf = self._reader(*row).edtf
        if edtf is None or edtf.earliest != edtf.latest or edtf.uncertain:
            shown = "nothing" if edtf is None else f"«{edtf.text}»"
            words = f"a snapshot is of one day, and this is {shown}."
            column = self._reader.column
            raise self._bench.sheet.refused("NOT_A_DAY", words, row.number, column)
        return edtf.earliest


def day_of_file(sheet: Sheet, sheet_map: SheetMap) -> str:
    """The day of a snapshot by the name of its file. Refused where it has none."""
    rule = sheet_map.snapshots
    assert rule is not None
    assert rule.file_day is not None
    found = re.search(rule.file_day, sheet.name)
    text = "" if found is None else (found[1] if found.re.groups else found[0])
    dates = sheet_map.dates
    try:
        day = read_cell(text, dates, words_of(dates.months or ()), is_missing=not text)
        if not isinstance(day, Sentinel) and (days := parse(day)).earliest == days.latest:
            return iso_of(days.earliest)
    except (BadDate, Refused):
        pass
    raise Refused(
        "NOT_A_DAY",
        f"«{rule.file_day}» finds no day in the name of the file {sheet.name}.",
        file=sheet.name,
        field="snapshots.fileDay",
    )
