"""A date as someone typed it → EDTF: by the rules of sheets' cells, in the languages of pages.

Where day and month may be in either order, the day is first, and the other reading is told too.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from functools import cache
from typing import Final, NamedTuple

from msgspec.structs import replace

from api.sheets.cell_dates import BadDate, Sentinel, read_cell
from api.sheets.date_words import DateWords, folded, words_of
from api.sheets.sheet_map import Dates
from domain.dates import iso_of, parse, today
from domain.errors import Refused

LONGEST: Final = 100
RULE: Final = Dates(
    order="DMY", months=("en", "ar-SY", "ar-EG", "ar-MA", "ar-DZ", "ar-MR"), centuries=True
)
NEAR: Final = {
    **dict.fromkeys(("today", "now", "اليوم", "الان"), 0),
    **dict.fromkeys(("yesterday", "امس", "البارحة"), -1),
    **dict.fromkeys(("tomorrow", "غدا"), 1),
}
"""Days by their distance from today."""
_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)


class TypedDate(NamedTuple):
    """A reading, and the other one; neither if it can't be read. `no_day` is then the month that
    has no such day, if that is why."""

    edtf: str | None
    other: str | None = None
    no_day: str | None = None


def read_date(text: str) -> TypedDate:
    """What a text means."""
    text = _plain(text)
    if not text or len(text) > LONGEST:
        return TypedDate(None)
    near = NEAR.get(folded(text))
    if near is not None:
        return TypedDate(iso_of(today() + near))
    with suppress(Refused):
        return TypedDate(parse(text).text)
    first, second = _in_order(text, "DMY"), _in_order(text, "MDY")
    if first is None:
        return TypedDate(second, None, None if second else _month_without(text))
    return TypedDate(first, second if second != first else None)


def _plain(text: str) -> str:
    """With ASCII digits, and without marks of direction and control characters."""
    kept = (each for each in text if unicodedata.category(each) not in ("Cf", "Cc"))
    return "".join(
        str(unicodedata.digit(each)) if unicodedata.category(each) == "Nd" else each
        for each in kept
    ).strip()


@cache
def _words() -> DateWords:
    return words_of(RULE.months or ())


def _in_order(text: str, order: str) -> str | None:
    with suppress(BadDate, Refused):
        rule = replace(RULE, order=order)
        found = read_cell(text, rule, _words(), is_missing=False)
        if not isinstance(found, Sentinel):
            return parse(found).text
    return None


def _month_without(text: str) -> str | None:
    """The month that a day is not of: what is read once its number is a smaller one."""
    for number in re.findall(r"\b(?:29|30|31)\b", text):
        smaller = _in_order(re.sub(rf"\b{number}\b", "28", text, count=1), "DMY")
        if smaller is not None and (found := _DAY.fullmatch(smaller)):
            return f"{found[1]}-{found[2]}"
    return None
