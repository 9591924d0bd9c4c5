"""Figures of the projections: how far the follower lags behind, and rebuilding."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from api.instance import Instance
from benchmarks.figures import OURS, Figure, Spread, Target
from benchmarks.ground import Ground, Loaded
from benchmarks.plan import Plan
from benchmarks.reading import CACHE_OFF
from benchmarks.writing import joinings
from domain.errors import Unreachable
from projections.spark import Spark
from store.database import READER

RATE, EVERY = 500, 0.01
"""Events a second, written each so many seconds."""
BEFORE = 3
"""Seconds of writing that do not count: the server has just been started, and warms up. Before that
it has to sign the whole of a log that was written without it."""
LOOKS_EVERY = 0.001
SIGNED = "SELECT size FROM checkpoints JOIN tree_head USING (size)"
SPARK = "a local Spark"


def until_signed(instance: Instance) -> None:
    """Wait until a server that has just been started has signed all of a log."""
    with instance.database.connect() as connection:
        while not connection.execute(SIGNED).fetchone():
            time.sleep(0.5)


def lag(ground: Ground, plan: Plan, loaded: Loaded) -> Iterator[Figure]:
    """From the reply to an append until its position is projected, while events keep coming."""
    waiting: list[tuple[int, float]] = []
    lags: list[float] = []
    done = threading.Event()

    def watch() -> None:
        with loaded.instance.database.connect(READER) as connection:
            while waiting or not done.is_set():
                (reached,) = connection.execute(
                    "SELECT position FROM progress", prepare=True
                ).fetchone() or (0,)
                now = time.perf_counter()
                while waiting and waiting[0][0] <= reached:
                    lags.append((now - waiting.pop(0)[1]) * 1_000)
                time.sleep(LOOKS_EVERY)

    ground.sijill(loaded, **CACHE_OFF)  # its follower follows
    until_signed(loaded.instance)
    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    written = 0
    for turn in itertools.count(1):
        batch = joinings(int(RATE * EVERY))
        position = loaded.instance.record.apply(batch, actor="bench").position
        now = time.perf_counter()
        if now - began > BEFORE:
            waiting.append((position, now))
        written += len(batch)
        if now - began > BEFORE + plan.seconds:
            break
        time.sleep(max(0.0, began + turn * EVERY - time.perf_counter()))
    rate = written / (time.perf_counter() - began)
    done.set()
    watcher.join()
    yield Figure(
        "following",
        f"follower's lag at {rate:,.0f} events/s (asked for {RATE})",
        "ms",
        {OURS: Spread.of(lags)},
        {OURS: Target(at_most=100, by="p99")},
    )


def rebuilding(ground: Ground, loaded: Loaded, absent: dict[str, str]) -> Iterator[Figure]:
    """`sijill rebuild` by processes of this machine and, where it is installed, by a local Spark,
    with the memory of all processes, looked at ten times a second."""
    with loaded.instance.database.connect() as connection:
        (events,) = connection.execute("SELECT count(*) FROM events").fetchone() or (0,)
    engines = {OURS: "processes", SPARK: "spark"}
    try:
        Spark()
    except Unreachable as missing:
        del engines[SPARK]
        absent[SPARK] = str(missing)
    rates, memory = {}, {}
    for name, engine in engines.items():
        taken, most = _rebuilt(ground, loaded, engine)
        rates[name], memory[name] = Spread.of([events / taken]), Spread.of([most])
    what = f"rebuild of {events:,} events"
    yield Figure("following", what, "events/s", rates, {OURS: Target(at_least=30_000)})
    what = f"{what}: peak memory"
    yield Figure("following", what, "MB", memory, {OURS: Target(at_most=600)})


def _rebuilt(ground: Ground, loaded: Loaded, engine: str) -> tuple[float, float]:
    """Seconds that a rebuild takes, and the most MB that it has."""
    program = "import sys; from api.cli import main; sys.exit(main())"
    environment = {
        "SIJILL_DATABASE_URL": loaded.instance.database.url,
        "SIJILL_DATA": str(ground.folder),
    }
    start = time.perf_counter()
    with (ground.folder / "rebuild.log").open("w+") as words:
        process = subprocess.Popen(
            [sys.executable, "-c", program, "rebuild", "--engine", engine],
            env={**os.environ, **environment},
            stdout=words,
            stderr=subprocess.STDOUT,
        )
        memory = [0.0]
        while process.poll() is None:
            memory.append(_memory(process.pid) / 1e6)
            time.sleep(0.1)
        taken = time.perf_counter() - start
        if process.returncode:
            words.seek(0)
            raise RuntimeError(f"the rebuild failed: {words.read()[-1_000:]}")
    return taken, max(memory)


def _memory(pid: int) -> int:
    """Bytes of a process and all it started: shared pages are shared out (Linux's PSS)."""
    total, parents = 0, {pid}
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda folder: int(folder.name)):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if int(folder.name) in parents or parent in parents:
                parents.add(int(folder.name))
                for line in (folder / "smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) * 1_024
        except OSError:  # it has ended
            continue
    return total
