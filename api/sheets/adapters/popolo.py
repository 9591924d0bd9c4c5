"""Popolo (https://www.popoloproject.com): memberships with the names of their two sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def memberships(objects: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """A row for each membership of a document's, or of its persons or organisations.

    Without a date of its own it has that of its legislative period, which is an event.
    """
    seen: set[tuple[str, ...]] = set()
    for top in objects:
        named = {
            kind: {str(each.get("id")): each for each in top.get(f"{kind}s", ())}
            for kind in ("person", "organization", "post", "event")
        }
        nested = [
            {**each, f"{side}_id": of.get("id")}
            for side in ("person", "organization")
            for of in top.get(f"{side}s", ())
            for each in of.get("memberships", ())
        ]
        for each in [*top.get("memberships", ()), *nested]:
            post = named["post"].get(str(each.get("post_id")), {})
            ids = {
                "person": each.get("person_id") or each.get("member_id"),
                "organization": each.get("organization_id") or post.get("organization_id"),
            }
            row = {f"{side}_id": _text(id_) for side, id_ in ids.items()}
            for side, id_ in ids.items():
                of = named[side].get(str(id_)) or named["organization"].get(str(id_), {})
                row[side] = _text(of.get("name"))
            row["role"] = _text(post.get("label") or each.get("role"))
            period = named["event"].get(str(each.get("legislative_period_id")), {})
            for key in ("start_date", "end_date"):
                row[key] = _text(each.get(key) or period.get(key))
            sources = each.get("sources") or [{}]
            row["source"] = _text(sources[0].get("url"))
            if (cells := tuple(row.values())) not in seen:  # it may stand with both of its sides
                seen.add(cells)
                yield row


def _text(value: object) -> str:
    return "" if value is None else str(value)
