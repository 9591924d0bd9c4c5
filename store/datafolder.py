"""The data folder: what its files are called, whose it is, its locks, a short way to its socket.

Whether something runs is asked of the locks, never of a file's content: the kernel drops a lock
with its process. A user holds `users.lock` shared, the supervisor `supervisor.lock` alone.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from domain.errors import Unreachable

if sys.platform != "win32":
    import fcntl

SUPERVISOR_LOCK, USERS_LOCK = "supervisor.lock", "users.lock"
CLUSTER, LOG = "postgres", "postgresql.log"
DATABASE = OWNER = "sijill"
HERE = "/proc/self/cwd"
"""What a server calls its folder when it can't walk the path to it (Cluster._called)."""

SOCKET_BYTES = 100
"""The longest socket path used: sun_path holds 104 bytes on macOS, 108 on Linux."""


def default_data_dir() -> Path:
    """The data folder when SIJILL_DATA is not set.

    It is the platform's folder for a user's data. Root's is /var/lib/sijill, since a folder
    beneath /root is closed to the account that PostgreSQL runs under.
    """
    if sys.platform != "win32" and os.geteuid() == 0:
        return Path("/var/lib/sijill")
    import platformdirs

    return Path(platformdirs.user_data_dir("sijill", appauthor=False))


def own(data: Path) -> None:
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


def take(path: Path, *, alone: bool = False, make: bool = False) -> int | None:
    """A lock on the file, shared or alone, until its descriptor is closed; None if it is taken.

    Raises FileNotFoundError when there is no file, unless it may be made.
    """
    lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW | (os.O_CREAT if make else 0), 0o600)
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
    try:
        lock = take(data / SUPERVISOR_LOCK)
    except FileNotFoundError:
        return False
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


def folder_of(url: str) -> Path | None:
    """The data folder whose own database a connection string names; None for any other."""
    told = conninfo_to_dict(url)
    cluster = Path(os.path.realpath(str(told.get("host") or "/")))
    ours = cluster.name == CLUSTER and (cluster.parent / USERS_LOCK).exists()
    return cluster.parent if ours and told.get("dbname") == DATABASE else None


def link(data: Path) -> None:
    """Makes the alias: a link in a folder that is ours alone. Raises Unreachable."""
    short = alias(data)
    if short is None or (os.path.islink(short) and _private(short.parent)):
        return
    with suppress(FileExistsError):
        short.parent.mkdir(mode=0o700)
    if not _private(short.parent):
        raise Unreachable(
            f"{short.parent} is not a private folder of this user's: remove it, or set SIJILL_DATA "
            "to a shorter path."
        )
    with suppress(FileExistsError):
        short.symlink_to(data / CLUSTER)


def unlink(data: Path) -> None:
    """Removes the alias."""
    if short := alias(data):
        with suppress(OSError):
            short.unlink()
            short.parent.rmdir()


def _private(folder: Path) -> bool:
    there = folder.lstat()
    return (
        stat.S_ISDIR(there.st_mode) and there.st_uid == os.geteuid() and not there.st_mode & 0o077
    )
