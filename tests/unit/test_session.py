"""Work in a database session of its own."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest
from psycopg.errors import QueryCanceled

from api.session import Session
from domain.errors import Refused


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No garbage is collected meanwhile."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    "error", [Refused("TOO_COSTLY", "This bears on too much."), QueryCanceled("It has ended.")]
)
def test_an_expected_error_holds_nothing_of_what_was_read_before_it(error: Exception) -> None:
    class Event:
        """Something large."""

    read: list[weakref.ref[Event]] = []

    def refuse() -> None:
        events = [Event() for _ in range(3)]
        read.extend(map(weakref.ref, events))

        def look() -> None:
            assert events
            raise error

        look()

    with pytest.raises(type(error)):
        asyncio.run(Session().work(refuse))

    assert [each() for each in read] == [None] * 3
