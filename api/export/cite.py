"""Citations of sources, of facts and of views, as items of CSL-JSON, which the other formats write
in their own way; and CSL-JSON and RIS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import rispy

from api.export.lines import dumps
from api.export.reading import Pinned, Row
from api.export.views import Kind
from api.web.state import whole
from api.web.titles import fact_title, root_told, spoken, version_told, view_title

Item = dict[str, Any]


def item(pinned: Pinned, row: Row, site: str) -> Item:
    """A source, or a fact or a view as the record has it at a position, as an item of CSL-JSON."""
    if pinned.view.kind is not Kind.SOURCE:
        return _of_record(pinned, row, site)
    found = {
        "id": row["id"],
        "type": "webpage" if row["url"] else "document",
        "title": row["title"],
        "publisher": row["publisher"],
        "author": [{"literal": row["author"]}] if row["author"] else None,
        "language": row["language"],
        "URL": row["url"],
        "issued": _date(row["published"]),
        "accessed": _date(row["retrieved"]),
    }
    return {key: value for key, value in found.items() if value is not None}


def _of_record(pinned: Pinned, row: Row, site: str) -> Item:
    """A fact or a view: the record is its author, and the root of the log's tree says which."""
    position, tree = pinned.moment.position, pinned.tree
    assert tree is not None
    if pinned.view.kind is Kind.FACT:
        key, title, issued = row["id"], fact_title(row, pinned.lang), row["recordedAt"]
        asked = {**pinned.moment.variables(), "lang": pinned.lang}
        page = f"{whole(f'/f/{quote(key)}')}?{urlencode(asked)}"
    else:
        clocks, since = pinned.moment.variables(), pinned.since
        name = pinned.view.name
        title = view_title(name, row["name"], clocks, since and since.variables(), pinned.lang)
        key = "-".join(filter(None, ["sijill", pinned.subject, name, str(position)]))
        issued = pinned.recorded_at and pinned.recorded_at.date().isoformat()
        page = pinned.page()
    found = {
        "id": key,
        "type": "dataset",
        "title": title,
        "author": [{"literal": spoken(pinned.lang).gettext("Sijill")}],
        "version": version_told(position, pinned.lang),
        "note": root_told(tree.size, tree.root, pinned.lang),
        "language": spoken(pinned.lang).lang,
        "URL": f"{site}{page}" if site else None,
        "issued": _day(issued[:10]) if issued else None,
        "accessed": _day(pinned.accessed) if pinned.accessed else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _day(text: str) -> Item:
    """A day; one of a year before 0 as it is written."""
    if text.startswith("-"):
        return {"literal": text}
    return {"date-parts": [[int(part) for part in text.split("-")]]}


def _date(date: Row | None) -> Item | None:
    """As exactly as it is known: to the day, the month or the year, else as written."""
    if date is None:
        return None
    first, last = date["earliest"], date["latest"]
    if first is None or last is None or first[:1] == "-" or first[:4] != last[:4]:
        return {"literal": date["edtf"]}
    parts = first.split("-")
    known = 3 if first == last else 2 if first[:7] == last[:7] else 1
    return {"date-parts": [[int(part) for part in parts[:known]]]}


class Csl:
    """A list of items, as Zotero and citation processors read it."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._pinned, self._site = pinned, base
        self._between = "\n"

    def begin(self) -> bytes:
        return b"["

    def rows(self, rows: Sequence[Row]) -> bytes:
        text = ""
        for row in rows:
            text += self._between + dumps(item(self._pinned, row, self._site))
            self._between = ",\n"
        return text.encode()

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return [b"]\n"]


class Ris:
    """Records of RIS. It is written in lines, so that a line end within a text becomes a space."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._pinned, self._site = pinned, base

    def begin(self) -> bytes:
        return b""

    def rows(self, rows: Sequence[Row]) -> bytes:
        return "".join(ris(item(self._pinned, row, self._site)) for row in rows).encode()

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return []


def ris(found: Item) -> str:
    """A record of RIS, with the line end after it."""
    kinds = {"webpage": "ELEC", "document": "GEN", "dataset": "DATA"}
    parts = found.get("issued", {}).get("date-parts", [[]])[0]
    said = {
        "type_of_reference": kinds[found["type"]],
        "id": found["id"],
        "title": found["title"],
        "publisher": found.get("publisher"),
        "authors": [line(each["literal"]) for each in found.get("author", ())] or None,
        "language": found.get("language"),
        "urls": [found["URL"]] if "URL" in found else None,
        "year": f"{parts[0]:04}" if parts else None,
        "date": digits(found.get("issued"), "/"),
        "access_date": digits(found.get("accessed"), "/"),
        "edition": found.get("version"),
        "notes": [line(found["note"])] if "note" in found else None,
    }
    kept = {key: value for key, value in said.items() if value is not None}
    return str(rispy.dumps([{k: line(v) if isinstance(v, str) else v for k, v in kept.items()}]))


def digits(date: Item | None, between: str) -> str | None:
    """A date in digits, four for the year, else as it is written; None without one."""
    if date is None:
        return None
    if "date-parts" not in date:
        return str(date["literal"])
    year, *rest = date["date-parts"][0]
    return between.join([f"{year:04}", *(f"{part:02}" for part in rest)])


def line(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())
