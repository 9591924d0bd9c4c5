"""`python -m benchmarks.pages`: how long a page takes that nobody asked for before.

The record has a vocabulary of its own, 500 entities, 3,000 facts and 150 sources. Each address is
asked for once, so that no page is one that was kept, in turns with the floor: `/health/live` of the
same server. A kind of page is missed where one of a hundred takes longer than SLOWEST.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Final

import httpx
from rich.console import Console

from benchmarks import servers
from benchmarks.figures import OURS, Figure, Target, in_turns, show, timed
from benchmarks.ground import ground
from benchmarks.own_record import own_entries

ENTITIES, FACTS, SOURCES = 500, 3_000, 150
SLOWEST: Final = 300
"""Milliseconds."""
WARM: Final = 10
"""Pages of each kind before those that count."""
AS_A_BROWSER: Final = {"accept": "text/html", "accept-encoding": "gzip"}
STARTS_WITHIN: Final = 5
"""Seconds until the server has signed its log and made its words."""
ONCE: Final = "/", "/browse", "/entities", "/facts", "/sources", "/map", "/check", "/activity"
"""Pages that there is one of: each time at another day."""


def addresses(pages: int) -> dict[str, list[str]]:
    """Kind of page → addresses, no two alike."""
    chance = Random(18)
    days = [f"{chance.randint(1965, 2024)}-{month:02}-{day:02}"
            for month in range(1, 13) for day in range(1, 29)]  # fmt: skip
    treaties = ENTITIES // 5
    found = {path: [f"{path}?asOf={day}" for day in days] for path in ONCE}
    found |= {
        "/e/… of a treaty": [f"/e/t{number}" for number in range(treaties)],
        "/e/…/sources": [f"/e/t{number}/sources" for number in range(treaties)],
        "/e/…/log": [f"/e/t{number}/log" for number in range(treaties)],
        "/e/…/changes": [
            f"/e/t{number}/changes?asOf=2020&fromAsOf=1990" for number in range(treaties)
        ],
        "/e/… of a party": [f"/e/p.{number}" for number in range(ENTITIES - treaties)],
        "/s/…": [f"/s/source-{number}" for number in range(SOURCES)],
        "/f/…": [f"/f/f{number}" for number in range(FACTS)],
        "/search": [f"/search?q=Elm+Republic+{number}" for number in range(ENTITIES)],
        "/compare": [
            f"/compare?left=t{number}&right=t{number + 1}&asOf=2015"
            for number in range(treaties - 1)
        ],
    }
    return {kind: chance.sample(every, pages + WARM + 1) for kind, every in found.items()}


def measure(address: str, pages: int) -> Iterator[Figure]:
    """A figure of each kind of page."""
    for number, (kind, paths) in enumerate(addresses(pages).items(), 2):
        # Each kind is asked for from elsewhere: one client has so many costly pages a minute.
        transport = httpx.HTTPTransport(local_address=f"127.0.0.{number}")
        with httpx.Client(base_url=address, transport=transport, headers=AS_A_BROWSER) as client:
            left = iter(paths)

            def new(client: httpx.Client = client, left: Iterator[str] = left) -> None:
                client.get(next(left)).raise_for_status()

            def floor(client: httpx.Client = client) -> None:
                client.get("/health/live").raise_for_status()

            for _ in range(WARM):
                new()
            ways = in_turns({OURS: timed(new), "/health/live": timed(floor)}, pages)
        yield Figure("pages", kind, "ms", ways, {OURS: Target(at_most=SLOWEST, by="p99")})


def run(pages: int, say: Callable[[str], None]) -> Sequence[Figure]:
    """Every figure, of a record and a server of its own."""
    with ground(say) as here, here.fresh("pages") as instance:
        instance.record.apply(own_entries(ENTITIES, FACTS, SOURCES), actor="bench")
        instance.catch_up()
        with servers.sijill(instance.database.url, here.folder) as address:
            time.sleep(STARTS_WITHIN)
            return list(measure(address, pages))


def main() -> None:
    """Print the table; status 1 where a figure is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--pages", type=int, default=60, help="of each kind")
    figures = run(parser.parse_args().pages, Console(stderr=True).print)
    show(figures, {}, Console(width=160))
    sys.exit(not all(figure.met(OURS) for figure in figures))


if __name__ == "__main__":
    main()
