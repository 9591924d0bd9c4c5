"""Group commit: work that several threads want done at the same time is done for all at once.

The first thread does its own work at once. Threads that come meanwhile queue, and the first of the
queue does the work of all of it. So one thread alone never waits, and many threads share a cost
that is the same for one as for many, such as a commit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Waiting(Generic[Item, Result]):
    """An item of a thread. `wake` is released when the item is done, or its thread is to lead."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.wake = Lock()
        self.wake.acquire()
        self.is_leader = False
        self.result: Result | None = None
        self.error: BaseException | None = None


class Batched(Generic[Item, Result]):
    """`work` takes the items of a batch, and returns a result for each in their order.

    `weigh` gives the weight of an item; a batch stops growing at a total weight of `most`.
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
        """The result of the item. Raises what the work raised of its batch."""
        mine = _Waiting[Item, Result](item)
        with self._lock:
            self._queue.append(mine)
            if not self._is_busy:
                mine.is_leader = self._is_busy = True
        if not mine.is_leader:
            mine.wake.acquire()
        if mine.is_leader:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value]  # set, since there is no error

    def _lead(self) -> None:
        """Do the batch at the head of the queue, whose first item is the leader's own."""
        with self._lock:
            batch = [self._queue.popleft()]
            weight = self._weigh(batch[0].item)
            while (
                self._queue and (weight := weight + self._weigh(self._queue[0].item)) < self._most
            ):
                batch.append(self._queue.popleft())
        try:
            results = self._work([each.item for each in batch])
            for each, result in zip(batch, results, strict=True):
                each.result = result
        except BaseException as error:
            for each in batch:
                each.error = error
        finally:
            with self._lock:
                self._is_busy = bool(self._queue)
                if self._queue:
                    self._queue[0].is_leader = True
                    self._queue[0].wake.release()
            for each in batch[1:]:
                each.wake.release()
