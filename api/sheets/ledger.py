"""What a sheet says of each item by period, kept until its end, and the entries of its spells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from api.sheets.entry_maker import EntryMaker
from api.sheets.runs import Observation, Run, runs
from api.sheets.shape import Made, Workbench
from api.sheets.sheet import Row
from domain.dates import Days, iso_of
from domain.errors import Refused
from domain.sources import Citation


class ObservationPlace(NamedTuple):
    """Where an observation stands: the workbench of its sheet, the row, 0 for the whole, and the
    column of its day where it has one."""

    bench: Workbench
    row: int
    citations: tuple[Citation, ...]
    column: str | None = None


class LedgerItem(NamedTuple):
    """Something that is in or out: what its start and its end say, and when it was which."""

    start: dict[str, Any]
    end: dict[str, Any]
    observations: list[Observation]


class Ledger:
    """The items of one or more sheets, by their keys."""

    def __init__(self, start: EntryMaker, end: EntryMaker, *, is_whole: bool) -> None:
        self._start, self._end, self._is_whole = start, end, is_whole
        self.items: dict[str, LedgerItem] = {}
        self.marks: list[ObservationPlace] = []

    def take(
        self, bench: Workbench, row: Row, key: str, period: Days, makers: Sequence[EntryMaker],
        *, is_in: bool, column: str | None,
    ) -> None:  # fmt: skip
        """Take in what a row says of an item. Refused with the row; Listed."""
        item = self.items.get(key)
        if item is None:
            start, end = (maker(*row) for maker in makers)
            item = self.items[key] = LedgerItem(start, end, [])
        item.observations.append(Observation(period, is_in, len(self.marks)))
        self.marks.append(ObservationPlace(bench, row.number, bench.citations(row), column))

    def mark_whole(self, bench: Workbench) -> int:
        """The mark of a whole sheet, which says something by what is not in it."""
        self.marks.append(ObservationPlace(bench, 0, bench.citations(None)))
        return len(self.marks) - 1

    def column_of(self, day: int, *, is_start: bool) -> str | None:
        """The column that says of spells that they started or ended on a day at the latest. Asked
        once all is taken in."""
        return self._columns.get((day if is_start else day + 1, is_start))

    @cached_property
    def _columns(self) -> dict[tuple[int, bool], str | None]:
        found: dict[tuple[int, bool], str | None] = {}
        for item in self.items.values():
            for period, _, mark in item.observations:
                column = self.marks[mark].column
                start = period.earliest if self._is_whole else period.latest
                found.setdefault((start, True), column)
                found.setdefault((period.earliest, False), column)
        return found

    def entries(self, columns: Mapping[str, tuple[str, ...]], *, attests: bool) -> Iterator[Made]:
        """The entries of all spells. Refusals go to the findings of the sheet."""
        for key, item in self.items.items():
            ordered = sorted(item.observations)
            if (refused := self._overlapping(ordered)) is not None:
                self.marks[0].bench.findings.refusals.add(refused)
                continue
            for number, run in enumerate(runs(ordered, is_whole=self._is_whole), 1):
                yield from self._of_run(key, number, item, run, columns, attests=attests)

    def _of_run(
        self, key: str, number: int, item: LedgerItem, run: Run,
        columns: Mapping[str, tuple[str, ...]], *, attests: bool,
    ) -> Iterator[Made]:  # fmt: skip
        first = self.marks[run.seen[0].mark]
        bench = first.bench
        label = bench.label_of(f"{key}.{number}")
        start = bench.id_of(key, f"{number}-start")
        yield self._made(self._start, item.start, start, run.since, label, first, columns)
        if attests:
            for seen in run.seen[1:]:
                mark, day = self.marks[seen.mark], iso_of(seen.period.latest)
                obj = {
                    "type": "HoldingAttested",
                    "id": bench.id_of(key, f"{number}-held-{day}"),
                    "fact": start,
                    "on": day,
                    "citations": mark.citations,
                    "reason": f"It is there on {day}.",
                }
                entry = self._start.entry(obj, mark.row)
                yield Made(entry, mark.row, columns, mark.bench.number)
        if run.until is not None and run.over is not None:
            mark = self.marks[run.over.mark]
            end = bench.id_of(key, f"{number}-end")
            yield self._made(self._end, item.end, end, run.until, label, mark, columns)

    def _made(
        self, maker: EntryMaker, keys: Mapping[str, Any], name: str, when: str, label: str,
        mark: ObservationPlace, columns: Mapping[str, tuple[str, ...]],
    ) -> Made:  # fmt: skip
        obj = {**keys, "id": name, "when": when, "episode": label, "citations": mark.citations}
        if mark.column is not None:
            columns = {**columns, "when": (mark.column,)}
        return Made(maker.entry(obj, mark.row), mark.row, columns, mark.bench.number)

    def _overlapping(self, ordered: Sequence[Observation]) -> Refused | None:
        """Of two periods that share a day, which then say it twice or contradict each other."""
        for one, other in pairwise(ordered):
            if other.period.earliest <= one.period.latest:
                first, second = self.marks[one.mark], self.marks[other.mark]
                again = "the same" if one.is_in == other.is_in else "the opposite"
                words = (
                    f"it says of {iso_of(other.period.earliest)} {again} as row {first.row} does "
                    "of the same item: leave one of them."
                )
                code = "SAID_TWICE" if one.is_in == other.is_in else "CONTRADICTION"
                rule = second.bench.map.panel or second.bench.map.snapshots
                column = rule.item[0] if rule else None
                return second.bench.sheet.refused(code, words, second.row, column)
        return None
