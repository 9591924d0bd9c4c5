"""The embedded PostgreSQL as its users see it: enter, connect, leave.

Nothing here starts or stops PostgreSQL itself: a supervisor does (store/supervisor.py), one for
each data folder, which is started here and found by its lock (store/datafolder.py).
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from domain.errors import Unreachable
from store.datafolder import (
    CLUSTER,
    DATABASE,
    HERE,
    LOG,
    OWNER,
    USERS_LOCK,
    alias,
    default_data_dir,
    link,
    own,
    supervised,
    take,
)
from store.sql import queries

__all__ = ["Embedded", "default_data_dir"]

SQL = queries("store", "embedded.sql")

WORDS_AFTER, WORDS_EVERY = 3.0, 30.0
"""Seconds of waiting before a message, and from one message to the next."""
PATIENCE = 300.0
"""Seconds without any answer from a server; one that says it is recovering is waited for."""
KEEP_EVERY, KEEP_AT_MOST = 0.5, 30.0
"""Seconds between two looks at the supervisor, and the longest pause after failures."""


class Embedded:
    """A running PostgreSQL 18 for a data folder, shared by all processes that enter it.

    `url` connects as the owner to the database `sijill`. While entered, a thread sees to it that
    a killed supervisor is replaced. Entering raises Unreachable.
    """

    def __init__(self, data: Path, *, say: Callable[[str], None] | None = None) -> None:
        self.data = Path(os.path.realpath(Path(data).expanduser()))
        self._say = say or _to_stderr
        self._users: int | None = None
        self._left = threading.Event()
        self._starting = threading.Lock()
        self._why = ""

    @property
    def url(self) -> str:
        return self.url_for(OWNER)

    def url_for(self, role: str) -> str:
        """The address for another role; the socket's folder is closed to other accounts."""
        folder = quote(str(alias(self.data) or self.data / CLUSTER), safe="")
        return f"postgresql://{quote(role, safe='')}@/{DATABASE}?host={folder}&port=5432"

    def __enter__(self) -> Embedded:
        if sys.platform == "win32":
            raise Unreachable(
                "The embedded database does not run on Windows: set SIJILL_DATABASE_URL to a "
                "PostgreSQL 18 server, or run Sijill under WSL."
            )
        self._left.clear()
        try:
            own(self.data)
            self._register()
            with self._starting:
                self._start()
        except OSError as error:
            self._leave()
            raise Unreachable(
                f"The data folder {self.data} can't be used ({error}): make it one that this "
                "user may write to, or set SIJILL_DATA to another."
            ) from error
        except BaseException:
            self._leave()
            raise
        self._keeper = threading.Thread(target=self._keep, name="sijill-embedded", daemon=True)
        self._keeper.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave()
        self._keeper.join(timeout=1)

    def ensure(self) -> None:
        """Makes sure that the server runs; microseconds when it does. Raises Unreachable."""
        with self._starting:
            if not supervised(self.data):
                self._start()
            link(self.data)

    def _register(self) -> None:
        """Waits while a supervisor is on its way out: it holds the users' lock until its end."""
        wait = _Wait(self._say, "The database is being stopped; waiting to start it again")
        while (users := take(self.data / USERS_LOCK, make=True)) is None:
            time.sleep(0.02)
            wait.look()
        self._users = users

    def _leave(self) -> None:
        self._left.set()
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _keep(self) -> None:
        pause = KEEP_EVERY
        while not self._left.wait(pause):
            try:
                self.ensure()
                pause = KEEP_EVERY
            except (Unreachable, OSError) as error:
                self._say(str(error))
                pause = min(pause * 4, KEEP_AT_MOST)

    def _start(self) -> None:
        """Starts a supervisor, or finds that another has, and waits until the server answers."""
        link(self.data)
        wait = _Wait(self._say, "Waiting for the database")
        supervisor: _Supervisor | None = None
        silent_since = time.monotonic()
        try:
            while not self._left.is_set():
                if supervisor is None and not supervised(self.data):
                    supervisor = _Supervisor(self.data)
                if self._answers():
                    return
                if recovering := _recovering(self._why):
                    silent_since = time.monotonic()
                if time.monotonic() - silent_since > PATIENCE:
                    raise Unreachable(
                        f"The database in {self.data} has not answered for {PATIENCE:.0f} seconds "
                        f"({self._why}): see {self.data / LOG}, then try again."
                    )
                wait.look("The database is recovering after a crash" if recovering else None)
                if supervisor is None:
                    time.sleep(0.03)
                elif supervisor.ended_after(0.03, self._say):
                    supervisor.close()
                    supervisor = None
        finally:
            if supervisor is not None:
                supervisor.close()

    def _answers(self) -> bool:
        """Whether the server of this very folder answers."""
        try:
            with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
                row = connection.execute(SQL["data_folder"]).fetchone()
        except psycopg.Error as error:
            self._why = " ".join(str(error).split())
            return False
        folder = str(row[0]) if row else ""
        self._why = f"the server there belongs to {folder}"
        return folder == HERE or os.path.realpath(folder) == str(self.data / CLUSTER)


class _Supervisor:
    """A supervisor that this process has started, as far as it is heard of: its words.

    It writes `say WORDS` or `refused WORDS` lines. The pipe ends with it, so also when another
    supervisor was faster. Closing this end doesn't disturb it.
    """

    def __init__(self, data: Path) -> None:
        environment = dict(os.environ)
        package = str(Path(__file__).resolve().parents[1])
        given = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{package}{os.pathsep}{given}" if given else package
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "store.supervisor", str(data)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout
        self._text = b""
        self._unexpected = b""

    def ended_after(self, seconds: float, say: Callable[[str], None]) -> bool:
        """Passes its words on for at most that long. Raises Unreachable when it refuses."""
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return False
        chunk = os.read(self._pipe.fileno(), 65536)
        *lines, self._text = (self._text + chunk).split(b"\n")
        for line in lines:
            kind, _, words = line.decode(errors="replace").partition(" ")
            if kind == "refused":
                raise Unreachable(words)
            if kind == "say":
                say(words)
            else:
                self._unexpected += line + b"\n"
        if not chunk and self._unexpected:
            words = self._unexpected.decode(errors="replace")
            raise Unreachable(f"The database's supervisor failed; report this as a bug:\n{words}")
        return not chunk

    def close(self) -> None:
        self._pipe.close()
        self._process.wait()


class _Wait:
    """Says that we wait, once it has taken a while, and then now and again."""

    def __init__(self, say: Callable[[str], None], words: str) -> None:
        self._say, self._words = say, words
        self._began = time.monotonic()
        self._next = WORDS_AFTER

    def look(self, words: str | None = None) -> None:
        waited = time.monotonic() - self._began
        if waited >= self._next:
            self._next = waited + WORDS_EVERY
            self._say(f"{words or self._words} ({waited:.0f} s) …")


def _recovering(refusal: str) -> bool:
    """Whether it is what a server says while it starts: starting up, not yet accepting, …"""
    return "the database system is" in refusal and "shutting down" not in refusal


def _to_stderr(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
