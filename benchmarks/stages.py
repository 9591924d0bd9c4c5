"""Where the time of one answer goes: python -m benchmarks.stages [--members 90].

The same answer is timed over HTTP beside F2 and F3, in turns; then in this process, where each step
of it is timed from within; then its statement alone, beside F3's, on one connection. On a busy
machine the fastest tenth tells what the work takes, the median what waiting adds. What the steps
take together and what HTTP takes differ by the server, both sockets and the client, as F2 does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import psycopg
from graphql import get_operation_ast
from psycopg_pool import AsyncConnectionPool
from rich.console import Console
from rich.table import Table
from starlette.responses import Response

from api import app as served
from api.graphql import execution, http, plan_execution
from api.graphql.context import Operation
from benchmarks import servers
from benchmarks.figures import Way, timed
from benchmarks.floors import ANSWER
from benchmarks.generator import Size
from benchmarks.ground import Ground, Loaded, ground
from benchmarks.load import SPACES, request, unlike
from benchmarks.question import DOCUMENT, Question, parameters
from benchmarks.reading import CACHE_OFF, asked

STEPS: list[tuple[str, Any, str]] = [
    ("read the request, answer", served, "graphql"),
    ("parse the body", http, "parse_json"),
    ("document: characters, cache, cost", execution, "prepare"),
    ("plan and parameters", plan_execution, "ask"),
    ("connection from the pool", AsyncConnectionPool, "getconn"),
    ("statement: send, wait, receive", psycopg.AsyncRawCursor, "execute"),
    ("connection back", AsyncConnectionPool, "putconn"),
    ("headers and body sent", Response, "__call__"),
]
"""The name of each step, and the function that takes it; one may be within another."""


class Stages:
    """Times of steps, without what is within them."""

    def __init__(self) -> None:
        self.taken: defaultdict[str, list[float]] = defaultdict(list)
        self._within: list[float] = []

    def timing(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The work, timed: of one request at a time."""

        async def awaited(*args: Any, **kwargs: Any) -> Any:
            with self._timed(name):
                return await work(*args, **kwargs)

        def done(*args: Any, **kwargs: Any) -> Any:
            with self._timed(name):
                return work(*args, **kwargs)

        return awaited if asyncio.iscoroutinefunction(work) else done

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        self._within.append(0)
        began = time.perf_counter()
        try:
            yield
        finally:
            whole = time.perf_counter() - began
            self.taken[name].append((whole - self._within.pop()) * 1e6)
            if self._within:
                self._within[-1] += whole


@contextmanager
def watched(stages: Stages) -> Iterator[None]:
    """The functions of STEPS, timed."""
    with ExitStack() as stack:
        for name, owner, attribute in STEPS:
            stack.callback(setattr, owner, attribute, getattr(owner, attribute))
            setattr(owner, attribute, stages.timing(name, getattr(owner, attribute)))
        yield


async def _within(loaded: Loaded, body: bytes, times: int) -> Stages:
    stages = Stages()
    headers = [
        (b"host", b"127.0.0.1"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body) + SPACES).encode()),
        (b"accept", b"application/json"),
    ]

    bodies = unlike(body)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": next(bodies), "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200

    with watched(stages):
        app = served.create_app(loaded.instance)

        async def through(scope: Any) -> None:
            await app(scope, receive, send)

        ask = stages.timing("app and middlewares", through)
        async with app.router.lifespan_context(app):
            for number in range(times + 20):
                if number == 20:
                    stages.taken.clear()
                await ask(
                    {
                        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1",
                        "method": "POST", "scheme": "http", "path": "/graphql",
                        "raw_path": b"/graphql", "query_string": b"", "root_path": "",
                        "headers": list(headers), "client": None, "server": None,
                    }
                )  # fmt: skip
    return stages


Both = tuple[float, float]
"""Microseconds: what the fastest tenth keeps below, and the median."""


