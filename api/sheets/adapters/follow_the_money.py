"""FollowTheMoney (https://followthemoney.tech): the edges between entities, with dates.

A file has entities, or statements: a value of a property each, which are put together again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from api.sheets.adapters.several_dates import one_of

SIDES: Final = {
    "Membership": ("organization", "member"),
    "Directorship": ("organization", "director"),
    "Employment": ("employer", "employee"),
    "Occupancy": ("post", "holder"),
    "Succession": ("predecessor", "successor"),
    "Sanction": ("authority", "entity"),
}
"""Schema of an edge → the properties of its two sides. A sanction's authority is a text."""
DATES: Final = {
    "startDate": ("startDate", "listingDate"),
    "endDate": ("endDate",),
    "date": ("date", "startDate"),
}
"""Column → the properties that may have it, of which the first one does that says anything."""
MORE: Final = ("role", "program", "status", "sourceUrl")
UNKNOWN: Final = "unknown"
"""An end that came, of which no more is said."""
_TIME: Final = re.compile(r"(?<=^\d{4}-\d\d-\d\d)T.*", re.ASCII)

STATEMENT: Final = frozenset(("entity_id", "prop", "schema", "value"))


def is_entity_or_statement(top: dict[str, Any]) -> bool:
    """Whether an object is of the format."""
    return top.keys() >= {"schema", "properties"} or top.keys() >= STATEMENT


def edges(objects: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """A row for each pair of the two sides of an edge: schema, ids, names, dates."""
    if objects and objects[0].keys() >= STATEMENT:
        objects = _stated(objects)
    known = {str(each.get("id")): each for each in objects}
    for each in objects:
        sides = SIDES.get(str(each.get("schema")))
        if sides is None:
            continue
        of = each.get("properties") or {}
        for one in of.get(sides[0]) or [""]:
            for other in of.get(sides[1]) or [""]:
                row = {"schema": str(each["schema"]), "id": str(each.get("id"))}
                row |= _side("scope", one, known) | _side("subject", other, known)
                row |= {key: _date(of, names) for key, names in DATES.items()}
                row |= {key: str((of.get(key) or [""])[0]) for key in MORE}
                if row["schema"] == "Occupancy" and row["status"] == "ended":
                    row["endDate"] = row["endDate"] or UNKNOWN
                row["first_seen"] = str(each.get("first_seen") or "")
                row["last_seen"] = str(each.get("last_seen") or "")
                yield row


def _stated(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entities of statements, seen from the first to the last day that one of theirs was."""
    found: dict[str, dict[str, Any]] = {}
    for each in statements:
        id_ = str(each.get("canonical_id") or each["entity_id"])
        schema = str(each["schema"])
        entity = found.setdefault(id_, {"id": id_, "schema": schema, "properties": {}})
        if schema in SIDES:
            entity["schema"] = schema
        if each["prop"] != "id":  # whose value is a checksum
            entity["properties"].setdefault(str(each["prop"]), []).append(each["value"])
        for key, of_both in (("first_seen", min), ("last_seen", max)):
            if seen := str(each.get(key) or ""):
                entity[key] = of_both(entity.get(key, seen), seen)
    return list(found.values())


def _date(of: dict[str, Any], names: Sequence[str]) -> str:
    """Some one of the dates of a property, without their times of day."""
    given = next((of[name] for name in names if of.get(name)), ())
    return one_of(_TIME.sub("", str(each)) for each in given)


def _side(name: str, value: Any, known: dict[str, dict[str, Any]]) -> dict[str, str]:
    """An entity that the file has, inline or beside; else the text that stands for it."""
    entity = value if isinstance(value, dict) else known.get(str(value), {})
    of = entity.get("properties") or {}
    names = of.get("name") or of.get("label") or [entity.get("caption") or ""]
    return {
        f"{name}_id": str(entity.get("id") or value),
        name: str(names[0] or (value if not isinstance(value, dict) else "")),
        f"{name}_schema": str(entity.get("schema") or ""),
    }
