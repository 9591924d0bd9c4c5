"""What the columns of a sent table are for, as the form says it: guessed first, then chosen."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from api.sheets.guess import guessed_map
from api.sheets.sheet import Sheet
from api.web.editing.acts import Field, fields_of_fact, kinds_at
from api.web.editing.editor_session import Values
from domain.vocabulary import Vocabulary

NAMES: Final = ("name.en", "name.ar")
SCHEMES: Final = ("wikidata", "iso3166")
PARTS: Final = (*NAMES, "id", *SCHEMES)
"""By what a column may say who it is about."""
SOURCES: Final = ("title", "publisher", "url", "published")
PERIOD: Final = "period"
SAMPLES: Final = 3
"""Rows whose cells the form shows."""
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


def guessed_form(sheet: Sheet, vocabulary: Vocabulary) -> ImportForm:
    """The form as `sijill map` guesses it. Refused as a sheet is, where a row can't be read."""
    guess = tomllib.loads(guessed_map(sheet, is_form=True))
    panel, entity = guess.get("panel"), guess["entities"]["thing"]
    rule = panel or guess["spells"][0]
    key = next(name for name, value in rule["keys"].items() if value == "@thing")
    uses = dict.fromkeys(sheet.headers, "")
    ((language, template),) = entity["names"].items()
    if (name := _column_of(template)) in uses:
        # The form has names in these two languages.
        uses[name] = f"{key}.name.{'ar' if language == 'ar' else 'en'}"
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
    return kinds_at(field, kind, vocabulary)


def _column_of(template: str) -> str:
    found = _COLUMN.fullmatch(template)
    return template if found is None else found[1]
