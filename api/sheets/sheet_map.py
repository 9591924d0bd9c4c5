"""The map: what the columns of a sheet mean, in one TOML or JSON file.

The structs here are its schema (`schema()`); docs/reference/sheet-map.md lists its keys. What a map
says is checked against the sheet when the two are put together (conversion.py).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from api.sheets.sheet import Layout

Prefix = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}\Z",
        description="1 to 32 letters, digits, . _ or -",
    ),
]
Text = Annotated[str, Meta(min_length=1, max_length=2_000)]
Column = Annotated[str, Meta(min_length=1, max_length=1_000)]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")]


class MapTable(
    Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True,
    forbid_unknown_fields=True,
):  # fmt: skip
    """A table of the map."""


class Condition(MapTable, frozen=True, kw_only=True):
    """True of a row whose cell in `column` is all that is said here."""

    column: Column
    """The column whose cell it is about."""
    is_: tuple[str, ...] | None = msgspec.field(name="is", default=None)
    """What the cell may say."""
    not_: tuple[str, ...] | None = msgspec.field(name="not", default=None)
    """What it may not say."""
    matches: str | None = None
    """A regular expression that is found in the cell."""
    same_as: Column | None = None
    """Another column, whose cell says the same."""
    differs_from: Column | None = None
    """Another column, whose cell says something else."""


Conditions = tuple[Condition, ...]


class Dates(MapTable, frozen=True, kw_only=True):
    """How dates are written. A date of an entry may say otherwise for itself."""

    order: Literal["DMY", "MDY", "YMD"] | None = None
    """The order of day, month and year where all three are numbers."""
    months: tuple[Language, ...] | None = None
    """The languages in which months and eras are named."""
    two_digit_years: Annotated[int, Meta(ge=0, le=9900)] | None = None
    """The first of the hundred years that years of two digits are of, such as 1930."""
    compact: bool | None = None
    """Whether 196007 is July 1960, and 19600709 a day of it."""
    serial: Literal[1900, 1904] | None = None
    """Whole numbers are days as Excel counts them, from 1900 or from 1904."""
    centuries: bool | None = None
    """Whether `19th century` and `18xx` are dates."""
    negative_years: Literal["astronomical", "bc"] | None = None
    """What -500 is: 501 BC as in EDTF, or 500 BC."""
    open: tuple[str, ...] | None = None
    """What stands for an end that has not come, such as 9999-12-31."""
    unknown: tuple[str, ...] | None = None
    """What stands for a day that nobody knows."""
    end: Literal["last-held", "first-not"] | None = None
    """What the date of an end is: the last day that it held, or the first one that it did not."""


class DateRule(Dates, frozen=True, kw_only=True):
    """A date of an entry: of a column, or the same for every row."""

    column: Column | None = None
    """The column that has it."""
    value: Text | None = None
    """The same date for every row, in place of a column."""
    doubt: Conditions = ()
    """Of these rows the date is uncertain (`?`)."""
    near: Conditions = ()
    """Of these rows the date is approximate (`~`)."""
    margin: Annotated[int, Meta(ge=1, le=40_000)] | Column | None = None
    """Days by which it may be wrong, to either side; or the column that says so."""


When = DateRule | Column


class SourceRule(MapTable, frozen=True, kw_only=True):
    """The sheet itself, as the record cites it."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z")]
    title: Text
    publisher: Text | None = None
    author: Text | None = None
    language: Language | None = None
    url: Text | None = None
    published: Text | None = None
    retrieved: Text | None = None
    observed_through: Text | None = None
    reliability: str | None = None
    credibility: int | None = None


class RowSource(MapTable, frozen=True, kw_only=True):
    """The source that a row names itself, cited beside the sheet. Values are templates."""

    id: Text
    title: Text
    publisher: Text | None = None
    author: Text | None = None
    language: Text | None = None
    url: Text | None = None
    published: Text | None = None
    reliability: Text | None = None


Way = Annotated[str, Meta(pattern=r"^(id|name|alias|match|identifier:.+)\Z")]
"""By what an entity is looked up."""


class LocationRule(MapTable, frozen=True, kw_only=True):
    """Where an entity is: templates that give degrees."""

    lat: Text
    """Degrees north (WGS 84)."""
    lon: Text
    """Degrees east (WGS 84)."""


