"""Chunks that threads make and the event loop sends: in memory, or on disk once there are many.

Whoever makes them never waits for whoever reads, so that a slow reader holds no session.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from threading import Lock
from time import monotonic
from typing import Final

CHUNK: Final = 64 * 1024
"""Bytes that are sent at a time."""
TURN: Final = 0.5
"""Seconds after which the making waits for its next turn."""

Turns = Callable[[Callable[[], bool]], Awaitable[bool]]
"""Does blocking work in a turn of its own, elsewhere."""


class Spool:
    """What a generator gives; up to `in_memory` bytes of it are held in memory."""

    def __init__(self, chunks: Generator[bytes, None, None], in_memory: int, turns: Turns) -> None:
        self._chunks = chunks
        self._file = SpooledTemporaryFile(in_memory)  # noqa: SIM115
        self._reading, self._making = Lock(), Lock()
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._error: Exception | None = None
        self.size = 0
        self.is_complete = False
        self._filling = asyncio.create_task(self._fill(turns))

    async def reach(self, size: int) -> None:
        """Wait until there are more bytes than this, or all. Raises what the generator raised, or
        what kept it from its turn."""
        while not self.is_complete and self.size <= size:
            await self._news.wait()
            self._news.clear()
        if self._error is not None:
            raise self._error

    async def read(self) -> AsyncIterator[bytes]:
        """The bytes from the first on, as they come."""
        place = 0
        while True:
            await self.reach(place)
            with self._reading:
                self._file.seek(place)
                chunk = self._file.read(CHUNK)
            if not chunk:
                return
            place += len(chunk)
            yield chunk

    def close(self) -> None:
        """No more will be read, nor made."""
        with self._reading:
            self._file.close()
        self._filling.cancel()

    async def _fill(self, turns: Turns) -> None:
        try:
            while await turns(self._make):
                pass
        except Exception as error:
            self._error = error
        finally:
            self.is_complete = True
            self._news.set()
            self._loop.run_in_executor(None, self._end)

    def _make(self) -> bool:
        """Work through the generator for a turn. Whether there is more to do."""
        until = monotonic() + TURN
        with self._making:
            for chunk in self._chunks:
                with self._reading:
                    if self._file.closed:
                        return False
                    self._file.seek(0, 2)
                    self._file.write(chunk)
                    self.size += len(chunk)
                with suppress(RuntimeError):  # the loop has ended, and nobody waits
                    self._loop.call_soon_threadsafe(self._news.set)
                if monotonic() >= until:
                    return True
        return False

    def _end(self) -> None:
        """Close the generator, and so its session, once no thread works through it."""
        with self._making, suppress(Exception):
            self._chunks.close()
