"""The scalars: how dates, days and times are written. What they mean is the domain's."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

import strawberry
from strawberry.types.scalar import ScalarDefinition

from domain.dates import Edtf, day_of, iso_of, parse
from domain.errors import Refused
from domain.sources import Day

_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


def _text(value: object, code: str, example: str) -> str:
    if not isinstance(value, str):
        raise Refused(code, f"A date is text: write for example {example}.")
    return value


def read_edtf(value: object) -> Edtf:
    """An EDTF expression. Refused(BAD_EDTF)."""
    return parse(_text(value, "BAD_EDTF", '"2025-11-10"'))


def read_day(value: object) -> Day:
    """A day of the years -9999 to 9999. Refused(BAD_DATE)."""
    return Day(day_of(_text(value, "BAD_DATE", '"2025-11-10"')))


def read_time(value: object) -> datetime:
    """A timestamp, in UTC where it has no offset. Refused(BAD_DATETIME)."""
    text = _text(value, "BAD_DATETIME", '"2025-11-10T12:00:00Z"')
    if _TIMESTAMP.fullmatch(text):
        try:
            time = datetime.fromisoformat(text.upper())
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise Refused(
        "BAD_DATETIME",
        f"{text[:100]!a} is not a timestamp. Write for example 2025-11-10T12:00:00Z.",
        text=text[:100],
    )


@lru_cache(2**10)
def write_time(time: datetime) -> str:
    """A timestamp in UTC, exact enough to be asked with again."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _write_edtf(date: Edtf) -> str:
    return date.text


EDTF_DATE = strawberry.scalar(
    name="EDTFDate",
    description=(
        "A date in EDTF (ISO 8601-2, levels 0 and 1, and one-of sets), such as 2014-09-10, "
        "2014-09, 2014-21, 2014~ or [..2025-11-03]."
    ),
    specified_by_url="https://www.loc.gov/standards/datetime/",
    serialize=_write_edtf,
    parse_value=read_edtf,
)
DATE = strawberry.scalar(
    name="Date",
    description="A day, YYYY-MM-DD or -YYYY-MM-DD, of the years -9999 to 9999.",
    serialize=iso_of,
    parse_value=read_day,
)
DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="A timestamp, such as 2025-11-10T12:00:00Z; without an offset it is in UTC.",
    specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
    serialize=write_time,
    parse_value=read_time,
)

SCALARS: dict[object, ScalarDefinition] = {Edtf: EDTF_DATE, Day: DATE, datetime: DATE_TIME}
"""Python type → scalar."""
