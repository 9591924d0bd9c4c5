"""Which names look alike: their skeletons, in the manner of Unicode's UTS #39.

Case, marks, spaces and punctuation are left out, and a letter that looks like another one stands
for that. The letters are those of Latin, Cyrillic, Greek and Arabic that people mix up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_PAIRS: Final = (
    # Cyrillic and Greek letters that look like Latin ones, after folding of case
    ("авекмнорстухіјѕԁԛԝһүьӏѵ", "abekmhopctyxijsdqwhyblv"),
    ("αβεζηικμνορτυχϲϳω", "abezhikmvoptyxcjw"),
    # Latin letters that Unicode does not take apart
    ("ıłđðøħŧŋɑɡɩʋɓɗƒ", "ilddohtnagivbdf"),
    # Arabic letters of one form, or of one with a hamza or without it
    ("ىیےکٱةہۀھە", "يييكاههههه"),
)
_SIGNS: Final = re.compile("[^a-z0-9]")
_LETTERS: Final = str.maketrans(
    {
        **{letter: like for of, to in _PAIRS for letter, like in zip(of, to, strict=True)},
        "æ": "ae", "œ": "oe", "þ": "th", "ء": "", "ـ": "",
    }
)  # fmt: skip


@lru_cache(maxsize=2**12)
def skeletons(name: str) -> frozenset[str]:
    """What a name may be read as: two names that share one look alike.

    A capital I is read as an i and as an l: AI-Tanf looks like Al-Tanf. A name without a letter or
    a digit has none.
    """
    found = {_skeleton(name)}
    if "I" in name:
        found.add(_skeleton(name.replace("I", "l")))
    return frozenset(found - {""})


def skeletons_of(names: Iterable[str]) -> tuple[str, ...]:
    """Those of all names of something, in order."""
    return tuple(sorted({each for name in names for each in skeletons(name)}))


def _skeleton(name: str) -> str:
    if name.isascii():
        return _SIGNS.sub("", name.lower())
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(
        letter for letter in apart.translate(_LETTERS) if unicodedata.category(letter)[0] in "LN"
    )
