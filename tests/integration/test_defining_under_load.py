"""Definitions come in while others read: no request fails, or is answered by half a schema.

How soon they are seen is a figure of `python -m benchmarks --parts vocabulary`.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import httpx
from conftest import serving
from thorough import times

from api.instance import Instance
from benchmarks.defining import DEFINITIONS as RATE
from benchmarks.defining import define_beside_reads
from domain.codec import read
from domain.vocabulary import CORE

DEFINITIONS = times(40, 200)
DEFINED_EACH = 0.05
"""Seconds from one definition to the next, at most 20 a second."""
READ_AFTER = 10
"""After so many definitions the newest has to be read before the next one comes."""
READERS = 4
READ_EACH = 1.0
"""Seconds from an answer to the next request of a reader: 300 a minute are a client's share."""
SCHEMA = """{ __schema { queryType { fields { name } } }
  __type(name: "Question") { enumValues { name } }
  vocabulary { fluents { id question inverse } }
  members(coalition: "league") { count { certain } } }"""


class Read(NamedTuple):
    """What one request was answered: the questions of the schema's root and of its enum."""

    status: int
    answer: dict[str, Any]


def fluent(number: int) -> dict[str, Any]:
    return {
        "type": "FluentDefined", "id": f"fluent{number}", "scope": "place", "subject": "guest",
        "question": f"guests{number}", "inverse": f"placesOf{number}",
    }  # fmt: skip


def test_no_read_fails_while_definitions_come_in(instance: Instance) -> None:
    league = {
        "type": "EntityRegistered", "id": "league", "kind": "COALITION", "names": {"en": "League"}
    }  # fmt: skip
    instance.record.apply([read(league)], actor="someone")
    instance.catch_up()
    done = threading.Event()
    reads: list[Read] = []

    def define() -> None:
        begun = time.monotonic()
        for number in range(DEFINITIONS):
            instance.record.apply([read(fluent(number))], actor="someone")
            time.sleep(max(0.0, begun + (number + 1) * DEFINED_EACH - time.monotonic()))
            if number % READ_AFTER == READ_AFTER - 1:
                wait_until_read(f"guests{number}")

    def wait_until_read(field: str) -> None:
        until = time.monotonic() + 60
        while not any(f"'{field}'" in str(each.answer) for each in reads[-READERS:]):
            assert time.monotonic() < until, f"nobody has read {field}"
            time.sleep(0.05)

    def keep_reading(address: str) -> None:
        with httpx.Client(base_url=address, timeout=30) as client:
            while not done.is_set():
                response = client.post("/graphql", json={"query": SCHEMA})
                reads.append(Read(response.status_code, response.json()))
                time.sleep(READ_EACH)

    with serving(instance) as address, ThreadPoolExecutor(READERS) as readers:
        reading = [readers.submit(keep_reading, address) for _ in range(READERS)]
        try:
            define()
        finally:
            done.set()
        for each in reading:
            each.result()

    sizes = set()
    for status, answer in reads:
        assert status == 200
        assert "errors" not in answer, answer
        data = answer["data"]
        fields = {each["name"] for each in data["__schema"]["queryType"]["fields"]}
        values = {each["name"] for each in data["__type"]["enumValues"]}
        count = len(values) - len(CORE.fluents)
        assert {f"guests{n}" for n in range(count)} <= fields
        assert {f"placesOf{n}" for n in range(count)} <= fields
        assert f"guests{count}" not in fields
        assert f"placesOf{count}" not in fields
        assert data["members"]["count"]["certain"] == 0
        sizes.add(count)
    assert len(sizes) >= DEFINITIONS // READ_AFTER


def test_ordinary_questions_go_on_and_all_that_is_defined_is_seen(instance: Instance) -> None:
    with serving(instance) as address:
        found = define_beside_reads(
            f"{address}/graphql", instance, seconds=times(2, 10), reads=times(25, 100)
        )

    assert found.failed == []
    assert len(found.seen) == times(2, 10) * RATE - 1
    assert len(found.waits) > len(found.seen)
