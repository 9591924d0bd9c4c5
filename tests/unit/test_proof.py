"""Proof files: written, read, verified, and every altered one refused, here and by the tool."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.proof_verifier import parse_answer_proof, parse_proof, verify_answer, verify_proof
from thorough import times

from domain.checkpoint import COSIGNATURE, Checkpoint, Signer, sign_checkpoint
from domain.errors import Refused
from domain.leaf import entry_of, frame_of
from domain.merkle import leaf_hash, nodes_of, root
from domain.proof import (
    AnswerProof,
    Proof,
    prove,
    prove_answer,
)

TOOL = Path(__file__).parents[2] / "tools" / "verify_proof.py"
SIZE = 300
LARGE = 7
"""The event that is too large for an entry bundle."""
LOG = Signer("example.org/sijill", bytes(32))
WITNESS = Signer("witness.example/w1", b"\x01" * 32, COSIGNATURE)
FRAMES = [
    frame_of(
        "MemberJoined/1",
        f'{{"id":"f{number}","gist":"سوريا{"x" * 70_000 * (number == LARGE)}"}}'.encode(),
        [f"fact:f{number}", "request:1"],
        3 * number + 1,
    )
    for number in range(SIZE)
]
LEAVES = [leaf_hash(entry_of(frame)) for frame in FRAMES]
NODES = nodes_of(LEAVES)
NOTE = sign_checkpoint(Checkpoint("example.org/sijill", SIZE, root(LEAVES)), LOG)


def proof_of(index: int) -> Proof:
    return prove(index, SIZE, NODES, NOTE, FRAMES[index])


def answer() -> AnswerProof:
    question = {"members": {"coalition": "gc", "asOf": "2025-11-10", "atPosition": 900}}
    rows = {"members": {"count": {"certain": 2}, "edges": [{"name": "سوريا", "lat": 33.5}]}}
    return prove_answer(question, rows, 900, [proof_of(3), proof_of(200)], LOG)


def is_proved(file: bytes) -> bool:
    """Whether what a file holds is proved, by our own reading of it."""
    try:
        text = file.decode()
        if text.startswith("{"):
            verify_answer(parse_answer_proof(text), LOG.verifier)
        else:
            verify_proof(parse_proof(text), LOG.verifier)
    except (Refused, UnicodeDecodeError):
        return False
    return True


def tool(*files: Path, key: str = str(LOG.verifier)) -> tuple[int, dict[str, bool]]:
    """The stand-alone verifier's exit status, and which of the files it says are proved."""
    run = subprocess.run(
        [sys.executable, "-I", str(TOOL), key, *map(str, files)],
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
        check=False,
    )
    verdicts = [line.split(": ", 2) for line in run.stdout.splitlines()]
    assert run.stderr == ""
    return run.returncode, {name: said.startswith("proved") for name, said, *_ in verdicts}


# Files


@pytest.mark.parametrize("index", [0, 1, LARGE, 255, 256, SIZE - 1])
def test_a_proof_is_written_read_and_verified(index: int) -> None:
    proof = proof_of(index)

    again = parse_proof(proof.text)
    proved = verify_proof(again, LOG.verifier)

    assert again == proof
    assert frame_of(*proved.event) == FRAMES[index]
    assert proved.seen.head.size == SIZE


def test_a_proof_file_is_as_its_specification_says() -> None:
    lines = proof_of(256).text.split("\n")

    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 256"
    assert [len(line) for line in lines[3:11]] == [44] * 7 + [0]
    assert "\n".join(lines[11:]) == NOTE


def test_a_proof_without_the_event_is_verified_against_it() -> None:
    bare = parse_proof(prove(5, SIZE, NODES, NOTE, b"").text)

    assert verify_proof(bare, LOG.verifier, frame=FRAMES[5]).event.position == 16
    for frame in (None, FRAMES[6]):
        with pytest.raises(Refused, match="not leaf 5"):
            verify_proof(bare, LOG.verifier, frame=frame)
    with pytest.raises(Refused, match="another event's"):
        verify_proof(proof_of(5), LOG.verifier, frame=FRAMES[6])


def test_the_proof_of_the_only_event_has_no_path() -> None:
    head = Checkpoint("example.org/sijill", 1, LEAVES[0])
    proof = prove(0, 1, nodes_of(LEAVES[:1]), sign_checkpoint(head, LOG), FRAMES[0])

    assert proof.path == ()
    assert verify_proof(parse_proof(proof.text), LOG.verifier).event.position == 1


def test_a_proof_keeps_its_witnesses() -> None:
    head = Checkpoint("example.org/sijill", SIZE, root(LEAVES))
    proof = prove(5, SIZE, NODES, NOTE + WITNESS.line(head.text, 99), FRAMES[5])

    proved = verify_proof(parse_proof(proof.text), LOG.verifier, [WITNESS.verifier])

    assert proved.seen.witnessed == {"witness.example/w1": 99}


