"""Who and what facts are about: kinds, names by language, places."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from domain.sources import ID, Entry, Language

EntityId = Annotated[str, Meta(pattern=ID, extra={"names": "entity"})]
Names = Annotated[
    dict[Language, Annotated[str, Meta(min_length=1, max_length=500)]],
    Meta(min_length=1, max_length=200),
]
"""A name for each language (BCP 47), the first one the author's own choice."""
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
    """A label; it restricts no fact."""

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


class Location(Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True):
    """WGS 84 degrees; `precision_m` is the radius in metres within which the place lies."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    precision_m: Annotated[float, Meta(ge=0, le=20_100_000)] | None = None


class EntityRegistered(Entry, frozen=True, kw_only=True):
    """Something that facts may be about. `iso3166` is a country (SY) or a part of one (SY-DI)."""

    kind: EntityKind
    names: Names
    iso3166: Iso3166 | None = None
    wikidata: Wikidata | None = None
    location: Location | None = None


def name_in(names: Mapping[str, str], language: str) -> str:
    """The name in the language, else in English, else the first."""
    return names.get(language) or names.get("en") or next(iter(names.values()))
