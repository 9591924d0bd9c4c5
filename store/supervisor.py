"""One supervisor a data folder: it owns the embedded PostgreSQL, and ends after its last user.

`python -m store.supervisor DATA`, started by store.embedded. PostgreSQL is its child and stops
when it dies by any means; users are counted by their shared lock (store/datafolder.py). It has
one thread: Linux's parent-death signal speaks of the thread that forked.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType

from domain.errors import Unreachable
from store.cluster import ON_LINUX, Cluster
from store.datafolder import LOG, SUPERVISOR_LOCK, USERS_LOCK, take, unlink

POLL, GRACE = 0.25, 1.5
"""Seconds between two looks at the users, and without any until we stop."""
STOP_WITHIN, STOP_AT_ONCE_WITHIN = 120.0, 10.0
"""Seconds for a fast shutdown with its checkpoint; then for an immediate one, safe as well."""
BACKENDS_QUIT_AFTER, BACKENDS_KILLED_AFTER, POSTMASTER_GONE_WITHIN = 1.0, 5.0, 240.0
"""Seconds given to what an earlier server left running."""
FAILURES, SETTLED = 8, 60.0
"""Ends in a row after which we give up, and seconds of running that start the count anew."""
LOG_BYTES = 8 << 20


def main() -> int:
    data = Path(sys.argv[1])
    if os.fork():  # the user that started us waits for this process, not for the supervisor
        return 0
    os.umask(0o077)
    try:
        deadline = time.monotonic() + 1  # users see whether it is held by taking it for a moment
        while (lock := take(data / SUPERVISOR_LOCK, alone=True, make=True)) is None:
            if time.monotonic() > deadline:
                return 0
            time.sleep(0.01)
        Supervisor(data, lock).run()
    except (Unreachable, OSError) as error:
        _tell(data, "refused", str(error))
        return 3
    except Exception:
        _log(data, traceback.format_exc())
        raise
    return 0


class Supervisor:
    """What runs for one data folder while we hold its lock."""

    def __init__(self, data: Path, lock: int) -> None:
        self.data = data
        self._lock = lock
        self._told_to_stop = False
        self._idle_since: float | None = None
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_was_asked)
        for number in (signal.SIGCHLD, signal.SIGHUP):
            signal.signal(number, lambda *_: None)

    def run(self) -> None:
        """Returns when PostgreSQL is no longer wanted, and has stopped. Raises Unreachable."""
        self.cluster = Cluster.of(self.data)
        os.chdir("/")
        if not self.cluster.exists():
            self.cluster.make()
        failures = 0
        while self._strays_have_gone() and not self._unwanted():
            began = time.monotonic()
            if self._served_to_the_end() or self._unwanted():
                break
            failures = 1 if time.monotonic() - began > SETTLED else failures + 1
            words = f"PostgreSQL has ended by itself ({self._last_words()})"
            if failures == FAILURES:
                raise Unreachable(
                    f"{words}, {failures} times in a row: see {self.data / LOG} for the reason."
                )
            delay = 0.1 * 2**failures
            _tell(self.data, "say", f"{words}; starting it again in {delay:.1f} s")
            self._pause(delay)
        unlink(self.data)

    def _served_to_the_end(self) -> bool:
        """True when PostgreSQL was stopped since nobody wants it, False when it ended by itself."""
        log = os.open(
            self.data / LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600
        )
        postgres = self.cluster.start(log)
        os.close(log)
        dog = None if ON_LINUX else watchdog(postgres.pid)
        try:
            while postgres.poll() is None:
                if self._unwanted():
                    return True
                self._bound_log()
                self._pause(POLL)
            return False
        finally:
            self._stop(postgres)
            if dog and dog.stdin:
                dog.kill()
                dog.wait()
                dog.stdin.close()

    def _stop(self, postgres: subprocess.Popen[bytes]) -> None:
        steps = [(signal.SIGQUIT, STOP_AT_ONCE_WITHIN), (signal.SIGKILL, STOP_AT_ONCE_WITHIN)]
        if self._folder_is_there():
            steps.insert(0, (signal.SIGINT, STOP_WITHIN))
        for number, seconds in steps:
            if postgres.poll() is not None:
                return
            self.cluster.kill([postgres.pid], number)
            with suppress(subprocess.TimeoutExpired):
                postgres.wait(seconds)

    def _unwanted(self) -> bool:
        """Whether to stop. The lock that says "no users" is then kept, and newcomers wait."""
        if self._told_to_stop or not self._folder_is_there():
            return True
        try:
            users = take(self.data / USERS_LOCK, alone=True)
        except FileNotFoundError:  # somebody is removing the folder
            return True
        if users is None:
            self._idle_since = None
            return False
        if self._idle_since is None:
            self._idle_since = time.monotonic()
        if time.monotonic() - self._idle_since >= GRACE:
            return True
        os.close(users)
        return False

    def _strays_have_gone(self) -> bool:
        """Waits for what an earlier server left running, then removes the files it left.

        False when told to stop meanwhile. Raises Unreachable when a postmaster stays.
        """
        began, told = time.monotonic(), 0.0
        while strays := self.cluster.processes():
            waited = time.monotonic() - began
            if postmasters := [pid for pid, postmaster in strays.items() if postmaster]:
                if waited > POSTMASTER_GONE_WITHIN:
                    raise Unreachable(
                        f"A PostgreSQL that this program did not start runs in "
                        f"{self.cluster.folder}: stop it (kill -INT {postmasters[0]}), then try "
                        "again."
                    )
            elif waited > BACKENDS_KILLED_AFTER:
                self.cluster.kill(list(strays), signal.SIGKILL)
            elif waited > BACKENDS_QUIT_AFTER:  # as their postmaster would, were it alive
                self.cluster.kill(list(strays), signal.SIGQUIT)
            if waited - told > 3:
                told = waited
                _tell(self.data, "say", f"Waiting for an earlier server to end ({waited:.0f} s) …")
            self._pause(0.05)
            if self._told_to_stop:
                return False
        self.cluster.tidy()
        return True

    def _folder_is_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._lock), (self.data / SUPERVISOR_LOCK).stat())
        except FileNotFoundError:
            return False

    def _pause(self, seconds: float) -> None:
        """Sleeps, but not through a signal: the end of PostgreSQL, or a wish that we stop."""
        if select.select([self._woken], [], [], seconds)[0]:
            self._woken.recv(4096)

    def _stop_was_asked(self, number: int, frame: FrameType | None) -> None:
        self._told_to_stop = True

    def _bound_log(self) -> None:
        log = self.data / LOG
        with suppress(FileNotFoundError):
            if log.stat().st_size > LOG_BYTES:  # PostgreSQL keeps it open, and appends
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)

    def _last_words(self) -> str:
        with (self.data / LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
            lines = log.read().decode(errors="replace").splitlines()
        telling = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
        return (telling or lines or ["without a word"])[-1]


def watchdog(pid: int) -> subprocess.Popen[bytes]:
    """Interrupts the process when we die, where the kernel has no signal for that."""
    code = "import os, sys; os.read(0, 1); os.kill(int(sys.argv[1]), 2)"
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code, str(pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _tell(data: Path, kind: str, words: str) -> None:
    """Tells the user that started us, while it listens, and the log."""
    with suppress(OSError):
        os.write(1, f"{kind} {' '.join(words.split())}\n".encode())
    _log(data, words)


def _log(data: Path, words: str) -> None:
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    with suppress(OSError):
        log = os.open(data / LOG, os.O_WRONLY | os.O_APPEND)  # not made: it may be being removed
        os.write(log, f"{when} supervisor: {words}\n".encode())
        os.close(log)


if __name__ == "__main__":
    sys.exit(main())
