"""Names as people write them: other hamzas, other letters, slips of the pen, words reordered."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Final

LANGUAGES: Final = ("en", "ar")
SEATS: Final = "a a a i a ' ' ' "
LATIN: Final = {
    letter: pair.strip()
    for letter, pair in zip(
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةأإآءئؤ",
        re.findall(
            "..", "a b t thj h khd dhr z s shs d t z ' ghf q k l m n h w y a a a i a ' ' ' "
        ),
        strict=True,
    )
}
ARABIC: Final = (
    *(("sh", "ش"), ("ch", "تش"), ("kh", "خ"), ("gh", "غ"), ("th", "ث"), ("ph", "ف")),
    *(("ee", "ي"), ("oo", "و")),
    *zip("abcdefghijklmnopqrstuvwyz", "ابكديفغهيجكلمنوبقرستوفويز", strict=True),
    ("x", "كس"),
)
HAMZA: Final = str.maketrans("أإآةىئؤ", "اااهييو")
KEYS: Final = {"en": "abcdefghijklmnopqrstuvwxyz", "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"}


def without_hamza(name: str, lang: str, rng: random.Random) -> str:
    """Arabic without hamza and ta marbuta, or with ones that do not belong; Latin in capitals."""
    if lang == "en":
        return name.replace("-", " ").upper()
    plain = name.translate(HAMZA)
    return plain if plain != name else name.replace("ا", "أ", 1).replace("ه", "ة")


def transliterated(name: str, lang: str, rng: random.Random) -> str:
    """In the letters of the other script, letter by letter."""
    if lang == "en":
        found = name.lower()
        for latin, arabic in ARABIC:
            found = found.replace(latin, arabic)
        return found
    words = []
    for word in name.split():
        article = "al-" if word.startswith("ال") else ""
        bare = word[2:] if article else word
        words.append(article + "".join(LATIN.get(letter, letter) for letter in bare))
    return " ".join(words)


def mistyped(name: str, lang: str, rng: random.Random) -> str:
    """With two letters swapped, or one left out, added or changed."""
    at, how = rng.randrange(len(name) - 1), rng.randrange(4)
    if how == 0:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    key = "" if how == 1 else rng.choice(KEYS[lang])
    return name[:at] + key + name[at + (how != 2) :]


def reordered(name: str, lang: str, rng: random.Random) -> str:
    """With its words in another order."""
    words = name.split()
    rng.shuffle(words)
    return " ".join(words)


NOISE: Final[Mapping[str, Callable[[str, str, random.Random], str]]] = {
    each.__name__: each for each in (without_hamza, transliterated, mistyped, reordered)
}
