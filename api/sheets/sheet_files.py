"""Files of sheets: their bytes, and whether they are in a format of others."""

from __future__ import annotations

from pathlib import Path

from api.sheets.records import adapter_of, format_of, rows_of
from domain.errors import Refused

LARGEST = 256 * 1024 * 1024
"""Bytes of a sheet."""
LONGEST_LINE = 1 << 20
"""Bytes of the first line that are looked at to tell a format."""


def adapter_of_file(path: str) -> str | None:
    """The adapter for the format of a file, None where it is a sheet. Refused."""
    kind = format_of(path)
    is_csv = path.lower().endswith(".csv")
    if kind is None and not is_csv:
        return None
    # Of lines the first one tells: a record file may be large.
    content = content_of(path, LONGEST_LINE) if is_csv or kind == "jsonl" else content_of(path)
    return adapter_of(content.decode("utf-8-sig", errors="replace"), path)


def rows_of_file(path: str) -> str | None:
    """The list in each object of a file whose items are likely its rows. Refused."""
    kind = format_of(path)
    if kind is None:
        return None
    return rows_of(content_of(path).decode("utf-8-sig", errors="replace"), kind)


def content_of(path: str, first_line: int | None = None) -> bytes:
    """The bytes of a file, or so many of its first line."""
    try:
        with Path(path).open("rb") as stream:
            content = stream.readline(first_line) if first_line else stream.read(LARGEST + 1)
    except OSError as error:
        words = f"The file can't be read ({error.strerror or error}): check its name."
        raise Refused("NO_FILE", words, file=path) from error
    if len(content) > LARGEST:
        words = f"The file has more than {LARGEST // 2**20} MiB: split it."
        raise Refused("TOO_LARGE", words, file=path)
    return content
