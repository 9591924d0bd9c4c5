"""A sheet imported again: what of it the record has, what a changed cell corrects, what is gone.

The facts of a sheet have the ids that the map gives them. A fact that the record has otherwise, by
everything known, gets one FactCorrected that cites the sheet's new version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from api.sheets.conversion import SheetSource
from api.sheets.shape import Made, SheetFindings
from api.sheets.sheet import Sheet
from domain.codec import Event, decode, read, write
from domain.corrections import Correction, FactCorrected, FactReinstated, FactRetracted
from domain.dates import MAX_DAY
from domain.dossier import Dossier
from domain.entities import EntityRegistered
from domain.event_stream import EventStream
from domain.fact_history import Lives
from domain.facts import Fact
from domain.recorder import Recorder
from domain.sources import Citation, Entry, SourceRegistered
from domain.tags import followed

ColumnOf = Callable[[dict[str, Any]], str | None]
"""The column of a fact, by what the sheet said of it."""
BATCH = 10_000
"""Entries that are compared with the record at a time."""
LONGEST_SHOWN = 100


class SheetVersion(NamedTuple):
    """The source of a sheet as it is now, and whether the record has it already."""

    entry: SourceRegistered
    is_new: bool


class LastSaid(NamedTuple):
    """What the sheet said of a fact when it was imported last, whether it was gone then, and the
    row that said it."""

    said: dict[str, Any]
    is_gone: bool
    citation: Citation


class Revision:
    """Compares what a sheet gives with what the record has."""

    def __init__(
        self,
        recorder: Recorder,
        sheets: Sequence[Sheet],
        sources: Sequence[str],
        base: str,
        known: Collection[str],
        findings: SheetFindings,
    ) -> None:
        """`sources` has the id of each sheet's source, of the version that is given; `base` is
        the id that the map gives; `known` are the facts of the sheet that the record has."""
        self._recorder, self._sheets, self._sources = recorder, sheets, sources
        self._base = base
        self._findings = findings
        self.unchanged = 0
        self.corrected = 0
        self.missing = set(known)
        """The ids of the known facts that the sheet has not given so far."""

    def changes(self, made: Iterable[Made]) -> Iterator[Made]:
        """Of what a sheet gives, that which the record does not have, with corrections."""
        waiting = iter(made)
        while batch := list(islice(waiting, BATCH)):
            dossier = dossier_of(self._recorder, [tag for each in batch for tag in _tags(each)])
            lives = Lives(dossier)
            for each in batch:
                yield from self._changes(each, dossier, lives)

    def retractions(
        self, gone: Iterable[str], title: str, column_of: ColumnOf = lambda said: None
    ) -> Iterator[Made]:
        """What takes out the facts that the sheet does not give any more."""
        waiting = iter(gone)
        source = self._sources[0]
        while batch := list(islice(waiting, BATCH)):
            dossier = dossier_of(self._recorder, [f"fact:{name}" for name in batch])
            for name in batch:
                file, place = dossier.facts[name], self._findings.place_of(name)
                why = (
                    f"{place} does not say it any more"
                    if place
                    else words_of_gone(title, self._last_said(file), column_of)
                )
                obj = {
                    "type": "FactRetracted",
                    "id": _id_of(name, len(file.later), source),
                    "fact": name,
                    "basis": "EVIDENCE",
                    "reason": f"{why}.",
                    "citations": [{"source": source}],
                }
                yield Made(read(obj), 0, {})

    def _changes(self, made: Made, dossier: Dossier, lives: Lives) -> Iterator[Made]:
        entry = made.entry
        if isinstance(entry, EntityRegistered | SourceRegistered):
            known = (
                dossier.entities if isinstance(entry, EntityRegistered) else dossier.sources
            ).get(entry.id)
            if known is None:
                yield made
            else:
                self.unchanged += 1
                self._compare(made, known.first.entry)
            return
        if isinstance(entry, Fact):
            self.missing.discard(entry.id)
            if entry.id in dossier.facts:
                yield from self._of_fact(made, entry, lives)
                return
        elif entry.id in dossier.corrections:
            self.unchanged += 1
            self._compare(made, dossier.corrections[entry.id].entry)
            return
        yield made

    def _of_fact(self, made: Made, entry: Fact, lives: Lives) -> Iterator[Made]:
        file = lives.dossier.facts[entry.id]
        first = file.first.entry
        if type(first).__name__ != type(entry).__name__:
            sheet = self._sheets[made.sheet]
            words = (
                f"{entry.id} is a {type(first).__name__} in the record, and the map makes a "
                f"{type(entry).__name__} of the row: take another `name` or `id` in the map."
            )
            self._findings.refusals.add(sheet.refused("ID_TAKEN", words, made.row))
            return
        last = self._last_said(file)
        changes = _differences(last.said, write(entry))
        count = len(file.later)
        if last.is_gone and lives.of(entry.id).retracted(MAX_DAY):
            obj = self._about(made, entry, "FactReinstated", count)
            obj["reason"] = f"Row {made.row} of {self._sheets[made.sheet].name} has it again."
            yield made._replace(entry=read(obj))
            count += 1
        elif not changes:
            self.unchanged += 1
        if changes:
            obj = self._about(made, entry, "FactCorrected", count)
            obj["changes"] = changes
            obj["reason"] = self._reason(made, last.said, changes)
            self.corrected += 1
            yield made._replace(entry=read(obj))

    def last_said(self, names: Sequence[str]) -> dict[str, LastSaid]:
        """By the id of each, what the sheet said last of facts of the record."""
        facts = dossier_of(self._recorder, [f"fact:{name}" for name in names]).facts
        return {name: self._last_said(facts[name]) for name in names}

    def _last_said(self, file: EventStream) -> LastSaid:
        """What others said of a fact since is theirs: an editor's correction stands."""
        first = file.first.entry
        assert isinstance(first, Fact)
        said, is_gone, citation = write(first), False, first.citations[0]
        for event in file.later:
            entry = event.entry
            if not isinstance(entry, Correction) or not self._is_own(entry):
                continue
            if isinstance(entry, FactCorrected):
                said = {**said, **entry.changes}
            if isinstance(entry, FactRetracted | FactReinstated):
                is_gone = isinstance(entry, FactRetracted)
            if not isinstance(entry, FactRetracted):
                citation = entry.citations[0]
        said = {key: value for key, value in said.items() if value is not None}
        return LastSaid(said, is_gone, citation)

    def _is_own(self, entry: Correction) -> bool:
        """Whether an import of a version of the sheet said so."""
        return any(
            each.source == self._base or each.source.startswith(f"{self._base}-")
            for each in entry.citations
        )

    def _about(self, made: Made, entry: Fact, kind: str, count: int) -> dict[str, Any]:
        source = self._sources[made.sheet]
        own = [write(entry)["citations"][0]]
        return {
            "type": kind,
            "id": _id_of(entry.id, count, source),
            "fact": entry.id,
            "basis": "EVIDENCE",
            "citations": own,
        }

    def _reason(self, made: Made, was: dict[str, Any], changes: dict[str, Any]) -> str:
        """Which cell says otherwise: by row and column."""
        columns = dict.fromkeys(
            name for key in changes for name in made.columns.get(key, ()) if name
        )
        place = f"Row {made.row} of {self._sheets[made.sheet].name}"
        if columns:
            place += f", column {', '.join(columns)}"
        said = "; ".join(
            f"{key} was {_shown(was.get(key))}, now {_shown(value)}"
            for key, value in changes.items()
        )
        return f"{place}: {said}."

    def _compare(self, made: Made, known: Entry) -> None:
        """Warn of what the record says otherwise and a sheet does not correct."""
        now, was = write(made.entry), write(known)
        ignored = {"citations", "reason"}
        if isinstance(known, EntityRegistered):
            ignored |= {"aliases"}
        keys = [
            key
            for key in now.keys() | was.keys()
            if key not in ignored and now.get(key) != was.get(key)
        ]
        if keys and isinstance(known, Correction | EntityRegistered):
            sheet = self._sheets[made.sheet]
            words = (
                f"{known.id} is recorded with other {', '.join(sorted(keys))}: a sheet corrects "
                "facts alone, so record a correction if it is wrong."
            )
            self._findings.warn(sheet.refused("DIFFERS", words, made.row))


