"""A clock that is ahead is refused; a log that was written under one is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from api.commands.log_evidence import audited
from api.instance import Instance
from domain import record as record_module
from domain.codec import read
from domain.errors import Refused
from projections.audit import ahead_of_the_clock
from store.database import READER

ENTITIES = [
    read({"type": "EntityRegistered", "id": f"e{n}", "kind": "OTHER", "names": {"en": f"E {n}"}})
    for n in range(3)
]


def test_a_clock_ten_years_ahead_is_refused_and_one_that_was_is_named(instance: Instance) -> None:
    instance.record.apply(ENTITIES[:1], actor="someone")
    instance.record.clock = lambda: datetime.now(UTC) + timedelta(days=3653)
    with pytest.raises(Refused) as caught:
        instance.record.apply(ENTITIES[1:2], actor="someone")
    assert caught.value.code == "CLOCK_AHEAD"

    instance.catch_up()
    with instance.database.connect(READER) as connection:
        assert ahead_of_the_clock(connection) is None
    with mock.patch.object(record_module, "MOST_AHEAD", timedelta(days=9999)):
        instance.record.apply(ENTITIES[2:], actor="someone")  # as if it had been recorded before
    instance.catch_up()

    problems = audited(instance, [], None, False, lambda words, total: lambda come: None)[1]
    assert [(problem.position, problem.event) for problem in problems] == [(2, "e2")]
    assert "under a clock that was ahead" in problems[0].what
