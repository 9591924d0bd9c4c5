"""Statements of Wikidata, with their dates (https://www.wikidata.org/wiki/Wikidata:Data_access)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from api.sheets.adapters.several_dates import one_of, unset
from domain.dates import days_from_civil, iso_of

SINCE, UNTIL, POINT = "P580", "P582", "P585"
NOT_BEFORE, NOT_AFTER = "P1319", "P1326"
SUCCESSIONS: Final = ("P1365", "P1366")
"""The properties of what happens at a point in time; others hold from one to another."""
URL: Final = "P854"
LANGUAGES: Final = ("en", "ar")
ALL_LANGUAGES: Final = "mul"
"""The language of labels that are the same in all."""
PRECISIONS: Final = {9: 4, 10: 7, 11: 10}
"""Wikidata's precision of a year, a month, a day → the characters of an ISO date that count."""
CENTURY: Final = 7
DECADE: Final = 8
JULIAN: Final = "Q1985786"
"""The item of the Julian calendar."""
LAST_YEAR: Final = 9999
UNKNOWN: Final = "unknown"
"""An end that came, of which no more is said."""


def statements(objects: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """A row for each statement whose value is an entity: ids, names, rank, dates, source."""
    entities = {
        str(each["id"]): each
        for top in objects
        for each in (top["entities"].values() if "entities" in top else (top,))
        if "id" in each
    }
    for id_, entity in entities.items():
        for claims in (entity.get("claims") or {}).values():
            for claim in claims:
                value = _value(claim.get("mainsnak") or {})
                if isinstance(value, dict) and "id" in value:
                    yield _row(id_, claim, str(value["id"]), entities)


def _row(
    id_: str, claim: dict[str, Any], other: str, entities: dict[str, dict[str, Any]]
) -> dict[str, str]:
    of = claim.get("qualifiers") or {}
    row = {"statement": str(claim.get("id") or "").replace("$", "-"), "item_id": id_}
    row |= {f"item_{lang}": _label(id_, lang, entities) for lang in LANGUAGES}
    row |= {"property": claim["mainsnak"]["property"], "value_id": other}
    row |= {f"value_{lang}": _label(other, lang, entities) for lang in LANGUAGES}
    row["rank"] = str(claim.get("rank") or "normal")
    since, until, point, bounds = _date(of, SINCE), _date(of, UNTIL), _date(of, POINT), _bounds(of)
    if point and row["property"] not in SUCCESSIONS:  # it held then, and may have begun before
        point = f"[..{unset(point)}]"
    if not until and any(snak.get("snaktype") != "novalue" for snak in of.get(UNTIL) or ()):
        until = (since and bounds) or UNKNOWN
    row |= {"since": since or point or bounds, "until": until}
    row["url"] = next(
        (
            str(_value(snak))
            for reference in claim.get("references") or ()
            for snak in (reference.get("snaks") or {}).get(URL, ())
        ),
        "",
    )
    return row


def _value(snak: dict[str, Any]) -> Any:
    return (snak.get("datavalue") or {}).get("value")


def _label(id_: str, lang: str, entities: dict[str, dict[str, Any]]) -> str:
    """What an item is called; in the first language at least by what it is called in all or any."""
    labels = entities.get(id_, {}).get("labels") or {}
    wanted = [lang, ALL_LANGUAGES, *labels] if lang == LANGUAGES[0] else [lang]
    found = (str((labels.get(each) or {}).get("value") or "") for each in wanted)
    return next(filter(None, found), id_ if lang == LANGUAGES[0] else "")


def _date(qualifiers: dict[str, Any], name: str) -> str:
    """The date of a qualifier in EDTF, as precise as it is, a set where there are several; empty
    where there is none."""
    values = map(_value, qualifiers.get(name) or ())
    return one_of(edtf_of(each) for each in values if isinstance(each, dict) and "time" in each)


def edtf_of(value: dict[str, Any]) -> str:
    """A time such as +2001-02-00T00:00:00Z, of a precision and a calendar, in EDTF.

    Wikidata has no year 0: -1 is 1 BC. A day of the Julian calendar is written in the Gregorian
    one; months and years stay as they are. Of less than a century nothing is said.
    """
    time, precision = str(value["time"]), int(value.get("precision") or max(PRECISIONS))
    number, month, day = map(int, time.lstrip("+-").partition("T")[0].split("-"))
    is_before = time.startswith("-")
    year = 1 - number if is_before else number
    if precision < CENTURY or abs(year) > LAST_YEAR:
        return ""
    if precision == CENTURY:
        last = -(-number // 100) * 100
        return _set(last - 99, last, is_before=is_before)
    if precision == DECADE:
        first = number // 10 * 10
        if is_before:
            return _set(max(first, 1), first + 9, is_before=True)
        return f"{first // 10:03}X"
    if precision >= max(PRECISIONS) and str(value.get("calendarmodel")).endswith(JULIAN):
        try:
            return iso_of(_day_of_julian(year, month, day))
        except ValueError:  # no such day: whoever reads it says so
            pass
    sign = "-" if year < 0 else ""
    return sign + f"{abs(year):04}-{month:02}-{day:02}"[: PRECISIONS.get(precision, 10)]


def _set(first: int, last: int, *, is_before: bool) -> str:
    """Some year from the first to the last, both of the same era."""
    years = (1 - last, 1 - first) if is_before else (first, last)
    return "[{}..{}]".format(*(f"{'-' if year < 0 else ''}{abs(year):04}" for year in years))


def _day_of_julian(year: int, month: int, day: int) -> int:
    """The number of a day of the Julian calendar. ValueError if there is no such day."""
    like = 2000 if year % 4 == 0 else 2001
    day_of_year = days_from_civil(like, month, day) - days_from_civil(like, 1, 1)
    return days_from_civil(0, 12, 30) + 365 * (year - 1) + (year - 1) // 4 + day_of_year


def _bounds(qualifiers: dict[str, Any]) -> str:
    """Some day between the earliest and the latest date, where those are all that is said."""
    first, last = (unset(_date(qualifiers, name)) for name in (NOT_BEFORE, NOT_AFTER))
    if not first and not last:
        return ""
    return f"[{first.partition('..')[0]}..{last.rpartition('..')[2]}]"
