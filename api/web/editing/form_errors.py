"""What a form lacks, field by field: all of it at once, before the record is asked."""

from __future__ import annotations

from collections.abc import Iterator

from api.language.typed_dates import TypedDate
from api.web.editing.acts import ACTS, NAMED_IN, SUPPORTING
from api.web.editing.entry_parts import CHECKED
from api.web.editing.filled_form import Form
from domain.corrections import Basis
from domain.errors import Refused


def refusals_of(form: Form) -> list[Refused]:
    """What has to be filled in and is not, and the dates that can't be read."""
    return [*_missing(form), *form.own_refusals(), *_of_citations(form), *_dates(form)]


def _missing(form: Form) -> Iterator[Refused]:
    for field in form.fields:
        has_text = bool(form.over) if field.kind in CHECKED else bool(form.text[field.name])
        if field.required and not has_text and field.name not in form.new:
            yield missing(field.name)
    for name in form.newcomers:
        if name in form.new:
            at = f"entities[{name}]."
            if not any(form.text[f"{at}names.{lang}"] for lang in NAMED_IN):
                yield missing(f"{at}names.{form.lang}")
            if not form.text[f"{at}kind"]:
                yield missing(f"{at}kind")


def _of_citations(form: Form) -> Iterator[Refused]:
    cited = form.cited()
    for block in cited:
        at = f"citations[{block.number}]."
        if form.registers(block):
            if not form.text[f"sources[{block.number}].title"]:
                yield missing(f"sources[{block.number}].title")
        elif not form.text[f"{at}source"]:
            yield missing(f"{at}source")
        place, number = form.text[f"{at}place"], form.text[f"{at}locator"]
        if bool(place) != bool(number):
            yield Refused(
                "BAD_LOCATOR",
                "Say both what is counted (paragraphs, pages, rows or characters) and the number.",
                field=f"{at}locator" if place else f"{at}place",
            )
    if form.blocks and not cited:
        if issubclass(ACTS[form.act], SUPPORTING):
            yield _own("NO_CITATION", "citations[0].source")
        elif form.text["basis"] == Basis.EVIDENCE:
            yield _own("EVIDENCE_WITHOUT_CITATION", "citations[0].source")


def _dates(form: Form) -> Iterator[Refused]:
    for name, reading in form.readings.items():
        if form.text[name] and reading.edtf is None:
            yield _own("BAD_EDTF", name, reading)


def missing(field: str) -> Refused:
    """A field that has to be filled in."""
    return _own("MISSING_KEY", field)


def _own(code: str, field: str, reading: TypedDate | None = None) -> Refused:
    """A refusal that the page tells in its own words: it needs no others."""
    return Refused(code, "", field=field, reading=reading)
