"""Who and what facts are about: kinds, names by language, places."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from domain.errors import Refused
from domain.sources import ID, Entry, Language

EntityId = Annotated[str, Meta(pattern=ID, extra={"names": "entity"})]
Name = Annotated[str, Meta(min_length=1, max_length=500)]
Scheme = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z",
        description="a scheme of identifiers, such as cow or isni",
    ),
]
Names = Annotated[
    dict[Language, Name],
    Meta(min_length=1, max_length=200),
]
"""A name for each language (BCP 47), the first one the author's own choice."""
Aliases = Annotated[
    dict[Language, Annotated[tuple[Name, ...], Meta(min_length=1, max_length=200)]],
    Meta(min_length=1, max_length=200),
]
"""Other names by language (BCP 47)."""
Identifiers = Annotated[
    dict[Scheme, Annotated[str, Meta(min_length=1, max_length=200)]],
    Meta(min_length=1, max_length=100),
]
"""What others call it, by scheme, such as {"cow": "652"}."""
Iso3166 = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z]{2,3}(-[A-Z0-9]{1,3})?\Z",
        description="an ISO 3166 code in capitals, such as SY or SY-DI",
    ),
]
Wikidata = Annotated[
    str, Meta(pattern=r"^Q[1-9][0-9]{0,15}\Z", description="a Wikidata id, such as Q858")
]


class EntityKind(StrEnum):
    """The kinds that every record has: labels, which restrict no fact."""

    COALITION = "COALITION"
    COUNTRY = "COUNTRY"
    ORGANISATION = "ORGANISATION"
    COMMAND = "COMMAND"
    FORCE = "FORCE"
    FUND = "FUND"
    BASE = "BASE"
    PLACE = "PLACE"
    PERSON = "PERSON"
    OFFICE = "OFFICE"
    OBJECTIVE = "OBJECTIVE"
    PUBLISHER = "PUBLISHER"
    OTHER = "OTHER"


Kind = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z][A-Z0-9_]{0,62}\Z",
        description=f"one of {', '.join(EntityKind)}, or one that the record defines",
    ),
]
"""One of EntityKind, or one that the record defines."""


class Location(Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True):
    """WGS 84 degrees; `precision_m` is the radius in metres within which the place lies."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    precision_m: Annotated[float, Meta(ge=0, le=20_100_000)] | None = None


class EntityRegistered(Entry, frozen=True, kw_only=True):
    """Something that facts may be about. `iso3166` is a country (SY) or a part of one (SY-DI)."""

    kind: Kind
    names: Names
    aliases: Aliases | None = None
    identifiers: Identifiers | None = None
    iso3166: Iso3166 | None = None
    wikidata: Wikidata | None = None
    location: Location | None = None

    def check(self) -> None:
        super().check()
        check_names(self.names, self.aliases)


_VISIBLE: Final = frozenset("LNPS")
"""General categories of Unicode with something to see: letters, numbers, punctuation, symbols."""
_SIGNS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2\U000110bd")
"""Signs that Unicode counts among its controls, though they are seen."""
_JOINERS: Final = "\u200c\u200d"
_JOINED: Final = (
    "ARABIC", "SYRIAC", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA",
    "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN",
)  # fmt: skip
"""The scripts that need joiners, as the names of their letters begin."""


def check_names(
    names: Mapping[str, str],
    aliases: Mapping[str, tuple[str, ...]] | None = None,
    within: str = "",
    key: str = "names",
) -> None:
    """Refused(BAD_NAME) for a name or alias with nothing to see in it, or with an invisible
    character that its script does not need; Refused(DUPLICATE_LANGUAGE) for one language written in
    two ways. The names stand under a key, within an entry or a part of one."""
    check_languages(names, f"{within}{key}")
    for language, name in names.items():
        _check_name(name, f"{within}{key}.{language}")
    check_languages(aliases or {}, f"{within}aliases")
    for language, others in (aliases or {}).items():
        for number, name in enumerate(others):
            _check_name(name, f"{within}aliases.{language}[{number}]")


def check_languages(languages: Iterable[str], field: str) -> None:
    """Refused(DUPLICATE_LANGUAGE) for one language written in two ways."""
    seen: dict[str, str] = {}
    for language in languages:
        if (other := seen.setdefault(language.lower(), language)) != language:
            raise Refused(
                "DUPLICATE_LANGUAGE",
                f"{other} and {language} are one language: write all of it under one.",
                field=f"{field}.{language}",
            )


def _check_name(name: str, where: str) -> None:
    if name.isascii() and name.isprintable() and name.strip():
        return
    if not is_seen(name):
        raise Refused("BAD_NAME", "The name has nothing to see in it: write one.", field=where)
    for at, letter in enumerate(name):
        if _is_hidden(name, at):
            raise Refused(
                "BAD_NAME",
                f"The name has the invisible character U+{ord(letter):04X} at {at}: remove it.",
                field=where,
            )


def is_seen(text: str) -> bool:
    """Whether a text has anything to see in it."""
    return any(unicodedata.category(letter)[0] in _VISIBLE for letter in text)


def _is_hidden(name: str, at: int) -> bool:
    """Whether nobody sees a character, nor what it does."""
    letter = name[at]
    if letter in _JOINERS:
        before = name[at - 1] if at else ""
        if before == "\ufe0f" or (before and unicodedata.category(before)[0] == "S"):
            return False  # emoji are joined as well
        return not before or not unicodedata.name(before, "").startswith(_JOINED)
    return unicodedata.category(letter) == "Cf" and letter not in _SIGNS


def name_in(names: Mapping[str, str], language: str) -> str:
    """The name in the language, else in English, else the first."""
    return names.get(language) or names.get("en") or next(iter(names.values()))
