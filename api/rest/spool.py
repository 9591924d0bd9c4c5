"""Chunks that a thread makes and the event loop sends: in memory, or on disk once there are many.

The thread never waits for whoever reads, so that a slow reader holds no session and no thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import Final

from domain.errors import Unreachable

CHUNK: Final = 64 * 1024
"""Bytes that are sent at a time."""


class SpoolPool:
    """A few threads that fill spools, and a bounded queue before them."""

    def __init__(self, threads: int, most_waiting: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="export")
        self._most = threads + most_waiting
        self._futures: set[Future[None]] = set()

    def start(self, chunks: Iterator[bytes], in_memory: int) -> Spool:
        """A spool that is being filled. Raises Unreachable where too many are waiting."""
        if len(self._futures) >= self._most:
            raise Unreachable("Too many exports are waiting: try again in a moment.")
        spool = Spool(chunks, in_memory)
        future = self._executor.submit(spool.fill)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        return spool


class Spool:
    """What an iterator gives; up to `in_memory` bytes of it are held in memory. Either `fill` or
    the reader comes last: whoever does closes the file."""

    def __init__(self, chunks: Iterator[bytes], in_memory: int) -> None:
        self._chunks = chunks
        self._file = SpooledTemporaryFile(in_memory)  # noqa: SIM115
        self._lock = Lock()
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._error: BaseException | None = None
        self.size = 0
        self.is_complete = False
        self._is_abandoned = False

    async def reach(self, size: int) -> None:
        """Wait until there are more bytes than this, or all. Raises what the iterator raised."""
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
            with self._lock:
                self._file.seek(place)
                chunk = self._file.read(CHUNK)
            if not chunk:
                return
            place += len(chunk)
            yield chunk

    def close(self) -> None:
        """No more will be read."""
        with self._lock:
            self._is_abandoned = True
            if self.is_complete:
                self._file.close()

    def fill(self) -> None:
        """Work through the iterator, until its end or until nobody reads any more."""
        try:
            for chunk in self._chunks:
                with self._lock:
                    if self._is_abandoned:
                        break
                    self._file.seek(0, 2)
                    self._file.write(chunk)
                    self.size += len(chunk)
                self._tell()
        except BaseException as error:
            self._error = error
        finally:
            self._chunks.close()  # type: ignore[attr-defined]
            with self._lock:
                self.is_complete = True
                if self._is_abandoned:
                    self._file.close()
            self._tell()

    def _tell(self) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            self._loop.call_soon_threadsafe(self._news.set)
