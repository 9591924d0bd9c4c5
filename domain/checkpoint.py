"""Signed tree heads: https://c2sp.org/signed-note, /tlog-checkpoint and /tlog-cosignature.

Of the signature types Ed25519 (1) and, for witnesses, its cosignature (4). Keys are handed in.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import Refused
from domain.merkle import HASH_SIZE

ED25519, COSIGNATURE = 1, 4
LARGEST_NOTE, MOST_SIGNATURES = 1_000_000, 100
"""Bytes and signature lines of a note past which it is not read, as in Go's sumdb/note."""
_DASH = "— "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile("0|[1-9][0-9]{0,19}")


def decode64(text: str) -> bytes:
    """Standard base64 (RFC 4648 §4), in the one way to write it. Raises ValueError."""
    found = base64.b64decode(text, validate=True)
    if encode64(found) != text:
        raise ValueError("not in base64's canonical form")
    return found


def encode64(data: bytes) -> str:
    return base64.b64encode(data).decode()


# Keys


class VerifierKey(NamedTuple):
    """A public key by the name that it signs under; as text, a vkey (`name+id+key`)."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that, with the name, tell which key signed."""
        material = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(material).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> VerifierKey:
        """Refused as BAD_KEY for what is no vkey, or one of a type that we don't know."""
        try:
            name, key_id, material = vkey.split("+", 2)
            kind, *public = decode64(material)
            key = cls(name, kind, bytes(public))
            if kind not in (ED25519, COSIGNATURE) or len(public) != 32 or not _is_name(name):
                raise ValueError("not Ed25519")
            if key.id.hex() != key_id.lower():
                raise ValueError("the id is another key's")
        except ValueError as error:
            raise Refused(
                "BAD_KEY",
                "Not the public key of a log or witness, which looks like "
                "example.org/log+1a2b3c4d+AbC…: copy it whole.",
            ) from error
        return key

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether the bytes of a signature line, without the key's id, are this key's."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            message = _cosigned(text, int.from_bytes(signature[:8], "big"))
            signature = signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer:
    """A private key and the name that it signs under."""

    def __init__(self, name: str, seed: bytes, kind: int = ED25519) -> None:
        """`seed`: the 32 bytes of RFC 8032 §5.1.5. Cosigners must not share one with a log."""
        if not _is_name(name) or kind not in (ED25519, COSIGNATURE):
            raise ValueError(f"{name!r} can't be the name of a key: no spaces and no plus")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, kind, self._key.public_key().public_bytes_raw())

    def line(self, text: str, time: int = 0) -> str:
        """The signature line for a text; a cosigner's at a time (seconds since 1970)."""
        key = self.verifier
        if key.kind == COSIGNATURE:
            signature = time.to_bytes(8, "big") + self._key.sign(_cosigned(text, time))
        else:
            signature = self._key.sign(text.encode())
        return f"{_DASH}{key.name} {encode64(key.id + signature)}\n"

    def sign(self, text: str) -> str:
        """A note of the text, which ends in a newline."""
        if not text.endswith("\n") or _CONTROL.search(text):
            raise ValueError("a note's text is lines without control characters")
        return f"{text}\n{self.line(text)}"


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(map(str.isspace, name))


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


# Notes


class Signature(NamedTuple):
    """A signature line."""

    name: str
    key_id: bytes
    signature: bytes


class Opened(NamedTuple):
    """A note's text, the signatures of known keys, all true, and those of keys unknown."""

    text: str
    verified: tuple[Signature, ...]
    unknown: tuple[Signature, ...]


def open_note(note: str | bytes, keys: Iterable[VerifierKey]) -> Opened:
    """The note, if a known key signed it and no known key's signature is false.

    Refused as BAD_NOTE for what is no signed note, BAD_SIGNATURE for what can't be trusted.
    """
    text, signatures = _parse_note(note)
    known = {(key.name, key.id): key for key in keys}
    verified, unknown = [], []
    for signature in signatures:
        key = known.get(signature[:2])
        if key is None:
            unknown.append(signature)
        elif key.verify(text, signature.signature):
            verified.append(signature)
        else:
            raise Refused(
                "BAD_SIGNATURE", f"The signature of {key.name} is false: the note was altered."
            )
    if not verified:
        raise Refused("BAD_SIGNATURE", "None of the keys given has signed the note.")
    return Opened(text, tuple(verified), tuple(unknown))


def _parse_note(note: str | bytes) -> tuple[str, list[Signature]]:
    try:
        raw = note if isinstance(note, bytes) else note.encode()
        if len(raw) > LARGEST_NOTE:
            raise ValueError("too long")
        text, gap, block = raw.decode().rpartition("\n\n")
        if not gap or not block.endswith("\n") or _CONTROL.search(text + block):
            raise ValueError("no signatures after an empty line, or control characters")
        lines = block[:-1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise ValueError("too many signatures")
        return text + "\n", [_parse_line(line) for line in lines]
    except ValueError as error:  # not UTF-8, too
        raise Refused("BAD_NOTE", f"Not a signed note: {error}.") from error


def _parse_line(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signature = decode64(encoded)
    if dash + " " != _DASH or not _is_name(name) or len(signature) < 5:
        raise ValueError("a line that is no signature")
    return Signature(name, signature[:4], signature[4:])


# Checkpoints


class Checkpoint(NamedTuple):
    """A tree head: whose, of how many leaves, with what root."""

    origin: str
    size: int
    root: bytes
    extension: str = ""

    @property
    def text(self) -> str:
        """The note text of the head."""
        return f"{self.origin}\n{self.size}\n{encode64(self.root)}\n{self.extension}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The head that a note's text states, its root of any length. Refused as BAD_CHECKPOINT."""
        try:
            origin, size, root, extension = text.split("\n", 3)
            if not origin or not _SIZE.fullmatch(size) or int(size) >= 2**64 or not root:
                raise ValueError("an origin, a number of leaves and a root are expected")
            return cls(origin, int(size), decode64(root), extension)
        except ValueError as error:
            raise Refused("BAD_CHECKPOINT", f"Not a tree head: {error}.") from error


class Seen(NamedTuple):
    """A head that its log signed, and when (seconds since 1970) each witness saw it."""

    head: Checkpoint
    witnessed: dict[str, int]


def sign_checkpoint(head: Checkpoint, log: Signer) -> str:
    """The note of a head under the log's key, whose name is the head's origin."""
    if head.origin != log.verifier.name or len(head.root) != HASH_SIZE or head.extension:
        raise ValueError("a log signs heads of its own, without extension lines")
    return log.sign(head.text)


def open_checkpoint(
    note: str | bytes, log: VerifierKey, witnesses: Sequence[VerifierKey] = ()
) -> Seen:
    """The head, if the log signed it; what witnesses alone signed is not enough.

    Refused where `open_note` refuses, and as BAD_CHECKPOINT where the origin isn't the log's name.
    """
    opened = open_note(note, [log, *witnesses])
    head = Checkpoint.parse(opened.text)
    if (log.name, log.id) not in {signature[:2] for signature in opened.verified}:
        raise Refused("BAD_SIGNATURE", f"{log.name} has not signed the checkpoint.")
    if head.origin != log.name or len(head.root) != HASH_SIZE:
        raise Refused("BAD_CHECKPOINT", f"Not a tree head of {log.name}.")
    cosigners = {(key.name, key.id) for key in witnesses if key.kind == COSIGNATURE}
    cosigned = [signature for signature in opened.verified if signature[:2] in cosigners]
    return Seen(head, {it.name: int.from_bytes(it.signature[:8], "big") for it in cosigned})
