"""Where the time of one answer goes: python -m benchmarks.stages [--members 90].

The same answer is timed over HTTP beside F2 and F3, in turns; then in this process, where each step
of it is timed from within; then its statement alone, beside F3's, on one connection. Medians, in
microseconds. What steps take together and what HTTP takes differ by the server, both sockets and
the client, which F2 has too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
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
from api.graphql import http, planned, run
from api.graphql.context import Operation
from benchmarks import servers
from benchmarks.figures import Way, in_turns, timed
from benchmarks.floors import ANSWER
from benchmarks.generator import Size
from benchmarks.ground import Ground, Loaded, ground
from benchmarks.load import request
from benchmarks.question import DOCUMENT, Question, parameters
from benchmarks.reading import CACHE_OFF, asked

STEPS: list[tuple[str, Any, str]] = [
    ("read the request, answer", served, "graphql"),
    ("parse the body", http, "parse_json"),
    ("document: characters, cache, cost", run, "prepare"),
    ("plan and parameters", planned, "ask"),
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
        (b"content-length", str(len(body)).encode()),
        (b"accept", b"application/json"),
    ]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

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


def over_http(here: Ground, loaded: Loaded, question: Question, rounds: int) -> dict[str, float]:
    """Medians in microseconds over HTTP, of ours, F3 and F2."""
    ready = here.folder / "ready"
    ready.mkdir()
    ours = here.sijill(loaded, **CACHE_OFF)
    (ready / "it").write_bytes(asked(ours, question))
    with servers.app(
        "benchmarks.floors:app", loaded.instance.database.url, here.folder, BENCH_READY=str(ready)
    ) as floors:
        body = question.body()
        ways: dict[str, Way] = {
            name: here.load.latencies(url, request(url, sent), 10)
            for name, url, sent in (
                ("ours", ours, body),
                ("F3", f"{floors}/answer", body),
                ("F2", f"{floors}/ready/it", None),
            )
        }
        return {name: each.median * 1e3 for name, each in in_turns(ways, rounds).items()}


def statements(loaded: Loaded, question: Question, rounds: int) -> dict[str, float]:
    """Medians in microseconds of the statement and of F3's, on one connection, and executed."""
    with psycopg.connect(
        loaded.instance.database.url,
        autocommit=True,
        **run.session(loaded.instance.database),
    ) as connection:
        it = asyncio.run(_asked(loaded, question))
        raw = psycopg.RawCursor(connection)

        def ours() -> None:
            raw.execute(it.plan.statement, it.parameters, prepare=True, binary=True).fetchone()

        def floor() -> None:
            given = parameters(question.variables())
            connection.execute(ANSWER.encode(), given, prepare=True).fetchone()

        found = in_turns({"ours": timed(ours, 10), "F3": timed(floor, 10)}, rounds)
        return {name: each.median * 1e3 for name, each in found.items()}


async def _asked(loaded: Loaded, question: Question) -> planned.Asked:
    variables = question.variables()
    read = run.prepare(DOCUMENT, variables, None)
    assert not isinstance(read, list)
    definition = get_operation_ast(read.document)
    assert definition is not None
    async with Operation(run.access(loaded.instance)) as operation:
        found = await planned.ask(
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
    with ground(Console(stderr=True).print) as here:
        size = Size(2_000, (given.members,))
        with here.straight("stages", size) as loaded:
            before = os.getloadavg()[0]
            whole = over_http(here, loaded, question, given.rounds)
            stages = asyncio.run(_within(_cold(loaded), question.body(), given.rounds * 10))
            bare = statements(loaded, question, given.rounds)
    steps = Table("step, in this process", "µs")
    total = 0.0
    for name in ["app and middlewares", *(name for name, _, _ in STEPS)]:
        median = statistics.median(stages.taken[name])
        total += median
        steps.add_row(name, f"{median:,.0f}")
    steps.add_section()
    steps.add_row("all of these", f"{total:,.0f}")
    console.print(steps)
    beside = Table("beside", "ours", "F3", "F2", "ours ÷ F3")
    beside.add_row(
        "over HTTP, µs", *(f"{whole[name]:,.0f}" for name in ("ours", "F3", "F2")),
        f"{whole['ours'] / whole['F3']:.2f}",
    )  # fmt: skip
    beside.add_row(
        "the statement alone, µs", f"{bare['ours']:,.0f}", f"{bare['F3']:,.0f}", "",
        f"{bare['ours'] / bare['F3']:.2f}",
    )  # fmt: skip
    console.print(beside)
    console.print(f"load {before:.1f} to {os.getloadavg()[0]:.1f}")


def _cold(loaded: Loaded) -> Loaded:
    """The same, with answers not kept."""
    instance = loaded.instance
    settings = replace(instance.settings, answer_cache=0)
    return loaded._replace(instance=replace(instance, settings=settings))


if __name__ == "__main__":
    main()
