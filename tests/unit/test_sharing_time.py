"""A server's process stops for milliseconds at the most, garbage collection too."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator

import pytest

from api.commands.server import share_time
from api.graphql.execution import operation_type


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    every, objects = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(every)
    gc.set_threshold(*objects)


def test_looking_for_the_garbage_of_new_documents_takes_milliseconds() -> None:
    stops, began = [], 0.0

    def saw(phase: str, info: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.thread_time()
        elif info["generation"] == 0:
            stops.append(time.thread_time() - began)

    share_time()
    gc.callbacks.append(saw)
    try:
        for number in range(60):
            operation_type(
                f'{{ members(coalition: "x") {{ count {{ certain }} }} }} # {number}', None
            )
    finally:
        gc.callbacks.remove(saw)

    assert len(stops) > 5
    assert sorted(stops)[-2] < 0.02


def test_threads_that_compute_let_others_go_on_within_a_millisecond() -> None:
    share_time()

    assert sys.getswitchinterval() <= 0.001
