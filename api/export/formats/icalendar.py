"""iCalendar (RFC 5545): starts, ends and facts as all-day entries over the days they may lie on.

An imprecise date spans its days, with the date as written in the description; of one without a
first or a last day the other is taken. A calendar has the years 1 to 9999: of a date that begins
before them the days from the year 1 on are shown, and what lies wholly before them is left out. A
text that begins with a byte order mark loses it there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Final

from api.export.format import DATED, Format
from api.export.pinned_view import PinnedView, path_of
from api.export.reader import Row, ViewReader
from api.export.row_words import Dated, announced_ends, described, key_of, sides

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END: Final = b"END:VCALENDAR\r\n"
_UTC: Final = (
    b"BEGIN:VTIMEZONE\r\nTZID:UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZNAME:UTC\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
"""What a calendar without entries has: it must have some component (section 3.6)."""


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Sijill//Export//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{pinned.subject or 'Record'}: {pinned.view.name}")
    yield calendar.to_ical().removesuffix(_END)
    is_empty = True
    for batch in rows:
        if chunk := b"".join(rows.said([_events(pinned, row) or None for row in batch])):
            yield chunk
            is_empty = False
    yield (_UTC if is_empty else b"") + _END


def _events(pinned: PinnedView, row: Row) -> bytes:
    """The entries of a row, none if a calendar has none of its days."""
    kind = pinned.view.kind
    dates = chain(sides(kind, row), announced_ends(kind, row))
    return b"".join(_event(pinned, row, each) for each in dates)


def _event(pinned: PinnedView, row: Row, side: Dated) -> bytes:
    from icalendar import Event

    days = _days(side.date["earliest"], side.date["latest"])
    if days is None:
        return b""
    first, last = days
    kind = pinned.view.kind
    event = Event()
    key = f"{path_of(pinned.view, pinned.subject)}/{key_of(kind, row)}/{side.about}"
    event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@sijill")
    event.add("dtstamp", pinned.recorded_at or EPOCH)
    event.add("dtstart", first)
    if last < date.max:
        event.add("dtend", last + timedelta(days=1))
    event.add("summary", side.title)
    event.add("description", described(kind, row, side.date))
    event.add("status", "CONFIRMED" if side.is_settled else "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    return bytes(event.to_ical())


def _days(earliest: str | None, latest: str | None) -> tuple[date, date] | None:
    """First and last day in a calendar, None if it has none of them."""
    first, last = earliest or latest, latest or earliest
    if first is None or last is None or _is_early(last):
        return None
    return date.min if _is_early(first) else date.fromisoformat(first), date.fromisoformat(last)


def _is_early(day: str) -> bool:
    return day.startswith(("-", "0000"))


FORMAT: Final = Format(
    extension="ics",
    name="iCalendar",
    media_type="text/calendar",
    kinds=DATED,
    write=write,
    opens_in="calendars; an imprecise date spans its days",
    note="A calendar has no days before the year 1: of a date that begins earlier it has those "
    "from then on, and what lies wholly before them is left out.",
)
