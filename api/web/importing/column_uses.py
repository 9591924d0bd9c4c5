"""What the columns of a sent table are for, as the form says it: first as guessed, then as chosen.

It becomes a map in JSON, as `sijill import --map` takes it: there is one way from cells to entries.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from api.sheets.guess import guessed_map
from api.sheets.map_file import MapFile, map_of
from api.sheets.sheet import Layout, Sheet
from api.web.editing.acts import Field, fields_of_fact, newcomer
from api.web.editing.definition_forms import parts_of
from api.web.editing.editor_session import Values
from api.web.editing.filled_form import number_of
from domain.errors import Refusals, Refused
from domain.vocabulary import Vocabulary

NAMES: Final = ("name.en", "name.ar")
SCHEMES: Final = ("wikidata", "iso3166")
PARTS: Final = (*NAMES, "id", *SCHEMES)
"""By what a column may say who it is about."""
SOURCES: Final = ("title", "publisher", "url", "published")
PERIOD: Final = "period"
SAMPLES: Final = 3
"""Rows of which the form shows the cells."""
UNKNOWN: Final = ("refuse", "list", "create")
USUAL: Final = {"in": "1", "out": "0"}
CHOICES: Final = {
    "dates.order": ("", "DMY", "MDY", "YMD"),
    "dates.end": ("last-held", "first-not"),
    "empty.since": ("", "unknown"),
    "empty.until": ("", "open", "unknown"),
    "holds": ("whole", "part", "first-day", "last-day"),
}
"""What may be chosen in some fields, the usual choice first."""
TEXTS: Final = (
    *("id", "source.title", "source.publisher", "source.published", "source.observedThrough"),
    *("source.url", "dates.order", "dates.twoDigitYears", "dates.compact", "dates.open"),
    *("dates.unknown", "dates.end", "empty.since", "empty.until", "in", "out", "holds"),
)
"""Fields besides those of the columns and of the keys of the type."""
_COLUMN: Final = re.compile(r"\{([^{}]+)\}")
_ARABIC: Final = re.compile("[\u0600-\u06ff]")
_PLACE: Final = re.compile(r"(?:spells\[0\]|entries\[0\]|panel)\.(?:keys\.)?([A-Za-z]+)")


class ImportForm(NamedTuple):
    """What the form says. `uses` has for each column what it is for, nothing if empty; `keyed` are
    the columns by which a row is known again; `text` is what the other fields have."""

    type: str
    end: str | None
    """The type of what ends it, where rows are spells."""
    fields: tuple[Field, ...]
    """The keys of the type but for its date."""
    uses: tuple[str, ...]
    keyed: frozenset[int]
    text: Mapping[str, str]

    @property
    def dates(self) -> tuple[str, ...]:
        """The dates that a row has."""
        return ("since", "until") if self.end else ("when",)

    @property
    def offered(self) -> Iterator[tuple[str, str, str]]:
        """What a column may be for: the value, the key that it is for, and the part of it."""
        for field in self.fields:
            if field.kind == "entity" or field.kind == "entities":
                yield from ((f"{field.label}.{part}", field.label, part) for part in PARTS)
            elif field.kind != "choice":
                yield f"{field.label}.text", field.label, ""
        yield from ((date, date, "") for date in self.dates)
        yield from ((f"source.{key}", "source", key) for key in SOURCES)
        if self.end:
            yield PERIOD, PERIOD, ""

    @property
    def named(self) -> list[Field]:
        """The keys whose entities columns name."""
        return [field for field in self.fields if f"{field.label}." in self._prefixes]

    @property
    def fixed(self) -> list[Field]:
        """The keys that are the same for every row, if they are said."""
        return [field for field in self.fields if f"{field.label}." not in self._prefixes]

    @property
    def _prefixes(self) -> set[str]:
        return {f"{use.partition('.')[0]}." for use in self.uses}

    def map(self, sheet: Sheet, vocabulary: Vocabulary) -> MapFile:
        """The map that it says. Refused with all that is missing or wrong, each with its field."""
        maker = _MapMaker(self, sheet)
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


def guessed_form(sheet: Sheet, vocabulary: Vocabulary) -> ImportForm:
    """The form as `sijill map` guesses it. Refused as a sheet is, where a row can't be read."""
    guess = tomllib.loads(guessed_map(sheet))
    panel, entity = guess.get("panel"), guess["entities"]["thing"]
    rule = panel or guess["spells"][0]
    key = next(name for name, value in rule["keys"].items() if value == "@thing")
    uses = dict.fromkeys(sheet.headers, "")
    rows = [cells for _, cells in islice(sheet.rows(), SAMPLES)]
    if (name := _column_of(entity["names"]["en"])) in uses:
        place = sheet.headers.index(name)
        is_arabic = any(_ARABIC.search(cells[place]) for cells in rows)
        uses[name] = f"{key}.name.{'ar' if is_arabic else 'en'}"
    if (code := _column_of(entity["id"])) != name and code in uses:
        uses[code] = f"{key}.id"
    for date in ("since", "until"):
        if rule.get(date) in uses:
            uses[rule[date]] = date
    if panel:
        uses.update({each: PERIOD for each in uses if re.search(panel["columns"], each)})
    dates = guess["dates"]
    text = {
        "id": guess["id"],
        "source.title": guess["source"]["title"],
        "dates.order": dates.get("order", ""),
        "dates.twoDigitYears": str(dates.get("twoDigitYears", "")),
        "dates.compact": "on" if dates.get("compact") else "",
        "dates.open": ", ".join(dates["open"]),
        "dates.unknown": ", ".join(dates["unknown"]),
    }
    keyed = [place for place, name in enumerate(sheet.headers) if name in guess["key"]]
    return _form(rule["start"], [uses[name] for name in sheet.headers], keyed, text, vocabulary)


