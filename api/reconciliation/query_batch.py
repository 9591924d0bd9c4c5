"""What a client sends: batches of queries and requests for properties, checked and read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from domain.dates import Days, Edtf, parse
from domain.errors import Refused
from domain.point import Clocks
from domain.strict_json import parse_json
from projections.candidates import BY_ID, CODES, CandidateQuery

AS_OF: Final = "asOf"
IDENTIFIER: Final = "identifier:"
"""What the id of the property of an identifier begins with; its scheme follows."""
MOST_QUERIES: Final = 50
MOST_CELLS: Final = 500
"""Values of a request for properties: the entities times the properties."""
FIRST: Final = 5
MOST_CANDIDATES: Final = 50
LONGEST_QUERY: Final = 200
"""Characters of a name that are looked at."""
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


class EntityValue(Struct):
    """A value that is an entity, such as one that was matched before."""

    id: str
    name: str | UnsetType = UNSET


Value = str | float | int | bool | EntityValue


class PropertyValue(Struct):
    """A property that narrows a query, with one value or several."""

    pid: str
    v: Value | list[Value]


class ReconciliationQuery(Struct, forbid_unknown_fields=True):
    """One query of a batch. It has a text, or properties."""

    query: str | UnsetType = UNSET
    type: str | list[str] | UnsetType = UNSET
    limit: float | int | UnsetType = UNSET
    properties: list[PropertyValue] | UnsetType = UNSET
    type_strict: Literal["any", "should", "all"] = "any"


class PropertyWanted(Struct):
    """A property whose values are wanted, with settings such as asOf."""

    id: str
    settings: dict[str, Any] = {}


class Extension(Struct):
    """A request for the values of properties of entities."""

    ids: list[str]
    properties: list[PropertyWanted]


def read_batch(text: str) -> dict[str, ReconciliationQuery]:
    """The queries of a batch by their names. Refused as BAD_QUERY with the field that is wrong."""
    batch: dict[str, ReconciliationQuery] = _read(text, dict[str, ReconciliationQuery], "queries")
    if len(batch) > MOST_QUERIES:
        words = f"A batch has at most {MOST_QUERIES} queries, not {len(batch)}: send several."
        raise Refused("BAD_QUERY", words, field="queries")
    for name, query in batch.items():
        if _UNSEEN.search(name):
            raise Refused("BAD_QUERY", "The name of a query has characters that nobody sees.",
                          field="queries")  # fmt: skip
        if query.query is UNSET and not query.properties:
            words = "A query needs a `query`, which is a text, or `properties`."
            raise Refused("BAD_QUERY", words, field=name)
    return batch


def read_extension(text: str) -> Extension:
    """The request for properties. Refused as BAD_QUERY with the field that is wrong."""
    wanted: Extension = _read(text, Extension, "extend")
    if len(wanted.ids) * len(wanted.properties) > MOST_CELLS:
        words = f"At most {MOST_CELLS} values are given at a time: ask for fewer entities."
        raise Refused("BAD_QUERY", words, field="extend.ids")
    if any(map(_UNSEEN.search, [*wanted.ids, *(each.id for each in wanted.properties)])):
        raise Refused("BAD_QUERY", "An id has characters that nobody sees.", field="extend")
    return wanted


def asked_of(name: str, query: ReconciliationQuery, kinds: Iterable[str]) -> CandidateQuery:
    """What a query asks of the record. Refused as BAD_EDTF for an asOf that is no date.

    A type is a kind of entities. Properties that are none of ours narrow nothing.
    """
    identifiers, as_of = [], None
    properties = [] if query.properties is UNSET else query.properties
    for number, given in enumerate(properties):
        values = given.v if isinstance(given.v, list) else [given.v]
        texts = [_text(value) for value in values]
        if given.pid == AS_OF:
            if len(texts) == 1 and texts[0]:
                as_of = day_of_value(texts[0], f"{name}.properties[{number}].v")
        elif given.pid in (BY_ID, *CODES) or given.pid.startswith(IDENTIFIER):
            identifiers += [(given.pid.removeprefix(IDENTIFIER), text) for text in texts if text]
    text = "" if query.query is UNSET else plain(query.query)[:LONGEST_QUERY]
    return CandidateQuery(text, tuple(identifiers), _kinds(query, kinds), as_of)


def limit_of(query: ReconciliationQuery) -> int:
    """How many candidates are wanted."""
    limit = FIRST if query.limit is UNSET else query.limit
    return int(min(max(limit, 0), MOST_CANDIDATES))


def day_of_value(text: str, field: str) -> Days:
    """The days of a date as a cell has it. Refused as BAD_EDTF, with the field."""
    try:
        edtf: Edtf = parse(text)
        return Clocks(as_of=edtf).point(0, 0).as_of
    except Refused as refused:
        raise Refused(refused.code, refused.message, field=field) from refused


def plain(text: str) -> str:
    """A text without what can't be looked up: controls, and halves of characters."""
    return _UNSEEN.sub(" ", text).strip()


def _kinds(query: ReconciliationQuery, known: Iterable[str]) -> frozenset[str] | None:
    """The kinds that count. No entity has two of them."""
    if query.type is UNSET or not query.type or query.type_strict == "should":
        return None
    types = {query.type} if isinstance(query.type, str) else set(query.type)
    if query.type_strict == "all" and len(types) > 1:
        return frozenset()
    return frozenset(types) & frozenset(known)


def _text(value: Value) -> str:
    if isinstance(value, EntityValue):
        return plain(value.id)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return plain(str(value))


def _read(text: str, kind: Any, field: str) -> Any:
    try:
        return msgspec.convert(parse_json(text), kind)
    except Refused as refused:
        raise Refused("BAD_QUERY", refused.message, field=field) from refused
    except msgspec.ValidationError as error:
        words, _, path = str(error).partition(" - at ")
        where = path.strip("`").replace("$", field, 1) or field
        raise Refused("BAD_QUERY", f"{words}.", field=where) from error
