"""What the leaf of an event is made of: its stored bytes, type, tags and position.

The position is among them because leaves are dense and positions have gaps: only a leaf that
holds its position shows what an answer made at that position rests on.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

LARGEST_ENTRY = 0xFFFF
"""Bytes of an entry in a C2SP tlog-tiles entry bundle: its length is a uint16."""
FRAME = b"sijill/event/1\n"
_DIGEST = b"sijill/event-digest/1\n"


def frame_of(stored_type: str, data: bytes, tags: Sequence[str], position: int) -> bytes:
    """A stored event as one byte string, differing whenever any part of two events does.

    `sijill/event/1` and a newline, then big-endian: the position (uint64); the type and the data,
    each after its length in bytes (uint32); the number of tags (uint32); the tags in their stored
    order, each after its length. Text is UTF-8.
    """
    parts = [stored_type.encode(), data, *(tag.encode() for tag in tags)]
    framed = [struct.pack(">I", len(part)) + part for part in parts]
    framed.insert(2, struct.pack(">I", len(tags)))
    return b"".join([FRAME, struct.pack(">Q", position), *framed])


def entry_of(frame: bytes) -> bytes:
    """The log entry of a frame: what its leaf hashes and its entry bundle holds.

    It is the frame or, past what a bundle can hold, `sijill/event-digest/1`, a newline and the
    frame's SHA-256: an event of any size is logged, and any client can follow the log.
    """
    if len(frame) <= LARGEST_ENTRY:
        return frame
    return _DIGEST + hashlib.sha256(frame).digest()


def leaf_of(stored_type: str, data: bytes, tags: Sequence[str], position: int) -> bytes:
    """The log entry of a stored event, which `merkle.leaf_hash` hashes."""
    return entry_of(frame_of(stored_type, data, tags, position))
