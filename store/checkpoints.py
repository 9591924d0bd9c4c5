"""Signed tree heads of the log: made once the new events were read and hashed again, then kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg import IsolationLevel

from domain.checkpoint import Checkpoint, Signer, VerifierKey, open_checkpoint, sign_checkpoint
from domain.errors import Refused
from domain.merkle import Frontier
from store.database import WRITER, Database
from store.sql import only_row
from store.tree import SQL, frontier_at, stored_hash

EVERY = 10.0
"""Seconds between the checkpoints of a log that grows."""
STEP, REST = 50, 0.001
"""So many events a server hashes before it rests for so many seconds: with a log to hash that was
never signed, others of the process would wait for it at every turn."""


class Signed(NamedTuple):
    """A tree head and the note by which the log's key states it."""

    size: int
    root: bytes
    note: str


def log_differs(words: str) -> Refused:
    """The log is not what it was signed as."""
    return Refused(
        "LOG_DIFFERS",
        f"{words}. Nothing is recorded or signed on top of it: see `sijill verify`, and restore "
        "the newest copy.",
    )


@contextmanager
def snapshot(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """A transaction that sees the database as it stands now, throughout."""
    before = connection.isolation_level
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with connection.transaction():
            yield
    finally:
        if not connection.closed:
            connection.isolation_level = before


def latest(connection: psycopg.Connection[Any], log: VerifierKey) -> Signed | None:
    """The last checkpoint that was signed. Refused where `open_checkpoint` refuses."""
    row = connection.execute(SQL["latest_checkpoint"]).fetchone()
    if row is None:
        return None
    size, note = row
    head = open_checkpoint(note, log).head
    if head.size != size:
        raise log_differs(f"The checkpoint kept for {size} events is one for {head.size}")
    return Signed(head.size, head.root, note)


def sign_now(
    connection: psycopg.Connection[Any], signer: Signer, rest: Callable[[], None] = lambda: None
) -> Signed:
    """Sign the log as it stands, or give the last checkpoint if it has not grown.

    `rest` is called every STEP events. Refused as LOG_DIFFERS where the log is not a continuation
    of what was signed, or an event does not hash to its leaf.
    """
    with snapshot(connection):
        last = latest(connection, signer.verifier)
        frontier = _since(connection, last)
        size, _, peaks = only_row(connection.execute(SQL["head"]))
        if last is not None and size == last.size and peaks == frontier.peaks:
            return last
        take_in(connection, frontier, size, rest)
        if frontier.peaks != peaks:
            raise log_differs("The head of the tree is not that of its leaves")
        head = Checkpoint(signer.verifier.name, size, frontier.root())
        note = sign_checkpoint(head, signer)
        connection.execute(SQL["keep_checkpoint"], {"size": size, "note": note})
        return Signed(size, head.root, note)


def _since(connection: psycopg.Connection[Any], last: Signed | None) -> Frontier:
    """The tree of the last checkpoint, if the leaves still lead to its root."""
    if last is None:
        return Frontier()
    try:
        frontier = frontier_at(connection, last.size)
    except (LookupError, ValueError):
        raise log_differs(f"The log is shorter than its checkpoint of {last.size} events") from None
    if frontier.root() != last.root:
        raise log_differs(f"The log differs from its checkpoint of {last.size} events")
    return frontier


def take_in(
    connection: psycopg.Connection[Any],
    frontier: Frontier,
    until: int,
    rest: Callable[[], None] = lambda: None,
) -> None:
    """Read and hash the events of the next leaves again, and append them to the frontier."""
    with connection.cursor(name="leaves") as cursor:
        cursor.itersize = 10 * STEP
        cursor.execute(SQL["leaves_from"], {"first": frontier.size, "until": until})
        for index, position, leaf, stored_type, data, tags in cursor:
            if index != frontier.size:
                break
            if stored_type is None:
                raise log_differs(f"The event at position {position} is gone")
            if stored_hash(stored_type, data, tags, position) != leaf:
                raise log_differs(f"The event at position {position} is not as it was recorded")
            frontier.append(leaf)
            if frontier.size % STEP == 0:
                rest()
    if frontier.size != until:
        raise log_differs(f"The tree has no leaf {frontier.size}, but ends at {until}")


class Signing:
    """A thread that signs the log while a server runs, whenever it has grown."""

    def __init__(
        self,
        database: Database,
        signer: Callable[[], Signer],
        say: Callable[[str], None],
        every: float = EVERY,
        remember: Callable[[psycopg.Connection[Any], str], None] = lambda connection, note: None,
    ) -> None:
        """`remember` keeps each checkpoint elsewhere, too."""
        self._database, self._signer, self._remember = database, signer, remember
        self._say, self._every = say, every
        self._said = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signing", daemon=True)

    def __enter__(self) -> Signing:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._database.connect(WRITER) as connection:
                    self._sign_as_it_grows(connection)
            except Exception as error:  # whatever it is, the server goes on and says it once
                if self._stopping.is_set():
                    return
                words = f"no checkpoint is signed: {error}"
                if words != self._said:
                    self._say(words)
                self._said = words
                self._stopping.wait(self._every)

    def _rest(self) -> None:
        if self._stopping.wait(REST):
            raise InterruptedError("the server stops")

    def _sign_as_it_grows(self, connection: psycopg.Connection[Any]) -> None:
        signed = 0
        while not self._stopping.is_set():
            row = only_row(connection.execute(SQL["head"]))
            if row[0] > signed:
                made = sign_now(connection, self._signer(), self._rest)
                self._remember(connection, made.note)
                signed, self._said = made.size, ""
            self._stopping.wait(self._every)
