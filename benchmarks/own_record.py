"""A record in a vocabulary of its own: treaties and their parties, by many sources."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from domain.codec import read
from domain.definitions import Definition
from domain.sources import Entry
from domain.vocabulary import CORE

WORDS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Hazel", "Ivy", "Juniper", "Maple")
CODES = ("SY", "IQ", "FR", "DE", "US", "GB", "JO", "TR")
DEFINITIONS: list[dict[str, Any]] = [
    {"type": "KindDefined", "id": "TREATY", "names": {"en": "Treaty", "ar": "معاهدة"}},
    {"type": "KindDefined", "id": "PARTY_STATE", "names": {"en": "State", "ar": "دولة"}},
    {"type": "FluentDefined", "id": "ratification", "scope": "treaty", "subject": "party",
     "question": "treatyParties", "inverse": "treatiesOf", "names": {"en": "Parties"},
     "inverseNames": {"en": "Party to"}},
    {"type": "FactTypeDefined", "id": "TreatyRatified",
     "effects": [{"starts": "ratification", "scope": "treaty", "subject": "party"}],
     "keys": {"treaty": {"type": "ENTITY"}, "party": {"type": "ENTITY"},
              "note": {"type": "TEXT", "required": False}},
     "names": {"en": "Treaty ratified", "ar": "تصديق معاهدة"}},
    {"type": "FactTypeDefined", "id": "TreatyDenounced",
     "effects": [{"ends": "ratification", "scope": "treaty", "subject": "party"}],
     "keys": {"treaty": {"type": "ENTITY"}, "party": {"type": "ENTITY"}},
     "names": {"en": "Treaty denounced"}},
]  # fmt: skip


def own_entries(entities: int, facts: int, sources: int = 150) -> list[Entry]:
    """Entries of a record of so many entities, facts and sources, the same each time."""
    defined = [read(each) for each in DEFINITIONS]
    words = CORE.with_all(each for each in defined if isinstance(each, Definition))
    return [*defined, *(read(each, words) for each in _written(entities, facts, sources))]


def _written(entities: int, facts: int, sources: int) -> Iterator[dict[str, Any]]:
    chance = Random(7)
    treaties, states = entities // 5, entities - entities // 5
    for number in range(sources):
        yield {
            "type": "SourceRegistered", "id": f"source-{number}", "title": f"Gazette {number}",
            "publisher": f"Press {number % 23}", "published": f"{1950 + number % 70}-03",
            "reliability": "ABCDEF"[number % 6], "credibility": number % 6 + 1,
        }  # fmt: skip
    for number in range(treaties):
        name = f"{WORDS[number % len(WORDS)]} Treaty {number}"
        yield {"type": "EntityRegistered", "id": f"t{number}", "kind": "TREATY",
               "names": {"en": name}}  # fmt: skip
    for number in range(states):
        name = f"{WORDS[number % len(WORDS)]} Republic {number}"
        yield {"type": "EntityRegistered", "id": f"p.{number}", "kind": "PARTY_STATE",
               "names": {"en": name},
               **({"iso3166": CODES[number]} if number < len(CODES) else {})}  # fmt: skip
    for number in range(facts):
        kind = "TreatyDenounced" if number % 9 == 8 else "TreatyRatified"
        yield {
            "type": kind, "id": f"f{number}", "treaty": f"t{chance.randrange(treaties)}",
            "party": f"p.{chance.randrange(states)}",
            "when": f"{1960 + chance.randrange(60)}-{chance.randrange(1, 13):02}",
            **({"modality": "ANNOUNCED"} if number % 50 == 0 else {}),
            "citations": [{"source": f"source-{chance.randrange(sources)}"}],
        }  # fmt: skip
