"""The words in dates: months and eras as CLDR has them in a language, centuries, about.

They are compared without case, points and accents that nobody types.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final, NamedTuple

from domain.errors import Refused

CENTURIES: Final = {
    "ar": ("القرن", "ق"),
    "de": ("jahrhundert", "jh", "jhd"),
    "en": ("century", "cent", "c"),
    "es": ("siglo", "s"),
    "fr": ("siècle", "s"),
    "it": ("secolo", "sec"),
    "pt": ("século", "séc"),
    "ru": ("век", "в"),
    "tr": ("yüzyıl", "yy"),
}
"""CLDR has no word for a century."""
ABOUT: Final = {
    "ar": ("حوالي", "نحو"),
    "de": ("um", "circa", "ca"),
    "en": ("about", "circa", "ca", "c"),
    "es": ("hacia", "circa", "ca"),
    "fr": ("vers", "environ", "ca"),
}
FILLERS: Final = frozenset(
    {"the", "of", "in", "st", "nd", "rd", "th", "er", "re", "ere", "e", "a", "o"}
    | {
        "de",
        "del",
        "di",
        "do",
        "le",
        "la",
        "el",
        "al",
        "im",
        "am",
        "em",
        "º",
        "ª",
        "ال",
        "في",
        "من",
    }
)
"""Words and endings beside the numbers of a date that say nothing more."""
_ENGLISH_ERAS: Final = {"bc": True, "bce": True, "ad": False, "ce": False}


class DateWords(NamedTuple):
    """The words of some languages: months by name, eras (true before the first year), others."""

    months: dict[str, int]
    eras: dict[str, bool]
    centuries: frozenset[str]
    about: frozenset[str]
    long_months: tuple[str, ...]
    """Names of months that are two words; `months` has them as one."""


def folded(text: str) -> str:
    """Text as it is compared: digits as ASCII, no case, no points, no accents on Latin letters."""
    if text.isascii():
        return " ".join(text.casefold().replace(".", " ").split())
    found = []
    for letter in unicodedata.normalize("NFKD", text.casefold()):
        if unicodedata.category(letter) == "Nd":
            found.append(str(unicodedata.digit(letter)))
        elif letter == ".":
            found.append(" ")
        elif not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf":
            found.append(letter)
    return " ".join("".join(found).split())


@cache
def words_of(languages: tuple[str, ...]) -> DateWords:
    """The words of some languages. Refused as UNKNOWN_LANGUAGE for one that CLDR does not have."""
    from babel import Locale, UnknownLocaleError

    months: dict[str, int] = {}
    eras = dict(_ENGLISH_ERAS) if "en" in {each[:2] for each in languages} else {}
    # A country's names, then those of its language: agencies write تشرين الثاني/نوفمبر.
    parents = (each.partition("-")[0] for each in languages)
    for language in dict.fromkeys((*languages, *parents)):
        try:
            locale = Locale.parse(language, sep="-")
        except (UnknownLocaleError, ValueError) as error:
            words = f"CLDR has no language {language!a}: write for example en, fr or ar-SY."
            raise Refused("UNKNOWN_LANGUAGE", words) from error
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[form][width].items():
                    if not name.isdecimal():
                        months.setdefault(folded(name), number)
        for width in ("wide", "abbreviated", "narrow"):
            for number, name in locale.eras[width].items():
                eras.setdefault(folded(name), number == 0)
    short = {each.partition("-")[0] for each in languages}
    if "en" in short:
        months["sept"] = 9
    return DateWords(
        {name.replace(" ", ""): number for name, number in months.items()},
        {name: eras[name] for name in sorted(eras, key=len, reverse=True)},
        frozenset(folded(word) for each in short for word in CENTURIES.get(each, ())),
        frozenset(folded(word) for each in short for word in ABOUT.get(each, ())),
        tuple(name for name in months if " " in name),
    )
