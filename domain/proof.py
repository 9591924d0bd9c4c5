"""Proof of an event, and of a whole answer, as files that are checked offline.

Of an event: C2SP tlog-proof (https://c2sp.org/tlog-proof) whose `extra` line carries the event
itself (leaf.frame_of), so that a verifier needs the file and the log's public key, no more. Of an
answer: what the log's key states about it, and the proofs of the events that it rests on.
tools/verify_proof.py verifies both and shares no code with this.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.checkpoint import (
    LARGEST_NOTE,
    Seen,
    Signer,
    VerifierKey,
    decode64,
    encode64,
    open_checkpoint,
    open_note,
)
from domain.errors import Refused
from domain.leaf import Framed, entry_of, parse_frame
from domain.merkle import HASH_SIZE, NodeAt, inclusion_path, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
ANSWER = "sijill/answer-proof@v1"
SUFFIX = ".tlog-proof"
LONGEST_PATH = 64
_INDEX = re.compile("index (0|[1-9][0-9]{0,19})")


@dataclass(frozen=True, slots=True)
class Proof:
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
            signatures = checkpoint.rpartition("\n\n")[2].split("\n")
            if len(set(signatures)) < len(signatures):
                raise ValueError("a signature stands twice")
        except ValueError as error:
            raise Refused("BAD_PROOF", f"Not a proof: {error}.") from error
        return cls(int(index[1]), path, checkpoint, extra)


class Proved(NamedTuple):
    """An event, and the signed head of a tree that has it."""

    event: Framed
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
    return Proved(parse_frame(frame), seen)


class AnswerProof(NamedTuple):
    """An answer made at a position, its question, and the proofs of the events that it rests on.

    `statement` is a signed note by which the log's key says that this was the answer. That it
    follows from the events is not in the file: replaying the log shows it.
    """

    question: Any
    answer: Any
    position: int
    proofs: tuple[Proof, ...]
    statement: str

    @property
    def text(self) -> str:
        """The proof as a file: one JSON object on a line, the statement last."""
        rest = _stated(self.question, self.answer, self.position, self.proofs)
        return _dump({**rest, "statement": self.statement}) + "\n"

    @classmethod
    def parse(cls, text: str) -> AnswerProof:
        """The proof of a file. Refused as BAD_PROOF where `text` would not write it so."""
        try:
            fields = json.loads(text)
            del fields["format"]
            proof = cls(**{**fields, "proofs": tuple(map(Proof.parse, fields["proofs"]))})
            if type(proof.position) is not int or proof.text != text:
                raise ValueError("it is not written as such files are")
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise Refused("BAD_PROOF", f"Not the proof of an answer: {error}.") from error
        return proof


def prove_answer(
    question: Any, answer: Any, position: int, proofs: Sequence[Proof], log: Signer
) -> AnswerProof:
    """The proof of an answer. It and its question are JSON values; one checkpoint for all."""
    stated = _statement(_stated(question, answer, position, proofs), log.verifier)
    return AnswerProof(question, answer, position, tuple(proofs), log.sign(stated))


def verify_answer(
    proof: AnswerProof, log: VerifierKey, witnesses: Sequence[VerifierKey] = ()
) -> list[Proved]:
    """The events that an answer rests on, each proved; the answer and its question are as signed.

    Refused as BAD_PROOF where something was altered, added or taken away.
    """
    stated = _stated(proof.question, proof.answer, proof.position, proof.proofs)
    if open_note(proof.statement, [log]).text != _statement(stated, log):
        raise Refused("BAD_PROOF", "The question, the answer or its events were altered.")
    if len({each.checkpoint for each in proof.proofs}) > 1:
        raise Refused("BAD_PROOF", "The events are proved under more than one checkpoint.")
    proved = [verify_proof(each, log, witnesses) for each in proof.proofs]
    if any(each.event.position > proof.position for each in proved):
        raise Refused("BAD_PROOF", "The answer rests on an event after its position.")
    return proved


def _stated(question: Any, answer: Any, position: int, proofs: Sequence[Proof]) -> dict[str, Any]:
    """All of the file but the statement."""
    return {
        "format": ANSWER,
        "question": question,
        "answer": answer,
        "position": position,
        "proofs": [proof.text for proof in proofs],
    }


def _statement(stated: dict[str, Any], log: VerifierKey) -> str:
    """What the log's key signs of an answer. Its second line keeps it from being a tree head."""
    digest = hashlib.sha256(_dump(stated).encode()).hexdigest()
    return f"{ANSWER}\nlog {log.name}\nsha256 {digest}\n"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
