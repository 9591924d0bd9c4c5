"""Laws of the tree: it only grows, every leaf and every earlier tree is proved, nothing else is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.proof_verifier import parse_frame
from support.tile_reader import decode_bundle, nodes_from
from support.tree_verifier import consistency_path, verify_consistency, verify_inclusion

from domain.leaf import frame_of, leaf_of
from domain.merkle import (
    Frontier,
    inclusion_path,
    leaf_hash,
    nodes_of,
    root,
    subtree,
)
from domain.tiles import Tile, encode_bundle, encode_tile, tiles_between

hashes = st.binary(max_size=4).map(leaf_hash)
trees = st.lists(hashes, max_size=80)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
events = st.tuples(
    texts, st.binary(max_size=40), st.lists(texts, max_size=4).map(tuple), st.integers(0, 2**63 - 1)
)


def mth(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, word for word."""
    if not leaves:
        return root([])
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return subtree(0, 2, nodes_of([mth(leaves[:k]), mth(leaves[k:])]))


@given(trees)
def test_the_frontier_has_the_root_that_the_rfc_defines_at_every_size(leaves: list[bytes]) -> None:
    frontier = Frontier()
    for size, leaf in enumerate(leaves):
        assert frontier.root() == mth(leaves[:size])
        frontier.append(leaf)
        frontier = Frontier(frontier.size, frontier.peaks)

    assert frontier.root() == root(leaves) == mth(leaves)


@given(trees)
def test_what_a_frontier_says_is_complete_is_all_that_the_tree_needs(leaves: list[bytes]) -> None:
    frontier, rows = Frontier(), {}
    for leaf in leaves:
        for level, index, found in frontier.append(leaf):
            assert (level, index) not in rows
            rows[level, index] = found

    assert subtree(0, len(leaves), lambda level, index: rows[level, index]) == root(leaves)
    assert len(rows) < 2 * max(1, len(leaves))


def test_every_leaf_of_every_small_tree_is_proved_and_only_at_its_index() -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(40)]
    node_at = nodes_of(leaves)

    for size in range(1, 41):
        head = root(leaves[:size])
        for index in range(size):
            path = inclusion_path(index, size, node_at)
            taken = [
                at
                for at in range(size + 1)
                if verify_inclusion(leaves[index], at, size, path, head)
            ]
            assert taken == [index]


def test_every_small_tree_is_shown_to_begin_every_larger_one() -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(40)]
    node_at = nodes_of(leaves)
    heads = [root(leaves[:size]) for size in range(41)]

    for second in range(41):
        for first in range(second + 1):
            path = consistency_path(first, second, node_at)
            assert verify_consistency(first, second, path, heads[first], heads[second])


@given(trees.filter(bool), st.data())
def test_a_tree_whose_past_was_rewritten_is_not_consistent(
    leaves: list[bytes], data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, len(leaves)))
    at = data.draw(st.integers(0, first - 1))
    rewritten = [*leaves[:at], leaf_hash(b"rewritten"), *leaves[at + 1 :]]

    path = consistency_path(first, len(leaves), nodes_of(rewritten))

    before, after = root(leaves[:first]), root(rewritten)
    assert not verify_consistency(first, len(leaves), path, before, after)


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_proofs_in_large_trees_are_short(one: int, two: int) -> None:
    asked = []

    def node_at(level: int, index: int) -> bytes:
        asked.append((level, index))
        return leaf_hash(f"{level}/{index}".encode())

    first, second = sorted((one, two + 1))
    assert len(consistency_path(first, second, node_at)) <= 42
    if first < second:
        assert len(inclusion_path(first, second, node_at)) <= 41
    assert len(asked) <= 180
    assert all((index + 1) << level <= second for level, index in asked)


@given(events, events)
def test_two_events_have_one_leaf_only_if_they_are_the_same(
    one: tuple[str, bytes, tuple[str, ...], int], two: tuple[str, bytes, tuple[str, ...], int]
) -> None:
    assert (leaf_of(*one) == leaf_of(*two)) == (one == two)
    assert parse_frame(frame_of(*one)) == one


@given(st.integers(0, 10**20), st.integers(1, 256), st.sampled_from([0, 1, 7, 63, "entries"]))
def test_every_tile_has_one_path(index: int, width: int, level: int) -> None:
    tile = Tile(level, index, width)

    assert Tile.parse(tile.path) == tile


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_is_read_as_it_was_written(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


@given(st.integers(1, 1200), st.data())
def test_the_tiles_of_a_tree_are_the_tree(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    node_at = nodes_of(leaves)
    files = {
        tile: encode_tile(tile, node_at)
        for tile in tiles_between(0, size)
        if tile.level != "entries"
    }
    read = nodes_from(files.__getitem__, size)
    index = data.draw(st.integers(0, size - 1))

    assert subtree(0, size, read) == root(leaves)
    assert inclusion_path(index, size, read) == inclusion_path(index, size, node_at)