def given_form(values: Values, sheet: Sheet, vocabulary: Vocabulary) -> ImportForm:
    """The form as it was sent."""
    sent = {key: texts[-1].strip() for key, texts in values.items()}
    places = range(len(sheet.headers))
    uses = [sent.get(f"use[{place}]", "") for place in places]
    keyed = [place for place in places if f"key[{place}]" in sent]
    name, _, id_ = sent.get("take", "").partition("=")
    if name:  # one of what may be meant
        sent[name] = id_
    kind = sent.get("type", "")
    return _form(
        kind if kind in vocabulary.fact_types else next(iter(vocabulary.fact_types)),
        uses,
        keyed,
        {key: text for key, text in sent.items() if key not in ("content", "cells")},
        vocabulary,
    )


def end_of(kind: str, vocabulary: Vocabulary) -> str | None:
    """The type of facts that ends what another starts, about the same; None where there is none."""
    own = vocabulary.fact_types[kind].entry.effects
    if not own or not all(effect.is_start for effect in own):
        return None
    ends = [effect._replace(is_start=False) for effect in own]
    keys = vocabulary.subject_keys(kind)
    for name, each in vocabulary.fact_types.items():
        if list(each.entry.effects) == ends and vocabulary.subject_keys(name) == keys:
            return name
    return None


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


def _form(
    kind: str,
    uses: Sequence[str],
    keyed: Sequence[int],
    sent: Mapping[str, str],
    vocabulary: Vocabulary,
) -> ImportForm:
    """A form for facts of a type; what columns were for under another type goes along."""
    end = end_of(kind, vocabulary)
    fields = tuple(
        field
        for field in fields_of_fact(kind, vocabulary)
        if field.label not in ("when", "episode")
    )
    form = ImportForm(kind, end, fields, (), frozenset(keyed), {})
    offered = {value for value, _, _ in form.offered}
    effects = vocabulary.fact_types[kind].entry.effects
    subject = effects[0].subject if effects else (*vocabulary.subject_keys(kind), "")[0]
    moved = {"since": "when", "when": "since"}

    def carried(use: str) -> str:
        if use in offered:
            return use
        other = moved.get(use) or f"{subject}.{use.partition('.')[2]}"
        return other if other in offered else ""

    text = {name: sent.get(name, USUAL.get(name, "")) for name in TEXTS}
    for name, choices in CHOICES.items():
        if text[name] not in choices:
            text[name] = choices[0]
    for date in ("since", "until", "when"):
        text[f"fixed.{date}"] = sent.get(f"fixed.{date}", "")
    for field in fields:
        key = field.label
        text[f"fixed.{key}"] = sent.get(f"fixed.{key}", field.usual)
        unknown = sent.get(f"unknown.{key}", "")
        text[f"unknown.{key}"] = unknown if unknown in UNKNOWN else UNKNOWN[0]
        text[f"kind.{key}"] = sent.get(f"kind.{key}", "")
    return form._replace(uses=tuple(map(carried, uses)), text=text)


def kinds_for(field: Field, kind: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The kinds of entities that a key may name, those that are expected there first."""
    return newcomer(field, kind, vocabulary)[1].choices


def _column_of(template: str) -> str:
    found = _COLUMN.fullmatch(template)
    return template if found is None else found[1]


def _layout_of(layout: Layout) -> dict[str, Any]:
    given = {key: getattr(layout, key) for key in ("encoding", "delimiter", "sheet")}
    found = {key: value for key, value in given.items() if value is not None}
    return {**found, "header": layout.header, "missing": list(layout.missing)}
