"""Metrics for Prometheus: a registry for each app, so that two in a process don't mix."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import Reader
from api.graphql.errors import codes, failure
from api.loop_watch import LoopWatch
from projections import lookup

METHODS: Final = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}


class Metrics:
    """What is counted while an app runs."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "sijill_http_requests", "Requests answered.", ["route", "method", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "sijill_http_request_seconds", "How long requests took.", ["route"],
            registry=self.registry,
        )  # fmt: skip
        self.errors = Counter(
            "sijill_graphql_errors", "Errors in answers, by code.", ["code"],
            registry=self.registry,
        )  # fmt: skip
        self.refused_statements = Counter(
            "sijill_refused_statements",
            "Statements of plans that PostgreSQL refused; the resolvers answered instead.",
            registry=self.registry,
        )
        self._events = self._gauge("log_events", "Events in the log.")
        self._head = self._gauge("log_head_position", "Position of the last event of the log.")
        self._projected = self._gauge("projected_position", "How far the log is projected.")
        self._lag = self._gauge("projection_lag_events", "Events that are not projected yet.")
        self._stopped = self._gauge(
            "projections_stopped", "1 if the projections stopped at an event they can't read."
        )
        self.loop = LoopWatch()
        self._gauge(
            "event_loop_longest_stop_seconds",
            "How long the event loop stood still at the longest, in the last minute or two.",
        ).set_function(lambda: self.loop.longest)
        self._up = self._gauge("database_up", "1 if the database answers.")
        self._counted = (0, 0)
        self._labelled: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(f"sijill_{name}", words, registry=self.registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request. What counts such ones is looked up once: that costs as much again."""
        found = self._labelled.get((route, method, status))
        if found is None:
            found = self.requests.labels(route, method, str(status)), self.seconds.labels(route)
            self._labelled[route, method, status] = found
        found[0].inc()
        found[1].observe(seconds)

    def saw(self, errors: Iterable[Mapping[str, Any]]) -> None:
        """Count the errors of an answer."""
        for code in codes(errors):
            self.errors.labels(code).inc()

    async def text(self, reader: Reader) -> bytes:
        """All of it, with the log and the projections as they stand."""
        try:
            async with reader() as connection:
                # The log only grows: what was counted before stays counted.
                events, head = self._counted
                more, head = await lookup.growth(connection, head)
                self._counted = events + more, head
                seen = await lookup.progress(connection)
                self._lag.set(await lookup.behind(connection))
        except Exception as error:
            failure(error)
            self._up.set(0)
        else:
            self._up.set(1)
            self._events.set(self._counted[0])
            self._head.set(head)
            self._projected.set(seen.position)
            self._stopped.set(seen.stopped_at is not None)
        return generate_latest(self.registry)


async def metrics(request: Request) -> Response:
    """GET /metrics"""
    state = request.app.state
    return Response(
        await state.metrics.text(state.reader), headers={"content-type": CONTENT_TYPE_LATEST}
    )


class Observed:
    """ASGI middleware: counts and times every request, by the routes that the app has."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, routes: Iterable[str]) -> None:
        self.app = app
        self.metrics = metrics
        self.routes = frozenset(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self.app(scope, receive, watched)
        finally:
            route = scope["path"] if scope["path"] in self.routes else "other"
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.metrics.answered(route, method, status, time.perf_counter() - began)
