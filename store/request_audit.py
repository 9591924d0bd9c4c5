"""The audit of requests: each request id that was used, against the events that it recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from domain.canonical import EntryDigest
from domain.codec import decode
from domain.record import BATCH
from store.sql import queries

SQL = queries("store", "audit.sql")
TAG = "request:"


class RequestAudit:
    """Takes the events of the log in order; says which requests were changed or deleted.

    The digest of a request is that of all entries that it sent. Where none of them was unchanged,
    that is the digest of those recorded. Where some were, the log does not have them, and only a
    digest that should not be equal shows a change.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._cursor = connection.cursor(name="audited_requests")
        self._cursor.itersize = 2_000
        self._cursor.execute(SQL["requests_kept"])
        self._next = next(self._cursor, None)
        self._open: dict[str, tuple[EntryDigest, int]] = {}
        """request id → the digest of its events so far, and how many they are"""

    def take(
        self, position: int, event: tuple[str, bytes, Sequence[str]]
    ) -> Iterator[tuple[int, str]]:
        """The next event: what is wrong with the requests that end up to it."""
        stored_type, data, tags = event
        for tag in tags:
            if tag.startswith(TAG):
                digest, count = self._open.get(tag, (EntryDigest(), 0))
                try:
                    digest.take(decode(position, stored_type, data).entry)
                except (TypeError, ValueError):
                    count -= 1  # the audit of the log names it; its request can't be checked
                self._open[tag] = digest, count + 1
        while self._next is not None and self._next[2] <= position:
            yield from self._check(*self._next)
            self._next = next(self._cursor, None)

    def end(self) -> Iterator[tuple[int | None, str]]:
        """What is left: events whose request is gone. An import of more than one transaction that
        was cut short has whole batches of events and no request."""
        self._cursor.close()
        for tag, (_, count) in self._open.items():
            if count % BATCH or not count:
                yield None, f"the request {tag.removeprefix(TAG)!a} of {count} events is gone"

    def _check(
        self, request: str, digest: bytes, position: int, recorded: int, unchanged: int
    ) -> Iterator[tuple[int, str]]:
        found, count = self._open.pop(TAG + request, (None, 0))
        if found is None or count != recorded:
            return  # named with the counts
        if (found.digest() == digest) is not (unchanged == 0):
            yield position, f"the request {request!a} is not as it was kept"
