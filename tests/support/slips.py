"""A record with one slip of each code, and beside each what is like it and is no slip."""

from __future__ import annotations

from typing import Any, NamedTuple

from domain.warnings import WarningCode

Entry = dict[str, Any]


class Slip(NamedTuple):
    """A likely slip: the entries that make it, and what its warning names."""

    code: WarningCode
    entries: list[Entry]
    events: tuple[str, ...]


def _fact(kind: str, fact: str, when: str, **keys: Any) -> Entry:
    return {"type": kind, "id": fact, **keys, "when": when, "citations": [{"source": "book"}]}


def _joined(fact: str, member: str, when: str, coalition: str = "league", **more: Any) -> Entry:
    return _fact("MemberJoined", fact, when, coalition=coalition, member=member, **more)


def _left(fact: str, member: str, when: str, **more: Any) -> Entry:
    return _fact("MemberLeft", fact, when, coalition="league", member=member, **more)


def _entity(name: str, kind: str = "COUNTRY", **names: str) -> Entry:
    return {"type": "EntityRegistered", "id": name, "kind": kind, "names": names or {"en": name}}


GROUND = [
    {"type": "SourceRegistered", "id": "book", "title": "A handbook", "published": "2001"},
    _entity("league", "COALITION"),
    _entity("pact", "COALITION"),
    *(_entity(each) for each in ("norway", "sweden", "denmark", "finland", "iceland", "prussia")),
    _entity("al-tanf", "BASE", en="Al-Tanf", ar="التنف"),
]

SLIPS = [
    Slip(
        WarningCode.END_BEFORE_START,
        [_joined("norway-joins", "norway", "1966"), _left("norway-leaves", "norway", "1960")],
        ("norway-leaves", "norway-joins"),
    ),
    Slip(
        WarningCode.END_WITHOUT_START,
        [_left("sweden-leaves", "sweden", "1970")],
        ("sweden-leaves",),
    ),
    Slip(
        WarningCode.STARTS_WITHOUT_END,
        [_joined("denmark-1949", "denmark", "1949"), _joined("denmark-1955", "denmark", "1955")],
        ("denmark-1955", "denmark-1949"),
    ),
    Slip(
        WarningCode.SWALLOWED_START,
        [
            _joined("finland-joins", "finland", "[1936..1940]"),
            _left("finland-leaves", "finland", "1940"),
            _joined("finland-returns", "finland", "[1940..1944]"),
        ],
        ("finland-returns", "finland-joins", "finland-leaves"),
    ),
    Slip(
        WarningCode.BEYOND_EXISTENCE,
        [
            _fact("EntityEstablished", "prussia-begins", "1701", entity="prussia"),
            _fact("EntityAbolished", "prussia-ends", "1947-02-25", entity="prussia"),
            _joined("prussia-joins", "prussia", "1950"),
        ],
        ("prussia-joins", "prussia-ends"),
    ),
    Slip(
        WarningCode.OF_ITSELF,
        [_joined("pact-joins-itself", "pact", "1960", "pact")],
        ("pact-joins-itself",),
    ),
    Slip(
        WarningCode.IN_THE_FUTURE,
        [_joined("iceland-joins", "iceland", "2950")],
        ("iceland-joins",),
    ),
    Slip(
        WarningCode.LOOKALIKE,
        [_entity("al-tanf-again", "BASE", en="АI Tanf")],
        ("al-tanf-again", "al-tanf"),
    ),
]
"""By code, in the order in which they are listed."""

EXPECTED = [(slip.code, slip.events) for slip in SLIPS]
SLIPPED = GROUND + [entry for slip in SLIPS for entry in slip.entries]

_MORE = ("france", "spain", "greece", "malta", "cyprus", "austria", "hungary", "latvia", "estonia")
NO_SLIPS = [
    *GROUND,
    *(_entity(each) for each in _MORE),
    # The same name, of another kind.
    _entity("france-force", "FORCE", en="france"),
    _joined("france-1", "france", "1949-04-04"),
    _left("france-2", "france", "1966-03"),
    _joined("france-3", "france", "2009-04-04"),
    # Two sources, one vaguer than the other.
    _joined("spain-1", "spain", "1982"),
    _joined("spain-2", "spain", "1982-05-30"),
    # An end of its own label, and the start that it ends.
    _joined("greece-1", "greece", "1952"),
    _joined("greece-2", "greece", "1980", episode="second"),
    _left("greece-3", "greece", "1974", episode="first"),
    _joined("greece-4", "greece", "1952", episode="first"),
    # An interval says that its start is not known.
    _joined("malta-1", "malta", "/1979"),
    # The dissolution lies between the two starts.
    _fact("EntityEstablished", "cyprus-1", "1960-08-16", entity="cyprus"),
    _joined("cyprus-2", "cyprus", "1961"),
    _fact("EntityAbolished", "cyprus-3", "1974", entity="cyprus"),
    _fact("EntityEstablished", "cyprus-4", "1980", entity="cyprus"),
    _joined("cyprus-5", "cyprus", "1981"),
    # Its end is announced, so that it began within its existence.
    _fact("EntityEstablished", "austria-1", "1918", entity="austria"),
    _fact("EntityAbolished", "austria-2", "1938-03-13", entity="austria", modality="ANNOUNCED"),
    _joined("austria-3", "austria", "1955"),
    # What is announced lies in the future.
    _joined("hungary-1", "hungary", "2950", modality="ANNOUNCED"),
    # What is disputed contests nothing.
    _joined("latvia-1", "latvia", "2004"),
    _joined("latvia-2", "latvia", "1999"),
    {"type": "FactDisputed", "id": "latvia-3", "fact": "latvia-2", "reason": "A misprint."},
    # What is set aside, or retracted, is no start any more.
    _joined("estonia-1", "estonia", "2004"),
    _joined("estonia-2", "estonia", "2001"),
    {
        "type": "FactPreferred", "id": "estonia-3", "fact": "estonia-1", "over": ["estonia-2"],
        "reason": "The treaty says so.",
    },
    _left("estonia-4", "estonia", "1990"),
    {"type": "FactRetracted", "id": "estonia-5", "fact": "estonia-4", "reason": "Of another."},
]  # fmt: skip
"""What is like a slip and is none."""
