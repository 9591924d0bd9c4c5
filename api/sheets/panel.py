"""Panels: in or not, by period. Missing is neither."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.sheets.entity_finder import row_key
from api.sheets.ledger import Ledger
from api.sheets.shape import HEADER, VALUE, Made, Workbench
from api.sheets.sheet import Row, Sheet
from api.sheets.spells import reader_of
from domain.dates import AFTER_ALL, BEFORE_ALL, Days, parse
from domain.errors import Refused


class MeltedSheet(Sheet):
    """A sheet some of whose columns are read as rows: a row for each cell of them."""

    def __init__(self, sheet: Sheet, pattern: str) -> None:
        """Refused where no header matches."""
        vars(self).update(vars(sheet))
        found = re.compile(pattern)
        self._columns = [n for n, name in enumerate(sheet.headers) if found.search(name)]
        if not self._columns:
            words = f"«{pattern}» is found in no header; they are {', '.join(sheet.headers)}."
            raise Refused("UNKNOWN_COLUMN", words, field="panel.columns")
        self._own = sheet.headers
        self.headers = [*sheet.headers, HEADER, VALUE]

    def rows(self) -> Iterator[Row]:
        """For each row and each of the columns: its cells, the header and the cell."""
        wide = self.headers
        self.headers = self._own
        rows = super().rows()
        try:
            for number, cells in rows:
                for column in self._columns:
                    yield Row(number, [*cells, self._own[column], cells[column]])
        finally:
            self.headers = wide


class PanelShape:
    """The [panel] of a map, put together with a sheet."""

    def __init__(self, bench: Workbench) -> None:
        """Refused, with the line of the map, for what the sheet or a type does not have."""
        panel = bench.map.panel
        assert panel is not None
        self._bench = bench
        self._start = bench.maker(panel.start, panel.keys, "panel")
        self._end = bench.maker(panel.end, panel.keys, "panel")
        self._period = reader_of(bench, panel.period, "panel.period")
        try:
            self._value = bench.sheet.column(panel.value)
            self._item = [bench.sheet.column(column) for column in panel.item]
        except Refused as refused:
            raise bench.file.located(refused, "panel.item") from refused
        self._holds, self._in, self._out = panel.holds, frozenset(panel.in_), frozenset(panel.out)
        self._ledger = Ledger(self._start, self._end, is_whole=panel.holds != "part")

    def look(self, row: Row) -> None:
        """See which entities a row names, before any entry is made."""
        if row.cells[self._value] in self._in:
            for finder in self._start.finders:
                finder.look(row.number, row.cells)

    def entries(self, row: Row) -> Iterator[Made]:
        """Nothing yet: a row is kept. Refused with the row and the column; Listed."""
        cell = row.cells[self._value]
        is_in = cell in self._in
        if not is_in and cell not in self._out:
            if self._bench.sheet.is_missing(cell):
                self._bench.findings.left_out["MISSING"] += 1
                return iter(())
            shown = self._shown(row)
            words = f"«{cell}» is neither in, nor out, nor missing: list it in the map."
            raise self._bench.sheet.refused("UNKNOWN_VALUE", words, row.number, shown)
        parts = [row.cells[place] for place in self._item]
        key = row_key(parts)
        if not is_in and key not in self._ledger.items and not self._may_be_named(row):
            return iter(())
        period = self._period_of(row)
        if period is not None:
            makers = self._start, self._end
            column = self._shown(row)
            self._ledger.take(self._bench, row, key, period, makers, is_in=is_in, column=column)
        return iter(())

    def end(self) -> Iterator[Made]:
        """The entries of the whole sheet."""
        return self._ledger.entries(self._start.columns, attests=False)

    def column_of(self, said: Mapping[str, Any]) -> str | None:
        """The column of a fact of the sheet, by what it said of it."""
        is_start = said["type"] == self._start.kind
        return self._ledger.column_of(parse(said["when"]).latest, is_start=is_start)

    def _may_be_named(self, row: Row) -> bool:
        """Whether the entities of a row that is out can be told. What is never in needs none."""
        for finder in self._start.finders:
            try:
                finder(*row)
            except Exception:
                return False
        return True

    def _period_of(self, row: Row) -> Days | None:
        try:
            edtf = self._period(*row).edtf
        except Refused as refused:
            if refused.data.get("column") != HEADER:
                raise
            column = self._shown(row)  # the sheet's own, of which a row was made
            words = refused.message.replace(HEADER, column, 1)
            data = {**refused.data, "column": column}
            raise Refused(refused.code, words, field=refused.field, **data) from refused
        if edtf is None:
            self._bench.findings.left_out["NO_PERIOD"] += 1
            return None
        earliest, latest = edtf.earliest, edtf.latest
        if edtf.uncertain or "~" in edtf.text or earliest == BEFORE_ALL or latest == AFTER_ALL:
            words = f"«{edtf.text}» is no period: it needs a first and a last day."
            raise self._bench.sheet.refused("BAD_PERIOD", words, row.number, self._shown(row))
        if self._holds == "first-day":
            return Days(earliest, earliest)
        if self._holds == "last-day":
            return Days(latest, latest)
        return Days(earliest, latest)

    def _shown(self, row: Row) -> str:
        panel = self._bench.map.panel
        assert panel is not None
        return row.cells[-2] if panel.columns else panel.value
