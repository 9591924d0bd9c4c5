"""The history of a file as evidence: each commit is a source, and what it changes is recorded.

A row is known by the map's key. A row that comes is recorded, a cell that changes corrects, and a
row that goes is retracted, each citing its commit. A commit is one transaction, so that an import
that was cut carries on after the last one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from api.instance import Instance
from api.sheets.conditions import Test
from api.sheets.conversion import Conversion
from api.sheets.entity_finder import row_key
from api.sheets.git_history import FileCommit, FileHistory
from api.sheets.map_file import MapFile
from api.sheets.revision import Revision
from api.sheets.sheet import ChosenRows, Row, Sheet
from api.sheets.workbook_process import sheet_of
from domain.capture import fitting
from domain.codec import read
from domain.corrections import FactReinstated
from domain.errors import Refusals, Refused
from domain.facts import Fact
from domain.recorder import Recorder
from domain.sources import Entry
from projections.entity_index import EntityIndex, fact_ids, read_index, source_ids
from store.database import READER

SHORT: Final = 12
"""Letters of a commit's id in the id of its source."""


class FileVersion(NamedTuple):
    """The file at a commit, and its rows by key; without a sheet where it was deleted."""

    commit: FileCommit
    day: str
    sheet: Sheet | None
    rows: dict[str, Row]


class HistoryImport:
    """Records the commits of a file that the record does not have."""

    def __init__(self, path: Path, file: MapFile) -> None:
        """Refused for a map whose rows are not known by a key, and where there is no history."""
        if file.map.panel or file.map.snapshots or file.map.repeats != "refuse":
            words = "A history needs a map of rows, each with a `key` of its own."
            raise file.located(Refused("BAD_MAP", words), "repeats")
        self.file, self.history = file, FileHistory(path)
        self._leave_out(file.map.skip_commits)
        self.counts: Counter[str] = Counter()
        """Commits that were recorded, and their entries by type."""
        self.warnings = Refusals()
        """What is likely a slip, and was recorded, with the commit in the name of its file."""
        self._told: set[tuple[str, str, str]] = set()
        self._prefix = f"{file.map.id}:"
        self._facts: defaultdict[str, set[str]] = defaultdict(set)
        """By key, the facts that count."""

    def run(
        self, instance: Instance, actor: str, seen: Callable[[int], None] = lambda commits: None
    ) -> None:
        """Record commit after commit, the answers being up to date. Refused with the commit that
        can't be recorded; those before it are then."""
        with instance.database.connect(READER) as connection:
            index = read_index(connection)
            done = source_ids(connection, f"{self.file.map.source.id}-")
            for fact in fact_ids(connection, self._prefix):
                self._facts[self._key_of(fact)].add(fact)
            before: dict[str, list[str]] = {}
            day = ""
            for number, (commit, content) in enumerate(self.history.contents(self._left(done)), 1):
                day = max(day, commit.day)
                version = self._version(commit, day, content)
                if self._source(commit) not in done:
                    entries = self._entries(instance.record.recorder, index, version, before)
                    instance.record.apply(entries, actor=actor)
                    self.counts["commits"] += 1
                    self.counts.update(type(each).__name__ for each in entries)
                before = {key: row.cells for key, row in version.rows.items()}
                seen(number)

    def _leave_out(self, skipped: Sequence[str]) -> None:
        commits = self.history.commits
        for number, begin in enumerate(skipped):
            if not any(each.id.startswith(begin) for each in commits):
                words = f"No commit of {self.history.path.name} has an id that begins with {begin}."
                raise self.file.located(Refused("BAD_MAP", words), f"skipCommits[{number}]")
        self.history.commits = [each for each in commits if not each.id.startswith(tuple(skipped))]

    def _left(self, done: set[str]) -> list[FileCommit]:
        """The commits that are to be recorded, and before them the last one that is."""
        commits = self.history.commits
        recorded = [n for n, commit in enumerate(commits) if self._source(commit) in done]
        return commits[recorded[-1] if recorded else 0 :]

    def _version(self, commit: FileCommit, day: str, content: bytes | None) -> FileVersion:
        if content is None:
            return FileVersion(commit, day, None, {})
        name = f"{self.history.path.name}@{commit.id[:SHORT]}"
        sheet = sheet_of(name, content, self.file.map.file, self.history.path.name)
        keys = [sheet.column(column) for column in self.file.map.key]
        counts = Test(sheet, self.file.map.rows)
        rows: dict[str, Row] = {}
        for row in sheet.rows():
            if counts(row.cells):
                key = row_key([row.cells[place] for place in keys])
                if (first := rows.setdefault(key, row)) is not row:
                    words = f"its key is that of row {first.number} already."
                    raise sheet.refused("DUPLICATE_KEY", words, row.number, self.file.map.key[0])
        return FileVersion(commit, day, sheet, rows)

    def _entries(
        self,
        recorder: Recorder,
        index: EntityIndex,
        version: FileVersion,
        before: Mapping[str, list[str]],
    ) -> list[Entry]:
        """What a commit adds to the record: its source, and what of the file it changed."""
        source, sheet, rows = self._source(version.commit), version.sheet, version.rows
        changed = {key for key, row in rows.items() if before.get(key) != row.cells}
        gone = (before or self._facts).keys() - rows.keys()
        known = {fact for key in changed | gone for fact in self._facts[key]}
        sheets = [] if sheet is None else [ChosenRows(sheet, (rows[key] for key in changed))]
        conversion = Conversion(
            sheets, self.file, index, [source] * len(sheets), known=known, told=self._told
        )
        findings = conversion.findings
        base = self.file.map.source.id
        revision = Revision(recorder, sheets, [source], base, known, findings)
        entries = [self._registered(version)]
        entries += [made.entry for made in revision.changes(conversion.entries())]
        if findings.refusals:
            raise findings.refusals.joined()
        if findings.warnings:
            self.warnings.add(findings.warnings.joined())
        title = f"{self.history.path.name} at commit {version.commit.id[:SHORT]}"
        entries += [made.entry for made in revision.retractions(sorted(revision.missing), title)]
        self._take(changed | gone, known - revision.missing, entries)
        return entries

    def _take(self, keys: set[str], kept: set[str], entries: list[Entry]) -> None:
        """Know which facts of some keys count now."""
        for key in keys:
            self._facts[key] = set()
        new = {each.id for each in entries if isinstance(each, Fact)}
        again = {each.fact for each in entries if isinstance(each, FactReinstated)}
        for fact in kept | new | again:
            self._facts[self._key_of(fact)].add(fact)

    def _registered(self, version: FileVersion) -> Entry:
        commit, sheet, rule = version.commit, version.sheet, self.file.map.source
        obj = {
            "type": "SourceRegistered",
            "id": self._source(commit),
            "title": fitting(f"{rule.title}, commit {commit.id[:SHORT]}: {commit.subject}"),
            "author": fitting(commit.author) or None,
            "published": version.day,
        }
        if sheet is not None:
            obj |= {"sha256": sheet.sha256}
        for key in ("publisher", "language", "url", "reliability", "credibility"):
            obj[key] = getattr(rule, key)
        return read(obj)

    def _source(self, commit: FileCommit) -> str:
        return f"{self.file.map.source.id}-{commit.id[:SHORT]}"

    def _key_of(self, fact: str) -> str:
        return fact.removeprefix(self._prefix).rpartition(":")[0]