def edits(text: str) -> dict[str, str]:
    """What a careless or a cunning writer might do to a proof file."""
    header, extra, index, *rest = text.split("\n")
    return {
        "header": text.replace("@v1", "@v2"),
        "header's dot": text.replace("c2sp.org", "c2sp-org"),
        "no header": "\n".join([extra, index, *rest]),
        "index first": "\n".join([header, index, extra, *rest]),
        "empty extra": "\n".join([header, "extra ", index, *rest]),
        "leading zero": text.replace("index 5", "index 05"),
        "signed index": text.replace("index 5", "index +5"),
        "another index": text.replace("index 5", "index 4"),
        "huge index": text.replace("index 5", "index 18446744073709551621"),
        "short hash": text.replace(rest[0], rest[0][:-4] + "="),
        "no empty line": text.replace("\n\n", "\n", 1),
        "two empty lines": text.replace("\n\n", "\n\n\n", 1),
        "windows": text.replace("\n", "\r\n"),
        "no end": text[:-1],
        "more": text + "\n",
        "signature twice": text + text.split("\n")[-2] + "\n",
        "no checkpoint": text.partition("\n\n")[0] + "\n\n",
        "space": text.replace("index 5", "index 5 "),
        "byte order mark": "\ufeff" + text,
        "size": text.replace(f"\n{SIZE}\n", f"\n{SIZE + 1}\n"),
    }


@pytest.mark.parametrize("name", edits(proof_of(5).text))
def test_an_edited_proof_is_refused(name: str, tmp_path: Path) -> None:
    file = tmp_path / "proof"
    file.write_bytes(edits(proof_of(5).text)[name].encode())

    assert not is_proved(file.read_bytes())
    assert tool(file) == (1, {str(file): False})


def test_another_logs_key_proves_nothing(tmp_path: Path) -> None:
    other = Signer("example.org/sijill", b"\x09" * 32)
    file = tmp_path / "proof"
    file.write_text(proof_of(5).text, encoding="utf-8", newline="")

    with pytest.raises(Refused, match="None of the keys"):
        verify_proof(proof_of(5), other.verifier)
    assert tool(file, key=str(other.verifier)) == (1, {str(file): False})
    assert tool(file, key="example.org/sijill")[0] == 1


# Answers


def test_the_proof_of_an_answer_is_written_read_and_verified() -> None:
    proof = answer()

    again = parse_answer_proof(proof.text)
    proved = verify_answer(again, LOG.verifier)

    assert again == proof
    assert [each.event.position for each in proved] == [10, 601]


def test_an_answer_that_rests_on_no_event_is_what_the_log_stated() -> None:
    empty = prove_answer({"members": {}}, {"members": []}, 12, [], LOG)

    assert verify_answer(parse_answer_proof(empty.text), LOG.verifier) == []


def changed_answers() -> dict[str, AnswerProof]:
    proof = answer()
    other = sign_checkpoint(Checkpoint("example.org/sijill", 299, root(LEAVES[:299])), LOG)
    elsewhere = prove(3, 299, nodes_of(LEAVES[:299]), other, FRAMES[3])
    return {
        "question": proof._replace(question={"members": {}}),
        "answer": proof._replace(answer={"members": {"count": {"certain": 3}}}),
        "position": proof._replace(position=901),
        "an event less": proof._replace(proofs=proof.proofs[:1]),
        "an event more": proof._replace(proofs=(*proof.proofs, proof_of(4))),
        "order": proof._replace(proofs=proof.proofs[::-1]),
        "statement": proof._replace(statement=NOTE),
        "two checkpoints": prove_answer({}, {}, 900, [elsewhere, proof_of(4)], LOG),
        "a later event": prove_answer({}, {}, 9, [proof_of(3)], LOG),
    }


