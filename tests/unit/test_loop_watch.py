"""The longest stop of an event loop is seen, and forgotten after a while."""

from __future__ import annotations

import asyncio
import time

from api.loop_watch import LoopWatch


def test_a_stop_of_the_loop_is_seen_and_forgotten_after_two_windows() -> None:
    async def measured() -> tuple[float, float]:
        watch = LoopWatch(window=1)
        async with watch.watching():
            await asyncio.sleep(0.1)
            time.sleep(0.8)
            await asyncio.sleep(0.1)
            stopped = watch.longest
            await asyncio.sleep(2.5)
            return stopped, watch.longest

    stopped, later = asyncio.run(measured())

    assert 0.75 < stopped < 5
    assert later < 0.7