def words_of_gone(title: str, last: LastSaid | None, column_of: ColumnOf) -> str:
    """That a sheet does not say a fact any more, and where it said it last, where that is known."""
    words = f"{title} does not say it any more: its row is gone, or the cell that said it"
    if last is None:
        return words
    locator = last.citation.locator
    if locator is None or locator.row is None:
        return f"{words}; it stood in {last.citation.source}"
    column = column_of(last.said)
    of_column = f", column {column}" if column else ""
    return f"{words}; it stood in row {locator.row + 1}{of_column} of {last.citation.source}"


def version_of(recorder: Recorder, sheet: Sheet, source: SheetSource) -> SheetVersion:
    """The source of a sheet. Of another version of a sheet that the record has it is a new one."""
    obj = {**source.described, "id": source.id, "sha256": sheet.sha256}
    base = read(obj)
    assert isinstance(base, SourceRegistered)
    known = _source(recorder, source.id)
    if known is None:
        return SheetVersion(base, True)
    if (known.sha256, known.published) == (base.sha256, base.published):
        return SheetVersion(known, False)
    told = f"{sheet.sha256} {'' if base.published is None else base.published.text}"
    name = f"{source.id}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    known = _source(recorder, name)
    if known is not None:
        return SheetVersion(known, False)
    entry = read({**obj, "id": name})
    assert isinstance(entry, SourceRegistered)
    return SheetVersion(entry, True)


def dossier_of(recorder: Recorder, tags: Iterable[str]) -> Dossier:
    """What the log says under some tags and all that they lead to."""
    waiting = list(dict.fromkeys(tags))
    seen = set(waiting)
    events: dict[int, Event] = {}
    while waiting:
        found = recorder.look(waiting)
        waiting = []
        for position, stored_type, data, own in found.events:
            if position not in events:
                events[position] = decode(position, stored_type, data)
                led = set(followed(own)) - seen
                seen |= led
                waiting += led
    dossier = Dossier(is_watching=False)
    for position in sorted(events):
        dossier.take(events[position])
    return dossier


def _source(recorder: Recorder, name: str) -> SourceRegistered | None:
    from domain.capture import source_of

    found = recorder.look([f"source:{name}"])
    return source_of(decode(*event[:3]).entry for event in found.events)


def _tags(made: Made) -> Iterator[str]:
    entry = made.entry
    if isinstance(entry, SourceRegistered):
        yield f"source:{entry.id}"
    elif isinstance(entry, EntityRegistered):
        yield f"entity:{entry.id}"
    else:
        yield f"fact:{entry.id}"


def _differences(was: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The keys of a fact that are otherwise now, with their new values, null for none."""
    kept = ("id", "type", "citations")
    return {
        key: now.get(key)
        for key in sorted(was.keys() | now.keys())
        if key not in kept and was.get(key) != now.get(key)
    }


def _id_of(fact: str, count: int, source: str) -> str:
    """The id of the next thing that is said of a fact."""
    told = hashlib.sha256(f"{fact} {count} {source}".encode()).hexdigest()[:12]
    return f"{fact[:100]}:{told}"


def _shown(value: Any) -> str:
    text = "left out" if value is None else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
