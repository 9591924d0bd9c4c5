"""The embedded PostgreSQL's cluster: how it is made, what its server is started with, what runs.

Nothing here stays running; that is the supervisor's (store/supervisor.py).
"""

from __future__ import annotations

import ctypes
import locale
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import Unreachable
from store.binaries import MAJOR, Account, account_for, acting_as, find, may_enter, within_reach
from store.datafolder import CLUSTER, DATABASE, HERE, OWNER
from store.sql import naming, queries

SQL = queries("store", "embedded.sql")
ON_LINUX = sys.platform == "linux"
SETTINGS = Path(__file__).with_name("postgresql.conf")
LEFTOVERS = ("postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock")
"""What a killed server leaves, and what the next would take for a running one."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster of a data folder, made or yet to be made."""

    data: Path
    account: Account | None
    programs: Path

    @classmethod
    def of(cls, data: Path) -> Cluster:
        """Raises Unreachable when no programs, or no account to run them, can be had."""
        account = account_for(data / CLUSTER)
        return cls(data, account, within_reach(find(), account, data))

    @property
    def folder(self) -> Path:
        return self.data / CLUSTER

    def exists(self) -> bool:
        """Raises Unreachable when there is one that these programs can't run."""
        if not self.folder.is_dir() or not any(self.folder.iterdir()):
            return False
        try:
            version = (self.folder / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            version = ""
        if not version:
            raise Unreachable(
                f"{self.folder} is neither empty nor a PostgreSQL cluster: move it away, or set "
                "SIJILL_DATA to another folder."
            )
        if version != str(MAJOR):
            raise Unreachable(
                f"{self.folder} was made by PostgreSQL {version}, and this is PostgreSQL {MAJOR}: "
                "upgrade it with pg_upgrade, or load a pg_dump of it into a new data folder."
            )
        return True

    def make(self) -> None:
        """Makes it, with its database, beside its place, and puts it there when it is whole."""
        new = self.data / f"{CLUSTER}.new"
        if new.exists():  # of a start that was cut off
            shutil.rmtree(new)
        new.mkdir(0o700)
        if self.account:
            os.chown(new, self.account.uid, self.account.gid)
        where = self._called(new)
        initdb = (str(self.programs / "initdb"), "-D", where)
        letters = (f"--locale={_locale()}", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        access = (f"--username={OWNER}", "--auth-local=trust", "--auth-host=reject")
        habits = ("--encoding=UTF8", "--data-checksums", "--no-instructions", "--no-sync")
        alone = ("--single", "-D", where, "-c", "fsync=off", "-c", "exit_on_error=on", "template1")
        create = naming(SQL["create_database"], database=DATABASE).as_string()
        self._run(new, [*initdb, *letters, *access, *habits])
        self._run(new, [str(self.programs / "postgres"), *alone], f"{create}\n")
        self._run(new, [*initdb, "--sync-only"])
        new.rename(self.folder)
        folder = os.open(self.data, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def start(self, log: int) -> subprocess.Popen[bytes]:
        """Its server, writing to an open file; it stops, fast and clean, when we die."""
        settings = self.data / "postgresql.conf.new"
        shutil.copyfile(SETTINGS, settings)
        settings.chmod(0o644)
        settings.rename(self.folder / SETTINGS.name)
        relied_on = ("-c", "unix_socket_directories=.", "-c", "port=5432")
        return subprocess.Popen(
            [str(self.programs / "postgres"), "-D", self._called(self.folder), *relied_on],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **self._as_child(self.folder, signal.SIGINT),
        )

    def kill(self, pids: list[int], number: signal.Signals) -> None:
        with acting_as(self.account):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def processes(self) -> dict[int, bool]:
        """The live processes of its server, however started, by pid; True for a postmaster.

        They are known by the folder that they work in, so that no pid file has to be believed,
        and neither a zombie nor another process with an old pid is taken for one. Without /proc
        only postmasters are found, by their command line.
        """
        if not os.path.isdir("/proc/self"):
            return dict.fromkeys(self._listed(), True)
        home = self.folder.stat()
        found = {}
        with acting_as(self.account):  # root in a container may not look where others' work
            for pid in filter(str.isdigit, os.listdir("/proc")):
                process = Path("/proc", pid)
                with suppress(OSError):  # it has ended, is a zombie, or is another account's
                    if (process / "comm").read_text() != "postgres\n":
                        continue
                    if os.path.samestat((process / "cwd").stat(), home):
                        command = (process / "cmdline").read_bytes()
                        found[int(pid)] = not command.startswith(b"postgres: ")
        return found

    def tidy(self) -> None:
        """Removes what a killed server left. Only when `processes` has found none."""
        for name in LEFTOVERS:
            (self.folder / name).unlink(missing_ok=True)

    def _listed(self) -> list[int]:
        columns = ["ps", "-axo", "pid=,stat=,command="]
        listed = subprocess.run(columns, capture_output=True, text=True, errors="replace").stdout
        rows = (line.split(None, 2) for line in listed.splitlines())
        return [
            int(row[0])
            for row in rows
            if len(row) == 3 and "Z" not in row[1] and f"postgres -D {self.folder} " in row[2]
        ]

    def _called(self, folder: Path) -> str:
        """How PostgreSQL is told its folder: by its path, if its account can walk there.

        As root the folders above may be closed to it, and they are not ours to open. On Linux it
        can still work from its current folder, which we enter for it.
        """
        if may_enter(self.account, folder):
            return str(folder)
        if os.path.isdir(HERE):
            return HERE
        raise Unreachable(
            f"The account that PostgreSQL runs under can't enter {folder}: open the folders above "
            "it (chmod o+x), or set SIJILL_DATA to a folder elsewhere."
        )

    def _run(self, folder: Path, command: list[str], text: str = "") -> None:
        done = subprocess.run(
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **self._as_child(folder, signal.SIGKILL),
        )
        if done.returncode != 0:
            words = " ".join(done.stdout.strip().splitlines()[-3:])
            raise Unreachable(f"The database could not be made in {self.data}: {words}")

    def _as_child(self, folder: Path, at_our_death: signal.Signals) -> dict[str, Any]:
        """As the account, in the folder, and with an environment that clients may well read."""
        kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
        return {
            "cwd": folder,
            "env": {name: os.environ[name] for name in kept if name in os.environ},
            "preexec_fn": _bound_to_us(at_our_death) if ON_LINUX else None,
            **(self.account.popen() if self.account else {}),
        }


def _bound_to_us(at_our_death: signal.Signals) -> Callable[[], None]:
    """What a child does before it runs its program, so that it gets the signal when we die."""
    libc, parent, set_pdeathsig = ctypes.CDLL(None), os.getpid(), 1

    def bind() -> None:
        libc.prctl(set_pdeathsig, int(at_our_death), 0, 0, 0)
        if os.getppid() != parent:  # we had died before
            os._exit(1)

    return bind


def _locale() -> str:
    """The C library's UTF-8 locale, which pg_trgm asks what a letter is."""
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, name)
            return name
    return "C"
