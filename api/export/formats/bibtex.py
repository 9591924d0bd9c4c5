"""BibTeX: entries with the types of BibLaTeX, which BibTeX takes as @misc.

BibLaTeX reads `date` as EDTF, with its marks of doubt and approximation; BibTeX prints `year`,
which therefore has them in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from api.export.bibliography import Item, digits, item, line, plain_words, year_of
from api.export.format import ANY, Format
from api.export.pinned_view import PinnedView
from api.export.reader import ViewReader

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
_DATE: Final = r"-?\d{4}(?:-\d\d(?:-\d\d)?)?[?~%]?"
_UNSPECIFIED: Final = r"\d{3}X|\d\dXX|\d{4}-XX|\d{4}-(?:\d\d|XX)-XX"
_EDTF: Final = re.compile(
    rf"{_UNSPECIFIED}|(?:{_DATE})(?:/(?:{_DATE}|\.\.)?)?|(?:\.\.)?/(?:{_DATE})"
)
"""What BibLaTeX reads of EDTF: level 1, but no exponents and no time of day. What is unspecified is
a date of its own, without marks: as the start of an interval Biber would lose the end."""


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    for batch in rows:
        yield "".join([bibtex(item(pinned, row, base)) + "\n" for row in batch]).encode()


def bibtex(found: Item) -> str:
    """An entry of BibTeX, with the line end after it."""
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    authors = [f"{{{_latex(each['literal'])}}}" for each in found.get("author", ())]
    said = {
        "title": _latex(found["title"]),
        "author": " and ".join(authors) or None,
        "publisher": _maybe(_latex, found.get("publisher")),
        "year": _year(found.get("issued")),
        "date": _date(found.get("issued")),
        "version": _maybe(_latex, found.get("version")),
        "note": _maybe(_latex, found.get("note")),
        "langid": found.get("language"),
        "url": found["URL"].translate(ADDRESS) if "URL" in found else None,
        "urldate": _date(found.get("accessed")),
    }
    fields = [Field(name, value) for name, value in said.items() if value]
    return write_string(Library([Entry(KINDS[found["type"]], found["id"], fields)]))


def _year(date: Item | None) -> str | None:
    """The year, in words where there is more to say."""
    words, year = plain_words(date), year_of(date)
    if words is not None:
        return _latex(words)
    return None if year is None else f"{year:04}"


def _date(date: Item | None) -> str | None:
    """A date as EDTF; of one that BibLaTeX can't read only the year's words are left."""
    text = (date or {}).get("edtf") or digits(date, "-")
    return text if text and _EDTF.fullmatch(text) else None


def _maybe(made: Callable[[str], str], text: str | None) -> str | None:
    return None if text is None else made(text)


def _latex(text: str) -> str:
    return line(text).translate(MEANT)


FORMAT: Final = Format(
    extension="bib",
    name="BibTeX",
    media_type="application/x-bibtex",
    kinds=ANY,
    write=write,
    opens_in="LaTeX: `date` is EDTF for BibLaTeX, `year` has the date's doubt in words for BibTeX",
    cites=True,
)
