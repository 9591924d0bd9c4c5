"""`python -m benchmarks.exports`: what a large record gives whole: CSV files and a diff.

Each file is asked of a server in turns with a COPY by which PostgreSQL writes the same rows itself.
A figure is missed where a file has fewer than RATE rows a second or takes more than MEMORY, where
the first page of a diff between two years takes longer than PAGE, or all of it than WHOLE.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Final
from urllib.request import Request, urlopen

import psycopg
from rich.console import Console

from benchmarks import servers
from benchmarks.figures import OURS, Figure, Target, in_turns, show, timed
from benchmarks.following import until_signed
from benchmarks.generator import Size
from benchmarks.ground import Loaded, ground
from benchmarks.hostile import memory, served

RATE: Final = 20_000
"""Rows a second."""
MEMORY: Final = 100
"""Megabytes that a server takes for a file at the most, beside what it has."""
PAGE, WHOLE = 1_000, 5_000
"""Milliseconds, over HTTP and by `sijill diff`."""
YEARS: Final = ("2005", "2010")
FACTS, ORGANISATIONS = 80_000, 30_000
COPY: Final = "COPY ({}) TO STDOUT (FORMAT csv)"
NOW: Final = "upper_inf(known) AND upper_inf(recorded)"
FILES: Final = {
    "/facts.csv": f"SELECT * FROM versions JOIN events ON events.id = fact WHERE {NOW}",
    "/entities.csv": f"SELECT * FROM entities WHERE {NOW}",
    "/organisations.csv": f"SELECT * FROM intervals WHERE fluent = 'existence' AND {NOW}",
}
"""Address → the rows that it has, as they are stored."""


def measure(loaded: Loaded, address: str, pid: int, path: str, rounds: int) -> tuple[Figure, float]:
    """Rows a second of a file and of its floor, and megabytes that the server took for it."""
    start, peak, ended = memory(pid), 0.0, Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.05):
            peak = max(peak, memory(pid))

    def ours() -> list[float]:
        began, lines = time.perf_counter(), 0
        with urlopen(address + path) as answer:
            while chunk := answer.read(1 << 20):
                lines += chunk.count(b"\r\n")
        return [(lines - 1) / (time.perf_counter() - began)]

    def floor() -> list[float]:
        began = time.perf_counter()
        with (
            psycopg.connect(loaded.instance.database.url) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SET search_path TO projections")
            with cursor.copy(COPY.format(FILES[path]).encode()) as rows:
                for _ in rows:
                    pass
            return [cursor.rowcount / (time.perf_counter() - began)]

    watcher = Thread(target=watch)
    watcher.start()
    ways = in_turns({OURS: ours, "COPY": floor}, rounds, 60)
    ended.set()
    watcher.join()
    targets = {OURS: Target(at_least=RATE)}
    return Figure("exports", path, "rows/s", ways, targets), max(peak - start, 0)


def diffs(loaded: Loaded, address: str, rounds: int) -> Iterator[Figure]:
    """A diff of the whole record between two years: its first page, and all of it."""
    first, second = YEARS
    document = f'''{{ diff(from: {{asOf: "{first}"}}, to: {{asOf: "{second}"}}, first: 100) {{
        edges {{ node {{ change causes events {{ id }} }} }} }} }}'''
    body, json_type = json.dumps({"query": document}).encode(), {"content-type": "application/json"}
    database = {**os.environ, "SIJILL_DATABASE_URL": loaded.instance.database.url}

    def page() -> None:
        with urlopen(Request(f"{address}/graphql", body, json_type)) as answer:
            if b'"errors"' in answer.read():
                raise RuntimeError("the diff was refused")

    def whole() -> None:
        command = [sys.executable, "-c", servers.PROGRAM, "diff", "--as-of", f"{first}..{second}"]
        subprocess.run(command, env=database, stdout=subprocess.DEVNULL, check=True)

    for what, work, most in (("its first page", page, PAGE), ("all of it", whole, WHOLE)):
        ways = in_turns({OURS: timed(work)}, rounds, 60)
        words = f"a diff of the whole record, {first} to {second}: {what}"
        yield Figure("exports", words, "ms", ways, {OURS: Target(at_most=most)})


def run(
    rounds: int, size: Size, say: Callable[[str], None]
) -> tuple[list[tuple[Figure, float]], list[Figure]]:
    """Every file with its memory, and the diffs."""
    with (
        ground(say) as here,
        here.straight("exports", size) as loaded,
        served(here, loaded.instance) as (address, pid),
    ):
        until_signed(loaded.instance)
        files = [measure(loaded, address, pid, path, rounds) for path in FILES]
        return files, list(diffs(loaded, address, rounds))


def main() -> None:
    """Print the table; status 1 where a figure is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--facts", type=int, default=FACTS)
    given = parser.parse_args()
    size = Size(given.facts, organisations=ORGANISATIONS)
    files, compared = run(given.rounds, size, Console(stderr=True).print)
    figures = [*(figure for figure, _ in files), *compared]
    console = Console(width=160)
    show(figures, {}, console)
    for figure, taken in files:
        console.print(f"{figure.what}: {taken:.0f} MB")
    are_met = all(figure.met(OURS) for figure in figures)
    sys.exit(not are_met or max(taken for _, taken in files) > MEMORY)


if __name__ == "__main__":
    main()
