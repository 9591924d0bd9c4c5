"""How soon a definition is seen while many come in and others read, and whether a read fails."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta
from itertools import count
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from api.instance import Instance
from benchmarks.load import Connection, request
from domain.codec import read

READS: Final = 100
DEFINITIONS: Final = 20
"""A second."""
LISTED: Final = 10
"""One of so many reads lists the words, by which a definition is seen."""
PATIENCE: Final = 30.0
"""Seconds after the last definition until all have to be seen."""
LIST = "{ vocabulary { position fluents { id } } }"
ASK = """query ($asOf: EDTFDate) {
  %(question)s(place: "hall", asOf: $asOf) {
    count { certain } edges { node { guest { id } standing } }
  }
  %(inverse)s(guest: "hall", asOf: $asOf) { count { certain } }
  state(entity: "hall", asOf: $asOf) { %(question)s { count { certain } } }
}"""
HALL = {"type": "EntityRegistered", "id": "hall", "kind": "PLACE", "names": {"en": "Hall"}}


class Defined(NamedTuple):
    """`seen` has the seconds from the reply to each definition to the first answer with it, `waits`
    milliseconds of all reads, `failed` what was answered otherwise than it should be."""

    seen: list[float]
    waits: list[float]
    failed: list[str]


def fluent(number: int) -> dict[str, Any]:
    """A definition for which GraphQL's schema is made anew."""
    return {
        "type": "FluentDefined", "id": f"fluent{number}", "scope": "place", "subject": "guest",
        "question": f"guests{number}", "inverse": f"placesOf{number}",
    }  # fmt: skip


def _asking(number: int) -> str:
    return ASK % {"question": f"guests{number}", "inverse": f"placesOf{number}"}


def define_beside_reads(
    address: str, instance: Instance, seconds: float, reads: int = READS
) -> Defined:
    """Define fluents of a record, and read it from a server of it so many times a second.

    `address` is that of GraphQL there.
    """
    instance.record.apply([read(HALL), read(fluent(0))], actor="bench")
    return asyncio.run(_Run(address, instance, reads).run(seconds))


class _Run:
    def __init__(self, address: str, instance: Instance, reads: int) -> None:
        self._address, self._instance, self._reads = address, instance, reads
        self._free: list[Connection] = []
        self._numbers = count()
        self._replied: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        self._newest = 0
        """The number of the last definition that an answer has shown."""
        self.found = Defined([], [], [])

    async def run(self, seconds: float) -> Defined:
        await self._until_first()
        reading = asyncio.create_task(self._read())
        try:
            await self._define(seconds)
            until = time.perf_counter() + PATIENCE
            while len(self._seen) < len(self._replied) and time.perf_counter() < until:
                await asyncio.sleep(0.05)
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
            for connection in self._free:
                connection.close()
        missing = self._replied.keys() - self._seen.keys()
        self.found.failed.extend(f"{name} was not seen" for name in sorted(missing))
        self.found.seen.extend(self._seen[name] - self._replied[name] for name in self._seen)
        return self.found

    async def _until_first(self) -> None:
        """Until the server answers by the first definition."""
        until = time.perf_counter() + PATIENCE
        while "errors" in (await self._answer(_asking(0)))[1]:
            assert time.perf_counter() < until, "the server does not read on"
            await asyncio.sleep(0.05)

    async def _define(self, seconds: float) -> None:
        began = time.perf_counter()
        for number in range(1, max(2, int(seconds * DEFINITIONS))):
            taken = [read(fluent(number))]
            await asyncio.to_thread(self._instance.record.apply, taken, actor="bench")
            self._replied[f"fluent{number}"] = time.perf_counter()
            await asyncio.sleep(max(0.0, began + number / DEFINITIONS - time.perf_counter()))

    async def _read(self) -> None:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as readers:
            for number in count():
                readers.create_task(self._read_once(number))
                await asyncio.sleep(
                    max(0.0, began + (number + 1) / self._reads - time.perf_counter())
                )

    async def _read_once(self, number: int) -> None:
        listing = number % LISTED == 0
        start = time.perf_counter()
        status, answer = await self._answer(LIST if listing else _asking(self._newest))
        now = time.perf_counter()
        self.found.waits.append((now - start) * 1_000)
        if status != 200 or "errors" in answer:
            self.found.failed.append(f"{status}: {json.dumps(answer)[:300]}")
        elif listing:
            for each in answer["data"]["vocabulary"]["fluents"]:
                if each["id"] in self._replied:
                    self._seen.setdefault(each["id"], now)
            self._newest = max(self._newest, len(self._seen))

    async def _answer(self, document: str) -> tuple[int, Any]:
        # Another day each time, so that no cache answers.
        day = (date(2020, 1, 1) + timedelta(next(self._numbers))).isoformat()
        body = json.dumps({"query": document, "variables": {"asOf": day}}).encode()
        async with self._connection() as connection:
            status, _, answer = await connection.send(request(self._address, body))
        return status, json.loads(answer)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        # A server closes what nobody used for some seconds.
        self._free = [each for each in self._free if each.is_open]
        if self._free:
            connection = self._free.pop()
        else:
            where = urlsplit(self._address)
            _, connection = await asyncio.get_running_loop().create_connection(
                Connection, where.hostname, where.port
            )
        try:
            yield connection
        finally:
            self._free.append(connection)
