"""Popolo (https://www.popoloproject.com): memberships with the names of their two sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def memberships(objects: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """A row for each membership of a document's, or of its persons."""
    for top in objects:
        named = {
            kind: {str(each.get("id")): each for each in top.get(f"{kind}s", ())}
            for kind in ("person", "organization", "post")
        }
        nested = [
            {**each, "person_id": person.get("id")}
            for person in top.get("persons", ())
            for each in person.get("memberships", ())
        ]
        for each in [*top.get("memberships", ()), *nested]:
            post = named["post"].get(str(each.get("post_id")), {})
            ids = {
                "person": each.get("person_id") or each.get("member_id"),
                "organization": each.get("organization_id") or post.get("organization_id"),
            }
            row = {f"{side}_id": _text(id_) for side, id_ in ids.items()}
            for side, id_ in ids.items():
                row[side] = _text(named[side].get(str(id_), {}).get("name"))
            row["role"] = _text(post.get("label") or each.get("role"))
            row["start_date"] = _text(each.get("start_date"))
            row["end_date"] = _text(each.get("end_date"))
            sources = each.get("sources") or [{}]
            yield {**row, "source": _text(sources[0].get("url"))}


def _text(value: object) -> str:
    return "" if value is None else str(value)
