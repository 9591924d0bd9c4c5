"""The map that a form says, in JSON as `sijill import --map` takes it: one way from cells on."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from api.sheets.map_file import MapFile, map_of
from api.sheets.sheet import Layout, Sheet
from api.web.editing.acts import Field
from api.web.editing.field_values import number_of, parts_of
from api.web.importing.column_uses import (
    NAMES,
    PARTS,
    PERIOD,
    SCHEMES,
    SOURCES,
    TEXTS,
    ImportForm,
)
from domain.errors import Refusals, Refused
from domain.vocabulary import Vocabulary

_PLACE: Final = re.compile(r"(?:spells\[0\]|entries\[0\]|panel)\.(?:keys\.)?([A-Za-z]+)")


def map_of_form(form: ImportForm, sheet: Sheet, vocabulary: Vocabulary) -> MapFile:
    """The map that a form says. Refused with all that is missing or wrong, each with its field."""
    maker = _MapMaker(form, sheet)
    made = maker.made()
    if maker.refusals:
        raise maker.refusals.joined()
    text = json.dumps(made, ensure_ascii=False, indent=2)
    try:
        return map_of(text, "map.json", vocabulary)
    except Refused as refused:
        found = Refusals(refused)
        for each in found.first:
            each.field = field_of(each.field)
        raise found.joined() from refused


class _MapMaker:
    def __init__(self, form: ImportForm, sheet: Sheet) -> None:
        self._form, self._sheet, self._text = form, sheet, form.text
        self.refusals = Refusals()
        self._columns: dict[str, str] = {}
        for place, use in enumerate(form.uses):
            if not use:
                continue
            name = sheet.headers[place]
            if use in self._columns and use != PERIOD:
                words = f"The column «{self._columns[use]}» says this already: choose one of them."
                self._refuse("USED_TWICE", words, f"use[{place}]")
            elif sheet.headers.count(name) != 1 or not name or "{" in name or "}" in name:
                words = "A column that is used has a name of its own, without braces: give it one."
                self._refuse("AMBIGUOUS_COLUMN", words, f"cell[{sheet.layout.header}][{place}]")
            self._columns[use] = name

    def made(self) -> dict[str, Any]:
        """The map as it is written."""
        form, text = self._form, self._text
        keys = {field.label: value for field in form.fields if (value := self._key(field))}
        key = [self._sheet.headers[place] for place in sorted(form.keyed)]
        if not key:
            words = "Choose at least one column by which a row is known again."
            self._refuse("MISSING_KEY", words, "key[0]")
        found: dict[str, Any] = {
            "id": text["id"],
            "source": {
                "id": text["id"],
                **{
                    key: said
                    for key in ("title", "publisher", "published", "observedThrough", "url")
                    if (said := text[f"source.{key}"])
                },
            },
            "file": _layout_of(self._sheet.layout),
            "dates": self._dates(),
            "entities": {field.label: self._entity(field) for field in form.named},
            "key": key,
            "repeats": "number",
        }
        if source := self._row_source():
            found["rowSource"] = source
        if PERIOD in form.uses:
            found["panel"] = {"start": form.type, "end": form.end, "keys": keys, **self._panel(key)}
        elif form.end is not None:
            since, until = self._when("since"), self._when("until")
            spell = {"start": form.type, "end": form.end, "keys": keys}
            found["spells"] = [{**spell, "since": since, "until": until, "reversed": "refuse"}]
        else:
            found["entries"] = [{"type": form.type, "keys": keys, "when": self._when("when")}]
        return found

    def _key(self, field: Field) -> Any:
        key, fixed = field.label, self._text[f"fixed.{field.label}"]
        if field in self._form.named:
            if field.kind not in ("entity", "entities"):
                column = self._columns[f"{key}.text"]
                return {"number": column} if field.kind == "number" else f"{{{column}}}"
            return [f"@{key}"] if field.kind == "entities" else f"@{key}"
        if not fixed and field.required:
            words = f"Choose the column that says the {key}, or write what it is in every row."
            self._refuse("MISSING_KEY", words, f"fixed.{key}")
        if field.kind == "entities":
            return parts_of(fixed)
        if field.kind == "number" and fixed:
            return number_of(fixed)
        return None if fixed == field.usual else fixed

    def _entity(self, field: Field) -> dict[str, Any]:
        key = field.label
        said = {
            part: f"{{{self._columns[use]}}}"
            for part in PARTS
            if (use := f"{key}.{part}") in self._columns
        }
        names = {part.partition(".")[2]: said[part] for part in NAMES if part in said}
        schemes = {part: text for part, text in said.items() if part in SCHEMES}
        found: dict[str, Any] = {"unknown": self._text[f"unknown.{key}"], **schemes}
        if template := said.get("id") or next(iter([*names.values(), *schemes.values()]), None):
            found["id"] = template
        if kind := self._text[f"kind.{key}"]:
            found["kind"] = kind
        if names:
            found["names"] = names
        ways = ["id"] if "id" in said or names else []
        ways += [f"identifier:{scheme}" for scheme in schemes]
        found["by"] = [*ways, *(["name", "alias", "match"] if names else [])]
        return found

    def _dates(self) -> dict[str, Any]:
        text = self._text
        found: dict[str, Any] = {
            "months": ["en", "ar"],
            "open": parts_of(text["dates.open"]),
            "unknown": parts_of(text["dates.unknown"]),
            "end": text["dates.end"],
        }
        if text["dates.order"]:
            found["order"] = text["dates.order"]
        if text["dates.compact"]:
            found["compact"] = True
        if years := text["dates.twoDigitYears"]:
            found["twoDigitYears"] = number_of(years)
        return found

    def _when(self, date: str) -> dict[str, Any]:
        """The rule of a date: of a column, or the same for every row."""
        if (column := self._columns.get(date)) is None:
            if fixed := self._text[f"fixed.{date}"]:
                return {"value": fixed}
            if date != "until":
                words = "Choose the column that has the date, or write the date of every row."
                self._refuse("MISSING_KEY", words, f"fixed.{date}")
            return {"value": "open", "open": ["open"]}
        rule: dict[str, Any] = {"column": column}
        if meaning := self._text.get(f"empty.{date}"):
            rule[meaning] = [*parts_of(self._text[f"dates.{meaning}"]), ""]
        return rule

    def _panel(self, item: list[str]) -> dict[str, Any]:
        headers = self._sheet.headers
        places = (place for place, use in enumerate(self._form.uses) if use == PERIOD)
        names = "|".join(re.escape(headers[place]) for place in places)
        text = self._text
        return {
            "item": item,
            "columns": f"^({names})$",
            "in": parts_of(text["in"]),
            "out": parts_of(text["out"]),
            "holds": text["holds"],
        }

    def _row_source(self) -> dict[str, str]:
        said = {
            key: f"{{{self._columns[use]}}}"
            for key in SOURCES
            if (use := f"source.{key}") in self._columns
        }
        if not said:
            return {}
        title = said.get("title") or said.get("url") or next(iter(said.values()))
        return {**said, "title": title, "id": said.get("url") or title}

    def _refuse(self, code: str, words: str, field: str) -> None:
        self.refusals.add(Refused(code, words, field=field))


def field_of(path: str | None) -> str | None:
    """The field of the form that a path in the map is about."""
    if path is None or path in TEXTS:
        return path
    if found := _PLACE.match(path):
        name = found[1]
        return name if name in TEXTS else "type" if name in ("start", "end") else f"fixed.{name}"
    entity, _, key = path.removeprefix("entities.").partition(".")
    if path.startswith("entities."):
        return f"{key}.{entity}" if key in ("kind", "unknown") else f"unknown.{entity}"
    return path.partition("[")[0] if path.startswith("file.") else None


def _layout_of(layout: Layout) -> dict[str, Any]:
    given = {key: getattr(layout, key) for key in ("encoding", "delimiter", "sheet")}
    found = {key: value for key, value in given.items() if value is not None}
    return {**found, "header": layout.header, "missing": list(layout.missing)}
