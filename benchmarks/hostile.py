"""`python -m benchmarks.hostile`: whether an innocent reader waits while others attack.

Each attack runs against a server of its own, on the sample record and on a large one. Meanwhile a
reader asks small questions that no cache has, one after another. A figure is missed where the
reader's p99 is above LATENCY, where anyone gets a 5xx, or where the server's memory goes above
MEMORY or does not come back to within LEFT of the start in REST seconds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from api.files import sample
from api.instance import Instance
from benchmarks import servers
from benchmarks.attackers import ATTACKS
from benchmarks.figures import Spread
from benchmarks.generator import Size
from benchmarks.ground import Ground, ground

LATENCY: Final = 250.0
"""Milliseconds: the innocent reader's p99."""
MEMORY: Final = 500
LEFT: Final = 100
"""Megabytes that a server takes at the most, and more than at the start a while later."""
REST: Final = 60.0
"""Seconds within which memory comes back."""
FACTS: Final = 80_000
"""Of the bulk of the large record: with the rest, 100 thousand events."""
ALONE: Final = 4.0
"""Seconds that the innocent reader is alone before an attack."""
PAUSE: Final = 0.02
"""Seconds between the innocent reader's requests."""
FIGURES: Final = ("median", "p99", "min")
_numbers = count()


class Result(NamedTuple):
    """Of one attack: milliseconds of the innocent, statuses, and megabytes."""

    record: str
    attack: str
    alone: Spread
    """Just before the attack: what the machine gives by itself."""
    waits: Spread
    innocent: dict[str, int]
    attackers: dict[str, int]
    start: float
    peak: float
    left: float
    after: float
    """Seconds until memory was back, or as long as was waited."""

    @property
    def missed(self) -> list[str]:
        """What is not as it should be."""
        found = []
        if self.waits.p99 > LATENCY:
            found.append(f"p99 above {LATENCY:.0f} ms")
        if self.innocent.keys() != {"200"}:
            found.append("a refusal for the innocent")
        if any(each.startswith("5") for each in self.attackers):
            found.append("a failure for attackers")
        if self.peak > MEMORY:
            found.append(f"memory above {MEMORY} MB")
        if self.left - self.start > LEFT:
            found.append("memory stays")
        return found


def memory(pid: int) -> float:
    """Megabytes that a process and its children hold."""
    pids, total = [pid], 0
    while pids:
        each = pids.pop()
        try:
            folder = Path(f"/proc/{each}")
            words = (folder / "statm").read_text().split()
            total += (int(words[1]) - int(words[2])) * 4_096
            for task in (folder / "task").iterdir():
                pids += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return total / 1e6


LARGEST: Final = "probe-5000"
"""The coalition of the large record that attackers ask of."""


class Innocent(Thread):
    """A reader that asks for members of a small coalition, never the same twice, until `stop`."""

    def __init__(self, address: str, coalition: str) -> None:
        super().__init__(name="innocent")
        self._where, self._coalition = urlsplit(address).netloc, coalition
        self.stop = Event()
        self.waits: list[float] = []
        self.statuses = Counter[str]()

    def run(self) -> None:
        connection = http.client.HTTPConnection(self._where, timeout=60)
        while not self.stop.is_set():
            document = (
                f'{{ members(coalition: "{self._coalition}", first: 20) {{ count {{ certain }} '
                f"edges {{ node {{ member {{ id name }} standing }} }} }} }} # {next(_numbers)}"
            )
            began = time.perf_counter()
            try:
                connection.request(
                    "POST", "/graphql", json.dumps({"query": document}),
                    {"content-type": "application/json"},
                )  # fmt: skip
                answer = connection.getresponse()
                body = answer.read()
                status = str(answer.status)
                if b'"errors"' in body:
                    status = f"{status} with errors"
            except (OSError, http.client.HTTPException):
                connection.close()
                status = "closed"
            self.waits.append((time.perf_counter() - began) * 1_000)
            self.statuses[status] += 1
            self.stop.wait(PAUSE)
        connection.close()


@contextmanager
def served(here: Ground, instance: Instance) -> Iterator[tuple[str, int]]:
    """A server of the record: its address and process."""
    with servers.sijill(instance.database.url, here.folder) as address:
        port = urlsplit(address).port
        yield address, _listener(f":{port}", f"--port {port}")


