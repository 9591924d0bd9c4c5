"""What is looked up by id for one batch of rows after another, and remembered within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """What was looked up by id, up to so many ids: then it is forgotten."""

    def __init__(self, load: Callable[[set[str]], Mapping[str, T]], most: int) -> None:
        self._load, self._most = load, most
        self._found: dict[str, T | None] = {}

    def __call__(self, ids: Iterable[str]) -> dict[str, T]:
        """By id, what there is."""
        wanted = set(ids)
        if missing := wanted - self._found.keys():
            if len(self._found) > self._most:
                self._found.clear()
                missing = wanted
            loaded = self._load(missing)
            self._found |= {name: loaded.get(name) for name in missing}
        return {name: found for name in wanted if (found := self._found[name]) is not None}
