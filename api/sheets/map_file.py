"""The file of a map: read from TOML or JSON, and what is wrong in it found again by its line.

What a map may say is in sheet_map.py. Here is also what the types of its keys can't tell.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from api.sheets.sheet_map import EntityRule, MapTable, SheetMap
from domain.errors import Refusals, Refused
from domain.facts import Fact
from domain.strict_json import parse_json
from domain.validation_errors import nearest, refusals_of
from domain.vocabulary import CORE, Vocabulary


class MapFile(NamedTuple):
    """A map, and its file, in which what is wrong with it is found again; and the words of the
    record that it is for."""

    name: str
    text: str
    map: SheetMap
    vocabulary: Vocabulary

    def located(self, refused: Refused, within: str = "") -> Refused:
        """A refusal of something within a part of the map, with the file and the line of it."""
        refusals = Refusals(refused)
        for each in refusals.first:
            if "line" not in each.data:
                each.field = ".".join(filter(None, (within, each.field)))
        return _located(refusals, self.text, self.name).joined()


def read_map(path: Path, vocabulary: Vocabulary = CORE) -> MapFile:
    """The map in a file, for a record with some words. Refused with `file`, `line` and `field` for
    all that is wrong in it."""
    name = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        words = f"The map can't be read ({error.strerror or error}): check its name."
        raise Refused("NO_FILE", words, file=name) from error
    except UnicodeDecodeError as error:
        words = f"The map is not in UTF-8 (byte {error.start})."
        raise Refused("BAD_UTF8", words, file=name) from error
    return map_of(text, name, vocabulary)


def map_of(text: str, name: str, vocabulary: Vocabulary) -> MapFile:
    """The map in a text, which is called so in refusals. Refused as `read_map` does."""
    found = _parse(text, name)
    try:
        found = msgspec.convert(found, SheetMap)
    except msgspec.ValidationError as error:
        refusals = refusals_of(SheetMap, found, _no_decode, error)
        raise _located(refusals, text, name).joined() from error
    refusals = Refusals(*_slips(found, vocabulary))
    if refusals:
        raise _located(refusals, text, name).joined()
    return MapFile(name, text, found, vocabulary)


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


def _slips(found: SheetMap, vocabulary: Vocabulary) -> Iterator[Refused]:
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
        yield from _type_slips(field, kind, side, end, vocabulary)
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
                or (scheme and not _has_scheme(entity, scheme))
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


def _has_scheme(entity: EntityRule, scheme: str) -> bool:
    """Whether a rule says what an entity is in a scheme: Wikidata and ISO 3166 have keys of
    their own."""
    own = {"wikidata": entity.wikidata, "iso3166": entity.iso3166}
    return scheme in entity.identifiers or own.get(scheme) is not None


def _type_slips(
    field: str, kind: str, side: str, end: str | None, vocabulary: Vocabulary
) -> Iterator[Refused]:
    facts = {name: each.entry for name, each in vocabulary.fact_types.items()}
    known = facts if side else vocabulary.types
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
    if isinstance(part, MapTable):
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
