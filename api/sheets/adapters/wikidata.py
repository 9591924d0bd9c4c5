"""Statements of Wikidata, with their dates (https://www.wikidata.org/wiki/Wikidata:Data_access)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

SINCE, UNTIL, POINT = "P580", "P582", "P585"
NOT_BEFORE, NOT_AFTER = "P1319", "P1326"
URL: Final = "P854"
LANGUAGES: Final = ("en", "ar")
PRECISIONS: Final = {9: 4, 10: 7, 11: 10}
"""Wikidata's precision of a year, a month, a day → the characters of an ISO date that count."""
CENTURY: Final = 7
DECADE: Final = 8


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
    row["since"] = _date(of, SINCE) or _date(of, POINT) or _bounds(of)
    row["until"] = _date(of, UNTIL)
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
    labels = entities.get(id_, {}).get("labels") or {}
    found = str((labels.get(lang) or {}).get("value") or "")
    return found or (id_ if lang == LANGUAGES[0] else "")


def _date(qualifiers: dict[str, Any], name: str) -> str:
    """The first date of a qualifier in EDTF, as precise as it is; empty where there is none."""
    for snak in qualifiers.get(name) or ():
        value = _value(snak)
        if isinstance(value, dict) and "time" in value:
            return edtf_of(str(value["time"]), int(value.get("precision") or 11))
    return ""


def edtf_of(time: str, precision: int) -> str:
    """+2001-02-00T00:00:00Z of a precision in EDTF. A year before 1 is as Wikidata has it: -1 is
    1 BC. Of less than a century nothing is said."""
    sign, text = ("-" if time[0] == "-" else ""), time.lstrip("+-").partition("T")[0]
    year, _, rest = text.partition("-")
    number = int(year)
    if sign:
        number -= 1
        sign = "-" if number else ""
    written = f"{number:04}"
    if precision < CENTURY or len(written) > 4:
        return ""
    if precision == CENTURY:
        return f"{sign}{written[:2]}XX"
    if precision == DECADE:
        return f"{sign}{written[:3]}X"
    return sign + f"{written}-{rest}"[: PRECISIONS.get(precision, PRECISIONS[11])]


def _bounds(qualifiers: dict[str, Any]) -> str:
    """Some day between the earliest and the latest date, where those are all that is said."""
    first, last = _date(qualifiers, NOT_BEFORE), _date(qualifiers, NOT_AFTER)
    return f"[{first}..{last}]" if first or last else ""
