"""What the shapes have in common: the sheet with its finders and citations, and what they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from api.sheets.conditions import Template, Test
from api.sheets.entity_description import DescriptionWarnings, Draft
from api.sheets.entity_finder import EntityFinder, EntityListed, entity_id, row_key
from api.sheets.entry_maker import EntryMaker
from api.sheets.map_file import MapFile
from api.sheets.sheet import Row, Sheet, quote_hash
from domain.codec import read
from domain.errors import Refusals, Refused
from domain.sources import Citation, Entry, Locator
from projections.entity_index import EntityIndex

LONGEST_LABEL: Final = 64
HEADER, VALUE = ":header", ":value"
"""The columns that a melted sheet has beside its own."""


class Made(NamedTuple):
    """An entry, the row that it is from, and by key the columns that it is made of."""

    entry: Entry
    row: int
    columns: Mapping[str, tuple[str, ...]]
    sheet: int = 0
    """Which of the sheets, from 0."""


class NotGiven(NamedTuple):
    """The cell that says nothing of a fact."""

    sheet: Sheet
    row: int
    column: str | None


class SheetFindings:
    """What is found on the way: refusals, warnings and rows that were left out on purpose."""

    def __init__(self, known: Collection[str] = ()) -> None:
        """`known` are the facts of the sheet that the record has."""
        self.known = known
        self.refusals = Refusals()
        self.warnings = Refusals()
        self.rows = 0
        self.left_out: Counter[str] = Counter()
        """Rows that count for nothing, by the reason."""
        self.not_given: dict[str, NotGiven] = {}
        """By id, the known facts that a row does not give since a cell says nothing of them."""

    def place_of(self, name: str) -> str | None:
        """The cell that does not give a fact, in words; None where its row is gone."""
        if (place := self.not_given.get(name)) is None:
            return None
        column = f", column {place.column}" if place.column else ""
        return f"Row {place.row} of {place.sheet.name}{column}"

    def warn(self, refused: Refused) -> None:
        """Something is likely a slip, and is taken."""
        self.warnings.add(refused)


class Workbench:
    """A sheet with what a shape needs to make entries of its rows."""

    def __init__(
        self,
        sheet: Sheet,
        file: MapFile,
        source: str,
        index: EntityIndex,
        drafts: dict[str, Draft],
        warnings: DescriptionWarnings,
        findings: SheetFindings,
        number: int = 0,
    ) -> None:
        """Refused with the line of the map where a column is not in the sheet."""
        self.sheet, self.file, self.map = sheet, file, file.map
        self.source, self.findings, self.number = source, findings, number
        self.width = len(sheet.headers) - 2 * (HEADER in sheet.headers)
        """The cells of a row that are its own."""
        self.finders: dict[str, EntityFinder] = {}
        refusals = Refusals()
        for name, rule in self.map.entities.items():
            try:
                self.finders[name] = EntityFinder(
                    sheet, name, rule, index, drafts, warnings, findings.refusals
                )
            except Refused as refused:
                refusals.add(file.located(refused, f"entities.{name}"))
        try:
            self._key = [sheet.column(column) for column in self.map.key]
        except Refused as refused:
            refusals.add(file.located(refused, "key"))
        try:
            self.counts = Test(sheet, self.map.rows)
        except Refused as refused:
            refusals.add(file.located(refused, "rows"))
        row_source = self.map.row_source
        self._row_source: dict[str, Template] = {}
        if row_source is not None:
            for key in row_source.__struct_fields__:
                if (text := getattr(row_source, key)) is not None:
                    try:
                        self._row_source[key] = Template(sheet, text)
                    except Refused as refused:
                        refusals.add(file.located(refused, f"rowSource.{key}"))
        if refusals:
            raise refusals.joined()
        self.row_sources: dict[str, tuple[Entry, int]] = {}
        """Sources that rows name, by id, and the row that names each first."""
        self._keys: dict[str, int] = {}
        """By key, the row that has it first."""
        self._repeats: Counter[str] = Counter()
        """How many rows more have a key."""

    def maker(self, kind: str, keys: Mapping[str, Any], field: str) -> EntryMaker:
        """What makes entries of a type. Refused as the map is."""
        try:
            return EntryMaker(
                self.sheet, self.file.vocabulary, kind, keys, self.finders, f"{field}.keys"
            )
        except Refused as refused:
            raise self.file.located(refused) from refused

    def id_of(self, *parts: str) -> str:
        """The id of an entry."""
        return ":".join((self.map.id, *parts))

    def label_of(self, key: str) -> str:
        """The episode of a row."""
        label = f"{self.map.id}:{key}"
        return label if len(label) <= LONGEST_LABEL else f"{label[:47]}-{row_key([label])[-8:]}"

    def key_of(self, row: Row) -> str:
        """The part of ids by which a row is known again. Refused where another row has it."""
        parts = [row.cells[place] for place in self._key]
        if all(self.sheet.is_missing(part) for part in parts):
            words = "the key of the row says nothing: it could not be known again."
            raise self.sheet.refused("EMPTY_KEY", words, row.number, self.map.key[0])
        key = row_key(parts)
        first = self._keys.setdefault(key, row.number)
        if first == row.number:
            return key
        if self.map.repeats == "refuse":
            words = (
                f"«{', '.join(parts)}» is the key of row {first} already: name more columns in "
                '`key`, or say `repeats = "number"`.'
            )
            raise self.sheet.refused("DUPLICATE_KEY", words, row.number, self.map.key[0])
        self._repeats[key] += 1
        return f"{key}.{self._repeats[key] + 1}"

    def citations(self, row: Row | None) -> tuple[Citation, ...]:
        """The citations of the entries of a row, which share them; of none, the whole sheet's."""
        if row is None:
            return (Citation(source=self.source),)
        locator = Locator(row=row.number - 1)
        cells = row.cells[: self.width]
        own = Citation(source=self.source, locator=locator, quote_sha256=quote_hash(cells))
        if not self._row_source:
            return (own,)
        return own, Citation(source=self._source_of(row))

    def made(self, maker: EntryMaker, obj: dict[str, Any], row: Row) -> Made:
        """What was made of a row. Refused with the row and the column."""
        return Made(maker.entry(obj, row.number), row.number, maker.columns, self.number)

    def not_given(self, name: str, row: Row, column: str | None) -> None:
        """A row does not give the fact of an id, which a cell of a column would date."""
        if name in self.findings.known:
            self.findings.not_given[name] = NotGiven(self.sheet, row.number, column)

    def left_out(self, refused: Refused) -> None:
        """A row counts for nothing, as the map wants it: said, and counted."""
        self.findings.left_out[refused.code] += 1
        self.findings.warn(refused)

    def listed(self, listed: EntityListed, row: Row) -> None:
        """A row with an entity that the record does not have is left out, as the map wants it."""
        words = str(listed)
        self.left_out(self.sheet.refused("UNKNOWN_ENTITY", words, row.number, listed.column))

    def _source_of(self, row: Row) -> str:
        obj: dict[str, Any] = {"type": "SourceRegistered"}
        for key, template in self._row_source.items():
            text = template(row.cells)
            if text is not None:
                obj[key] = entity_id(text) if key == "id" else text
            elif key in ("id", "title"):
                words = f"the cell says nothing, and a source needs its {key}."
                column = template.empty(row.cells)
                raise self.sheet.refused("EMPTY_CELL", words, row.number, column)
        name = str(obj["id"])
        if name not in self.row_sources:
            try:
                self.row_sources[name] = read(obj), row.number
            except Refused as refused:
                raise self.sheet.refused(refused.code, refused.message, row.number) from refused
        return name
