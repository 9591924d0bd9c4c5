"""What a diff compares, by the oracle: the state of every fluent at a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oracle import QUESTIONS, Oracle

from domain.dates import MAX_DAY
from domain.point import Point
from domain.versions import FluentKey

State = tuple[Any, ...]
FORWARD = {fluent: question for question, (fluent, side) in QUESTIONS.items() if side != "subject"}


def states(oracle: Oracle, point: Point) -> dict[FluentKey, State]:
    """Every fluent's standing, contested, since and until at a point."""
    found = {}
    k = None if point.known_at == MAX_DAY else point.known_at
    for fluent, scope, _ in set(oracle.view(k, point.position).fluents()):
        asked = None if fluent == "existence" else scope
        answer = oracle.answer(FORWARD[fluent], asked, point.as_of, k, point.position)
        for node in answer["nodes"]:
            subject = node["subject"]["id"]
            key = FluentKey(fluent, subject if asked is None else scope, subject)
            found[key] = (node["standing"], node["contested"], side(node["since"]),
                          side(node["until"]),
                          tuple(side(end) for end in node["announcedEnds"]))  # fmt: skip
    return found


def side(told: Mapping[str, Any] | None) -> State | None:
    return None if told is None else (told["edtf"], told["earliest"], told["latest"])
