"""What others hold of the log, to compare it with: signed heads, leaves of published tiles."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from domain.checkpoint import VerifierKey
from domain.errors import Refused
from domain.merkle import Frontier
from domain.tiles import WIDTH, Tile, decode_tile
from store.published_log import read_published


class RootClaim(NamedTuple):
    """That the log had a root at a size; what is `wrong` with the claim itself, if anything."""

    size: int
    root: bytes
    where: str
    wrong: str = ""


class Leaves:
    """The leaves' hashes that a folder of tiles has, asked for one after the other."""

    def __init__(self, folder: Path, size: int, root: bytes) -> None:
        self.folder, self._size, self._root = folder, size, root
        self._tree = Frontier()
        self._tile: list[bytes] = []
        self._wrong = ""

    def differ(self, index: int, leaf: bytes) -> bool:
        """Whether the published tree has another leaf there; leaves past it are not its matter."""
        if not self._tree.size <= index < self._size:
            return False
        while self._tree.size <= index:
            if (leaf_there := self._read(self._tree.size)) is None:
                return False
            self._tree.append(leaf_there)
        return leaf_there != leaf

    def finish(self) -> str:
        """What is wrong with the tiles themselves, none of which is signed alone."""
        self.differ(self._size - 1, b"")
        if not self._wrong and self._tree.root() != self._root:
            self._wrong = f"the tiles published at {self.folder} are not those of its checkpoint"
        return self._wrong

    def _read(self, index: int) -> bytes | None:
        number, at = divmod(index, WIDTH)
        if at == 0:
            width = min(WIDTH, self._size - index)
            try:
                self._tile = _tile(self.folder, Tile(0, number, width))
            except (OSError, Refused) as error:
                self._wrong = self._wrong or (
                    f"the tiles published at {self.folder} can't be read: {error}"
                )
                self._tile = []
        return self._tile[at] if at < len(self._tile) else None


def _tile(folder: Path, tile: Tile) -> list[bytes]:
    """The hashes of a tile, from the full one where the partial one was taken away."""
    try:
        return decode_tile((folder / tile.path).read_bytes(), tile.width)
    except FileNotFoundError:
        whole = Tile(tile.level, tile.index)
        return decode_tile((folder / whole.path).read_bytes(), WIDTH)[: tile.width]


def published_claims(
    folder: Path, key: VerifierKey | None = None
) -> tuple[RootClaim, Leaves] | None:
    """What a folder says of the log. Raises as `read_published` does."""
    found = read_published(folder, key)
    if found is None:
        return None
    head = found.head
    where = f"The checkpoint of {head.size} events published at {folder}"
    return RootClaim(head.size, head.root, where), Leaves(folder, head.size, head.root)
