"""How long the event loop stands still: for so long every client waits."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Final

from api.background import running

LOOK_EVERY: Final = 0.02
"""Seconds between two looks. A stop may be this much longer than what is measured."""
WINDOW: Final = 60.0
"""Seconds. The longest stop is that of this window and the one before."""


class LoopWatch:
    """While entered by `watching`, measures how late the loop wakes what sleeps."""

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._now = self._before = 0.0

    @property
    def longest(self) -> float:
        """Seconds of the longest stop lately."""
        return max(self._now, self._before)

    def watching(self) -> AbstractAsyncContextManager[None]:
        """Watch the running loop while the block runs."""
        return running(self._watch())

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._window
        while True:
            began = loop.time()
            await asyncio.sleep(LOOK_EVERY)
            now = loop.time()
            if now >= until:
                self._before, self._now, until = self._now, 0.0, now + self._window
            self._now = max(self._now, now - began - LOOK_EVERY)
