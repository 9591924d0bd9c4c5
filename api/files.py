"""Record files: JSON Lines in UTF-8, one entry a line, read line by line.

What an entry must be is the domain's (domain/codec.py). Here each gets its file and line, so that
whatever is refused later can be found again.
"""

from __future__ import annotations

import os
import re
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO, NamedTuple

from domain.adoption import adopted
from domain.checks import Doubts
from domain.codec import read_line, write
from domain.definitions import Definition
from domain.errors import Refusals, Refused
from domain.sources import Entry
from domain.vocabulary import CORE, Vocabulary
from domain.warnings import RecordWarning, bringing

LONGEST_LINE = 1 << 20
"""Bytes of the longest line; of a longer one no more than this is held in memory."""
STDIN = "-"
SAMPLE = "global-coalition"
RESOURCES = resources.files("records")
"""The records that the package carries, a folder each."""
VOCABULARIES = RESOURCES.joinpath("vocabularies")
DEFINITIONS = "definitions.jsonl"
"""The file of a vocabulary that has its definitions; the other one is its sample record."""
_IDS = re.compile(rb'"(id|fact)"\s*:\s*"([A-Za-z0-9._:-]{1,128})"')
"""The id of an entry, or of the fact that it speaks of, in a line that may be no JSON."""

Seen = Callable[[int], None]
"""Is told the bytes read so far."""


class LineRef(NamedTuple):
    """Where an entry stands; lines count from 1."""

    file: str
    line: int


class RecordFiles:
    """The entries of some record files, in order, where each stands, and what could not be read."""

    def __init__(self, vocabulary: Vocabulary = CORE, *, adopts: bool = False) -> None:
        """One that `adopts` takes definitions in as the record lacks them (domain/adoption.py)."""
        self.vocabulary = vocabulary
        """The record's words, and those that the lines so far define."""
        self._adopts = adopts
        self.entries: list[Entry] = []
        self.refusals = Refusals()
        """Of lines that are no entries, and of files that could not be read to their end."""
        self.doubts = Doubts.none()
        """Ids in the lines that are no entries."""
        self.is_whole = True
        """Whether every file was read to its end, so that the entries can be checked."""
        self._lines = array("Q")
        self._files: list[str] = []
        self._firsts: list[int] = []
        self._bytes = 0

    def take(self, name: str, stream: IO[bytes], seen: Seen = lambda read: None) -> None:
        """Read a file to its end, past lines that are no entries."""
        self._files.append(name)
        self._firsts.append(len(self.entries))
        number = 0
        try:
            for number, line in enumerate(_lines(stream), 1):
                self._bytes += len(line)
                if number % 1_000 == 1:
                    seen(self._bytes)
                if line.strip(b" \t\r\n"):
                    self._take_line(line, LineRef(name, number))
        except Refused as refused:
            self._not_whole(_at(LineRef(name, number + (refused.code == "LINE_TOO_LONG")), refused))
        seen(self._bytes)

    def miss(self, name: str, error: OSError) -> None:
        """A file can't be read."""
        words = f"The file can't be read ({error.strerror or error}): check its name."
        self._not_whole(Refused("NO_FILE", words, file=name))

    def _not_whole(self, refused: Refused) -> None:
        self.refusals.add(refused)
        self.is_whole = False

    def _take_line(self, line: bytes, ref: LineRef) -> None:
        if ref.line == 1 and (line.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in line[:4]):
            words = "The file is not in UTF-8 but in UTF-16 or UTF-32: convert it."
            raise Refused("BAD_UTF8", words)
        try:
            entry = _read(line, self.vocabulary)
            if isinstance(entry, Definition):
                if self._adopts:
                    entry = adopted(entry, self.vocabulary)
                self.vocabulary = self.vocabulary.extended(entry)
            self.entries.append(entry)
            self._lines.append(ref.line)
        except Refused as refused:
            for each in Refusals(refused).first:
                each.data.update(ref._asdict())
            self.refusals.add(refused)
            for key, name in _IDS.findall(line):
                (self.doubts.ids if key == b"id" else self.doubts.facts).add(name.decode())

    def line_of(self, number: int) -> LineRef:
        """Where the entry of this number, from 0, stands."""
        file = self._files[bisect_right(self._firsts, number) - 1]
        return LineRef(file, self._lines[number])

    def warned(self, warnings: Iterable[RecordWarning]) -> Iterator[str]:
        """Warnings in words, each with the file and the line of the entry that brings it."""
        for each, number in bringing(warnings, self.entries):
            where = ""
            if number is not None:
                place = self.line_of(number)
                where = f"{place.file}, line {place.line}: "
            yield f"{where}warning: {each.message} [{each.code}]"

    def located(self, refused: Refused) -> Refused:
        """All that is wrong, in order: what could not be read, and what the record refused.

        Each has the file and the line of its entry.
        """
        record = Refusals(refused)
        found = Refusals()
        found.codes = self.refusals.codes + record.codes
        found.first = self.refusals.first + [self._located(each) for each in record.first]
        found.first.sort(key=self._place)
        del found.first[Refusals.MOST :]
        return found.joined()

    def _place(self, refused: Refused) -> tuple[int, int]:
        file, line = refused.data.get("file"), refused.data.get("line", 0)
        assert isinstance(line, int)
        return (self._files.index(file) if file in self._files else len(self._files)), line

    def _located(self, refused: Refused) -> Refused:
        number = refused.data.get("entry")
        if not isinstance(number, int):
            return refused
        words = refused.message
        if (taken := refused.data.get("recorded")) is not None:
            for earlier, entry in enumerate(self.entries[:number]):
                if entry.id == self.entries[number].id and write(entry) == taken:
                    words += f" The other one is in {_words(self.line_of(earlier))}."
                    break
        with_words = Refused(refused.code, words, field=refused.field, **refused.data)
        return _at(self.line_of(number), with_words)


