"""`make bench`: what answers, writing and following cost beside their floors and peers.

Everything is measured in turns in one run; ratios of medians are what counts, since single times
are of this machine on this day. See docs/reference/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import beside, ending, following, reading, vocabulary, writing
from benchmarks.figures import Figure, show
from benchmarks.generator import Size
from benchmarks.ground import Ground, ground
from benchmarks.machine import described
from benchmarks.plan import IN_PYTHON, ON_JAVA, PLANS, QUICK, Plan

CHANGED = "sizes", "depths", "probes", "peers", "seconds"
"""What options may change of a plan."""
PARTS = "reading", "sizes", "depths", "peers", "writing", "following", "ending", "vocabulary"


def run(
    plan: Plan, parts: tuple[str, ...] = PARTS, say: Callable[[str], None] = lambda words: None
) -> dict[str, Any]:
    """Measure: what the JSON file has. A figure that can't be had is in `absent`, with the why."""
    figures: list[Figure] = []
    absent: dict[str, str] = {}
    began = time.monotonic()
    with ground(say) as here:
        server = described(_postgresql(here))
        for figure in _figures(here, plan, parts, absent):
            say(f"{time.monotonic() - began:4.0f} s  {figure.what}")
            figures.append(figure)
    return {
        "plan": plan._asdict(),
        "machine": server,
        "seconds": time.monotonic() - began,
        "figures": figures,
        "absent": absent,
    }


def _figures(
    here: Ground, plan: Plan, parts: tuple[str, ...], absent: dict[str, str]
) -> Iterator[Figure]:
    with here.loaded("first", Size(plan.sizes[0], plan.probes)) as loaded:
        if "reading" in parts:
            yield from reading.answers(here, plan, loaded, absent)
        if "peers" in parts:
            yield from beside.peers(here, plan, loaded, absent)
        if "writing" in parts:
            yield from writing.imports(loaded)
        if "sizes" in parts:
            yield from reading.sizes(here, plan, loaded)
        if "depths" in parts:
            yield from reading.depths(here, plan)
        if "writing" in parts:
            yield from writing.appends(here, plan, loaded)
        if "following" in parts:
            yield from following.lag(here, plan, loaded)
            yield from following.rebuilding(here, loaded, absent)
    if "ending" in parts:
        yield from ending.endings(here, plan)
    if "vocabulary" in parts:
        yield from vocabulary.defined(here, plan)


def _postgresql(here: Ground) -> str:
    import psycopg

    with psycopg.connect(here.url) as connection:
        (version,) = connection.execute("SHOW server_version").fetchone() or ("?",)
    return str(version)


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--plan", choices=PLANS, default=QUICK.name)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--sizes", nargs="+", type=int, help="facts of the records to compare")
    parser.add_argument("--depths", nargs="+", type=int, help="corrections of a fact to compare")
    parser.add_argument("--probes", nargs="+", type=int, help="members of the answers to time")
    parser.add_argument("--peers", nargs="*", choices=(*IN_PYTHON, *ON_JAVA))
    parser.add_argument("--seconds", type=float, help="when a figure begins no other round")
    parser.add_argument("--out", type=Path, help="the JSON file; else one in benchmarks/results")
    given = parser.parse_args()
    plan = PLANS[given.plan]
    changes = {name: getattr(given, name) for name in CHANGED}
    plan = plan._replace(**{name: to for name, to in changes.items() if to is not None})
    words = Console(stderr=True)
    found = run(plan, tuple(given.parts), words.print)
    figures: list[Figure] = found["figures"]
    show(figures, found["absent"], Console(width=160))
    out = given.out or Path(__file__).parent / "results" / (
        f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{plan.name}.json"
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    written = {**found, "figures": [figure.written() for figure in figures]}
    out.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    words.print(f"{out} has them all.")


if __name__ == "__main__":
    main()
