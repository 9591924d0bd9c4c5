"""The log as static files for others to keep: https://c2sp.org/tlog-tiles.

A folder with `checkpoint`, `vkey`, hash tiles and entry bundles. Each file is put there whole; the
checkpoint comes last, so that whatever a published head speaks of is there. A folder that says
otherwise than the log is never written to: it is the evidence.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from domain.checkpoint import Checkpoint, Signer, VerifierKey, open_checkpoint
from domain.errors import Refused, Unreachable
from domain.leaf import leaf_of
from domain.merkle import leaf_hash
from domain.tiles import CHECKPOINT, WIDTH, Tile, encode_bundle, encode_tile, tiles_between
from store.checkpoints import log_differs, sign_now, snapshot
from store.sql import only_row, queries
from store.tree import SQL, root_at, stored_hash, with_nodes

VKEY = "vkey"
REPLAY = queries("store", "replay.sql")
REMEMBERED = "published"
"""The file of the data folder that says where the log was last published."""


class Published(NamedTuple):
    """What a folder says that the log was, and under which key."""

    folder: Path
    key: VerifierKey
    head: Checkpoint


def read_published(folder: Path, key: VerifierKey | None = None) -> Published | None:
    """The published head in a folder, None if there is none yet; under the key beside it if none
    is given. Unreachable where the folder can't be read; Refused for what no key of ours signed.
    """
    try:
        if not (folder / CHECKPOINT).exists() and folder.is_dir():
            return None
        note = (folder / CHECKPOINT).read_bytes()
        vkey = key or VerifierKey.parse((folder / VKEY).read_text(encoding="utf-8").strip())
    except OSError as error:
        raise Unreachable(
            f"The published log at {folder} can't be read ({error.strerror}): bring it back, or "
            "set SIJILL_PUBLISHED to a folder that has a copy."
        ) from error
    except UnicodeDecodeError as error:
        raise Refused("BAD_KEY", f"{folder / VKEY} is not the public key of a log.") from error
    return Published(folder, vkey, open_checkpoint(note, vkey).head)


def check_published(connection: psycopg.Connection[Any], published: Published) -> None:
    """Refused as LOG_DIFFERS where the log is shorter than what was published, or differs.

    It looks at a few rows: the nodes of the tree of that size, its last event, and the log's.
    """
    folder, _, head = published
    where = f"what was published at {folder}, {head.size} events"
    if head.size == 0:
        return
    with snapshot(connection):
        try:
            root = root_at(connection, head.size)
        except LookupError:
            raise log_differs(f"The log is shorter than {where}") from None
        if root != head.root:
            raise log_differs(f"The log is not a continuation of {where}")
        row = only_row(connection.execute(SQL["head"]))
        for index in {head.size - 1, row[0] - 1}:
            found = connection.execute(
                SQL["leaves_from"], {"first": index, "until": index + 1}
            ).fetchone()
            if row[0] < head.size or found is None or found[3] is None:
                raise log_differs(f"The log is shorter than {where}, or than its own tree")
            _, position, leaf, stored_type, data, tags = found
            if stored_hash(stored_type, data, tags, position) != leaf:
                raise log_differs(f"The event at position {position} is not as it was recorded")


def publish(
    connection: psycopg.Connection[Any],
    signer: Signer,
    folder: Path,
    wrote: Callable[[int], None] = lambda files: None,
) -> tuple[Checkpoint, int]:
    """Sign the log as it stands and bring the folder up to it: the head, and the files written.

    Refused as LOG_DIFFERS where the folder has what this log does not continue.
    """
    key = signer.verifier
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = read_published(folder, key)
        if before is not None:
            check_published(connection, before)
        signed = sign_now(connection, signer)
        old = before.head.size if before else 0
        written = 0
        with snapshot(connection):
            for tile in tiles_between(old, signed.size):
                _put(folder / tile.path, content_of(connection, tile))
                written += 1
                wrote(written)
        _put(folder / VKEY, f"{key}\n".encode())
        _put(folder / CHECKPOINT, signed.note.encode())
    except OSError as error:
        raise Unreachable(
            f"The log can't be published at {folder} ({error.strerror}): give a folder of this "
            "user's, with room."
        ) from error
    return Checkpoint(key.name, signed.size, signed.root), written


def content_of(connection: psycopg.Connection[Any], tile: Tile) -> bytes:
    """The bytes of a tile, or of a bundle, whose entries are seen to hash to their leaves."""
    if tile.level != "entries":
        return with_nodes(connection, lambda node_at: encode_tile(tile, node_at))
    first = tile.index * WIDTH
    rows = connection.execute(
        SQL["leaves_from"], {"first": first, "until": first + tile.width}
    ).fetchall()
    return bundle_of(tile, rows)


def bundle_of(tile: Tile, rows: list[Any]) -> bytes:
    """The bundle of the rows of `leaves_from`. Refused as LOG_DIFFERS where one was touched."""
    entries = []
    for _, position, leaf, stored_type, data, tags in rows:
        entry = b"" if data is None else leaf_of(stored_type, data, tags, position)
        if leaf_hash(entry) != leaf:
            raise log_differs(f"The event at position {position} is not as it was recorded")
        entries.append(entry)
    if len(entries) != tile.width:
        raise log_differs(f"Leaves are missing among those from {tile.index * WIDTH} on")
    return encode_bundle(entries)


def _put(path: Path, content: bytes) -> None:
    """A file, whole or not at all; a tile that is there already, the same, is left alone."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(draft, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


# Where it was published


def remember(data: Path, folder: Path) -> bool:
    """Keep in the data folder where the log was published, to be compared with at every start."""
    try:
        _put(data / REMEMBERED, os.fsencode(folder.absolute()) + b"\n")
    except OSError:
        return False
    return True


def remember_signed(connection: psycopg.Connection[Any], data: Path, note: str) -> None:
    """Keep a database's newest checkpoint in the data folder, if that can be written to: whoever
    deletes checkpoints in the database does not reach it."""
    with suppress(OSError):
        _put(_signed(connection, data), note.encode())


def last_signed(connection: psycopg.Connection[Any], data: Path) -> str | None:
    """The checkpoint of this database that the data folder has."""
    try:
        return _signed(connection, data).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _signed(connection: psycopg.Connection[Any], data: Path) -> Path:
    row = only_row(connection.execute(REPLAY["identity"]))
    return data / "signed" / f"{row[0]}-{row[1]}"


def remembered(data: Path) -> Path | None:
    """Where the log was last published, as the data folder has it."""
    try:
        return Path(os.fsdecode((data / REMEMBERED).read_bytes().rstrip(b"\n")))
    except OSError:
        return None


def last_published(data: Path, given: Path | None) -> Published | None:
    """What was published at a given folder, else where the data folder says.

    Unreachable where what was published is not there any more.
    """
    folder = given or remembered(data)
    if folder is None:
        return None
    found = read_published(folder)
    if found is None and given is None:
        raise Unreachable(
            f"The log was published at {folder}, and nothing is there: bring it back, or set "
            "SIJILL_PUBLISHED to a folder that has a copy."
        )
    return found
