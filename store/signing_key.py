"""The log's signing key: a file outside of the database, in the form of Go's sumdb/note.

One line, `PRIVATE+KEY+name+id+key`. The name is the log's origin and stays with the key. Where
there is no file one is made, readable by nobody else.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.checkpoint import ED25519, Signer, decode64, encode64
from domain.errors import Refused, Unreachable

FILE = "signing.key"
"""Its name in the data folder."""
_PREFIX = "PRIVATE+KEY+"


def load_signer(path: Path, origin: str | None = None) -> Signer:
    """The signer of a key file, which is made under the origin if there is none.

    Refused as BAD_KEY where the file has no key of ours, BAD_SETTING where the key has another
    origin. Unreachable where the file can't be read or made.
    """
    try:
        try:
            text = path.read_text(encoding="ascii")
        except FileNotFoundError:
            _make(path, origin)
            text = path.read_text(encoding="ascii")
    except OSError as error:
        raise Unreachable(
            f"The signing key {path} can't be read or made ({error.strerror}): set "
            "SIJILL_SIGNING_KEY to a file of this user's, or SIJILL_DATA to a folder of its own."
        ) from error
    except UnicodeDecodeError:
        text = ""
    signer = _parse(text, path)
    if origin is not None and signer.verifier.name != origin:
        raise Refused(
            "BAD_SETTING",
            f"SIJILL_ORIGIN is {origin!a}, but the key {path} signs as {signer.verifier.name!a}: a "
            "log keeps its name with its key.",
        )
    return signer


def _make(path: Path, origin: str | None) -> None:
    """A new key, put there whole or not at all; one that another process made first is kept."""
    seed = secrets.token_bytes(32)
    if origin is None:
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        origin = f"sijill.local/{hashlib.sha256(public).hexdigest()[:8]}"
    try:
        key_id = Signer(origin, seed).verifier.id.hex()
    except ValueError as error:
        raise Refused(
            "BAD_SETTING", f"SIJILL_ORIGIN is {origin!a}: write a name without spaces and plus."
        ) from error
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{_PREFIX}{origin}+{key_id}+{encode64(bytes([ED25519]) + seed)}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _parse(text: str, path: Path) -> Signer:
    try:
        if not text.startswith(_PREFIX):
            raise ValueError("no private key")
        name, key_id, material = text.strip().removeprefix(_PREFIX).split("+", 2)
        kind, *seed = decode64(material)
        signer = Signer(name, bytes(seed))
        if kind != ED25519 or signer.verifier.id.hex() != key_id:
            raise ValueError("another kind of key, or a broken one")
    except ValueError as error:
        raise Refused(
            "BAD_KEY",
            f"{path} is not a signing key (one looks like {_PREFIX}example.org/log+1a2b3c4d+…): "
            "restore it, or set SIJILL_SIGNING_KEY to the file that has it.",
        ) from error
    return signer
