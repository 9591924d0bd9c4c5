"""Proof that an event is in the log, as a file that is checked offline: C2SP tlog-proof.

https://c2sp.org/tlog-proof. The `extra` line carries the event itself (leaf.frame_of), so that
the file and the log's public key are all that a verifier needs. tools/verify_proof.py is one that
shares no code with this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from domain.checkpoint import (
    LARGEST_NOTE,
    Checkpoint,
    Seen,
    VerifierKey,
    decode64,
    encode64,
    open_checkpoint,
)
from domain.errors import Refused
from domain.leaf import Framed, entry_of, parse_frame
from domain.merkle import HASH_SIZE, NodeAt, inclusion_path, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
ANSWER = "sijill/answer-proof@v1"
SUFFIX = ".tlog-proof"
LONGEST_PATH = 64
_INDEX = re.compile("index (0|[1-9][0-9]{0,19})")


class Proof(NamedTuple):
    """An inclusion proof, the checkpoint (a signed note) that it leads to, and opaque bytes."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    @property
    def text(self) -> str:
        """The proof as a file."""
        extra = [f"extra {encode64(self.extra)}"] if self.extra else []
        lines = [HEADER, *extra, f"index {self.index}", *map(encode64, self.path), ""]
        return "\n".join(lines) + "\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> Proof:
        """The proof of a file. Refused as BAD_PROOF where the file is not exactly of the format.

        A signature that stands twice is refused too: nothing that proves is written so.
        """
        try:
            head, gap, checkpoint = text.partition("\n\n")
            lines = head.split("\n")
            if lines.pop(0) != HEADER or not gap or len(checkpoint) > LARGEST_NOTE:
                raise ValueError(f"it is to begin with {HEADER} and to hold a checkpoint")
            extra = b""
            if lines and lines[0].startswith("extra "):
                extra = decode64(lines.pop(0).removeprefix("extra "))
                if not extra:
                    raise ValueError("the extra line is empty")
            index = _INDEX.fullmatch(lines.pop(0) if lines else "")
            path = tuple(map(decode64, lines))
            if index is None or len(path) > LONGEST_PATH or any(len(h) != HASH_SIZE for h in path):
                raise ValueError("an index and SHA-256 hashes are expected")
            signatures = checkpoint.rpartition("\n\n")[2].splitlines()
            if len(set(signatures)) < len(signatures):
                raise ValueError("a signature stands twice")
        except ValueError as error:
            raise Refused("BAD_PROOF", f"Not a proof: {error}.") from error
        return cls(int(index[1]), path, checkpoint, extra)


class Proved(NamedTuple):
    """An event, where it stands in the tree, and the signed head of that tree."""

    event: Framed
    index: int
    seen: Seen


def prove(index: int, size: int, node_at: NodeAt, checkpoint: str, frame: bytes) -> Proof:
    """The proof of the event of a leaf under a checkpoint of a tree of the size."""
    return Proof(index, tuple(inclusion_path(index, size, node_at)), checkpoint, frame)


def verify_proof(
    proof: Proof,
    log: VerifierKey,
    witnesses: Sequence[VerifierKey] = (),
    frame: bytes | None = None,
) -> Proved:
    """The event that the proof shows to be in the log; `frame` is for proofs without one.

    Refused as BAD_PROOF where it shows none, and where the checkpoint or the frame is refused.
    """
    seen = open_checkpoint(proof.checkpoint, log, witnesses)
    if frame is None:
        frame = proof.extra
    elif proof.extra not in (b"", frame):
        raise Refused("BAD_PROOF", "The proof is another event's.")
    leaf = leaf_hash(entry_of(frame))
    if not verify_inclusion(leaf, proof.index, seen.head.size, proof.path, seen.head.root):
        raise Refused(
            "BAD_PROOF",
            f"The event is not leaf {proof.index} of the tree of {seen.head.size}: the proof or "
            "the event was altered.",
        )
    return Proved(parse_frame(frame), proof.index, seen)
