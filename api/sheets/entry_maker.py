"""Rows → entries: the keys of a rule with what the cells of a row make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from api.sheets.conditions import Template
from api.sheets.entity_finder import EntityFinder
from api.sheets.sheet import Sheet, number_in
from domain.codec import read_checked
from domain.corrections import Correction
from domain.errors import Refusals, Refused
from domain.facts import MOST_TYPES
from domain.sources import Entry
from domain.strict_json import check_text
from domain.validation_errors import nearest
from domain.vocabulary import Vocabulary

GIVEN = frozenset({"id", "when", "citations", "episode"})
"""Keys that the map's own parts give."""

Value = Callable[[int, Sequence[str]], Any]
"""What a key is in a row, None where it is left out. Raises Refused and Listed."""


@lru_cache(MOST_TYPES)
def _fields_of(kind: type[Entry]) -> Mapping[str, bool]:
    """The keys of a type of entries, and whether each is required."""
    return {each.encode_name: each.required for each in msgspec.structs.fields(kind)}


class EntryMaker:
    """Makes entries of one type from rows."""

    def __init__(
        self,
        sheet: Sheet,
        vocabulary: Vocabulary,
        kind: str,
        keys: Mapping[str, Any],
        finders: Mapping[str, EntityFinder],
        field: str,
    ) -> None:
        """Refused, with the field of the map, for keys that the type does not have or that miss."""
        self._sheet, self.kind, self._vocabulary = sheet, kind, vocabulary
        self.type = vocabulary.types[kind]
        fields = _fields_of(self.type)
        self.has_citations = "citations" in fields
        self.is_correction = issubclass(self.type, Correction)
        refusals = Refusals()
        for key in keys:
            if key not in fields or key in GIVEN:
                known = nearest(key, fields.keys() - GIVEN)
                words = f"{kind} has no key {key!a} that a map gives; its keys are {known}."
                refusals.add(Refused("UNKNOWN_KEY", words, field=f"{field}.{key}"))
        self.required = {name for name, is_required in fields.items() if is_required} - GIVEN
        if self.is_correction:
            self.required -= {"reason"}
        if missing := sorted(self.required - keys.keys()):
            words = f"{kind} needs the keys {', '.join(missing)}."
            refusals.add(Refused("MISSING_KEY", words, field=field))
        self.columns: dict[str, tuple[str, ...]] = {}
        """By key, the columns that it is made from."""
        self.finders: list[EntityFinder] = []
        self._values: dict[str, Value] = {}
        for key, value in keys.items():
            found: list[str] = []
            try:
                self._values[key] = self._value(value, finders, found)
            except Refused as refused:
                data = {k: v for k, v in refused.data.items() if k not in ("file", "row")}
                at = f"{field}.{key}"
                refusals.add(Refused(refused.code, refused.message, field=at, **data))
            self.columns[key] = tuple(dict.fromkeys(found))
        if refusals:
            raise refusals.joined()

    def __call__(self, number: int, cells: Sequence[str]) -> dict[str, Any]:
        """The keys of a row's entry, `type` first. Refused with the row and the column; Listed."""
        obj: dict[str, Any] = {"type": self.kind}
        for key, value in self._values.items():
            found = value(number, cells)
            if found is not None:
                obj[key] = found
            elif key in self.required:
                column = next(iter(self.columns[key]), None)
                words = f"the cell says nothing, and {self.kind} needs its {key}."
                raise self._sheet.refused("EMPTY_CELL", words, number, column)
        try:
            for key in self._values:
                check_text(obj.get(key), key)
        except Refused as refused:
            raise self._located(refused, number) from refused
        return obj

    def entry(self, obj: dict[str, Any], number: int) -> Entry:
        """The entry of what was made. Refused with the row and, where there is one, the column."""
        try:
            return read_checked(obj, self._vocabulary)
        except Refused as refused:
            raise self._located(refused, number) from refused

    def _located(self, refused: Refused, number: int) -> Refused:
        of_row = []
        for each in Refusals(refused).first:
            key = (each.field or "").partition(".")[0].partition("[")[0]
            column = next(iter(self.columns.get(key, ())), None)
            of_row.append(self._sheet.refused(each.code, each.message, number, column))
        return Refusals(*of_row).joined()

    def _value(self, value: Any, finders: Mapping[str, EntityFinder], found: list[str]) -> Value:
        if isinstance(value, str) and value.startswith("@"):
            finder = finders.get(value[1:])
            if finder is None:
                known = nearest(value[1:], finders) or "there are none"
                words = f"The map has no entity {value[1:]!a}; its [entities] are {known}."
                raise Refused("UNKNOWN_ENTITY", words)
            found += finder.columns
            self.finders.append(finder)
            return finder
        if isinstance(value, str):
            template = Template(self._sheet, value)
            found += template.columns
            return lambda number, cells: template(cells)
        if isinstance(value, dict) and value.keys() == {"number"}:
            return self._number(str(value["number"]), found)
        if isinstance(value, dict):
            inner = {key: self._value(each, finders, found) for key, each in value.items()}
            return lambda number, cells: (
                {k: v for k, each in inner.items() if (v := each(number, cells)) is not None}
                or None
            )
        if isinstance(value, list):
            items = [self._value(each, finders, found) for each in value]
            return lambda number, cells: [
                v for each in items if (v := each(number, cells)) is not None
            ]
        return lambda number, cells: value

    def _number(self, column: str, found: list[str]) -> Value:
        place = self._sheet.column(column)
        found.append(column)

        def number_of(number: int, cells: Sequence[str]) -> int | float | None:
            cell = cells[place]
            if self._sheet.is_missing(cell):
                return None
            try:
                return int(cell) if cell.lstrip("-").isdecimal() else number_in(cell)
            except ValueError as error:
                words = f"«{cell}» is no number, such as 1200 or 12.5 (without blanks or commas)."
                raise self._sheet.refused("BAD_NUMBER", words, number, column) from error

        return number_of
