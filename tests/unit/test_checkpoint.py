"""Signed notes and checkpoints, as others write them and as they must not be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.checkpoint import (
    COSIGNATURE,
    Checkpoint,
    Signer,
    VerifierKey,
    encode64,
    open_checkpoint,
    open_note,
    sign_checkpoint,
)
from domain.errors import Refused
from domain.merkle import EMPTY_ROOT

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "tlog"

LOG = Signer("example.org/sijill", bytes(32))
WITNESS = Signer("witness.example/w1", b"\x01" * 32, COSIGNATURE)
HEAD = Checkpoint("example.org/sijill", 5, b"r" * 32)
NOTE = sign_checkpoint(HEAD, LOG)


def vectors(name: str) -> list[Any]:
    if not VECTORS.is_dir():
        pytest.skip(f"others' vectors are not at {VECTORS}")
    cases: list[Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))["cases"]
    return cases


def code_of(*arguments: Any, call: Any = open_checkpoint) -> str:
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.code


# Others' vectors


def test_notes_are_opened_and_refused_as_their_specification_says() -> None:
    for case in vectors("signed-note.json"):
        key = VerifierKey.parse(case["vkey"])
        assert str(key) == case["vkey"]

        if case["valid"]:
            assert case["note"].startswith(open_note(case["note"], [key]).text)
        else:
            assert code_of(case["note"], [key], call=open_note) == "BAD_SIGNATURE", case["why"]


def test_tree_heads_are_read_and_refused_as_transparency_dev_does() -> None:
    for case in vectors("checkpoint-parse.json"):
        if case["valid"]:
            head = Checkpoint.parse(case["text"])
            assert (head.text, head.extension) == (case["text"], case["rest"])
        else:
            assert code_of(case["text"], call=Checkpoint.parse) == "BAD_CHECKPOINT", case["name"]


# Checkpoints


def test_a_checkpoint_is_what_its_log_signed() -> None:
    assert NOTE.startswith(f"example.org/sijill\n5\n{encode64(HEAD.root)}\n\n— example.org/sijill ")
    assert open_checkpoint(NOTE, LOG.verifier) == (HEAD, {})
    assert open_checkpoint(NOTE.encode(), LOG.verifier) == (HEAD, {})


def test_a_witness_tells_when_it_saw_a_checkpoint() -> None:
    cosigned = NOTE + WITNESS.line(HEAD.text, 1_762_128_000)

    seen = open_checkpoint(cosigned, LOG.verifier, [WITNESS.verifier])

    assert seen == (HEAD, {"witness.example/w1": 1_762_128_000})
    assert open_checkpoint(cosigned, LOG.verifier).witnessed == {}


def test_a_witness_is_not_enough() -> None:
    alone = f"{HEAD.text}\n{WITNESS.line(HEAD.text, 1)}"

    assert code_of(alone, LOG.verifier, [WITNESS.verifier]) == "BAD_SIGNATURE"


def test_a_cosignature_is_of_its_time() -> None:
    line = WITNESS.line(HEAD.text, 1)
    later = WITNESS.line(HEAD.text, 2)
    name, first, second = "— witness.example/w1 ", line.split(" ")[2], later.split(" ")[2]
    forged = f"{name}{second[:16]}{first[16:]}"

    assert line != later
    assert code_of(NOTE + forged, LOG.verifier, [WITNESS.verifier]) == "BAD_SIGNATURE"


def test_another_logs_head_under_our_key_is_refused() -> None:
    other = HEAD._replace(origin="example.org/other")

    assert code_of(LOG.sign(other.text), LOG.verifier) == "BAD_CHECKPOINT"
    with pytest.raises(ValueError, match="heads of its own"):
        sign_checkpoint(other, LOG)


@pytest.mark.parametrize(
    "text",
    [
        "example.org/sijill\n05\ncnJy\n",
        "example.org/sijill\n+5\ncnJy\n",
        "example.org/sijill\n٥\ncnJy\n",
        "example.org/sijill\n18446744073709551616\ncnJy\n",
        "example.org/sijill\n5\ncnJyc\n",
        "example.org/sijill\n5\ncnJ=\n",
        "example.org/sijill\n5\n\n",
        "example.org/sijill\n5\n cnJy\n",
    ],
)
def test_a_head_is_written_in_one_way(text: str) -> None:
    assert code_of(text, call=Checkpoint.parse) == "BAD_CHECKPOINT"


def test_a_root_of_another_length_is_signed_by_none_and_taken_from_none() -> None:
    short = HEAD._replace(root=b"short")

    assert code_of(LOG.sign(short.text), LOG.verifier) == "BAD_CHECKPOINT"
    with pytest.raises(ValueError, match="heads of its own"):
        sign_checkpoint(short, LOG)


def test_the_empty_log_has_a_checkpoint() -> None:
    empty = Checkpoint("example.org/sijill", 0, EMPTY_ROOT)

    assert open_checkpoint(sign_checkpoint(empty, LOG), LOG.verifier).head == empty


# Notes


def test_unknown_signatures_are_kept_and_change_nothing() -> None:
    namesake = Signer("example.org/sijill", b"\x02" * 32)
    stranger = Signer("stranger.example", b"\x03" * 32)
    note = NOTE + namesake.line("another text\n") + stranger.line("another text\n")

    opened = open_note(note, [LOG.verifier])

    assert [signature.name for signature in opened.verified] == ["example.org/sijill"]
    assert [signature.key_id for signature in opened.unknown] == [
        namesake.verifier.id,
        stranger.verifier.id,
    ]


def test_a_false_signature_of_a_known_key_spoils_the_note() -> None:
    other = Signer("other.example", b"\x02" * 32)
    note = NOTE + other.line("another text\n")

    assert code_of(note, [LOG.verifier, other.verifier], call=open_note) == "BAD_SIGNATURE"


def test_the_text_ends_at_the_last_empty_line() -> None:
    text = "one\n\ntwo\n\n\n"

    assert open_note(LOG.sign(text), [LOG.verifier]).text == text


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—"),
        NOTE.replace("5\n", "5\r\n", 1),
        NOTE.replace("5\n", "5\t\n", 1),
        NOTE[:-2] + "\n",
        NOTE.replace("=\n", "\n"),
        NOTE + "— name \n",
        NOTE + "— name AAAAAA==\n",
        NOTE + "— na+me AAAAAAAA\n",
        NOTE + "— na\u2003me AAAAAAAA\n",
        NOTE + "—  AAAAAAAA\n",
        NOTE + "— name AAAAAAAA AAAA\n",
        NOTE + "— name AAAA*AAAA\n",
        NOTE + "— name AAAAAAAA\n" * 100,
        "x" * 1_000_000 + NOTE,
        NOTE.encode()[:-1] + b"\xff\n",
        NOTE.encode("utf-16"),
    ],
)
def test_what_is_no_signed_note_is_refused(note: str | bytes) -> None:
    assert code_of(note, [LOG.verifier], call=open_note) == "BAD_NOTE"


def test_sixteen_signatures_are_taken() -> None:
    others = [Signer(f"w{number}.example", bytes([number]) * 32) for number in range(16)]
    note = NOTE + "".join(other.line(HEAD.text) for other in others)

    keys = [LOG.verifier, *(other.verifier for other in others)]

    assert len(open_note(note, keys).verified) == 17


@pytest.mark.parametrize("text", ["no newline", "tab\t\n", "return\r\n", "nul\x00\n"])
def test_what_can_be_no_notes_text_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="note's text"):
        LOG.sign(text)


# Keys


@pytest.mark.parametrize("key", [LOG.verifier, WITNESS.verifier])
def test_a_public_key_is_written_and_read(key: VerifierKey) -> None:
    assert VerifierKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "example.org/sijill",
        "example.org/sijill+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+",
        "example.com/foo+530d903a+AQ==",
        "example com+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_what_is_no_public_key_is_refused(vkey: str) -> None:
    assert code_of(vkey, call=VerifierKey.parse) == "BAD_KEY"


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u00a0b", "line\n"])
def test_a_key_has_no_name_that_a_note_could_not_hold(name: str) -> None:
    with pytest.raises(ValueError, match="name of a key"):
        Signer(name, bytes(32))
