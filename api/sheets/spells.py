"""Rows that are spells, or entries of any type: each row is read by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.sheets.cell_dates import DateOf, DateReader, Sentinel
from api.sheets.conditions import Template, Test
from api.sheets.entity_finder import EntityFinder
from api.sheets.shape import Made, Workbench
from api.sheets.sheet import Row
from api.sheets.sheet_map import EntryRule, Spell
from domain.dates import Edtf, iso_of, parse
from domain.errors import Refusals, Refused


class RowShape:
    """The [[spells]] and [[entries]] of a map, put together with a sheet."""

    def __init__(self, bench: Workbench) -> None:
        """Refused, with the line of the map, for what the sheet or a type does not have."""
        self._bench = bench
        self._parts: list[SpellPart | EntryPart] = []
        refusals = Refusals()
        makers: list[tuple[Any, str, Any]] = [
            *((SpellPart, f"spells[{n}]", each) for n, each in enumerate(bench.map.spells)),
            *((EntryPart, f"entries[{n}]", each) for n, each in enumerate(bench.map.entries)),
        ]
        for kind, field, rule in makers:
            try:
                self._parts.append(kind(bench, rule, field))
            except Refused as refused:
                refusals.add(bench.file.located(refused, field))
        if refusals:
            raise refusals.joined()

    def look(self, row: Row) -> None:
        """See which entities a row names, before any entry is made."""
        for part in self._parts:
            if part.applies(row.cells):
                for finder in part.finders:
                    finder.look(row.number, row.cells)

    def entries(self, row: Row) -> Iterator[Made]:
        """The entries of a row. Refused with the row and the column; Listed."""
        parts = [part for part in self._parts if part.applies(row.cells)]
        if not parts:
            self._bench.findings.left_out["NO_ENTRY"] += 1
            return
        key = self._bench.key_of(row)
        made: list[Made] = []
        for part in parts:
            made += part.entries(row, key)
        yield from made

    def end(self) -> Iterator[Made]:
        """The entries that only the whole sheet gives: none."""
        return iter(())


class SpellPart:
    """A start and an end, from one row."""

    def __init__(self, bench: Workbench, rule: Spell, field: str) -> None:
        self._bench, self._rule = bench, rule
        self.applies = Test(bench.sheet, rule.if_)
        self._start = bench.maker(rule.start, rule.keys, field)
        self._end = bench.maker(rule.end, rule.keys, field)
        self.finders: list[EntityFinder] = self._start.finders
        self._since = reader_of(bench, rule.since, f"{field}.since")
        self._until = reader_of(bench, rule.until, f"{field}.until", is_end=True)
        self._start.columns["when"] = (self._since.column or "",)
        self._end.columns["when"] = (self._until.column or "",)

    def entries(self, row: Row, key: str) -> Iterator[Made]:
        """The start and the end of a row's spell, as far as it gives them."""
        bench, rule = self._bench, self._rule
        since, until = self._since(*row), self._until(*row)
        if self._is_reversed(row, since, until):
            return
        start, end = self._dates(row, since, until)
        citations, label = bench.citations(row), bench.label_of(key)
        keys: dict[str, Any] = {}
        for maker, when, side in ((self._start, start, "start"), (self._end, end, "end")):
            id_ = bench.id_of(key, f"{rule.name}-{side}")
            if when is None:
                bench.not_given(id_, row, maker.columns["when"][0] or None)
            else:
                keys = {**keys, "type": maker.kind} if keys else maker(*row)  # both have the same
                own = {"id": id_, "when": when, "citations": citations, "episode": label}
                yield bench.made(maker, keys | own, row)

    def _is_reversed(self, row: Row, since: DateOf, until: DateOf) -> bool:
        """Whether it holds on no day, and is left out for it. Refused unless the map says so."""
        if since.edtf is None or until.edtf is None or since.edtf.earliest <= until.edtf.latest:
            return False
        words = f"it ends ({until.edtf.text}) before it starts ({since.edtf.text})."
        refused = self._bench.sheet.refused("REVERSED", words, row.number, self._until.column)
        if self._rule.reversed == "refuse":
            raise refused
        self._bench.left_out(refused)
        return True

    def _dates(
        self, row: Row, since: DateOf, until: DateOf
    ) -> tuple[Edtf | str | None, Edtf | str | None]:
        """The dates of the start and of the end, None for one that is not given."""
        start, end = since.edtf, until.edtf
        if until.sentinel is Sentinel.UNKNOWN and start is not None:
            if not start.text.startswith("["):
                return f"{start.text}/", None
            return start, f"[{iso_of(start.earliest)}..]"
        if start is None and end is None:
            held = self._attested(row)
            return held, held if until.sentinel is Sentinel.UNKNOWN else None
        return start, end

    def _attested(self, row: Row) -> str:
        """Of what has neither a start nor an end that is known, when it held at the latest."""
        source = self._bench.map.source
        seen = source.observed_through or source.published
        if seen is None:
            words = (
                "neither its start nor its end is known, nor when the sheet looked: give the "
                "source of the map an `observedThrough`."
            )
            raise self._bench.sheet.refused("NO_DATE", words, row.number, self._since.column)
        return f"[..{iso_of(parse(seen).latest)}]"


class EntryPart:
    """One entry of a row, of any type."""

    def __init__(self, bench: Workbench, rule: EntryRule, field: str) -> None:
        self._bench, self._rule = bench, rule
        self._name = rule.name or rule.type
        self.applies = Test(bench.sheet, rule.if_)
        self._maker = bench.maker(rule.type, rule.keys, field)
        self.finders: list[EntityFinder] = self._maker.finders
        self._episode = None if rule.episode is None else Template(bench.sheet, rule.episode)
        self._when = None
        has_when = "when" in self._maker.type.__struct_fields__
        if has_when != (rule.when is not None):
            words = f"{rule.type} needs a `when`." if has_when else f"{rule.type} has no `when`."
            raise Refused("MISSING_KEY" if has_when else "UNKNOWN_KEY", words, field="when")
        if rule.when is not None:
            is_end = any(not e.is_start for e in getattr(self._maker.type, "effects", ()))
            self._when = reader_of(bench, rule.when, f"{field}.when", is_end=is_end)
            self._maker.columns["when"] = (self._when.column or "",)

    def entries(self, row: Row, key: str) -> Iterator[Made]:
        """The entry of a row, none where its date is one that has not come or nobody knows."""
        maker, bench = self._maker, self._bench
        when = None if self._when is None else self._when(*row)
        name = bench.id_of(key, self._name)
        if when is not None and when.edtf is None:
            bench.not_given(name, row, maker.columns["when"][0] or None)
            return
        obj = maker(*row)
        obj["id"] = name
        if when is not None and when.edtf is not None:
            obj["when"] = when.edtf
        if self._episode is not None and (label := self._episode(row.cells)):
            obj["episode"] = label
        if maker.has_citations:
            obj["citations"] = bench.citations(row)
        if maker.is_correction:
            obj.setdefault("basis", "EVIDENCE")
            obj.setdefault("reason", f"Row {row.number} of {bench.map.source.title} says so.")
        yield bench.made(maker, obj, row)


def reader_of(bench: Workbench, when: Any, field: str, *, is_end: bool = False) -> DateReader:
    try:
        return DateReader(bench.sheet, when, bench.map.dates, is_end=is_end)
    except Refused as refused:
        raise bench.file.located(refused, field) from refused
