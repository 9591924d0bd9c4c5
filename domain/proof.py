"""Proof of an event, and of a whole answer, as files: what writes them.

Of an event: C2SP tlog-proof (https://c2sp.org/tlog-proof) whose `extra` line carries the event
itself (leaf.frame_of), so that a verifier needs the file and the log's public key, no more. Of an
answer: what the log's key states about it, and the proofs of the events that it rests on.
tools/verify_proof.py checks both offline and shares no code with this.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.checkpoint import (
    Signer,
    VerifierKey,
    encode64,
)
from domain.merkle import NodeAt, inclusion_path

HEADER = "c2sp.org/tlog-proof@v1"
ANSWER = "sijill/answer-proof@v1"
SUFFIX = ".tlog-proof"


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


def prove(index: int, size: int, node_at: NodeAt, checkpoint: str, frame: bytes) -> Proof:
    """The proof of the event of a leaf under a checkpoint of a tree of the size."""
    return Proof(index, tuple(inclusion_path(index, size, node_at)), checkpoint, frame)


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
        rest = statement_fields(self.question, self.answer, self.position, self.proofs)
        return _dump({**rest, "statement": self.statement}) + "\n"


def prove_answer(
    question: Any, answer: Any, position: int, proofs: Sequence[Proof], log: Signer
) -> AnswerProof:
    """The proof of an answer. It and its question are JSON values; one checkpoint for all."""
    fields = statement_fields(question, answer, position, proofs)
    note = log.sign(statement_of(fields, log.verifier))
    return AnswerProof(question, answer, position, tuple(proofs), note)


def statement_fields(
    question: Any, answer: Any, position: int, proofs: Sequence[Proof]
) -> dict[str, Any]:
    """All of the file but the statement."""
    return {
        "format": ANSWER,
        "question": question,
        "answer": answer,
        "position": position,
        "proofs": [proof.text for proof in proofs],
    }


def statement_of(fields: dict[str, Any], log: VerifierKey) -> str:
    """What the log's key signs of an answer. Its second line keeps it from being a tree head."""
    digest = hashlib.sha256(_dump(fields).encode()).hexdigest()
    return f"{ANSWER}\nlog {log.name}\nsha256 {digest}\n"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
