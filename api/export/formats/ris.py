"""RIS, for reference managers. It is written in lines, so that a line end within a text becomes a
space. A date has a fourth part for what its numbers do not say: a season, or doubt, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from api.export.bibliography import Item, digits, item, line, plain_words, year_of
from api.export.format import ANY, Format
from api.export.pinned_view import PinnedView
from api.export.reader import ViewReader

_KINDS: Final = {"webpage": "ELEC", "document": "GEN", "dataset": "DATA"}


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    for batch in rows:
        yield "".join([ris(item(pinned, row, base)) for row in batch]).encode()


def ris(found: Item) -> str:
    """A record of RIS, with the line end after it."""
    import rispy

    issued = found.get("issued")
    year = year_of(issued)
    said = {
        "type_of_reference": _KINDS[found["type"]],
        "id": found["id"],
        "title": found["title"],
        "publisher": found.get("publisher"),
        "authors": [line(each["literal"]) for each in found.get("author", ())] or None,
        "language": found.get("language"),
        "urls": [found["URL"]] if "URL" in found else None,
        "year": None if year is None else f"{year:04}",
        "date": _date(issued),
        "access_date": _date(found.get("accessed")),
        "edition": found.get("version"),
        "notes": [line(found["note"])] if "note" in found else None,
    }
    kept = {key: value for key, value in said.items() if value is not None}
    written = rispy.dumps([{k: line(v) if isinstance(v, str) else v for k, v in kept.items()}])
    return str(written).removeprefix("1.\n")  # rispy's count of records: RIS begins with TY


def _date(date: Item | None) -> str | None:
    """YYYY/MM/DD/words, as far as it is known."""
    words = plain_words(date)
    if date is None or words is None:
        return digits(date, "/")
    if "date-parts" not in date:
        return words if "edtf" not in date else f"///{words}"
    parts = [*(digits(date, "/") or "").split("/"), "", ""][:3]
    return "/".join([*parts, words])


FORMAT: Final = Format(
    extension="ris",
    name="RIS",
    media_type="application/x-research-info-systems",
    kinds=ANY,
    write=write,
    opens_in="Zotero and other reference managers; doubt of a date is in words, after its numbers",
    cites=True,
)
