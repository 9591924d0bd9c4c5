"""TimelineJS 3's JSON: an event for each fact, or for each stretch that something is held.

Its texts are HTML to TimelineJS, so every value is escaped. What has neither a first nor a last day
is left out, since it can't be shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any, Final

from api.export.format import DATED, Format
from api.export.json_text import encode, listed
from api.export.pinned_view import PinnedView
from api.export.reader import Row, ViewReader
from api.export.row_words import described, key_of, sides, title_of
from api.export.views import Kind


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    kind = pinned.view.kind
    headline = escape(f"{pinned.subject or 'Record'}: {pinned.view.name}")
    title = {"text": {"headline": headline, "text": ""}}
    yield b'{"scale":"human","title":' + encode(title) + b',"events":['
    yield from listed(rows.said([_event(kind, row) for row in batch]) for batch in rows)
    yield b"]}\n"


def _event(kind: Kind, row: Row) -> dict[str, Any] | None:
    spoken = [side.date for side in sides(kind, row)]
    start, end = spoken[0], spoken[-1]
    first = start["earliest"] or start["latest"] or end["earliest"] or end["latest"]
    last = end["latest"] or end["earliest"]
    if kind is Kind.HELD and row["until"] is None:
        last = None
    if first is None:
        return None
    written = " – ".join(dict.fromkeys(date["edtf"] for date in spoken if date["edtf"]))
    event: dict[str, Any] = {"start_date": _date(first), "unique_id": key_of(kind, row)}
    if last is not None and last != first:
        event["end_date"] = _date(last)
    if written:
        event["display_date"] = escape(written)
    said = "<br>".join(escape(described(kind, row, start)).split("\n"))
    event["group"] = row["question"] if kind is Kind.HELD else row["type"]
    event["text"] = {"headline": escape(title_of(kind, row)), "text": said}
    return event


def _date(day: str) -> dict[str, int]:
    year, month, last = day.rsplit("-", 2)
    return {"year": int(year), "month": int(month), "day": int(last)}


FORMAT: Final = Format(
    extension="timeline.json",
    name="TimelineJS",
    media_type="application/json",
    kinds=DATED,
    write=write,
    opens_in="TimelineJS 3 (a test shows it in the published one)",
    note="For TimelineJS 3, which shows its texts as HTML: so they are escaped. What has no day "
    "at all is left out.",
)
