"""The Merkle tree against others' vectors and pymerkle, and the bytes of a leaf."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest
from pymerkle import InmemoryTree
from pymerkle import verify_consistency as pymerkle_verifies_consistency
from pymerkle import verify_inclusion as pymerkle_verifies_inclusion
from support.proof_verifier import Framed, parse_frame
from support.tree_verifier import consistency_path, verify_consistency, verify_inclusion

from domain.errors import Refused
from domain.leaf import LARGEST_ENTRY, entry_of, frame_of, leaf_of
from domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    inclusion_path,
    leaf_hash,
    node_hash,
    nodes_of,
    root,
    subtree,
)

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "merkle"


def vectors(name: str) -> Any:
    if not VECTORS.is_dir():
        pytest.skip(f"others' vectors are not at {VECTORS}")
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def some_leaves(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


# Others' vectors


def test_roots_are_those_of_rfc_6962_implementations() -> None:
    file = vectors("rfc6962-roots.json")
    leaves = [leaf_hash(bytes.fromhex(data)) for data in file["leaf_inputs_hex"]]

    for case in file["cases"]:
        part = leaves[: case["tree_size"]]
        frontier = Frontier()
        for leaf in part:
            frontier.append(leaf)

        assert root(part).hex() == frontier.root().hex() == case["root_hex"]


def test_inclusion_proofs_are_taken_and_refused_as_transparency_dev_does() -> None:
    cases = vectors("transparency-dev-inclusion.json")["cases"]

    for case in cases:
        leaf, expected = base64.b64decode(case["leafHash"]), base64.b64decode(case["root"])
        path = [base64.b64decode(sibling) for sibling in case["proof"] or []]

        taken = verify_inclusion(leaf, case["leafIdx"], case["treeSize"], path, expected)

        assert taken is not case["wantErr"], case["file"]
    assert {case["wantErr"] for case in cases} == {True, False}


# A second opinion


def test_pymerkle_has_the_same_roots_and_proofs_in_random_trees() -> None:
    chance = random.Random(20251103)
    sizes = [1, 2, 3, 2000, *(chance.randint(1, 2000) for _ in range(16))]

    for size in sizes:
        entries = [chance.randbytes(chance.randint(0, 60)) for _ in range(size)]
        theirs = InmemoryTree.init_from_entries(entries)
        leaves = [leaf_hash(entry) for entry in entries]
        node_at = nodes_of(leaves)

        for part in {1, size, *(chance.randint(1, size) for _ in range(8))}:
            head = subtree(0, part, node_at)
            assert head == theirs.get_root(part)

            for index in {0, part - 1, *(chance.randrange(part) for _ in range(6))}:
                proof = theirs.prove_inclusion(index + 1, part)
                own, *path = proof.path  # theirs begins with the leaf, and counts from 1
                assert (own, path) == (leaves[index], inclusion_path(index, part, node_at))
                pymerkle_verifies_inclusion(leaves[index], head, proof)
                assert verify_inclusion(leaves[index], index, part, path, head)

            for first in {1, part, *(chance.randint(1, part) for _ in range(6))}:
                proof = theirs.prove_consistency(first, part)
                before = subtree(0, first, node_at)
                pymerkle_verifies_consistency(before, head, proof)
                path = consistency_path(first, part, node_at)  # theirs has another form
                assert verify_consistency(first, part, path, before, head)


# Proofs that were tampered with

Claim = tuple[bytes, int, int, list[bytes], bytes]


def _other(chance: random.Random, data: bytes) -> bytes:
    """A single bit flipped, or the length changed."""
    match chance.randrange(4):
        case 0:
            return data[:-1]
        case 1:
            return data + b"\x00"
        case _:
            at = chance.randrange(len(data))
            return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _mutated(chance: random.Random, path: list[bytes]) -> list[bytes]:
    """Another path: a hash changed, dropped, put in, doubled or moved."""
    found = list(path)
    at = chance.randrange(len(path)) if path else 0
    match chance.randrange(5) if path else 1:
        case 0:
            found[at] = _other(chance, found[at])
        case 1:
            found.insert(chance.randint(0, len(found)), chance.randbytes(32))
        case 2:
            del found[at]
        case 3:
            found.insert(at, found[at])
        case 4:
            found.reverse()
    return found


def test_every_one_of_7000_mutated_inclusion_proofs_is_refused() -> None:
    chance = random.Random(1)
    leaves = some_leaves(600)
    node_at = nodes_of(leaves)
    tried = 0

    while tried < 7000:
        size = chance.randint(1, len(leaves))
        index = chance.randrange(size)
        good: Claim = (
            leaves[index],
            index,
            size,
            inclusion_path(index, size, node_at),
            subtree(0, size, node_at),
        )
        assert verify_inclusion(*good)
        leaf, _, _, path, head = good
        bad: Claim = chance.choice(
            [
                (_other(chance, leaf), index, size, path, head),
                (leaf, chance.choice([index + 1, index - 1, size - 1 - index]), size, path, head),
                (leaf, index ^ 1 << chance.randrange(64), size, path, head),
                (leaf, index, size, _mutated(chance, path), head),
                (leaf, index, size, path, _other(chance, head)),
                (leaf, index, size, path, leaf if path else EMPTY_ROOT),
                (leaf, index, chance.choice([0, index, 2 * size + 1, size << 20]), path, head),
            ]
        )
        if bad != good:
            assert not verify_inclusion(*bad), bad
            tried += 1


def test_every_one_of_3000_mutated_consistency_proofs_is_refused() -> None:
    chance = random.Random(2)
    node_at = nodes_of(some_leaves(600))
    tried = 0

    while tried < 3000:
        second = chance.randint(1, 600)
        first = chance.randint(1, second)
        path = consistency_path(first, second, node_at)
        old, new = subtree(0, first, node_at), subtree(0, second, node_at)
        good = (first, second, path, old, new)
        assert verify_consistency(*good)
        bad = chance.choice(
            [
                (first, second, _mutated(chance, path), old, new),
                (first, second, path, _other(chance, old), new),
                (first, second, path, old, _other(chance, new)),
                (first, second, path, new, old),
                (second, first, path, old, new),
                (0, second, path, old, new),
                (first, first, path, old, new),
            ]
        )
        if bad != good:
            assert not verify_consistency(*bad), bad
            tried += 1


def test_a_size_that_is_not_the_signed_one_may_pass_so_the_size_is_taken_from_the_checkpoint() -> (
    None
):
    leaves = some_leaves(5)
    path = inclusion_path(0, 5, nodes_of(leaves))

    assert verify_inclusion(leaves[0], 0, 6, path, root(leaves))


def test_what_is_outside_of_a_tree_has_no_proof() -> None:
    node_at = nodes_of(some_leaves(5))

    for index, size in [(-1, 5), (5, 5), (0, 0)]:
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_path(index, size, node_at)
    for first, second in [(-1, 5), (6, 5)]:
        with pytest.raises(ValueError, match="no beginning"):
            consistency_path(first, second, node_at)


def test_the_empty_tree_is_where_every_tree_began() -> None:
    head = root(some_leaves(5))

    assert verify_consistency(0, 5, [], EMPTY_ROOT, head)
    assert verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    assert not verify_consistency(0, 5, [], head, head)
    assert not verify_consistency(0, 0, [], head, head)


# The frontier


def test_a_frontier_tells_the_subtrees_that_a_leaf_completes() -> None:
    leaves = some_leaves(4)
    frontier = Frontier(3, [node_hash(leaves[0], leaves[1]), leaves[2]])

    made = frontier.append(leaves[3])

    right = node_hash(leaves[2], leaves[3])
    assert made == [(0, 3, leaves[3]), (1, 1, right), (2, 0, root(leaves))]
    assert (frontier.size, frontier.peaks) == (4, [root(leaves)])


@pytest.mark.parametrize(
    ("size", "peaks"), [(1, []), (3, [b"x" * 32]), (0, [b"x" * 32]), (1, [b"x"]), (-1, [b"x" * 32])]
)
def test_a_frontier_whose_peaks_are_not_of_its_size_is_refused(
    size: int, peaks: list[bytes]
) -> None:
    with pytest.raises(ValueError, match="peak"):
        Frontier(size, peaks)


# The leaf of an event

EVENT = Framed("MemberJoined/1", b'{"actor":"\xd8\xb3"}', ("fact:a", "about:سوريا"), 12)
FRAME = (
    b"sijill/event/1\n"
    b"\x00\x00\x00\x00\x00\x00\x00\x0c"
    b"\x00\x00\x00\x0eMemberJoined/1"
    b'\x00\x00\x00\x0e{"actor":"\xd8\xb3"}'
    b"\x00\x00\x00\x02"
    b"\x00\x00\x00\x06fact:a"
    b"\x00\x00\x00\x10about:\xd8\xb3\xd9\x88\xd8\xb1\xd9\x8a\xd8\xa7"
)


def test_a_frame_is_written_as_its_format_says_and_read_back() -> None:
    assert frame_of(*EVENT) == FRAME
    assert parse_frame(FRAME) == EVENT
    assert leaf_of(*EVENT) == entry_of(FRAME) == FRAME


def test_every_part_of_an_event_is_in_its_leaf() -> None:
    others = [
        EVENT,
        EVENT._replace(stored_type="MemberJoined/2"),
        EVENT._replace(data=EVENT.data + b" "),
        EVENT._replace(position=13),
        EVENT._replace(tags=EVENT.tags[::-1]),
        EVENT._replace(tags=EVENT.tags[:1]),
        EVENT._replace(tags=("fact:aabout:سوريا",)),
        EVENT._replace(tags=(*EVENT.tags, "")),
        EVENT._replace(stored_type="MemberJoined/1{", data=EVENT.data[1:]),
    ]

    assert len({leaf_of(*event) for event in others}) == len(others)


def test_an_event_too_large_for_a_bundle_is_logged_by_its_digest() -> None:
    spare = LARGEST_ENTRY - len(frame_of("T/1", b"", [], 1))

    fits = frame_of("T/1", b"x" * spare, [], 1)
    large = frame_of("T/1", b"x" * (spare + 1), [], 1)

    assert entry_of(fits) == fits
    assert entry_of(large).startswith(b"sijill/event-digest/1\n")
    assert len(entry_of(large)) == 22 + 32
    assert entry_of(large) != entry_of(large[:-1] + b"y")


@pytest.mark.parametrize(
    "bytes_",
    [
        b"",
        FRAME[:-1],
        FRAME + b"\x00",
        FRAME[:10],
        b"x" + FRAME,
        FRAME.replace(b"/1\n", b"/2\n", 1),
        FRAME.replace(b"MemberJ", b"\xffemberJ"),
        FRAME.replace(b"\x00\x00\x00\x02", b"\xff\xff\xff\xff"),
        entry_of(FRAME.replace(b"\x00\x00\x00\x0c", b"\x00\x00\x00\x0d") + b"x" * 70_000),
    ],
)
def test_bytes_that_are_no_event_are_refused(bytes_: bytes) -> None:
    with pytest.raises(Refused, match="not those of one event") as refused:
        parse_frame(bytes_)

    assert refused.value.code == "BAD_FRAME"