def read_files(
    paths: Iterable[str], seen: Seen = lambda read: None, vocabulary: Vocabulary = CORE
) -> RecordFiles:
    """The entries of files, `-` for standard input, and what could not be read of them."""
    found = RecordFiles(vocabulary)
    for path in paths:
        name = os.fsencode(path).decode(errors="replace")
        try:
            if path == STDIN:
                if sys.stdin is None:  # closed by whoever started us
                    raise OSError("standard input is closed")
                found.take(name, sys.stdin.buffer, seen)
            else:
                with Path(path).open("rb") as stream:
                    found.take(name, stream, seen)
        except OSError as error:
            found.miss(name, error)
    return found


def sample() -> RecordFiles:
    """The entries of the sample record that the package carries."""
    return _carried(RESOURCES.joinpath(SAMPLE), CORE, lambda file: True)


def sample_documents() -> list[bytes]:
    """The documents that come with the sample record, each of a source in it by its hash."""
    folder = RESOURCES.joinpath(SAMPLE).joinpath("documents")
    return [file.read_bytes() for file in sorted(folder.iterdir(), key=lambda file: file.name)]


def vocabulary_names() -> list[str]:
    """The vocabularies that the package carries."""
    return sorted(each.name for each in VOCABULARIES.iterdir())


def vocabulary_files(name: str, vocabulary: Vocabulary, *, with_sample: bool) -> RecordFiles:
    """The definitions of a vocabulary that the package carries, and its sample record.

    Of what the record defines already but for names, the names alone.
    Refused as UNKNOWN_VOCABULARY.
    """
    if name not in vocabulary_names():
        raise Refused(
            "UNKNOWN_VOCABULARY",
            f"No vocabulary {name[:100]} comes with the program: there are "
            f"{', '.join(vocabulary_names())}.",
        )
    return _carried(
        VOCABULARIES.joinpath(name), vocabulary, lambda file: with_sample or file == DEFINITIONS
    )


def size_of(paths: Iterable[str]) -> int | None:
    """Bytes of all the files, None where that can't be known beforehand."""
    try:
        return sum(os.stat(path).st_size for path in paths) or None
    except OSError:
        return None


def _carried(
    folder: Traversable, vocabulary: Vocabulary, is_wanted: Callable[[str], bool]
) -> RecordFiles:
    """The files of a folder that are wanted by their names, in the order of the names."""
    found = RecordFiles(vocabulary, adopts=True)
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".jsonl") and is_wanted(file.name):
            with file.open("rb") as stream:
                found.take(f"{folder.name}/{file.name}", stream)
    return found


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(LONGEST_LINE + 2):  # with its line end
        if len(line.rstrip(b"\r\n")) > LONGEST_LINE:
            raise Refused(
                "LINE_TOO_LONG",
                f"The line is longer than {LONGEST_LINE:,} bytes: an entry is one line of at most "
                "that. The file is not read any further.",
            )
        yield line


def _read(line: bytes, vocabulary: Vocabulary) -> Entry:
    if line.startswith(b"\xef\xbb\xbf"):
        raise Refused(
            "BYTE_ORDER_MARK",
            "The line begins with a byte order mark, which JSON Lines does not have: save the "
            "file as UTF-8 without one.",
        )
    text = line.rstrip(b" \t\r\n")
    try:
        return read_line(text, vocabulary)
    except Refused as refused:
        if refused.code == "BAD_JSON" and text.startswith(b"{") and not text.endswith(b"}"):
            words = f"{refused.message} The line ends within an entry: write it in one line."
            raise Refused(refused.code, words, field=refused.field) from refused
        raise


def _at(place: LineRef, refused: Refused) -> Refused:
    data = {**refused.data, **place._asdict()}
    return Refused(refused.code, refused.message, field=refused.field, **data)


def _words(place: LineRef) -> str:
    return f"line {place.line} of {place.file}"
