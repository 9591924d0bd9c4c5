"""Asking the domain's intervals, and the projections' rows, what the oracle is asked: one shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.codec import Event, read
from domain.dates import AFTER_ALL, BEFORE_ALL, MAX_DAY, iso_of
from domain.dossier import Dossier
from domain.history import History, Stretch
from domain.intervals import Interval
from domain.standing import speaking
from domain.versions import FluentKey

Intervals = Mapping[FluentKey, Sequence[Stretch[Interval]]]


def histories(events: Sequence[Mapping[str, Any]]) -> dict[int, Intervals]:
    """Position → the intervals of every fluent as of it, of a log as the oracle takes it."""
    dossier = Dossier()
    history = History(dossier)
    found: dict[int, Intervals] = {0: {}}
    latest = datetime.min.replace(tzinfo=UTC)
    for row in events:
        recorded = datetime.fromisoformat(row["recordedAt"])
        latest = max(latest, recorded.replace(tzinfo=recorded.tzinfo or UTC))
        dossier.forget_touched()
        dossier.take(Event(row["position"], latest, row["actor"], read(row["entry"])))
        history.settle()
        found[row["position"]] = dict(history.intervals)
    return found


def held(
    intervals: Intervals, fluent: str, asked: str | None, days: tuple[int, int], k: int | None,
    *, inverse: bool,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Subject (or with `inverse` scope) → its node, as `told` words the oracle's."""
    day = MAX_DAY if k is None else k
    by: dict[str, list[Interval]] = {}
    for key, stretches in intervals.items():
        here, other = (key.subject, key.scope) if inverse else (key.scope, key.subject)
        if key.fluent == fluent and asked in (None, here):
            by.setdefault(other, []).extend(s.item for s in stretches if s.first <= day < s.until)
    spoken = {other: speaking(found, *days) for other, found in by.items()}
    return {other: _node(*spoke) for other, spoke in spoken.items() if spoke}


def _node(standing: str, speaking: Interval) -> dict[str, Any]:
    until = (speaking.until, speaking.end_earliest, speaking.end_latest)
    since = (speaking.since, speaking.start_earliest, speaking.start_latest)
    if standing == "ANNOUNCED":
        since = (speaking.since, BEFORE_ALL, AFTER_ALL)
    return {
        "standing": standing,
        "contested": speaking.contested,
        "disputed": speaking.disputed,
        "since": _side(*since),
        "until": _side(*until) if speaking.ended else None,
        "facts": sorted((ref.id, ref.type, ref.when) for ref in speaking.facts),
        "sources": sorted(speaking.sources),
        "announcedEnds": [
            (a.text, _iso(a.until.earliest), _iso(a.until.latest), a.fact.id, tuple(a.sources))
            for a in speaking.announced_ends
            if a.until is not None
        ],
        "alternatives": sorted(
            (
                a.text if a.since else "",
                a.text if a.until else "",
                a.fact.id,
                tuple(sorted(a.sources)),
                a.set_aside,
            )
            for a in speaking.alternatives
        ),
    }


def _side(text: str | None, earliest: int, latest: int) -> dict[str, Any]:
    return {"edtf": text, "earliest": _iso(earliest), "latest": _iso(latest)}


def _iso(day: int) -> str | None:
    return None if day in (BEFORE_ALL, AFTER_ALL) else iso_of(day)


def told(nodes: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The oracle's nodes by subject, with what has no order put in one."""
    return {
        node["subject"]["id"]: {
            **{key: node[key] for key in ("standing", "contested", "disputed", "since", "until")},
            "facts": sorted((f["id"], f["type"], f["when"]["edtf"]) for f in node["facts"]),
            "sources": sorted(node["sources"]),
            "announcedEnds": [
                (a["edtf"], a["earliest"], a["latest"], a["facts"][0], tuple(a["sources"]))
                for a in node["announcedEnds"]
            ],
            "alternatives": sorted(
                (
                    (a["since"] or {}).get("edtf") or "",
                    (a["until"] or {}).get("edtf") or "",
                    a["facts"][0],
                    tuple(sorted(a["sources"])),
                    a["setAside"],
                )
                for a in node["alternatives"]
            ),
        }
        for node in nodes
    }
