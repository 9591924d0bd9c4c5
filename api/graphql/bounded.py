"""What is kept in memory within a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any


class Bounded:
    """What was made lately, by key, as long as it does not take more bytes than the limit."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()

    def get(self, key: Any) -> Any:
        """What is kept, None if nothing is."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Any, value: Any, size: int) -> None:
        """Keep something, and let go of what was not asked for longest."""
        if size > self.limit:
            return
        before = self._kept.pop(key, None)
        if before is not None:
            self.size -= before[1]
        self._kept[key] = value, size
        self.size += size
        while self.size > self.limit:
            _, (_, freed) = self._kept.popitem(last=False)
            self.size -= freed
