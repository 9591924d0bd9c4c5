"""Work for many at once: nobody waits alone, everybody gets what is theirs."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from store.group_commit import Batched


def test_one_alone_is_done_at_once_by_itself() -> None:
    groups: list[list[int]] = []

    def work(items: Sequence[int]) -> list[int]:
        groups.append(list(items))
        return [item * 2 for item in items]

    doubled = Batched(work)

    assert [doubled(1), doubled(2)] == [2, 4]
    assert groups == [[1], [2]]


def test_those_who_come_meanwhile_are_done_together_up_to_a_weight() -> None:
    groups: list[list[int]] = []
    started, go = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[int]:
        groups.append(list(items))
        started.set()
        go.wait(10)
        return [item * 2 for item in items]

    doubled = Batched(work, weigh=lambda item: item, most=10)
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(doubled, 1)
        started.wait(10)
        others = [threads.submit(doubled, 4) for _ in range(5)]
        while len(doubled._queue) < 5:
            pass
        go.set()

        assert first.result(10) == 2
        assert [other.result(10) for other in others] == [8] * 5
    assert groups == [[1], [4, 4], [4, 4], [4]]


def test_what_the_work_raises_is_raised_to_its_group_alone() -> None:
    def work(items: Sequence[int]) -> list[int]:
        if 0 in items:
            raise ValueError("nothing to divide by")
        return [10 // item for item in items]

    divided = Batched(work)

    with pytest.raises(ValueError, match="nothing to divide by"):
        divided(0)
    assert divided(5) == 2


def test_many_threads_get_each_their_own() -> None:
    doubled = Batched(lambda items: [item * 2 for item in items], most=7)

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(doubled, range(2_000))) == [item * 2 for item in range(2_000)]
