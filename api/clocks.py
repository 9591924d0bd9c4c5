"""Clocks as people write them: a month or a year where GraphQL wants a day or a moment."""

from __future__ import annotations

from domain.dates import MAX_DAY, iso_of, parse
from domain.errors import Refused


def last_day(text: str, field: str) -> int:
    """The last day of a date as written, on the publication clock. Refused(BAD_EDTF, BAD_DATE)."""
    try:
        latest = parse(text).latest
    except Refused as refused:
        raise Refused(refused.code, refused.message, field=field) from refused
    if latest > MAX_DAY:
        raise Refused(
            "BAD_DATE",
            f"«{text}» has no last day: write a day, a month or a year, for example 2025-11-03.",
            field=field,
        )
    return latest


def last_moment(text: str, field: str) -> str:
    """Of a day, a month or a year the end of its last day; any other text as it is."""
    try:
        parse(text)
    except Refused:
        return text
    return text if "T" in text else f"{iso_of(last_day(text, field))}T23:59:59.999999Z"
