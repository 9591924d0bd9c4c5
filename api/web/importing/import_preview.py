"""What an import would record, for the page: entries in words, refusals by cell, warnings, diff.

It goes the way of `sijill import --map --dry-run`. It works in a thread and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from api.export.node_dates import state_of
from api.export.nodes import Nodes
from api.instance import Instance
from api.sheets.map_file import MapFile
from api.sheets.report import differences
from api.sheets.sheet import Sheet
from api.sheets.sheet_import import SheetImport
from domain.canonical import digest_of
from domain.corrections import FactCorrection
from domain.dates import today
from domain.entities import EntityRegistered, name_in
from domain.errors import Refusals, Refused
from domain.facts import Fact, subjects_of
from domain.point import Clocks
from domain.roles import Role, allow, role_for
from domain.sources import Entry
from domain.vocabulary import question_value
from domain.warnings import bringing
from projections.diff import Difference
from projections.follower import progress_of
from projections.record_check import warnings_of_new
from projections.view_rows import Connection
from store.database import READER

SHOWN: Final = 12
"""Entries that are shown in words."""
MOST_ENTRIES: Final = 5_000
"""Entries that a page records."""


class CellRemark(NamedTuple):
    """A refusal or a warning, with the row that it is about, and the place of its column."""

    code: str
    message: str
    row: int | None
    place: int | None

    @property
    def cell(self) -> str | None:
        """The field of the form that has the cell."""
        return None if self.row is None else f"cell[{self.row}][{self.place or 0}]"


class EntryInWords(NamedTuple):
    """An entry as a sentence has it: the row, the type, whom it names, when, and why."""

    row: int
    type: str
    names: list[str]
    when: str | None
    reason: str | None


class ImportPreview(NamedTuple):
    """What the page says of an import. `diff` is None where it is too much for one; `digest` tells
    what would be recorded from anything else; nothing is to be recorded while anything is
    refused."""

    entries: Sequence[Entry]
    source: str
    rows: int
    types: Mapping[str, int]
    unchanged: int
    gone: int
    words: list[EntryInWords]
    refusals: list[CellRemark]
    count_refused: int
    refused_rows: Mapping[int, list[str]]
    """By number, the cells of the rows that something is refused in."""
    warnings: list[CellRemark]
    count_warned: int
    diff: list[dict[str, Any]] | None
    digest: str


def preview(
    instance: Instance, sheet: Sheet, file: MapFile, role: Role, lang: str
) -> ImportPreview:
    """What importing a sheet by a map would do."""
    found = SheetImport([sheet], file)
    refusals = Refusals()
    try:
        found.prepare(instance)
        _check(instance, found, role)
    except Refused as refused:
        refusals.add(refused)
    diff: list[Difference] | None = []
    with instance.database.connect(READER) as connection:
        if not refusals and found.entries:
            warnings = warnings_of_new(connection, instance.record, found.entries)
            for warning, number in bringing(warnings, found.entries):
                found.warn(warning.code, warning.message, number)
            diff = differences(instance, found.entries)
        names = _Names(connection, instance, found.entries, lang)
        findings = [_remark(each, sheet) for each in refusals.first]
        wrong = {each.row for each in findings}
        return ImportPreview(
            found.entries,
            found.versions[0].entry.id if found.versions else file.map.source.id,
            found.findings.rows,
            dict(found.types.most_common()),
            found.unchanged,
            len(found.gone),
            names.words(found),
            findings,
            refusals.codes.total(),
            {row.number: row.cells for row in sheet.all_rows() if row.number in wrong},
            [_remark(each, sheet) for each in found.findings.warnings.first],
            found.findings.warnings.codes.total(),
            None if diff is None else [names.change(each) for each in diff],
            digest_of(found.entries).hex()[:32],
        )


def _check(instance: Instance, found: SheetImport, role: Role) -> None:
    """Refused as the record would, with the row of each entry."""
    entries = found.entries
    if len(entries) > MOST_ENTRIES:
        words = f"A page records {MOST_ENTRIES:,} entries: import more with `sijill import`."
        raise Refused("TOO_LARGE", words)
    refusals = Refusals()
    for number, entry in enumerate(entries):
        try:
            allow(role, role_for(entry))
        except Refused as refused:
            refused.data["entry"] = number
            refusals.add(refused)
    if refusals:
        raise found.located(refusals.joined())
    try:
        instance.record.apply(entries, actor="", dry_run=True)
    except Refused as refused:
        raise found.located(refused) from refused


def _remark(refused: Refused, sheet: Sheet) -> CellRemark:
    row, column = refused.data.get("row"), refused.data.get("column")
    place = sheet.headers.index(str(column)) if column in sheet.headers else None
    return CellRemark(
        refused.code, refused.message, row if isinstance(row, int) and row > 0 else None, place
    )


class _Names:
    """What entities are called in a language: those of the record, and those that are new."""

    def __init__(
        self, connection: Connection, instance: Instance, entries: Iterable[Entry], lang: str
    ) -> None:
        point = Clocks().point(progress_of(connection).position, today())
        vocabulary = instance.vocabulary.current
        self._fluents = vocabulary.fluents
        self._nodes = Nodes(connection, point, lang, vocabulary)
        self._new = {
            each.id: name_in(each.names, lang)
            for each in entries
            if isinstance(each, EntityRegistered)
        }

    def words(self, found: SheetImport) -> list[EntryInWords]:
        """The first entries that are of rows."""
        numbers = [n for n in range(len(found.entries)) if found.row_of(n)[1]][:SHOWN]
        shown = [(found.row_of(number)[1], found.entries[number]) for number in numbers]
        self._nodes.entities({each for _, entry in shown for each in _about(entry)})
        return [
            EntryInWords(
                row,
                type(entry).__name__,
                [self.of(each)["name"] for each in _about(entry)],
                entry.when.text if isinstance(entry, Fact) else None,
                entry.reason if isinstance(entry, FactCorrection) else None,
            )
            for row, entry in shown
        ]

    def change(self, difference: Difference) -> dict[str, Any]:
        """A difference as pages show it."""
        key = difference.key
        return {
            "question": question_value(self._fluents[key.fluent].question),
            "scope": self.of(key.scope),
            "subject": self.of(key.subject),
            "change": difference.change.value,
            "before": state_of(difference.before),
            "after": state_of(difference.after),
            "causes": [cause.value for cause in difference.causes],
            "events": [],
            "sources": [],
        }

    def of(self, entity: str) -> dict[str, str]:
        """The id and the name of an entity."""
        if entity in self._new:
            return {"id": entity, "name": self._new[entity]}
        found = self._nodes.entities([entity]).get(entity)
        return {"id": entity, "name": entity if found is None else found["name"]}


def _about(entry: Entry) -> list[str]:
    """The entities that an entry names first."""
    if isinstance(entry, Fact):
        return list(dict.fromkeys(subjects_of(entry)))
    return [entry.id] if isinstance(entry, EntityRegistered) else []