class EntityRule(MapTable, frozen=True, kw_only=True):
    """How cells become an entity. Values are templates, such as `{Country}`."""

    by: tuple[Way, ...] = ("id",)
    """By what it is looked up in the record, in this order. `match` takes the one entity that a
    name surely means, however it is written; a refusal names those that come near. The schemes
    `wikidata` and `iso3166` are the keys of that name."""
    unknown: Literal["refuse", "list", "create"] = "refuse"
    """What happens to a row with one that the record does not have."""
    id: Text | None = None
    """Its id. What can be none becomes one: in ASCII and lower case, with hyphens."""
    kind: Text | None = None
    """Its kind, for one that is created. A name is looked for among those of the kind first."""
    names: dict[Language, Text] = {}
    """Its names. `name` and `alias` look for any of them."""
    aliases: dict[Language, tuple[Text, ...]] = {}
    identifiers: dict[str, Text] = {}
    iso3166: Text | None = None
    wikidata: Text | None = None
    location: LocationRule | None = None


class Spell(MapTable, frozen=True, kw_only=True):
    """A row that says from when to when something held: a start, an end, an episode of its own."""

    start: str
    """The type of the facts that start it."""
    end: str
    """The type of the facts that end it."""
    keys: dict[str, Any]
    """The keys of both: `@NAME` is an entity, `{Column}` a template."""
    since: When
    """When it started."""
    until: When
    """When it ended."""
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,20}\Z")] = "spell"
    """A part of the ids; it tells several spells of a row apart."""
    if_: Conditions = msgspec.field(name="if", default=())
    """The rows that are such a spell."""
    reversed: Literal["refuse", "skip"] = "refuse"
    """What happens to a row that ends before it starts."""


class EntryRule(MapTable, frozen=True, kw_only=True):
    """One entry of a row, of any type that a record file has."""

    type: str
    """The type of the entry."""
    keys: dict[str, Any]
    """Its keys: `@NAME` is an entity, `{Column}` a template, `{ number = "Column" }` a number."""
    when: When | None = None
    """When it happened, for types that have a `when`."""
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,20}\Z")] | None = None
    """A part of the ids, the type if left out; it tells several entries of a row apart."""
    if_: Conditions = msgspec.field(name="if", default=())
    """The rows that give such an entry."""
    episode: Text | None = None
    """The label of its episode: a template."""


class Panel(MapTable, frozen=True, kw_only=True):
    """In or not, by period: a column a period, or a row for each pair of item and period."""

    start: str
    """The type of the facts that start it."""
    end: str
    """The type of the facts that end it."""
    keys: dict[str, Any]
    """The keys of both: `@NAME` is an entity, `{Column}` a template."""
    item: tuple[Column, ...]
    """The columns that say what it is that is in or not."""
    in_: tuple[str, ...] = msgspec.field(name="in")
    """What a cell says where it is in."""
    out: tuple[str, ...]
    """What a cell says where it is not. Missing is neither: `[file] missing`."""
    holds: Literal["whole", "part", "first-day", "last-day"]
    """When in its period a cell is true: all of it, some of it, on its first or its last day."""
    columns: str | None = None
    """A regular expression that finds the headers of columns that hold such cells. Each of them is
    read as a row of its own, with the columns `:header` and `:value` beside those of its row."""
    period: When = ":header"
    """The column of the period."""
    value: Column = ":value"
    """The column that says in or out."""


class Snapshots(MapTable, frozen=True, kw_only=True):
    """What was there on a day, of several days: each file one, or a column of days."""

    start: str
    """The type of the facts that start it."""
    end: str
    """The type of the facts that end it."""
    keys: dict[str, Any]
    """The keys of both: `@NAME` is an entity, `{Column}` a template."""
    item: tuple[Column, ...]
    """The columns that say what it is that is there."""
    day: When | None = None
    """The column of the day."""
    file_day: str | None = None
    """A regular expression with a group that finds the day in a file's name."""


class SheetMap(MapTable, frozen=True, kw_only=True):
    """A whole map."""

    id: Prefix
    """The ids of all entries begin with it."""
    source: SourceRule
    file: Layout = Layout()
    dates: Dates = Dates()
    row_source: RowSource | None = None
    entities: dict[str, EntityRule] = {}
    key: tuple[Column, ...] = ()
    """The columns by which a row is known again in a later version of the sheet."""
    repeats: Literal["refuse", "number"] = "refuse"
    """What happens to a further row with the same key: it may be numbered in their order."""
    rows: Conditions = ()
    """The rows that count; all others are left out."""
    spells: tuple[Spell, ...] = ()
    entries: tuple[EntryRule, ...] = ()
    panel: Panel | None = None
    snapshots: Snapshots | None = None
    gone: Literal["report", "retract"] = "report"
    """What happens to facts that the sheet does not give any more: of a row that is gone, or an end
    that is open now."""
    skip_commits: tuple[Annotated[str, Meta(pattern=r"^[0-9a-f]{7,40}\Z")], ...] = ()
    """Of a file's history: the commits that are left out, each by the beginning of its id."""


def schema() -> dict[str, Any]:
    """The JSON Schema of a map."""
    return msgspec.json.schema(SheetMap)
