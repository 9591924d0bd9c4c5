"""Record files: JSON Lines in UTF-8, one entry a line, read line by line.

What an entry must be is the domain's (domain/codec.py). Here each gets its file and line, so that
whatever is refused later can be found again.
"""

from __future__ import annotations

import os
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO, NamedTuple

from domain.codec import read_line, write
from domain.errors import Refused
from domain.sources import Entry

LONGEST_LINE = 1 << 20
"""Bytes of the longest line; of a longer one no more than this is held in memory."""
STDIN = "-"

Seen = Callable[[int], None]
"""Is told the bytes read so far."""


class Place(NamedTuple):
    """Where an entry stands; lines count from 1."""

    file: str
    line: int


class Reading:
    """The entries of some record files, in order, and where each stands."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._lines = array("Q")
        self._files: list[str] = []
        self._firsts: list[int] = []
        self._bytes = 0

    def take(self, name: str, stream: IO[bytes], seen: Seen = lambda read: None) -> None:
        """Read a file to its end. Refused with `file` and `line` in its data."""
        self._files.append(name)
        self._firsts.append(len(self.entries))
        number = 0
        try:
            for number, line in enumerate(_lines(stream), 1):
                self._bytes += len(line)
                if number % 1_000 == 1:
                    seen(self._bytes)
                if line.strip(b" \t\r\n"):
                    self.entries.append(_read(line, number))
                    self._lines.append(number)
        except Refused as refused:
            raise _at(Place(name, number), refused) from refused
        except _TooLong as too_long:
            raise _at(
                Place(name, number + 1),
                Refused(
                    "LINE_TOO_LONG",
                    f"The line is longer than {LONGEST_LINE:,} bytes: an entry is one line of at "
                    "most that.",
                ),
            ) from too_long
        seen(self._bytes)

    def place(self, number: int) -> Place:
        """Where the entry of this number, from 0, stands."""
        file = self._files[bisect_right(self._firsts, number) - 1]
        return Place(file, self._lines[number])

    def located(self, refused: Refused) -> Refused:
        """What the record refused of these entries, with the file and the line of the entry."""
        number = refused.data.get("entry")
        if not isinstance(number, int):
            return refused
        words = refused.message
        if (taken := refused.data.get("recorded")) is not None:
            for earlier, entry in enumerate(self.entries[:number]):
                if entry.id == self.entries[number].id and write(entry) == taken:
                    words += f" The other one is in {_words(self.place(earlier))}."
                    break
        with_words = Refused(refused.code, words, field=refused.field, **refused.data)
        return _at(self.place(number), with_words)


def read_files(paths: Iterable[str], seen: Seen = lambda read: None) -> Reading:
    """The entries of files, `-` for standard input. Refused: what can't be read, and where."""
    reading = Reading()
    for path in paths:
        name = os.fsencode(path).decode(errors="replace")
        try:
            if path == STDIN:
                if sys.stdin is None:  # closed by whoever started us
                    raise OSError("standard input is closed")
                reading.take(name, sys.stdin.buffer, seen)
            else:
                with Path(path).open("rb") as stream:
                    reading.take(name, stream, seen)
        except OSError as error:
            raise Refused(
                "NO_FILE",
                f"The file can't be read ({error.strerror or error}): check its name.",
                file=name,
            ) from error
    return reading


def sample(name: str = "global-coalition") -> Reading:
    """The entries of a sample record that the package carries."""
    reading = Reading()
    for file in sorted(_sample_files(name), key=lambda file: file.name):
        with file.open("rb") as stream:
            reading.take(f"{name}/{file.name}", stream)
    return reading


def size_of(paths: Iterable[str]) -> int | None:
    """Bytes of all the files, None where that can't be known beforehand."""
    try:
        return sum(os.stat(path).st_size for path in paths) or None
    except OSError:
        return None


def _sample_files(name: str) -> Iterator[Traversable]:
    for file in resources.files("records").joinpath(name).iterdir():
        if file.name.endswith(".jsonl"):
            yield file


class _TooLong(Exception):
    """A line went on past LONGEST_LINE."""


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(LONGEST_LINE + 2):  # with its line end
        if len(line.rstrip(b"\r\n")) > LONGEST_LINE:
            raise _TooLong
        yield line


def _read(line: bytes, number: int) -> Entry:
    if line.startswith(b"\xef\xbb\xbf"):
        raise Refused(
            "BYTE_ORDER_MARK",
            "The line begins with a byte order mark, which JSON Lines does not have: save the "
            "file as UTF-8 without one.",
        )
    if number == 1 and (line.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in line[:4]):
        raise Refused("BAD_UTF8", "The file is not in UTF-8 but in UTF-16 or UTF-32: convert it.")
    text = line.rstrip(b" \t\r\n")
    try:
        return read_line(text)
    except Refused as refused:
        if refused.code == "BAD_JSON" and text.startswith(b"{") and not text.endswith(b"}"):
            words = f"{refused.message} The line ends within an entry: write it in one line."
            raise Refused(refused.code, words, field=refused.field) from refused
        raise


def _at(place: Place, refused: Refused) -> Refused:
    data = {**refused.data, **place._asdict()}
    return Refused(refused.code, refused.message, field=refused.field, **data)


def _words(place: Place) -> str:
    return f"line {place.line} of {place.file}"
