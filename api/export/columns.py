"""Rows as tables: the columns of each kind of row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final, Literal, NamedTuple

from api.export.node_dates import Row
from api.export.views import Kind

Type = Literal["text", "integer", "number", "boolean", "texts", "json"]


class Column(NamedTuple):
    """A column: `get` gives a row's value. `texts` are several; `json` is whatever it is."""

    name: str
    type: Type
    get: Callable[[Row], Any]


def _at(*keys: str) -> Callable[[Row], Any]:
    """What is found along keys, None where one is missing."""

    if len(keys) == 1:
        return itemgetter(keys[0])
    if len(keys) == 2:  # the usual case, told apart faster
        first, second = keys
        return lambda row: None if (value := row[first]) is None else value.get(second)

    def get(row: Row) -> Any:
        value: Any = row
        for key in keys:
            value = None if value is None else value.get(key)
        return value

    return get


def _ids(key: str) -> Callable[[Row], list[str]]:
    return lambda row: [each["id"] for each in row[key]]


def _plain(*names: str, type_: Type = "text") -> list[Column]:
    return [Column(name, type_, _at(name)) for name in names]


def _date(name: str, *path: str) -> list[Column]:
    """A date as written, and its first and last day."""
    path = path or (name,)
    return [
        Column(name, "text", _at(*path, "edtf")),
        Column(f"{name}Earliest", "text", _at(*path, "earliest")),
        Column(f"{name}Latest", "text", _at(*path, "latest")),
    ]


def _entity(*path: str, prefix: str = "") -> list[Column]:
    def named(name: str) -> str:
        return prefix + (name[0].upper() + name[1:] if prefix else name)

    def made(make: Callable[[Any], Any], name: str) -> Callable[[Row], Any]:
        get = _at(*path, name)
        return lambda row: make(get(row))

    texts = ("id", "name", "kind", "iso3166", "wikidata")
    places = {"latitude": "lat", "longitude": "lon", "precisionM": "precisionM"}
    return [
        *(Column(named(key), "text", _at(*path, key)) for key in texts),
        Column(named("names"), "json", made(_names, "names")),
        Column(named("aliases"), "json", made(_aliases, "aliases")),
        Column(named("identifiers"), "json", made(_schemes, "identifiers")),
        *(
            Column(named(name), "number", _at(*path, "location", key))
            for name, key in places.items()
        ),
    ]


def _names(names: Sequence[Row]) -> dict[str, str]:
    return {each["lang"]: each["name"] for each in names}


def _aliases(names: Sequence[Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in names:
        found.setdefault(each["lang"], []).append(each["name"])
    return found


def _schemes(identifiers: Sequence[Row]) -> dict[str, str]:
    return {each["scheme"]: each["value"] for each in identifiers}


def _subjects(row: Row) -> list[list[str]]:
    return [[each["key"], each["entity"]["id"]] for each in row["subjects"]]


def _announced_ends(side: str) -> Callable[[Row], list[Row]]:
    return lambda row: [] if row[side] is None else row[side]["announcedEnds"]


_FACT: Final = [
    *_plain("id", "type"), *_date("when"), *_plain("modality"),
    Column("subjects", "json", _subjects), *_plain("details", type_="json"),
    *_plain("disputed", "counts", type_="boolean"), *_plain("setAsideBy", type_="texts"),
    Column("sources", "texts", _ids("sources")), *_plain("citations", type_="json"),
    *_plain("position", type_="integer"), *_plain("recordedAt", "actor"),
]  # fmt: skip
_STATES: Final = [
    column
    for side in ("before", "after")
    for column in (
        Column(f"{side}Standing", "text", _at(side, "standing")),
        Column(f"{side}Contested", "boolean", _at(side, "contested")),
        *_date(f"{side}Since", side, "since"),
        *_date(f"{side}Until", side, "until"),
        Column(f"{side}AnnouncedEnds", "json", _announced_ends(side)),
    )
]
COLUMNS: Final[dict[Kind, list[Column]]] = {
    Kind.HELD: [
        *_plain("question"), *_entity("entity"), *_plain("standing"),
        *_plain("contested", "disputed", type_="boolean"), *_date("since"), *_date("until"),
        Column("facts", "texts", _ids("facts")), Column("sources", "texts", _ids("sources")),
        *_plain("alternatives", "announcedEnds", type_="json"), *_plain("attested"),
    ],
    Kind.FACT: _FACT,
    Kind.SOURCE: [
        *_plain("id", "title", "publisher", "author", "language", "url"), *_date("published"),
        *_date("retrieved"), *_date("observedThrough"), *_plain("sha256", "reliability"),
        *_plain("credibility", type_="integer"), *_plain("withdrawn", type_="boolean"),
    ],
    Kind.ENTITY: _entity(),
    Kind.QUANTITY: [
        *_plain("measure"), *_plain("value", type_="number"), *_plain("comparator", "unit"),
        *_date("when"), Column("fact", "text", _at("fact", "id")),
        Column("sources", "texts", _ids("sources")),
    ],
    Kind.CHANGE: [
        *_plain("question"), *_entity("scope", prefix="scope"),
        *_entity("subject", prefix="subject"), *_plain("change"),
        *_plain("causes", type_="texts"), *_STATES, Column("events", "texts", _ids("events")),
        Column("sources", "texts", _ids("sources")),
    ],
    Kind.STORY: [
        *_plain("id", "title", "recordedAt"), *_plain("position", type_="integer"),
        *_plain("titles", "withdrawn", "views", "citations", type_="json"),
    ],
    Kind.EVENT: [
        *_plain("position", type_="integer"), *_plain("recordedAt", "actor", "type", "id"),
        *_plain("entry", type_="json"),
    ],
}  # fmt: skip
"""Kind of row → its columns, the same in CSV and in Parquet."""
