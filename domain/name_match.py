"""How alike two names are, however people write them: with a slip of the pen, with their words in
another order, in Arabic letters or in Latin ones.

Which names of a record are worth comparing is found by keys that alike names share, and by trigrams
of how longer ones sound.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple
from zlib import crc32

from rapidfuzz.distance.OSA import normalized_similarity

SURE: Final = 88.0
"""The score from which the best candidate is taken for what is meant, if no other comes near."""
APART: Final = 6.0
"""By how much it must be ahead of the next one."""
SHORTEST_SURE: Final = 4
"""Letters from which a name that differs may be taken for another one: of three, one is much."""

SHORT: Final = range(3, 13)
"""Letters of a name that has keys for a slip of the pen; trigrams find longer ones."""
LONG: Final = 10
"""Letters from which a name has trigrams."""

_IN_ORDER: Final = 0.99
"""What a name is worth whose words stand in another order."""
_BY_SOUND: Final = 0.95
"""What a name in the other script is worth that sounds the same."""
_SAME_SCRIPT: Final = 0.85
"""What one in the same script is: whose letters differ is rather another one."""
_CONSONANTS: Final = 0.5
"""The share of consonants in how a name sounds: transliterations differ in vowels."""
_MARKS: Final = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
                           "\u200b-\u200f\ufeff]")  # fmt: skip
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`´ʹʻʼʽʾʿˈ‘’‛′ء"))
_LETTERS: Final = str.maketrans(
    {
        **dict(zip("ٱىیےةہۀەکؤئ", "ايييههههكوي", strict=True)),
        **dict(zip("ıłđðøəħŧ", "ilddoaht", strict=True)),
        "æ": "ae", "œ": "oe", "þ": "th",
    }
)  # fmt: skip
_SILENT: Final = re.compile(r"\b(?:the|of|and|و) ")
_ARTICLE: Final = re.compile(r"\b(?:ال(?=\w\w)|(?:[ae]l|a[dnrstz]|ash) (?=\w))")
"""The Arabic one, also as it is spoken and written in Latin letters: as-Salam."""
_VOWELS: Final = re.compile("[aiu]")
_TWICE: Final = re.compile(r"(.)\1+")
_WORDS: Final = re.compile(r"[^\W_]+")
_SPELLING: Final = re.compile("ph|x|qu|c(?=[eiy])|t?s?ch|t?sh|تش")
_SPELLED: Final = {"ph": "f", "x": "ks", "qu": "k"}
"""Letters that stand for another sound than they do alone; what is not here is an s."""
_SOUNDS: Final = str.maketrans(
    dict(
        zip(
            "ابپتثجچحخدذرزژسشصضطظعغفڤقكگلمنهويqcpvjyweoh",
            [*"abbttgs", "", *"kddrzzsssdtd", "", *"gffkkglmn", "", *"uikkbfgiuiu", ""],
            strict=True,
        )
    )
)
"""Letters of both scripts → one letter for all that transliterations mix up."""
_CONSONANT_SOUNDS: Final = _SOUNDS | dict.fromkeys([*map(ord, "aiu"), *(
    letter for letter, sound in _SOUNDS.items() if sound in ("a", "i", "u")
)], "")  # fmt: skip
"""The same without vowels."""


class NameForms(NamedTuple):
    """A name as it is compared: in the letters it has, and with its words in order."""

    letters: str
    ordered: str


@lru_cache(maxsize=2**15)
def forms_of(name: str) -> NameForms:
    """The forms of a name. Case, accents, hamza and punctuation count for nothing."""
    folded = name.casefold()
    if not name.isascii():
        folded = _MARKS.sub("", unicodedata.normalize("NFKD", folded.translate(_APOSTROPHES)))
        folded = folded.translate(_LETTERS)
    words = _WORDS.findall(folded.replace("'", ""))
    return NameForms(" ".join(words), " ".join(sorted(words)))


@lru_cache(maxsize=2**15)
def sounds_of(letters: str) -> tuple[tuple[str, str], ...]:
    """What a name sounds like by its letters: whole and by consonants, with the Arabic article and,
    where it has it, without."""
    said = _SILENT.sub("", letters)
    if _ARTICLE.search(said) is None:
        return (_sounds(said),)
    return _sounds(_ARTICLE.sub("l", said)), _sounds(_ARTICLE.sub("", said))


@lru_cache(maxsize=2**12)
def name_keys(name: str) -> frozenset[int]:
    """Keys of 32 bits that names share which may mean the same: how it sounds, with the Arabic
    article and without, and of a short one its letters, all of them and without each one of them:
    two names with a letter more, less, changed or swapped share a key."""
    letters = forms_of(name).letters
    said = [letters]
    if _ARTICLE.search(letters):
        said = [_ARTICLE.sub(each, letters) for each in ("l", "")]
    keys = [_key(consonants_of(each), _SOUND) for each in said]
    if len(letters) in SHORT:
        keys.append(_key(letters, _SPELT))
        keys += [_key(letters[:at] + letters[at + 1 :], _SPELT) for at in range(len(letters))]
    return frozenset(keys)


def identifier_key(scheme: str, identifier: str) -> int:
    """The key of an identifier, such as iso3166 SY."""
    return _key(f"identifier {scheme} {identifier}", 0)


@lru_cache(maxsize=2**12)
def consonants_of(letters: str) -> str:
    """The consonants of each word of a name in its letters, the words in order: سوريا, Syria and
    Suriya are sr. A word without one stays as it sounds."""
    words = sorted(map(_consonants, _SILENT.sub("", letters).split()))
    return " ".join([said for _, said in words])


@lru_cache(maxsize=2**12)
def _consonants(word: str) -> tuple[str, str]:
    """Those of a word: as words are ordered by them, and without what stands twice."""
    spelled = _SPELLING.sub(_spelled, word)
    found = spelled.translate(_CONSONANT_SOUNDS) or spelled
    return found, _TWICE.sub(r"\1", found)


_SOUND, _SPELT = crc32(b"sound "), crc32(b"letters ")


def _key(text: str, kind: int) -> int:
    """A key of a text after the words that have a checksum."""
    return crc32(text.encode(), kind) - (1 << 31)


def likeness(one: str, other: str) -> float:
    """How alike two names are, from 0 to 100, which is: but for case, accents and the like."""
    a, b = forms_of(one), forms_of(other)
    if a.letters == b.letters:
        return 100.0
    worth = _SAME_SCRIPT if a.letters.isascii() == b.letters.isascii() else _BY_SOUND
    by_letters = max(
        normalized_similarity(a.letters, b.letters),
        _IN_ORDER * normalized_similarity(a.ordered, b.ordered),
    )
    if by_letters >= worth:
        return round(100 * by_letters, 1)
    by_sound = max(
        _CONSONANTS * normalized_similarity(consonants, others)
        + (1 - _CONSONANTS) * normalized_similarity(whole, whole_other)
        for whole, consonants in sounds_of(a.letters)
        for whole_other, others in sounds_of(b.letters)
    )
    return round(100 * max(by_letters, worth * by_sound), 1)


def best_likeness(asked: str, names: Iterable[str]) -> float:
    """The likeness of the name that is most alike."""
    return max((likeness(asked, name) for name in names), default=0.0)


def is_sure(asked: str, scores: Sequence[float]) -> bool:
    """Whether the first of the candidates for a name, the best first, is what is meant."""
    first, *others = scores or (0.0,)
    if first < 100 and len(forms_of(asked).letters) < SHORTEST_SURE:
        return False
    return first >= SURE and (not others or first - others[0] >= APART)


def _sounds(text: str) -> tuple[str, str]:
    """The words of a text by their sounds, and by their consonants, each in order."""
    text = _SPELLING.sub(_spelled, text)
    words = [_TWICE.sub(r"\1", word.translate(_SOUNDS)) or word for word in text.split()]
    consonants = [_TWICE.sub(r"\1", _VOWELS.sub("", word)) or word for word in words]
    return " ".join(sorted(words)), " ".join(sorted(consonants))


def _spelled(found: re.Match[str]) -> str:
    return _SPELLED.get(found[0], "s")
