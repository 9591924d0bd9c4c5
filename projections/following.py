"""Followers that keep the projections up to date while a server runs, and tell it how far they are.

`Follower` is a thread. `Beside` is a process of its own, so that what is projected takes nothing of
the time of Python that the server answers in: `python -m projections.following`, whose input ends
with the server, and whose output is what it tells, a line of JSON each.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self, TextIO

import psycopg

from projections.follow import Memory, Poison, catch_up
from store.apart import program
from store.database import BY_INDEX, FOLLOWER, Database
from store.recorder import CHANNEL

Say = Callable[[str], None]
STOP_WITHIN = 10
"""Seconds for what is being projected."""
MANY_OBJECTS = 50_000
"""Events have no cycles: they are looked for once there are so many new objects."""


class Following(ABC):
    """What follows while the block runs, and tells those who wait for it how far it has come."""

    def __init__(self, database: Database, say: Say = lambda words: None) -> None:
        self._database = database
        self._say = say
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._told = threading.Condition()
        self._is_following = False
        self._position = 0
        self._poison: Poison | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopping.set()
        self._thread.join(STOP_WITHIN)

    @abstractmethod
    def _run(self) -> None:
        """Follow until it is to stop."""

    def reach(self, position: int, within: float) -> int | None:
        """Wait until a position is projected, and return the one that is; None if it can't be, or
        not in so many seconds.

        Raises Poison where the projections have stopped before it.
        """

        def is_over() -> bool:
            return self._position >= position or self._poison is not None or not self._is_following

        with self._told:
            self._told.wait_for(is_over, within)
            if self._position < position and (poison := self._poison) is not None:
                raise Poison(poison.position, poison.why)
            return self._position if self._position >= position else None

    def _tell(
        self,
        position: int | None = None,
        poison: Poison | None = None,
        *,
        is_following: bool = True,
    ) -> None:
        """What whoever waits in `reach` must know."""
        with self._told:
            self._position = self._position if position is None else position
            self._poison = poison
            self._is_following = is_following
            self._told.notify_all()


class Follower(Following):
    """A thread that follows."""

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                # A crash may take back what was projected last: then it is projected again.
                with self._database.connect(
                    FOLLOWER, synchronous_commit="off", **BY_INDEX
                ) as connection:
                    connection.execute(f"LISTEN {CHANNEL}".encode())
                    self._follow(connection)
            except Exception as error:  # a server that restarts: try again until it is there
                self._tell(is_following=False)
                self._say(f"the follower waits for the database: {error}")
                self._stopping.wait(1)
        self._tell(is_following=False)

    def _follow(self, connection: psycopg.Connection[Any]) -> None:
        """Catch up whenever the log says that it has grown, and once a second all the same."""
        memory = Memory()
        while not self._stopping.is_set():
            try:
                catch_up(connection, memory=memory, seen=self._tell)
            except Poison as poison:
                self._tell(None, poison)
                self._say(str(poison))
                self._stopping.wait(5)
            for _ in connection.notifies(timeout=1, stop_after=1):
                pass


class Beside(Following):
    """A process that follows, and that is started again should it end before it is to."""

    def __init__(self, database: Database, say: Say = lambda words: None) -> None:
        super().__init__(database, say)
        self._starting = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

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
        """Start the process and listen to it to its end: its status."""
        with self._starting:
            if self._stopping.is_set():
                return 0
            self._process = process = subprocess.Popen(
                program("projections.following"),
                env={**os.environ, "SIJILL_DATABASE_URL": self._database.url},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is for the server, which ends it
            )
        try:
            with process:
                assert process.stdout is not None
                for line in process.stdout:
                    self._heard(json.loads(line))
        finally:
            self._tell(is_following=False)
        return process.returncode

    def _heard(self, told: Any) -> None:
        if isinstance(told, str):
            self._say(told)
        else:
            position, poison, is_following = told
            self._tell(position, poison and Poison(*poison), is_following=is_following)


class _Telling(Follower):
    """The follower in its process, which tells what it would be asked for."""

    def __init__(self, database: Database, output: TextIO) -> None:
        super().__init__(database, self._write)
        self._output = output

    def _tell(
        self,
        position: int | None = None,
        poison: Poison | None = None,
        *,
        is_following: bool = True,
    ) -> None:
        self._write((position, poison and (poison.position, poison.why), is_following))

    def _write(self, told: Any) -> None:
        self._output.write(json.dumps(told) + "\n")
        self._output.flush()


def main() -> None:
    """Follow until the input ends, as it does with the server."""
    gc.set_threshold(MANY_OBJECTS, 20, 20)
    gc.freeze()
    database = Database(os.environ["SIJILL_DATABASE_URL"])
    with _Telling(database, sys.stdout):
        sys.stdin.read()


if __name__ == "__main__":
    main()
