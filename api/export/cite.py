"""Citations of sources and of facts, for reference managers: CSL-JSON and RIS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import rispy

from api.export.lines import dumps
from api.export.reading import Pinned, Row
from api.export.rows import title_of
from api.export.views import Kind

Item = dict[str, Any]


def item(kind: Kind, row: Row, position: int) -> Item:
    """A source, or a fact as the record has it at a position, as an item of CSL-JSON."""
    if kind is Kind.FACT:
        return {
            "id": row["id"],
            "type": "dataset",
            "title": f"{title_of(kind, row)}, {row['when']['edtf']} (fact {row['id']})",
            "publisher": "Sijill",
            "version": f"log position {position}",
            "issued": {"date-parts": [[int(part) for part in row["recordedAt"][:10].split("-")]]},
        }
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
        self._pinned = pinned
        self._between = "\n"

    def begin(self) -> bytes:
        return b"["

    def rows(self, rows: Sequence[Row]) -> bytes:
        text = ""
        for row in rows:
            found = item(self._pinned.view.kind, row, self._pinned.moment.position)
            text += self._between + dumps(found)
            self._between = ",\n"
        return text.encode()

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return [b"]\n"]


class Ris:
    """Records of RIS. It is written in lines, so that a line end within a text becomes a space."""

    def __init__(self, pinned: Pinned, base: str) -> None:
        self._pinned = pinned

    def begin(self) -> bytes:
        return b""

    def rows(self, rows: Sequence[Row]) -> bytes:
        return "".join(
            rispy.dumps([_ris(item(self._pinned.view.kind, row, self._pinned.moment.position))])
            for row in rows
        ).encode()

    def end(self, counts: Mapping[str, Any]) -> Iterable[bytes]:
        return []


def _ris(found: Item) -> Item:
    kinds = {"webpage": "ELEC", "document": "GEN", "dataset": "DATA"}
    issued = found.get("issued", {})
    parts = issued.get("date-parts", [[]])[0]
    said = {
        "type_of_reference": kinds[found["type"]],
        "id": found["id"],
        "title": found["title"],
        "publisher": found.get("publisher"),
        "authors": [_line(each["literal"]) for each in found.get("author", ())] or None,
        "language": found.get("language"),
        "urls": [found["URL"]] if "URL" in found else None,
        "year": str(parts[0]) if parts else None,
        "date": "/".join(f"{part:02}" for part in parts) or issued.get("literal"),
        "edition": found.get("version"),
    }
    return {
        key: _line(value) if isinstance(value, str) else value
        for key, value in said.items()
        if value is not None
    }


def _line(text: str) -> str:
    return " ".join(text.split())
