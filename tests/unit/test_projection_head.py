"""Waiting for the projections to come to a position."""

from __future__ import annotations

import asyncio
import threading

from api.graphql.answer_cache import ProjectionHead


def test_whoever_waits_is_told_in_whatever_loop() -> None:
    head, found = ProjectionHead(), []
    waiting = threading.Barrier(3)

    def wait() -> None:
        async def until() -> bool:
            waiting.wait()
            return await head.reaches(7, 20)

        found.append(asyncio.run(until()))

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    waiting.wait()
    for position in range(1, 8):
        head._move(1, position)
    for thread in threads:
        thread.join(20)

    assert found == [True, True]


def test_a_position_that_does_not_come_is_waited_for_no_longer_than_asked() -> None:
    head = ProjectionHead()
    head._move(1, 3)

    assert asyncio.run(head.reaches(3, 0.01))
    assert not asyncio.run(head.reaches(4, 0.01))
