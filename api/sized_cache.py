"""A cache that is bounded by the bytes of what it holds; threads may share it."""

from __future__ import annotations

from collections.abc import Hashable
from operator import itemgetter
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

T = TypeVar("T")


class SizedCache(Generic[T]):
    """Holds values up to `limit` bytes in all; the least recently used leave first."""

    def __init__(self, limit: int) -> None:
        self._lock = Lock()
        self._values: LRUCache[Hashable, tuple[T, int]] = LRUCache(limit, itemgetter(1))

    @property
    def size(self) -> int:
        """Bytes that its values take."""
        return int(self._values.currsize)

    def get(self, key: Hashable) -> T | None:
        """The value of a key, None if there is none."""
        with self._lock:
            found = self._values.get(key)
        return None if found is None else found[0]

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Hold a value of so many bytes; one that is larger than the limit is not held."""
        with self._lock:
            self._values.pop(key, None)
            if size <= self._values.maxsize:
                self._values[key] = value, size
