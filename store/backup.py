"""Backups: the whole database as one file of pg_dump, and a manifest of the log that it holds.

A backup is portable: it restores into the embedded server as into any other. The signing key is no
part of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from domain.errors import Refused, Unreachable
from store.binaries import find
from store.checkpoints import log_differs, snapshot
from store.database import Database
from store.migrations import migrate
from store.published_log import Published
from store.sql import only_row, queries
from store.tree import root_at

SQL = queries("store", "backup.sql")
FORMAT = "sijill/backup@v1"
ENDING = 2.0
"""Seconds within which the session of a program that has just ended is gone."""


class Backup(NamedTuple):
    """A backup as its manifest describes it. `checkpoint` is the newest signed note, if any."""

    file: Path
    created: str
    position: int
    events: int
    root: str
    checkpoint: str | None
    sha256: str


class LogHead(NamedTuple):
    """Where a log stands: its events, the position of the last, and its root."""

    events: int
    position: int
    root: str


def back_up(database: Database, folder: Path) -> Backup:
    """Write a backup into a folder, which is made. Needs the owner's rights.

    The manifest is written last: a dump without one is unfinished. Raises Unreachable.
    """
    made = datetime.now(UTC)
    _make(folder)
    # pg_dump may take long, while this session has nothing to do but to keep its snapshot.
    with (
        database.connect(idle_in_transaction_session_timeout="0") as connection,
        snapshot(connection),
    ):
        head, note = head_of(connection), _checkpoint(connection)
        name = f"sijill-{made:%Y%m%dT%H%M%SZ}-{head.position:012d}"
        draft, file = folder / f".{name}.part", folder / f"{name}.dump"
        row = only_row(connection.execute(SQL["export_snapshot"]))
        try:
            options = ["--format=custom", "--no-owner", f"--snapshot={row[0]}", f"--file={draft}"]
            _run("pg_dump", database, options)
            draft.chmod(0o600)
            digest = _digest(draft, is_to_be_synced=True)
            draft.rename(file)
        finally:
            draft.unlink(missing_ok=True)
    backup = Backup(
        file,
        made.isoformat(timespec="seconds"),
        head.position,
        head.events,
        head.root,
        note,
        digest,
    )
    draft = file.with_suffix(".part")
    draft.write_text(json.dumps({"format": FORMAT, **_manifest(backup)}, indent=2) + "\n")
    draft.rename(file.with_suffix(".json"))
    return backup


def newest(place: Path) -> Backup:
    """The newest backup in a folder, or the one whose dump is named. Refused(NO_BACKUP)."""
    try:
        manifests = (
            sorted(place.glob("sijill-*.json")) if place.is_dir() else [place.with_suffix(".json")]
        )
        told = json.loads(manifests[-1].read_text(encoding="utf-8"))
        if told.pop("format") != FORMAT:
            raise ValueError("it is of another format")
        return Backup(manifests[-1].with_suffix(".dump"), **told)
    except (OSError, ValueError, TypeError, LookupError) as error:
        why = getattr(error, "strerror", None) or (error if place.is_file() else "there is none")
        raise Refused(
            "NO_BACKUP",
            f"There is no backup at {place} that can be read ({why}): give a folder that `sijill "
            "backup --to` wrote to, or one of its .dump files beside its .json.",
        ) from error


def restore(database: Database, backup: Backup) -> LogHead:
    """Put a backup in the place of a database's record, in one transaction; the head reached.

    Needs the owner's rights. The record there must be empty, or an earlier state of the one in the
    backup: Refused(RECORD_AHEAD) and Refused(OTHER_RECORD) else, Refused(RECORD_IN_USE) while other
    programs are connected, Refused(BAD_BACKUP) where the file is not the one that was written.
    """
    if _digest(backup.file) != backup.sha256:
        raise Refused(
            "BAD_BACKUP",
            f"{backup.file} has changed since it was written (its SHA-256 differs from that in its "
            "manifest): use another backup.",
        )
    migrate(database)  # makes the roles, too
    with database.connect() as connection:
        _check_target(connection, backup)
    options = ["--clean", "--if-exists", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", database, [*options, "--no-owner", "--no-comments", str(backup.file)])
    migrate(database, anew=True)
    with database.connect() as connection:
        head = head_of(connection)
    if head != (backup.events, backup.position, backup.root):
        raise log_differs(f"What was restored from {backup.file} is not what its manifest says")
    return head


def head_of(connection: psycopg.Connection[Any]) -> LogHead:
    """Where the log of a database stands."""
    size, position, _ = _row(connection, "head")
    return LogHead(size, position, root_at(connection, size).hex())


def lost_since(head: LogHead, published: Published | None) -> int:
    """How many events a log lacks of what was published."""
    return 0 if published is None else max(0, published.head.size - head.events)


def _check_target(connection: psycopg.Connection[Any], backup: Backup) -> None:
    until = time.monotonic() + ENDING
    while (others := _row(connection, "others")[0]) and time.monotonic() < until:
        time.sleep(0.05)
    if others:
        raise Refused(
            "RECORD_IN_USE",
            f"{others} sessions of other programs are connected to this record: stop `sijill "
            "serve`, `sijill follow` and all else that uses it, then restore.",
        )
    leaf = connection.execute(SQL["last_leaf"]).fetchone()
    if leaf is None:
        return
    if leaf[0] >= backup.events:
        raise Refused(
            "RECORD_AHEAD",
            f"The record here has {leaf[0] + 1:,} events and the backup {backup.events:,}: to "
            "restore it would lose events. Back this record up first, and restore into an empty "
            "one (another SIJILL_DATA or database).",
            events=leaf[0] + 1,
            backup=backup.events,
        )
    if _leaf_in(backup, leaf[0]) != leaf[1]:
        raise Refused(
            "OTHER_RECORD",
            "The record here is not an earlier state of the one in the backup: restore into an "
            "empty one (another SIJILL_DATA or database).",
        )


def _leaf_in(backup: Backup, index: int) -> bytes | None:
    """The hash of a leaf in a dump. It has the event's salt, so no other record has the same."""
    options = ["--data-only", "--table=leaves", "--file=-", str(backup.file)]
    start = b"%d\t" % index
    with subprocess.Popen(
        [str(find() / "pg_restore"), *options], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(start):
                process.kill()
                return bytes.fromhex(line.split(b"\t")[2].lstrip(b"\\x").decode())
    return None


def _run(program: str, database: Database, options: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs on a database. Raises Unreachable."""
    try:
        done = subprocess.run(
            [find() / program, f"--dbname={database.url}", *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise Unreachable(f"{program} can't be run ({error.strerror}).") from error
    if done.returncode:
        words = " ".join(done.stderr.split())[-1000:]
        raise Unreachable(f"{program} failed, and nothing was changed: {words}")


def _digest(file: Path, *, is_to_be_synced: bool = False) -> str:
    try:
        with file.open("rb") as stream:
            if is_to_be_synced:
                os.fsync(stream.fileno())
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise Unreachable(f"{file} can't be read ({error.strerror}).") from error


def _make(folder: Path) -> None:
    """The folder, closed to others: a dump has hidden documents and the digests of keys."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unreachable(f"The folder {folder} can't be made ({error.strerror}).") from error


def _manifest(backup: Backup) -> dict[str, Any]:
    return {key: value for key, value in backup._asdict().items() if key != "file"}


def _checkpoint(connection: psycopg.Connection[Any]) -> str | None:
    note: str | None = _row(connection, "head")[2]
    return note


def _row(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    return only_row(connection.execute(SQL[query]))