def _listener(*words: str) -> int:
    """The process that serves at a port."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if "api.cli" in command and words[1] in command:
            return int(folder.name)
    raise RuntimeError("the server's process is not there")


def measure(address: str, pid: int, record: str, coalition: str, name: str, seconds: float,
            rest: float) -> Result:  # fmt: skip
    """Attack a server for so many seconds, with an innocent reader beside, then let it rest."""
    attacked = LARGEST if record == "large" else coalition
    _alone(address, coalition, 1)  # until it is warm
    alone = _alone(address, coalition, ALONE)
    start = peak = memory(pid)
    reader = Innocent(address, coalition)
    command = [sys.executable, "-m", "benchmarks.attackers", address, name, attacked, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as attackers:
        time.sleep(0.5)
        reader.start()
        while attackers.poll() is None:
            peak = max(peak, memory(pid))
            time.sleep(0.1)
        reader.stop.set()
        assert attackers.stdout is not None
        statuses = json.loads(attackers.stdout.read() or "{}")
    reader.join()
    ended = time.monotonic()
    while (left := memory(pid)) - start > LEFT and time.monotonic() - ended < rest:
        peak = max(peak, left)
        time.sleep(0.5)
    waits, after = Spread.of(reader.waits), time.monotonic() - ended
    told = dict(reader.statuses)
    return Result(record, name, alone, waits, told, statuses, start, peak, left, after)


def _alone(address: str, coalition: str, seconds: float) -> Spread:
    """What an innocent reader waits that nobody else is beside."""
    reader = Innocent(address, coalition)
    reader.start()
    time.sleep(seconds)
    reader.stop.set()
    reader.join()
    return Spread.of(reader.waits)


def run(
    here: Ground, names: Sequence[str], records: Sequence[str], facts: int, seconds: float,
    rest: float, say: Callable[[str], None],
) -> Iterator[Result]:  # fmt: skip
    """Every attack on every record."""
    for record in records:
        if record == "sample":
            with here.fresh("hostile_sample") as instance:
                instance.record.apply(sample().entries, actor="bench")
                instance.catch_up()
                yield from _all(here, instance, record, "global-coalition", names, seconds, rest)
        else:
            with here.straight("hostile_large", Size(facts)) as loaded:
                say(f"{loaded.position:,} events")
                yield from _all(here, loaded.instance, record, "probe-90", names, seconds, rest)


def _all(here: Ground, instance: Instance, record: str, coalition: str, names: Sequence[str],
         seconds: float, rest: float) -> Iterator[Result]:  # fmt: skip
    for name in names:
        with served(here, instance) as (address, pid):
            yield measure(address, pid, record, coalition, name, seconds, rest)


def show(results: Sequence[Result], console: Console) -> None:
    """The table."""
    table = Table("record", "attack", "p99 alone", "median ms", "p99 ms", "innocent", "attackers",
                  "MB start", "peak", "left", "after s", "missed")  # fmt: skip
    for each in results:
        table.add_row(
            each.record, each.attack, f"{each.alone.p99:.1f}", f"{each.waits.median:.1f}",
            f"{each.waits.p99:.1f}", _counted(each.innocent), _counted(each.attackers),
            f"{each.start:.0f}",
            f"{each.peak:.0f}", f"{each.left:.0f}", f"{each.after:.0f}", ", ".join(each.missed),
        )  # fmt: skip
    console.print(table)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{status} × {number:,}" for status, number in sorted(counts.items()))


def main() -> None:
    """Print the table and write the JSON; status 1 where a figure is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each attack")
    parser.add_argument("--rest", type=float, default=REST, help="seconds for memory to come back")
    parser.add_argument("--facts", type=int, default=FACTS, help="of the bulk of the large record")
    parser.add_argument("--attacks", nargs="+", choices=ATTACKS, default=list(ATTACKS))
    records = ("sample", "large")
    parser.add_argument("--records", nargs="+", choices=records, default=list(records))
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    given = parser.parse_args()
    words = Console(stderr=True)
    results = []
    with ground(words.print) as here:
        for result in run(here, given.attacks, given.records, given.facts, given.seconds,
                          given.rest, words.print):  # fmt: skip
            missed = ", ".join(result.missed) or "met"
            words.print(
                f"{result.record}, {result.attack}: p99 {result.waits.p99:.0f} ms "
                f"({result.alone.p99:.0f} alone), {missed}"
            )
            results.append(result)
    show(results, Console(width=200))
    if given.out is not None:
        found: list[Any] = [{**each._asdict(), "missed": each.missed} for each in results]
        given.out.write_text(json.dumps(found, indent=1, default=_plain) + "\n", encoding="utf-8")
    sys.exit(any(each.missed for each in results))


def _plain(spread: Spread) -> dict[str, float]:
    return {name: getattr(spread, name) for name in ("n", "min", "median", "p99")}


if __name__ == "__main__":
    main()
