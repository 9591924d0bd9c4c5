"""The embedded PostgreSQL as its users see it: enter, connect, leave.

A user holds a shared lock on `users.lock`; the supervisor (store/supervisor.py) an exclusive one
on `supervisor.lock`. The kernel drops both with their process, so no file has to be believed.
Nothing here starts or stops PostgreSQL itself, and psycopg is imported only to connect, since
the supervisor imports this module too.
"""

from __future__ import annotations

import hashlib
import os
import select
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

if sys.platform != "win32":
    import fcntl

SUPERVISOR_LOCK, USERS_LOCK = "supervisor.lock", "users.lock"
CLUSTER, LOG = "postgres", "postgresql.log"
DATABASE = OWNER = "sijill"
HERE = "/proc/self/cwd"
"""What a server calls its folder when it can't walk the path to it (see store/supervisor.py)."""

SOCKET_BYTES = 100
"""The longest socket path used: sun_path holds 104 bytes on macOS, 108 on Linux."""
WORDS_AFTER, WORDS_EVERY = 3.0, 30.0
"""Seconds of waiting before a message, and from one message to the next."""
PATIENCE = 300.0
"""Seconds without any answer from a server; one that says it is recovering is waited for."""
KEEP_EVERY, KEEP_AT_MOST = 0.5, 30.0
"""Seconds between two looks at the supervisor, and the longest pause after failures."""


class Unreachable(Exception):
    """Something that the program needs can't be reached: what it is, and what to do."""


def default_data_dir() -> Path:
    """The data folder when SIJILL_DATA is not set.

    It is the platform's folder for a user's data. Root's is /var/lib/sijill, since the account
    that PostgreSQL runs under can't reach a folder beneath /root.
    """
    if sys.platform != "win32" and os.geteuid() == 0:
        return Path("/var/lib/sijill")
    import platformdirs

    return Path(platformdirs.user_data_dir("sijill", appauthor=False))


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
            _own(self.data)
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
            _link(self.data)

    def _register(self) -> None:
        """Waits while a supervisor is on its way out: it holds the users' lock until its end."""
        wait = _Wait(self._say, "The database is being stopped; waiting to start it again")
        while (users := take(self.data / USERS_LOCK)) is None:
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
        _link(self.data)
        wait = _Wait(self._say, "Waiting for the database")
        supervisor: _Supervisor | None = None
        silent_since = time.monotonic()
        try:
            while not self._left.is_set():
                if supervisor is None and not supervised(self.data):
                    supervisor = _Supervisor(self.data)
                if self._answers():
                    return
                if recovering := "the database system is" in self._why:
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
        import psycopg

        try:
            with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError as error:
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
        if not select.select([self._pipe], [], [], seconds)[0]:
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


def take(path: Path, *, alone: bool = False) -> int | None:
    """A lock on the file, shared or alone, until its descriptor is closed; None if it is taken."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), os.stat(path)):  # not of a folder since replaced
            return lock
    except BlockingIOError:
        pass
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None


def supervised(data: Path) -> bool:
    """Whether a supervisor of this data folder lives."""
    lock = take(data / SUPERVISOR_LOCK)
    if lock is not None:
        os.close(lock)
    return lock is None


def alias(data: Path) -> Path | None:
    """A short path to the cluster, for a socket's path has a limit; None when it isn't needed."""
    cluster = data / CLUSTER
    if len(os.fsencode(cluster / ".s.PGSQL.5432")) < SOCKET_BYTES:
        return None
    root = os.geteuid() == 0 and os.access("/run", os.W_OK)
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path("/run" if root else "/tmp") / f"sijill-{os.geteuid()}-{name}" / CLUSTER


def _link(data: Path) -> None:
    """Makes the alias: a link in a folder that is ours alone. Raises Unreachable."""
    link = alias(data)
    if link is None or (os.path.islink(link) and _private(link.parent)):
        return
    with suppress(FileExistsError):
        link.parent.mkdir(mode=0o700)
    if not _private(link.parent):
        raise Unreachable(
            f"{link.parent} is not a private folder of this user's: remove it, or set SIJILL_DATA "
            "to a shorter path."
        )
    with suppress(FileExistsError):
        link.symlink_to(data / CLUSTER)


def _private(folder: Path) -> bool:
    there = folder.lstat()
    return (
        stat.S_ISDIR(there.st_mode) and there.st_uid == os.geteuid() and not there.st_mode & 0o077
    )


def _own(data: Path) -> None:
    """Makes the data folder, or checks that it is this user's. Nothing above it is changed."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        data.mkdir(mode, parents=True)
        data.chmod(mode)  # whatever the umask
    except FileExistsError:
        there = data.stat()
        if not stat.S_ISDIR(there.st_mode):
            raise
        if there.st_uid != os.geteuid():
            raise Unreachable(
                f"The data folder {data} belongs to another user (id {there.st_uid}): run Sijill "
                "as that user, or set SIJILL_DATA to a folder of your own."
            ) from None
        if there.st_mode & 0o002:
            raise Unreachable(
                f"Everybody may write to the data folder {data}: close it (chmod o-w), or set "
                "SIJILL_DATA to a folder of your own."
            ) from None
        if mode == 0o711 and not any(data.iterdir()):
            data.chmod(mode)


def _to_stderr(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
