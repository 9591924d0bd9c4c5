"""Merges the fonts of pages into one a weight, in which pictures are drawn, at set-up.

A picture is drawn from one font file a weight, since shaping does not go from one font to another
within a run of Arabic and Latin.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fontTools.merge import Merger
from fontTools.ttLib import TTFont

FAMILY: Final = "IBM Plex Sans"
WEIGHTS: Final = (400, 600)
SCRIPTS: Final = ("sans-{}", "sans-ext-{}", "cyrillic-{}", "arabic-{}")
"""Names of the fonts' files; where two have a character, the first counts."""
HINTS: Final = ("fpgm", "prep", "cvt ", "gasp", "STAT")
"""Tables for small sizes on old screens, which can't be merged."""
FAMILY_NAME, TYPOGRAPHIC_NAME = 1, 16


def write_picture_fonts(folder: Path) -> None:
    """Write picture-400.ttf and picture-600.ttf beside the fonts of a folder."""
    for weight in WEIGHTS:
        names = (name.format(weight) for name in SCRIPTS)
        _merge([folder / f"{name}.woff2" for name in names], folder / f"picture-{weight}.ttf")


def _merge(fonts: Iterable[Path], to: Path) -> None:
    with TemporaryDirectory() as temporary:
        plain = []
        for path in fonts:
            font = TTFont(path, recalcTimestamp=False)
            font.flavor = None
            for table in HINTS:
                if table in font:
                    del font[table]
            plain.append(str(Path(temporary) / f"{path.stem}.ttf"))
            font.save(plain[-1])
        merged = Merger().merge(plain)
    for kind in (FAMILY_NAME, TYPOGRAPHIC_NAME):
        merged["name"].setName(FAMILY, kind, 3, 1, 0x409)
    merged["head"].created = merged["head"].modified = 0
    merged.recalcTimestamp = False
    merged.save(to)
