"""A small log of which the oracle is asked, and the entries that tests add to it."""

from __future__ import annotations

from typing import Any

from oracle import Oracle
from strategies import as_events

from domain.dates import day_of, parse


def source(name: str, published: str | None) -> dict[str, Any]:
    return {"type": "SourceRegistered", "id": name, "title": name, "published": published}


def entity(name: str, kind: str = "COUNTRY", **names: str) -> dict[str, Any]:
    return {
        "type": "EntityRegistered",
        "id": name,
        "kind": kind,
        "names": names or {"en": name.title()},
    }


def joined(fact: str, when: str, *sources: str, **more: Any) -> dict[str, Any]:
    cited = [{"source": name} for name in sources or ("may",)]
    subjects = {"coalition": "union", "member": "syria"}
    return {"type": "MemberJoined", "id": fact, **subjects, "when": when, "citations": cited} | more


def left(fact: str, when: str, *sources: str, **more: Any) -> dict[str, Any]:
    return {**joined(fact, when, *sources, **more), "type": "MemberLeft"}


def about(kind: str, name: str, *evidence: str, **more: Any) -> dict[str, Any]:
    """A record-keeping event: of evidence when it cites sources, else editorial."""
    body = {"type": kind, "id": name, "reason": "a reason", **more}
    if evidence:
        body |= {"basis": "EVIDENCE", "citations": [{"source": name} for name in evidence]}
    return body


FIRST = [
    source("march", "2015-03-01"),
    source("may", "2015-05-01"),
    source("june", "2015-06"),
    source("july", "2015-07-01"),
    source("never", "[2015-01..]"),
    source("undated", None),
    entity("union", "COALITION"),
    entity("league", "COALITION"),
    entity("syria"),
    entity("iraq"),
]


def whole(text: str) -> tuple[int, int]:
    """X: a day, or the whole of a month or a year."""
    span = parse(text)
    return span.earliest, span.latest


class Record:
    """FIRST and then the entries given, at positions 1, 2, …, all recorded on 2015-08-01."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.entries = FIRST + list(entries)
        rows = as_events(self.entries)
        self.oracle = Oracle([{**row, "recordedAt": "2015-08-01T12:00:00"} for row in rows])

    def before(self, name: str) -> int:
        """The position just before an entry was taken in."""
        return [entry["id"] for entry in self.entries].index(name)

    def members(self, on: str, by: str | None = None, **more: Any) -> list[dict[str, Any]]:
        known_at = None if by is None else day_of(by)
        nodes: list[dict[str, Any]]
        nodes = self.oracle.answer("members", "union", whole(on), known_at, **more)["nodes"]
        return nodes

    def holds(self, on: str, by: str | None = None, **more: Any) -> str | None:
        """The standing of Syria in the union."""
        nodes = self.members(on, by, **more)
        return next((n["standing"] for n in nodes if n["subject"]["id"] == "syria"), None)

    def counting(self, by: str | None = None, at: int | None = None) -> set[str]:
        known_at = None if by is None else day_of(by)
        return {f.id for f in self.oracle.visible_facts(known_at, at).values() if f.counts}
