"""Arguments into the parameters of a plan's statement.

All are text: the statement says what they are, so that one prepared statement serves them all (a
small number would else travel as int2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.graphql.arguments import page_size, position_after
from api.graphql.as_of_rows import Question
from domain.facts import EXISTENCE
from domain.point import Clocks
from projections.asof import ALL_STANDINGS, read_cursor

BY_ID = {"entity": "id", "source": "id", "state": "entity"}
"""The fields at the root that look one thing up, and the argument that names it."""
LOG = "log"

Values = dict[str, str | None]
Reader = Callable[[Mapping[str, Any]], Values]


def clocks_of(given: Mapping[str, Any]) -> Clocks:
    """The clocks among the arguments of a field."""
    return Clocks(
        given.get("asOf"), given.get("knownAt"), given.get("recordedAt"), given.get("atPosition")
    )


def reader(name: str, questions: Mapping[str, Question]) -> Reader:
    """What reads the arguments of a field at the root, but its clocks."""
    if name == LOG:
        return _log
    argument = BY_ID.get(name)
    if argument is not None:
        return lambda given: {"id": given[argument]}
    question = questions[name]
    if question.fluent.name == EXISTENCE.name:
        return page
    return lambda given: {"id": given[question.asked], **page(given)}


def _log(given: Mapping[str, Any]) -> Values:
    size, after = page_size(given.get("first")), position_after(given.get("after"))
    return {"after": str(after), "limit": str(size + 1)}


def lang(given: Mapping[str, Any]) -> Values:
    """The language of names."""
    return {"lang": given.get("lang") or "en"}


def page(given: Mapping[str, Any]) -> Values:
    """The page of a question, and what narrows it."""
    size = page_size(given.get("first"))
    after, standings, kind = (given.get(name) for name in ("after", "standings", "kind"))
    folded, last_id = (None, None) if after is None else read_cursor(after)
    shown = ALL_STANDINGS if standings is None else standings
    return {
        "limit": str(size),
        "after_folded": folded,
        "after_id": last_id,
        "standings": f"{{{','.join(standing.value for standing in shown)}}}",
        "kind": kind,
        **lang(given),
    }
