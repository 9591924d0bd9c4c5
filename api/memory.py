"""Memory that costly questions took goes back to the system, where malloc is glibc's.

By itself it keeps what was freed: a heap for each thread, and large pieces within the heaps.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

MMAP_THRESHOLD: Final = -3
ARENA_MAX: Final = -8
"""Numbers of mallopt (https://man7.org/linux/man-pages/man3/mallopt.3.html)."""
LARGE: Final = 128 * 1024
"""Bytes from which a piece is the system's own. glibc raises it with each that is freed."""


def keep_little() -> None:
    """From now on there is one heap for all threads, and a large piece goes back when freed."""
    _call("mallopt", MMAP_THRESHOLD, LARGE)
    _call("mallopt", ARENA_MAX, 1)


def give_back() -> None:
    """Give the system what is free within the heap."""
    _call("malloc_trim", 0)


def _call(name: str, *values: int) -> None:
    with suppress(OSError, AttributeError):  # glibc alone has it
        function: Callable[..., Any] = getattr(ctypes.CDLL(None), name)
        function(*values)
