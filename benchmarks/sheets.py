"""What importing a spreadsheet costs: python -m benchmarks.sheets.

Terms of office are imported by a map into an empty record on an embedded server of its own; then
the same sheet again, then with one cell changed. Each is the command as a user calls it,
projections included: its seconds, facts a second, the seconds of processor that its own process
took, and the peak of that process's memory. The floor is the eventsourcing package's own recorder,
which appends as many facts at once as an import does.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT

from benchmarks.ground import Ground, ground
from benchmarks.writing import bare_rate, bare_recorder, fact_events

ROWS = 100_000
FLOOR_BATCH, FLOOR_BATCHES = 2_000, 10
"""Facts of a bare append, as many as an import appends at once; and how many are timed."""
MAP = """id = "terms"
key = ["person", "office", "from"]
repeats = "number"
[source]
id = "terms"
title = "Terms"
published = "PUBLISHED"
[dates]
open = [""]
[entities.person]
unknown = "create"
id = "{person}"
kind = "PERSON"
names = { en = "{person}" }
[entities.office]
unknown = "create"
id = "{office}"
kind = "OFFICE"
names = { en = "{office}" }
[[spells]]
start = "OfficeAssumed"
end = "OfficeVacated"
keys = { office = "@office", holder = "@person" }
since = "from"
until = "to"
"""


def main() -> None:
    """Print a line for each import."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sheets", description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=ROWS, help=f"{ROWS:,} if left out")
    rows = terms(parser.parse_args().rows)
    with ground(say=print) as it, bare_recorder(it.database("bare")) as bare:
        print(f"{os.getloadavg()[0]:.1f} processes wait for {os.cpu_count()} cores")
        before = _floor(bare)
        facts = _measured(it, rows, "2020-01-01", "first")
        after = _floor(bare)
        print(
            f"bare append         {before:,.0f} and {after:,.0f} facts/s before and after it; "
            f"with sheet, map and projections {facts / before:.2f} and {facts / after:.2f} of that"
        )
        _measured(it, rows, "2020-01-01", "again")
        rows[len(rows) // 2 + 1][3] = "2010-10-10"
        _measured(it, rows, "2021-01-01", "one cell changed")


def _floor(bare: PostgresDCBRecorderTT) -> float:
    """Facts a second of bare appends, the median of some."""
    return median(bare_rate(bare, fact_events(FLOOR_BATCH)) for _ in range(FLOOR_BATCHES))


def terms(count: int) -> list[list[str]]:
    """Rows of terms, most of them with an end; the same ones each time."""
    rng = random.Random(17)
    rows = []
    for number in range(count):
        since = date(1900, 1, 1) + timedelta(rng.randint(0, 30_000))
        until = since + timedelta(rng.randint(1, 3_000))
        end = until.isoformat() if number % 10 else ""
        rows.append([f"p{number % (count // 5)}", f"o{number % 500}", since.isoformat(), end])
    return rows


def _measured(it: Ground, rows: Sequence[Sequence[str]], published: str, what: str) -> float:
    """Print what an import costs. The facts that it recorded a second."""
    folder = it.folder
    with (folder / "terms.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["person", "office", "from", "to"], *rows])
    (folder / "terms.toml").write_text(MAP.replace("PUBLISHED", published), encoding="utf-8")
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    told = _import(folder, it.url)
    took = time.perf_counter() - begun
    facts = sum(told["entries"].get(kind, 0) for kind in ("OfficeAssumed", "OfficeVacated"))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    rate = f"{facts / took:,.0f} facts/s" if facts else f"{len(rows) / took:,.0f} rows/s"
    print(
        f"{what:17} {took:6.1f} s, {rate}, recorded {told['recorded']:,} "
        f"(corrections: {told['corrected']}), unchanged {told['unchanged']:,}, "
        f"{cpu:.1f} s of processor, peak {used.ru_maxrss // 1024} MiB so far"
    )
    return facts / took


def _import(folder: Path, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [Path(sys.executable).with_name("sijill"), "import", "terms.csv", "--map", "terms.toml",
         "--json"],
        cwd=folder,
        env={**os.environ, "SIJILL_DATABASE_URL": url, "SIJILL_DATA": str(folder / "own")},
        check=True,
        capture_output=True,
        text=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    return told


if __name__ == "__main__":
    main()