@pytest.mark.parametrize("name", changed_answers())
def test_a_changed_answer_is_refused(name: str, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    file.write_bytes(changed_answers()[name].text.encode())

    assert not is_proved(file.read_bytes())
    assert tool(file) == (1, {str(file): False})


@pytest.mark.parametrize("text", ["", "{}", "[]", "{", "null", '{"format": 1}', "[" * 100_000])
def test_what_is_no_proof_of_an_answer_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_answer_proof(text)

    assert refused.value.code == "BAD_PROOF"


# Two verifiers


def mutated(chance: random.Random, file: bytes) -> bytes:
    """A byte changed, put in or taken out, or lines exchanged, dropped or doubled."""
    at = chance.randrange(len(file))
    match chance.randrange(6):
        case 0 | 1:
            return file[:at] + bytes([file[at] ^ 1 << chance.randrange(8)]) + file[at + 1 :]
        case 2:
            return file[:at] + chance.choice([b"\n", b" ", b"A", b"=", b"0"]) + file[at:]
        case 3:
            return file[:at] + file[at + 1 :]
        case 4:
            return file[:at]
    lines = file.split(b"\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one] = lines[two]
    return b"\n".join(lines)


def test_both_verifiers_take_every_true_proof_and_refuse_2000_mutated_ones(
    tmp_path: Path,
) -> None:
    chance = random.Random(3)
    true = [proof_of(index).text.encode() for index in range(SIZE)] + [answer().text.encode()]
    # Half of the changes are outside of the long line that holds the event.
    sources = [file for number, file in enumerate(true) if number != LARGE]
    false: list[bytes] = []
    while len(false) < 2000:
        file = chance.choice([*sources[-1:], *chance.choices(sources, k=9)])
        if (bad := mutated(chance, file)) not in true:
            false.append(bad)
    expected: dict[str, bool] = {}
    for number, file in enumerate([*true, *false]):
        path = tmp_path / f"{number}"
        path.write_bytes(file)
        expected[str(path)] = number < len(true)

    status, said = tool(*map(Path, expected))

    assert [is_proved(file) for file in true] == [True] * len(true)
    assert [file for file in false if is_proved(file)] == []
    assert said == expected
    assert status == 1


def test_both_verifiers_refuse_every_mutated_proof_of_an_answer(tmp_path: Path) -> None:
    chance = random.Random(9)
    true = answer().text.encode()
    files: dict[str, bytes] = {}
    while len(files) < times(1_000, 10_000):
        bad = mutated_answer(chance, true) if chance.random() < 0.3 else mutated(chance, true)
        if bad != true:
            files[str(tmp_path / str(len(files)))] = bad
    for name, file in files.items():
        Path(name).write_bytes(file)

    said: dict[str, bool] = {}
    for start in range(0, len(files), 1_000):
        said |= tool(*map(Path, list(files)[start : start + 1_000]))[1]

    assert [file for file in files.values() if is_proved(file)] == []
    assert said == dict.fromkeys(files, False)


def mutated_answer(chance: random.Random, file: bytes) -> bytes:
    """The file with something of its answer, question, position or proofs written otherwise."""
    fields = json.loads(file)
    match chance.randrange(6):
        case 0:
            fields["answer"]["members"]["count"]["certain"] = chance.randrange(3, 1_000)
        case 1:
            fields["answer"]["members"]["edges"][0]["name"] = "".join(chance.choices("abسي ", k=5))
        case 2:
            fields["question"]["members"]["asOf"] = f"{chance.randrange(1900, 2100)}"
        case 3:
            fields["position"] = chance.randrange(901, 2_000)
        case 4:
            fields["proofs"][chance.randrange(2)] = proof_of(chance.randrange(1, SIZE)).text
        case 5:
            # Signed again, by a key that is not the log's, or with an event that is not in it.
            other = Signer("example.org/sijill", chance.randbytes(32))
            return prove_answer(
                fields["question"], fields["answer"], 900, answer().proofs, other
            ).text.encode()
    return (json.dumps(fields, ensure_ascii=False) + "\n").encode()


def test_the_tool_accepts_a_batch_of_true_proofs_and_says_what_they_prove(tmp_path: Path) -> None:
    files = {"a.tlog-proof": proof_of(LARGE).text, "b.json": answer().text}
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode())

    status, said = tool(*(tmp_path / name for name in files))

    assert (status, *said.values()) == (0, True, True)


def test_the_tool_is_short_and_imports_nothing_but_pythons_own() -> None:
    source = TOOL.read_text(encoding="utf-8")

    imported = {line.split()[1] for line in source.splitlines() if line.startswith("import ")}
    assert len(source.splitlines()) <= 150
    assert imported <= sys.stdlib_module_names
    assert "from " not in {line[:5] for line in source.splitlines()}


@pytest.mark.parametrize(
    ("secret", "public", "message", "signature"),
    [  # RFC 8032 §7.1, tests 1 to 3
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_the_tools_own_ed25519_is_rfc_8032s(
    secret: str, public: str, message: str, signature: str
) -> None:
    verifier: dict[str, Any] = {"__name__": "verifier"}
    exec(compile(TOOL.read_text(encoding="utf-8"), str(TOOL), "exec"), verifier)
    is_signed = verifier["is_signed"]
    good = bytes.fromhex(signature)

    assert Signer("x", bytes.fromhex(secret)).verifier.public.hex() == public
    assert is_signed(bytes.fromhex(public), bytes.fromhex(message), good)
    assert not is_signed(bytes.fromhex(public), bytes.fromhex(message) + b"x", good)
    assert not is_signed(bytes.fromhex(public), bytes.fromhex(message), good[:32] + bytes(32))
    malleable = int.from_bytes(good[32:], "little") + verifier["ORDER"]
    with pytest.raises(ValueError, match="no Ed25519 signature"):
        is_signed(bytes.fromhex(public), b"", good[:32] + malleable.to_bytes(32, "little"))
