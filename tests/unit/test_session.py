"""Work in a database session of its own."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from api.session import Session
from domain.errors import Refused


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No garbage is collected meanwhile."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_a_refusal_holds_nothing_of_what_was_read_before_it() -> None:
    class Event:
        """Something large."""

    read: list[weakref.ref[Event]] = []

    def refuse() -> None:
        events = [Event() for _ in range(3)]
        read.extend(map(weakref.ref, events))
        raise Refused("TOO_COSTLY", "This bears on too much.")

    with pytest.raises(Refused):
        asyncio.run(Session().work(refuse))

    assert [each() for each in read] == [None] * 3
