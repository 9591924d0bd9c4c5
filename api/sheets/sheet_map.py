"""The map: what the columns of a sheet mean, in one TOML or JSON file.

The structs here are its schema (`schema()`); docs/reference/sheet-map.md lists its keys. What a map
says is checked against the sheet when the two are put together (conversion.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from api.sheets.sheet import Layout
from domain.codec import parse_json
from domain.errors import Refusals, Refused
from domain.facts import Fact
from domain.validation_errors import nearest, refusals_of
from domain.vocabulary import CORE

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


class Part(
    Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True,
    forbid_unknown_fields=True,
):  # fmt: skip
    """A table of the map."""


class Condition(Part, frozen=True, kw_only=True):
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


class Dates(Part, frozen=True, kw_only=True):
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


class Source(Part, frozen=True, kw_only=True):
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


class RowSource(Part, frozen=True, kw_only=True):
    """The source that a row names itself, cited beside the sheet. Values are templates."""

    id: Text
    title: Text
    publisher: Text | None = None
    author: Text | None = None
    language: Text | None = None
    url: Text | None = None
    published: Text | None = None
    reliability: Text | None = None


class Location(Part, frozen=True, kw_only=True):
    """Where an entity is: templates that give degrees."""

    lat: Text
    """Degrees north (WGS 84)."""
    lon: Text
    """Degrees east (WGS 84)."""


class Entity(Part, frozen=True, kw_only=True):
    """How cells become an entity. Values are templates, such as `{Country}`."""

    by: tuple[Annotated[str, Meta(pattern=r"^(id|name|alias|identifier:.+)\Z")], ...] = ("id",)
    """By what it is looked up in the record, in this order."""
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
    location: Location | None = None


class Spell(Part, frozen=True, kw_only=True):
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


class EntryRule(Part, frozen=True, kw_only=True):
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


class Panel(Part, frozen=True, kw_only=True):
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


class Snapshots(Part, frozen=True, kw_only=True):
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


class SheetMap(Part, frozen=True, kw_only=True):
    """A whole map."""

    id: Prefix
    """The ids of all entries begin with it."""
    source: Source
    file: Layout = Layout()
    dates: Dates = Dates()
    row_source: RowSource | None = None
    entities: dict[str, Entity] = {}
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
    """What happens to facts of a row that is not in the sheet any more."""


class MapFile(NamedTuple):
    """A map, and its file, in which what is wrong with it is found again."""

    name: str
    text: str
    map: SheetMap

    def located(self, refused: Refused, within: str = "") -> Refused:
        """A refusal of something within a part of the map, with the file and the line of it."""
        refusals = Refusals(refused)
        for each in refusals.first:
            if "line" not in each.data:
                each.field = ".".join(filter(None, (within, each.field)))
        return _located(refusals, self.text, self.name).joined()


def read_map(path: Path) -> MapFile:
    """The map in a file. Refused with `file`, `line` and `field` for all that is wrong in it."""
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        words = f"The map can't be read ({error.strerror or error}): check its name."
        raise Refused("NO_FILE", words, file=name) from error
    except UnicodeDecodeError as error:
        words = f"The map is not in UTF-8 (byte {error.start})."
        raise Refused("BAD_UTF8", words, file=name) from error
    found = _parse(text, name)
    try:
        found = msgspec.convert(found, SheetMap)
    except msgspec.ValidationError as error:
        refusals = refusals_of(SheetMap, found, _no_decode, error)
        raise _located(refusals, text, name).joined() from error
    refusals = Refusals(*_slips(found))
    if refusals:
        raise _located(refusals, text, name).joined()
    return MapFile(name, text, found)


def schema() -> dict[str, Any]:
    """The JSON Schema of a map."""
    return msgspec.json.schema(SheetMap)


def _parse(text: str, name: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        try:
            found = parse_json(text)
        except Refused as refused:
            at = re.search(r"character (\d+)", refused.message)
            line = text.count("\n", 0, int(at[1]) - 1) + 1 if at else 1
            raise Refused("BAD_MAP", refused.message, file=name, line=line) from refused
        assert isinstance(found, dict)
        return found
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        words = f"The map is no TOML: {str(error).partition(' (at ')[0].lower()}."
        raise Refused("BAD_MAP", words, file=name, line=line) from error


def _no_decode(kind: type, value: Any) -> Any:
    raise TypeError(f"no reading of {kind}")


def _slips(found: SheetMap) -> Iterator[Refused]:
    """What is wrong in a map that the types of its keys do not tell."""
    shapes = [bool(found.spells or found.entries), bool(found.panel), bool(found.snapshots)]
    if sum(shapes) != 1:
        words = (
            "A map has one shape: [[spells]] and [[entries]] for rows, or [panel], or [snapshots]."
        )
        yield Refused("BAD_MAP", words)
    if shapes[0] and not found.key:
        words = (
            "A map of rows needs `key`: the columns by which a row is known again in a later "
            "version of the sheet."
        )
        yield Refused("MISSING_KEY", words, field="key")
    pairs: list[tuple[str, str, str, str | None]] = [
        *((f"spells[{n}].start", each.start, "start", each.end) for n, each in _n(found.spells)),
        *((f"entries[{n}].type", each.type, "", None) for n, each in _n(found.entries)),
    ]
    for field, part in (("panel", found.panel), ("snapshots", found.snapshots)):
        if part is not None:
            pairs.append((f"{field}.start", part.start, "start", part.end))
    for field, kind, side, end in pairs:
        yield from _type_slips(field, kind, side, end)
    names = [each.name for each in found.spells]
    names += [each.name or each.type for each in found.entries]
    for name in {name for name in names if names.count(name) > 1}:
        words = f"Two parts of the map are called «{name}»: give each a `name` of its own."
        yield Refused("BAD_MAP", words, field="spells" if found.spells else "entries")
    for name, entity in found.entities.items():
        if entity.unknown == "create" and not (entity.id and entity.kind and entity.names):
            words = f"To create what is unknown, the entity {name} needs an id, a kind and names."
            yield Refused("MISSING_KEY", words, field=f"entities.{name}.unknown")
        for way in entity.by:
            scheme = way.partition(":")[2]
            if (
                (way == "id" and not entity.id)
                or (way in ("name", "alias") and not entity.names)
                or (scheme and scheme not in entity.identifiers)
            ):
                has = {"id": "an id", "name": "names", "alias": "names"}.get(way, "identifiers")
                words = f"To look the entity {name} up by {way}, the map must give {has} for it."
                yield Refused("MISSING_KEY", words, field=f"entities.{name}.by")
    if (panel := found.panel) is not None and panel.columns is None:
        for key in ("period", "value"):
            if str(getattr(panel, key)).startswith(":"):
                words = "A panel has `columns`, or rows with a `period` and a `value`."
                yield Refused("MISSING_KEY", words, field=f"panel.{key}")
    if found.snapshots and (found.snapshots.day is None) == (found.snapshots.file_day is None):
        words = "Snapshots have their day in a column (`day`) or in the file's name (`fileDay`)."
        yield Refused("BAD_MAP", words, field="snapshots")
    yield from _pattern_slips(found)


def _type_slips(field: str, kind: str, side: str, end: str | None) -> Iterator[Refused]:
    facts = {name: each.entry for name, each in CORE.fact_types.items()}
    known = facts if side else CORE.types
    if kind not in known:
        words = f"There is no type {kind!a}; the types are {nearest(kind, known)}."
        yield Refused("UNKNOWN_TYPE", words, field=field)
        return
    if not side:
        return
    if not _does(facts[kind], is_start=True):
        words = f"{kind} starts nothing: name a type of fact that does."
        yield Refused("NOT_A_START", words, field=field)
    assert end is not None
    if end not in facts:
        words = f"There is no type {end!a}; the types are {nearest(end, facts)}."
        yield Refused("UNKNOWN_TYPE", words, field=field.replace("start", "end"))
    elif not _does(facts[end], is_start=False):
        words = f"{end} ends nothing: name a type of fact that does."
        yield Refused("NOT_AN_END", words, field=field.replace("start", "end"))


def _does(kind: type[Fact], *, is_start: bool) -> bool:
    return any(effect.is_start is is_start for effect in kind.effects)


def _n(items: tuple[Any, ...]) -> Iterator[tuple[int, Any]]:
    return iter(enumerate(items))


def _pattern_slips(part: Any, path: str = "") -> Iterator[Refused]:
    """Regular expressions that are none."""
    if isinstance(part, Part):
        for field in msgspec.structs.fields(part):
            at = f"{path}.{field.encode_name}".lstrip(".")
            value = getattr(part, field.name)
            if field.encode_name in ("matches", "columns", "fileDay") and isinstance(value, str):
                try:
                    re.compile(value)
                except re.error as error:
                    words = f"«{value}» is no regular expression: {error}."
                    yield Refused("BAD_PATTERN", words, field=at)
            yield from _pattern_slips(value, at)
    elif isinstance(part, tuple):
        for number, item in enumerate(part):
            yield from _pattern_slips(item, f"{path}[{number}]")
    elif isinstance(part, dict):
        for key, item in part.items():
            yield from _pattern_slips(item, f"{path}.{key}")


def _located(refusals: Refusals, text: str, name: str) -> Refusals:
    """The refusals with the file and the line of their field."""
    for each in refusals.first:
        if "line" not in each.data:
            each.data.update(file=name, line=line_of(each.field or "", text))
    return refusals


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+|\"[^\"]*\")((?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=")


def line_of(field: str, text: str) -> int:
    """The line, from 1, of the nearest key on the way to a field such as `spells[0].since`."""
    wanted = re.findall(r"[^.\[\]]+", field)
    best, most = 1, 0
    table: list[str] = []
    counts: dict[str, int] = {}
    is_json = text.lstrip().startswith("{")
    if is_json:
        return _json_line(wanted, text)
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            path = header[2].replace('"', "").replace(" ", "")
            table = []
            for step in path.split("."):
                table.append(step)
                whole = ".".join(table)
                if header[1] == "[[" and whole == path:
                    counts[path] = counts.get(path, -1) + 1
                if whole in counts:
                    table.append(str(counts[whole]))
            here = table
        elif key := _KEY.match(line):
            here = [*table, key[1].strip('"'), *re.findall(r"[A-Za-z0-9_-]+", key[2])]
        else:
            continue
        common = 0
        for one, other in zip(here, wanted, strict=False):
            if one != other:
                break
            common += 1
        if common == len(here) and common > most:
            best, most = number, common
    return best


def _json_line(wanted: list[str], text: str) -> int:
    at = 0
    for step in wanted:
        found = text.find(f'"{step}"', at)
        if found >= 0:
            at = found
    return text.count("\n", 0, at) + 1
