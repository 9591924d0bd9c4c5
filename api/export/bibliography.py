"""Citations to read and to typeset: text in the Harvard style, by the Citation Style Language, and
BibTeX."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field
from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON

from api.export.cite import Item, digits, item, line
from api.export.reading import Pinned, Row
from api.web.state import LANGUAGES
from api.web.titles import spoken

STYLE: Final = "harvard-cite-them-right"
"""The one that comes with the processor."""
LOCALES: Final = {"en": "en-GB", "ar": "ar"}
KINDS: Final = {"webpage": "online", "document": "misc", "dataset": "dataset"}
MEANT: Final = str.maketrans(
    {
        "\\": r"{\textbackslash}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}",
        "~": r"{\textasciitilde}", "^": r"{\textasciicircum}",
        **{sign: rf"\{sign}" for sign in "#$%&_"},
    }
)  # fmt: skip
"""What means something to LaTeX. Braces have names: BibTeX counts even those after a backslash."""
ADDRESS: Final = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
"""Addresses are read as they are; in a valid one these are written so anyway."""


class _Each(ABC):
    """Writes citations one after another."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._pinned, self._site = pinned, base

    def begin(self) -> bytes:
        return b""

    def rows(self, rows: Sequence[Row]) -> bytes:
        return "".join(self._one(item(self._pinned, row, self._site)) for row in rows).encode()

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return []

    @abstractmethod
    def _one(self, found: Item) -> str: ...


class BibTeX(_Each):
    """Entries of BibTeX with the types of BibLaTeX, which BibTeX takes as @misc."""

    def _one(self, found: Item) -> str:
        return bibtex(found) + "\n"


class Text(_Each):
    """A citation a line, in the language asked for."""

    def _one(self, found: Item) -> str:
        return styled(found, spoken(self._pinned.lang).lang) + "\n"


def bibtex(found: Item) -> str:
    """An entry of BibTeX, with the line end after it."""
    parts = found.get("issued", {}).get("date-parts", [[]])[0]
    authors = [f"{{{_latex(each['literal'])}}}" for each in found.get("author", ())]
    said = {
        "title": _latex(found["title"]),
        "author": " and ".join(authors) or None,
        "publisher": _maybe(_latex, found.get("publisher")),
        "year": f"{parts[0]:04}" if parts else None,
        "date": _maybe(_latex, digits(found.get("issued"), "-")),
        "version": _maybe(_latex, found.get("version")),
        "note": _maybe(_latex, found.get("note")),
        "langid": found.get("language"),
        "url": found["URL"].translate(ADDRESS) if "URL" in found else None,
        "urldate": _maybe(_latex, digits(found.get("accessed"), "-")),
    }
    fields = [Field(name, value) for name, value in said.items() if value]
    return write_string(Library([Entry(KINDS[found["type"]], found["id"], fields)]))


def _maybe(made: Callable[[str], str], text: str | None) -> str | None:
    return None if text is None else made(text)


def _latex(text: str) -> str:
    return line(text).translate(MEANT)


def styled(found: Item, lang: str) -> str:
    """A citation in words. Who has no author has its publisher for one, else its title."""
    told = dict(found)
    if "author" not in told:
        told["author"] = [{"literal": told.pop("publisher", None) or told.pop("title")}]
    if "note" in told:
        told["container-title"] = f"{told['version']}. {told.pop('note')}"
    if lang != LANGUAGES[0] and (accessed := digits(found.get("accessed"), "-")):
        told["accessed"] = {"literal": spoken(lang).edtf(accessed)}  # by the months of our pages
    told["id"] = "it"
    bibliography = CitationStylesBibliography(style(lang), CiteProcJSON([told]), formatter.plain)
    bibliography.register(Citation([CitationItem("it")]))
    return line(str(bibliography.bibliography()[0]))


@cache
def style(lang: str) -> CitationStylesStyle:
    """The style in a language, read once."""
    return CitationStylesStyle(STYLE, locale=LOCALES[lang], validate=False)