def both(taken: Sequence[float]) -> Both:
    """Of times in microseconds."""
    return sorted(taken)[len(taken) // 10], statistics.median(taken)


def over_http(here: Ground, loaded: Loaded, question: Question, rounds: int) -> dict[str, Both]:
    """Ours, F3 and F2 over HTTP, in turns."""
    ready = here.folder / "ready"
    ready.mkdir()
    ours = here.sijill(loaded, **CACHE_OFF)
    (ready / "it").write_bytes(asked(ours, question))
    with servers.app(
        "benchmarks.floors:app", loaded.instance.database.url, here.folder, BENCH_READY=str(ready)
    ) as floors:
        body = question.body()
        new = request(ours, body + b" " * SPACES)
        ways: dict[str, Way] = {
            name: here.load.latencies(url, request(url, sent), 10)
            for name, url, sent in (
                ("ours", ours, body),
                ("F3", f"{floors}/answer", body),
                ("F2", f"{floors}/ready/it", None),
            )
        }
        ways["ours, the request new"] = here.load.latencies(ours, new, 10, is_new=True)
        return _in_turns(ways, rounds)


def statements(loaded: Loaded, question: Question, rounds: int) -> dict[str, Both]:
    """Our statement and F3's, asked on one connection, in turns."""
    with psycopg.connect(
        loaded.instance.database.url, autocommit=True, **execution.session(loaded.instance.database)
    ) as connection:
        it = asyncio.run(_asked(loaded, question))
        raw = psycopg.RawCursor(connection)

        def ours() -> None:
            raw.execute(it.plan.statement, it.parameters, prepare=True, binary=True).fetchone()

        def floor() -> None:
            given = parameters(question.variables())
            connection.execute(ANSWER.encode(), given, prepare=True).fetchone()

        return _in_turns({"ours": timed(ours, 10), "F3": timed(floor, 10)}, rounds)


def _in_turns(ways: dict[str, Way], rounds: int) -> dict[str, Both]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(rounds + 1):
        for name, way in ways.items():
            taken = way()
            if number:
                found[name] += (each * 1e3 for each in taken)
    return {name: both(taken) for name, taken in found.items()}


async def _asked(loaded: Loaded, question: Question) -> plan_execution.PlannedQuery:
    variables = question.variables()
    read = execution.prepare(DOCUMENT, variables, None)
    assert not isinstance(read, list)
    definition = get_operation_ast(read.document)
    assert definition is not None
    async with Operation(execution.access(loaded.instance)) as operation:
        found = await plan_execution.ask(
            operation, (DOCUMENT, None, ()), read.document, definition, variables
        )
    assert found is not None
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    parser.add_argument("--members", type=int, default=90)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    question = Question(f"probe-{given.members}")
    console = Console()
    with (
        ground(Console(stderr=True).print) as here,
        here.straight("stages", Size(2_000, (given.members,))) as loaded,
    ):
        before = os.getloadavg()[0]
        whole = over_http(here, loaded, question, given.rounds)
        stages = asyncio.run(_within(_cold(loaded), question.body(), given.rounds * 10))
        bare = statements(loaded, question, given.rounds)
    steps = Table("step, in this process", "fastest tenth, µs", "median, µs")
    found = {
        name: both(stages.taken[name])
        for name in ["app and middlewares", *(name for name, _, _ in STEPS)]
    }
    for name, pair in found.items():
        steps.add_row(name, *_words(pair))
    steps.add_section()
    steps.add_row("all of these", *_words(tuple(map(sum, zip(*found.values(), strict=True)))))
    console.print(steps)
    beside = Table("beside, µs", "fastest tenth", "median")
    for title, ways in ("over HTTP", whole), ("the statement alone", bare):
        for name, pair in ways.items():
            beside.add_row(f"{title}: {name}", *_words(pair))
        ratios = (
            f"{ours / floor:.2f}" for ours, floor in zip(ways["ours"], ways["F3"], strict=True)
        )
        beside.add_row("ours ÷ F3", *ratios)
        beside.add_section()
    console.print(beside)
    console.print(f"load {before:.1f} to {os.getloadavg()[0]:.1f}")


def _words(times: Sequence[float]) -> Iterator[str]:
    return (f"{each:,.0f}" for each in times)


def _cold(loaded: Loaded) -> Loaded:
    """The same, with answers not kept."""
    instance = loaded.instance
    settings = replace(instance.settings, answer_cache=0)
    return loaded._replace(instance=replace(instance, settings=settings))


if __name__ == "__main__":
    main()
