"""Paths, tiles and bundles as C2SP tlog-tiles has them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from support.tile_reader import decode_bundle, nodes_from
from support.tree_verifier import verify_inclusion

from domain.errors import Refused
from domain.merkle import inclusion_path, leaf_hash, nodes_of, root, subtree
from domain.tiles import (
    Tile,
    decode_tile,
    encode_bundle,
    encode_tile,
    tiles_between,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),  # the specification's example
        (Tile(1, 1000, 7), "tile/1/x001/000.p/7"),
        (Tile("entries", 999, 255), "tile/entries/999.p/255"),
        (Tile(63, 0, 1), "tile/63/000.p/1"),
        (Tile(7, 10**18 - 1), "tile/7/x999/x999/x999/x999/x999/999"),
    ],
)
def test_a_tile_has_its_path_and_a_path_its_tile(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/001",
        "tile/0/x001",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/300",
        "tile/0/000.p/",
        "tile/0/٠٠١",
        "tile/0/000\n",
        "tile/data/000",
        "tile/8/0/000",
        "tile/0/../000",
    ],
)
def test_another_path_is_none(path: str) -> None:
    assert Tile.parse(path) is None


def test_a_tree_of_70000_is_the_tiles_of_the_specifications_example() -> None:
    tiles = list(tiles_between(0, 70_000))

    hashes = [tile for tile in tiles if tile.level != "entries"]
    assert Counter(tile.level for tile in hashes if tile.width == 256) == {0: 273, 1: 1}
    assert [tile for tile in hashes if tile.width < 256] == [
        Tile(0, 273, 112),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert sum(tile.width for tile in tiles if tile.level == "entries") == 70_000
    assert list(tiles_between(0, 256)) == [Tile("entries", 0), Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_between(0, 0)) == []


def test_what_changed_between_two_sizes_is_published() -> None:
    assert list(tiles_between(70_000, 70_000)) == []
    assert list(tiles_between(250, 255)) == [Tile("entries", 0, 255), Tile(0, 0, 255)]
    assert list(tiles_between(250, 257)) == [
        Tile("entries", 0),
        Tile(0, 0),
        Tile("entries", 1, 1),
        Tile(0, 1, 1),
        Tile(1, 0, 1),
    ]


def test_publishing_in_steps_leaves_every_tile_of_the_last_tree() -> None:
    sizes = [0, 1, 255, 256, 257, 513, 65_535, 65_536, 65_800, 70_000]

    published: set[Tile] = set()
    for old, new in pairwise(sizes):
        published.update(tiles_between(old, new))

    assert set(tiles_between(0, sizes[-1])) <= published
    assert all(tile.within(sizes[-1]) for tile in published)


def test_a_tile_is_within_the_trees_that_have_all_of_it() -> None:
    assert Tile(0, 1, 5).within(261)
    assert not Tile(0, 1, 5).within(260)
    assert Tile(1, 0, 2).within(512)
    assert not Tile(1, 0, 2).within(511)
    assert Tile("entries", 0).within(256)


def test_proofs_are_made_from_tiles_alone() -> None:
    size = 66_000
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    node_at = nodes_of(leaves)
    files = {
        tile.path: encode_tile(tile, node_at)
        for tile in tiles_between(0, size)
        if tile.level != "entries"
    }

    read = nodes_from(lambda tile: files[tile.path], size)

    assert subtree(0, size, read) == root(leaves)
    for index in [0, 255, 256, 40_000, 65_535, 65_536, size - 1]:
        path = inclusion_path(index, size, read)
        assert path == inclusion_path(index, size, node_at)
        assert verify_inclusion(leaves[index], index, size, path, root(leaves))


def test_a_tile_of_another_length_is_refused() -> None:
    for data in (b"", b"x" * 63, b"x" * 96):
        with pytest.raises(Refused, match="A tile of 2 hashes has 64 bytes"):
            decode_tile(data, 2)


def test_a_bundle_has_each_entry_after_its_length() -> None:
    entries = [b"", b"ab", b"x" * 65_535]

    bundle = encode_bundle(entries)

    assert bundle.startswith(b"\x00\x00\x00\x02ab\xff\xffxx")
    assert decode_bundle(bundle, 3) == entries
    with pytest.raises(ValueError, match="at most 65535"):
        encode_bundle([b"x" * 65_536])


@pytest.mark.parametrize("bundle", [b"", b"\x00", b"\x00\x01", b"\x00\x02a", b"\x00\x01a\x00\x01b"])
def test_a_bundle_that_is_not_of_whole_entries_is_refused(bundle: bytes) -> None:
    with pytest.raises(Refused, match="not one of 1 whole entries"):
        decode_bundle(bundle, 1)
