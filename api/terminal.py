"""What the command line prints and where: one JSON document to standard output, or for people.

Standard output has JSON alone, or tables when it is a terminal; all else goes to standard error.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

JsonFlag = Annotated[
    bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")
]

Seen = Callable[[int], None]
"""Is told how far something has come."""
Bar = Callable[[str, int | None], Seen]
"""Starts a bar with words and the end, None where it isn't known."""

WIDTH = 120
"""Columns of a table that goes to no terminal."""


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


def print_json_list(key: str, items: Iterable[Any]) -> None:
    """The one JSON document of this run, `{key: items}`, written as the items come."""
    _write(f'{{"{key}": [')
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


def console() -> Console:
    """For tables: standard output if it is a terminal, else standard error."""
    from rich.console import Console

    stream = sys.stdout if sys.stdout.isatty() else sys.stderr
    return Console(
        file=stream, width=None if stream.isatty() else WIDTH, highlight=False, markup=False
    )


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
