"""What each step of a server's event loop costs: CPU time of its thread, so that a busy machine, on
which a thread waits for its turn, measures the same as an idle one."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SERVER = "server"
"""The name of the thread that `serving` runs a server in."""


def _sum() -> float:
    """Seconds of CPU time that a sum in Python takes: about 0.01."""
    began = time.thread_time()
    sum(number * number % 7 for number in range(130_000))
    return time.thread_time() - began


def longest_step() -> float:
    """Seconds of CPU time that no step should take on this machine, as fast as it is now."""
    return 3 * min(_sum() for _ in range(5))


class LoopTime:
    """The longest step since `forget`: its seconds, and what it ran."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.what = ""

    def saw(self, seconds: float, what: object) -> None:
        """Note a step."""
        if seconds > self.longest:
            self.longest, self.what = seconds, repr(what)[:300]

    def forget(self) -> None:
        """Begin anew."""
        self.longest, self.what = 0.0, ""


@contextmanager
def measured() -> Iterator[LoopTime]:
    """Measure the steps of the server's event loop, garbage collection aside: `sijill serve` keeps
    what is there out of it, and a test's process holds much more."""
    found, run = LoopTime(), asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        if threading.current_thread().name != SERVER:
            return run(handle)
        began = time.thread_time()
        try:
            return run(handle)
        finally:
            found.saw(time.thread_time() - began, handle)

    asyncio.Handle._run = timed
    gc.collect()
    gc.disable()
    try:
        yield found
    finally:
        gc.enable()
        asyncio.Handle._run = run
