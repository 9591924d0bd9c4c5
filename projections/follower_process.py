"""Followers that keep the projections up to date while a server runs.

`Follower` is a thread. `FollowerProcess` is a process of its own, which takes nothing of the Python
time that the server answers in: `python -m projections.follower_process`. It ends when its input
ends, and so with the server. The database alone tells how far the projections have come: each step
sends a notification, and each second brings a report in `progress`.
"""

from __future__ import annotations

import gc
import os
import selectors
import socket
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self

import psycopg

from projections.follower import LOG, Memory, Poison, catch_up
from projections.rows import SQL
from store.database import BY_INDEX, FOLLOWER, Database
from store.sandbox import program

Say = Callable[[str], None]
STOP_WITHIN = 10
"""Seconds for what is being projected."""
LOOK_EVERY = 1.0
"""Seconds after which it looks and reports, whether or not it heard of anything."""
MANY_OBJECTS = 1_000_000
"""New objects after which Python searches for cycles: events have none, and the search takes a
tenth of the time at every 50,000."""


class Following(ABC):
    """What follows while the block runs."""

    def __init__(self, database: Database, say: Say = lambda words: None) -> None:
        self._database = database
        self._say = say
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopping.set()
        self._thread.join(STOP_WITHIN)

    @abstractmethod
    def _run(self) -> None:
        """Follow until it is to stop."""


class Follower(Following):
    """A thread that follows."""

    def __enter__(self) -> Self:
        self._waking, self._woken = socket.socketpair()
        return super().__enter__()

    def __exit__(self, *exc: object) -> None:
        self._stopping.set()
        self._waking.close()  # the other end can be read from then on
        super().__exit__(*exc)
        self._woken.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                # A crash may take back what was projected last: then it is projected again.
                with self._database.connect(
                    FOLLOWER, synchronous_commit="off", **BY_INDEX
                ) as connection:
                    connection.execute(LOG["listen"])
                    self._follow(connection)
            except Exception as error:  # a server that restarts: try again until it is there
                self._say(f"the follower waits for the database: {error}")
                self._stopping.wait(1)

    def _follow(self, connection: psycopg.Connection[Any]) -> None:
        """Catch up whenever the log says that it has grown, and now and then all the same."""
        memory, before, said = Memory(), -1, ""
        while not self._stopping.is_set():
            try:
                position = catch_up(connection, memory=memory)
            except Poison as poison:
                position = before
                if str(poison) != said:
                    self._say(str(poison))
                said = str(poison)
                self._stopping.wait(1)
            if position == before:  # else it has reported with what it projected
                connection.execute(SQL["report"])
            before = position
            # What came while it projected is told at once, and by no socket any more.
            if not any(True for _ in connection.notifies(timeout=0)):
                self._wait(connection)

    def _wait(self, connection: psycopg.Connection[Any]) -> None:
        """Wait for word from the database, for LOOK_EVERY, or to be ended."""
        with selectors.DefaultSelector() as selector:
            for each in (connection, self._woken):
                selector.register(each, selectors.EVENT_READ)
            selector.select(LOOK_EVERY)


class FollowerProcess(Following):
    """A process that follows, and that is started again should it end before it is to."""

    def __init__(self, database: Database, say: Say = lambda words: None) -> None:
        super().__init__(database, say)
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def __exit__(self, *exc: object) -> None:
        with self._starting:
            self._stopping.set()
            if self._process is not None:
                assert self._process.stdin is not None
                self._process.stdin.close()
        super().__exit__(*exc)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                status = self._follow()
            except OSError as error:
                self._say(f"the follower can't be started: {error}")
            else:
                if not self._stopping.is_set():
                    self._say(f"the follower has ended by itself ({status}); starting it again")
            self._stopping.wait(1)

    def _follow(self) -> int:
        """Start the process and wait for its end: its status."""
        with self._starting:
            if self._stopping.is_set():
                return 0
            self._process = process = subprocess.Popen(
                program("projections.follower_process"),
                env={**os.environ, "SIJILL_DATABASE_URL": self._database.url},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the server, which ends it
            )
        with process:
            return process.wait()


def main() -> None:
    """Follow until the input ends, as it does with the server."""
    gc.set_threshold(MANY_OBJECTS, 20, 20)
    gc.freeze()
    database = Database(os.environ["SIJILL_DATABASE_URL"])
    with Follower(database, lambda words: print(words, file=sys.stderr, flush=True)):
        sys.stdin.read()


if __name__ == "__main__":
    main()
