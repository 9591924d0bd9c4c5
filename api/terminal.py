"""What the command line prints and where.

Results go to standard output, as one JSON document or as text for people; progress and messages go
to standard error. Where standard output is no terminal, text has no colours and no limit of width.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

JsonFlag = Annotated[
    bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")
]

Seen = Callable[[int], None]
"""Is told how far something has come."""
Bar = Callable[[str, int | None], Seen]
"""Starts a bar with words and the end, None where it isn't known."""

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Characters of a result that a terminal could obey. Joiners and direction marks belong to text."""


def prepare() -> None:
    """Make both streams take any text, whatever the locale."""
    for stream, errors in ((sys.stdout, "replace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def say(words: str) -> None:
    """A message on standard error."""
    print(visible(words), file=sys.stderr, flush=True)


def visible(words: str) -> str:
    """Words with what a terminal could obey, or nobody can see, spelt out."""
    return "".join(x if x.isprintable() or x == "\n" else ascii(x)[1:-1] for x in words)


def print_json(document: Any) -> None:
    """The one JSON document of this run, in UTF-8."""
    indent = 2 if sys.stdout.isatty() else None
    _write(json.dumps(document, ensure_ascii=False, indent=indent) + "\n")


def print_json_list(key: str, items: Iterable[Any], **before: Any) -> None:
    """The one JSON document of this run, `{…before, key: items}`, written as the items come."""
    _write(json.dumps({**before, key: []}, ensure_ascii=False).removesuffix("]}"))
    between = "\n"
    for item in items:
        _write(between + json.dumps(item, ensure_ascii=False))
        between = ",\n"
    _write("]}\n")


def _write(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A surrogate, from a file's name, becomes its escape in JSON.
        sys.stdout.buffer.write(text.encode(errors="backslashreplace"))
    else:
        sys.stdout.write(text)


def show(words: str) -> None:
    """A line of the result, or several, on standard output."""
    print(_harmless(words))


def show_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on standard output. A cell may have several lines.

    On a terminal it has a frame and fits the width; elsewhere a row is one line, its columns
    aligned by blanks.
    """
    from rich.cells import cell_len

    cells = [[_harmless(cell) for cell in row] for row in (headings, *rows)]
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table()
        for heading in cells[0]:
            table.add_column(heading, overflow="fold")
        for row in cells[1:]:
            table.add_row(*map(Text, row))
        Console(highlight=False, markup=False).print(table)
        return
    lines = [[cell.replace("\n", "; ") for cell in row] for row in cells]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for row in lines:
        padded = (
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        )
        print("  ".join(padded).rstrip())


def _harmless(words: str) -> str:
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], words)


@contextmanager
def bars() -> Iterator[Bar]:
    """Progress bars on standard error, if that is a terminal; they are gone at the end."""
    if not sys.stderr.isatty():
        yield lambda words, total: lambda come: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:

        def bar(words: str, total: int | None) -> Seen:
            task = progress.add_task(words, total=total)
            return lambda come: progress.update(task, completed=come)

        yield bar
