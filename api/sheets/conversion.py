"""A map put together with its sheets: the entries that they become, and what is wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from api.sheets.entity_description import DescriptionWarnings, Draft
from api.sheets.entity_finder import EntityListed
from api.sheets.map_file import MapFile
from api.sheets.panel import MeltedSheet, PanelShape
from api.sheets.shape import Made, SheetFindings, Workbench
from api.sheets.sheet import Row, Sheet
from api.sheets.snapshots import SnapshotShape, day_of_file
from api.sheets.spells import RowShape
from domain.codec import read
from domain.errors import Refusals, Refused
from domain.sources import Entry
from projections.entity_index import EntityIndex

Shape = RowShape | PanelShape | SnapshotShape
OFTEN = 1_000
"""Rows after which it is told how far it has come."""


class SheetSource(NamedTuple):
    """The source that a sheet is: its id, and its description without id and hash."""

    id: str
    described: dict[str, Any]


class Conversion:
    """Turns sheets into entries. Once `entries` is at its end, `findings` has all that is wrong."""

    def __init__(
        self,
        sheets: Sequence[Sheet],
        file: MapFile,
        index: EntityIndex,
        sources: Sequence[str],
        new_sources: Sequence[Entry] = (),
        known: Collection[str] = (),
        told: set[tuple[str, str, str]] | None = None,
    ) -> None:
        """`sources` has the id of each sheet's source, `known` the facts of theirs that the record
        has, `told` what needs no warning more. Refused where map and sheets do not fit."""
        self.file, self.sheets = file, list(sheets)
        self.findings = SheetFindings(known)
        self._new_sources = new_sources
        self._index = index
        self._drafts: dict[str, Draft] = {}
        warnings = DescriptionWarnings(self.findings.warn, set() if told is None else told)
        self._benches: list[Workbench] = []
        self._shapes: list[Shape] = []
        panel, snapshots = file.map.panel, file.map.snapshots
        if len(sheets) > 1 and (snapshots is None or snapshots.file_day is None):
            words = "Only snapshots that have their day in the file's name may be several files."
            raise Refused("TOO_MANY_FILES", words, file=sheets[1].name)
        for number, (sheet, source) in enumerate(zip(sheets, sources, strict=True)):
            if panel is not None and panel.columns is not None:
                try:
                    sheet = MeltedSheet(sheet, panel.columns)
                except Refused as refused:
                    raise file.located(refused) from refused
            bench = Workbench(
                sheet, file, source, index, self._drafts, warnings, self.findings, number
            )
            self._benches.append(bench)
            if panel is not None:
                self._shapes.append(PanelShape(bench))
            elif snapshots is not None:
                before = self._shapes[-1] if self._shapes else None
                assert before is None or isinstance(before, SnapshotShape)
                self._shapes.append(SnapshotShape(bench, before))
            else:
                self._shapes.append(RowShape(bench))

    def entries(self, seen: Callable[[int], None] = lambda rows: None) -> Iterator[Made]:
        """The entries in an order in which they can be recorded. It reads the sheets twice."""
        for entry in self._new_sources:
            yield Made(entry, 0, {})
        for bench, shape in zip(self._benches, self._shapes, strict=True):
            for row in bench.sheet.rows():
                if bench.counts(row.cells):
                    self._look(shape, row)
        yield from self._entities()
        told: set[str] = set()
        for bench, shape in zip(self._benches, self._shapes, strict=True):
            for made in self._of_sheet(bench, shape, seen):
                if len(bench.row_sources) > len(told):
                    # A source that rows name comes before the first entry that cites it.
                    yield from self._row_sources(bench, told)
                yield made
        for bench, shape in zip(self._benches, self._shapes, strict=True):
            yield from self._row_sources(bench, told)
            try:
                yield from shape.end()
            except Refused as refused:
                self.findings.refusals.add(refused)

    def column_of(self, said: Mapping[str, Any]) -> str | None:
        """The column of a fact of a panel, by what the sheet said of it."""
        (shape, *_) = self._shapes
        return shape.column_of(said) if isinstance(shape, PanelShape) else None

    def _of_sheet(
        self, bench: Workbench, shape: Shape, seen: Callable[[int], None]
    ) -> Iterator[Made]:
        findings, last = self.findings, 0
        for row in bench.sheet.rows():
            findings.rows += row.number != last
            last = row.number
            if row.number % OFTEN == 0:
                seen(findings.rows)
            if not bench.counts(row.cells):
                findings.left_out["NOT_WANTED"] += 1
                continue
            try:
                yield from shape.entries(row)
            except EntityListed as listed:
                bench.listed(listed, row)
            except Refused as refused:
                findings.refusals.add(refused)

    def _look(self, shape: Shape, row: Row) -> None:
        """What is wrong with the row is said when its entries are made."""
        with suppress(Refused, EntityListed):
            shape.look(row)

    def _entities(self) -> Iterator[Made]:
        for draft in self._drafts.values():
            obj = {key: value for key, value in draft.obj.items() if value}
            try:
                yield Made(read(obj, self.file.vocabulary), draft.row, {})
            except Refused as refused:
                for each in Refusals(refused).first:
                    words = f"the entity {obj['id']}, {each.field}: {each.message}"
                    column = draft.columns.get((each.field or "").partition(".")[0])
                    refused = draft.sheet.refused(each.code, words, draft.row, column)
                    self.findings.refusals.add(refused)

    def _row_sources(self, bench: Workbench, told: set[str]) -> Iterator[Made]:
        for name, (entry, row) in bench.row_sources.items():
            if name not in told:
                told.add(name)
                yield Made(entry, row, {})


def described(sheet: Sheet, file: MapFile) -> SheetSource:
    """The source that a sheet is by its map. Refused where it has no day and should have one."""
    source = file.map.source
    obj: dict[str, Any] = {"type": "SourceRegistered", "title": source.title}
    for key in ("publisher", "author", "language", "url", "published", "retrieved",
                "reliability", "credibility"):  # fmt: skip
        if (value := getattr(source, key)) is not None:
            obj[key] = value
    if source.observed_through is not None:
        obj["observedThrough"] = source.observed_through
    snapshots = file.map.snapshots
    if snapshots is None or snapshots.file_day is None:
        return SheetSource(source.id, obj)
    try:
        day = day_of_file(sheet, file.map)
    except Refused as refused:
        raise file.located(refused) from refused
    obj["title"] = f"{source.title} ({day})"
    obj["observedThrough"] = day
    obj.setdefault("published", day)
    return SheetSource(f"{source.id}-{day}", obj)
