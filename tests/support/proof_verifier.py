"""A second reading of proofs beside tools/verify_proof.py, on the product's own formats."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from support.tree_verifier import verify_inclusion

from domain.checkpoint import (
    LARGEST_NOTE,
    Seen,
    VerifierKey,
    decode64,
    open_checkpoint,
    open_note,
)
from domain.errors import Refused
from domain.leaf import FRAME, entry_of
from domain.merkle import HASH_SIZE, leaf_hash
from domain.proof import HEADER, AnswerProof, Proof, statement_fields, statement_of

LONGEST_PATH = 64
_INDEX = re.compile("index (0|[1-9][0-9]{0,19})")


class Framed(NamedTuple):
    """An event as the log stores it."""

    stored_type: str
    data: bytes
    tags: tuple[str, ...]
    position: int


def parse_frame(frame: bytes) -> Framed:
    """The event of a frame. Refused as BAD_FRAME where `frame_of` makes no such bytes."""
    at = len(FRAME)

    def take(length: int) -> bytes:
        nonlocal at
        at += length
        if at > len(frame):
            raise ValueError("they are cut short")
        return frame[at - length : at]

    def number(width: int = 4) -> int:
        return int.from_bytes(take(width), "big")

    try:
        if not frame.startswith(FRAME):
            raise ValueError("they are in another format")
        position = number(8)
        stored_type, data = take(number()).decode(), take(number())
        tags = tuple([take(number()).decode() for _ in range(number())])
        if at != len(frame):
            raise ValueError("something follows it")
    except ValueError as error:  # not UTF-8, too
        raise Refused("BAD_FRAME", f"The bytes are not those of one event: {error}.") from error
    return Framed(stored_type, data, tags, position)


def parse_proof(text: str) -> Proof:
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
    return Proof(int(index[1]), path, checkpoint, extra)


class Proved(NamedTuple):
    """An event, and the signed head of a tree that has it."""

    event: Framed
    seen: Seen


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


def parse_answer_proof(text: str) -> AnswerProof:
    """The proof of a file. Refused as BAD_PROOF where `text` would not write it so."""
    try:
        fields = json.loads(text)
        del fields["format"]
        proof = AnswerProof(**{**fields, "proofs": tuple(map(parse_proof, fields["proofs"]))})
        if type(proof.position) is not int or proof.text != text:
            raise ValueError("it is not written as such files are")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise Refused("BAD_PROOF", f"Not the proof of an answer: {error}.") from error
    return proof


def verify_answer(
    proof: AnswerProof, log: VerifierKey, witnesses: Sequence[VerifierKey] = ()
) -> list[Proved]:
    """The events that an answer rests on, each proved; the answer and its question are as signed.

    Refused as BAD_PROOF where something was altered, added or taken away.
    """
    fields = statement_fields(proof.question, proof.answer, proof.position, proof.proofs)
    if open_note(proof.statement, [log]).text != statement_of(fields, log):
        raise Refused("BAD_PROOF", "The question, the answer or its events were altered.")
    if len({each.checkpoint for each in proof.proofs}) > 1:
        raise Refused("BAD_PROOF", "The events are proved under more than one checkpoint.")
    proved = [verify_proof(each, log, witnesses) for each in proof.proofs]
    if any(each.event.position > proof.position for each in proved):
        raise Refused("BAD_PROOF", "The answer rests on an event after its position.")
    return proved
