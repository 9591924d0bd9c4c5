"""Work that several threads want done, done for many of them at once.

Whoever comes first does it; those who come meanwhile gather, and one of them does it for all. So
one alone never waits, and many share what costs the same for one as for many, such as a commit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Waiting(Generic[Item, Result]):
    """An item of a thread; `told` is released when it is done, or when the thread is to do the next
    group."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.told = Lock()
        self.told.acquire()
        self.is_leader = False
        self.result: Result | None = None
        self.error: BaseException | None = None


class Grouped(Generic[Item, Result]):
    """`work` takes the items of a group, and returns a result for each in their order.

    `weigh` gives the weight of an item; a group takes no further one past `most` of it.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        weigh: Callable[[Item], int] = lambda item: 1,
        most: int = 1_000,
    ) -> None:
        self._work = work
        self._weigh = weigh
        self._most = most
        self._lock = Lock()
        self._queue: deque[_Waiting[Item, Result]] = deque()
        self._is_busy = False

    def __call__(self, item: Item) -> Result:
        """The result of the item. Raises what the work raised of its group."""
        return self.many([item])[0]

    def many(self, items: Sequence[Item]) -> list[Result]:
        """The results of several items, done together as far as a group takes them. Raises what the
        work raised of a group of theirs."""
        mine = [_Waiting[Item, Result](item) for item in items]
        with self._lock:
            self._queue.extend(mine)
            if not self._is_busy:
                mine[0].is_leader = self._is_busy = True
        for each in mine:
            if not each.is_leader:
                each.told.acquire()
            if each.is_leader:
                self._lead()
        for each in mine:
            if each.error is not None:
                raise each.error
        return [each.result for each in mine]  # type: ignore[misc]  # set, since there is no error

    def _lead(self) -> None:
        """Do the group at the head of the queue, the leader's own item the first of it."""
        with self._lock:
            group = [self._queue.popleft()]
            weight = self._weigh(group[0].item)
            while (
                self._queue and (weight := weight + self._weigh(self._queue[0].item)) < self._most
            ):
                group.append(self._queue.popleft())
        try:
            results = self._work([each.item for each in group])
            for each, result in zip(group, results, strict=True):
                each.result = result
        except BaseException as error:
            for each in group:
                each.error = error
        finally:
            with self._lock:
                self._is_busy = bool(self._queue)
                if self._queue:
                    self._queue[0].is_leader = True
                    self._queue[0].told.release()
            for each in group[1:]:
                each.told.release()
