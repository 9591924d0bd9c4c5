"""An EDTF text as the words of its days, or as its refusal."""

from __future__ import annotations

import pytest

from domain.dates import (
    AFTER_ALL,
    BEFORE_ALL,
    Days,
    iso_of,
    parse,
)
from domain.errors import Refused


def words(days: Days) -> str:
    """First and last day, such as 2014-01-01..2014-12-31; an unbounded one is left out."""
    first = "" if days.earliest == BEFORE_ALL else iso_of(days.earliest)
    last = "" if days.latest == AFTER_ALL else iso_of(days.latest)
    return f"{first}..{last}"


def whole(text: str) -> str:
    date = parse(text)
    return words(Days(date.earliest, date.latest))


def refusal(text: str) -> Refused:
    with pytest.raises(Refused) as refused:
        parse(text)
    assert refused.value.code == "BAD_EDTF"
    return refused.value
