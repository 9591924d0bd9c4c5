"""When an entity began and ended, in words: founded, established, dissolved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from api.language.episodes import episode_words
from api.language.labels import RecordLabels
from api.language.words import marked as _
from api.web.bar import holds
from api.web.pages.rectangles import node_of
from domain.facts import EXISTENCE
from domain.intervals import ANNOUNCEMENT
from projections.asof import Row
from projections.rectangles import Rectangles

BEGUN: Final = {
    "CoalitionFounded": _("Founded %(day)s"),
    "ForceFormed": _("Formed %(day)s"),
}
ENDED: Final = {
    "CoalitionDissolved": _("Dissolved %(day)s"),
    "CommandDisbanded": _("Disbanded %(day)s"),
    "ForceDisbanded": _("Disbanded %(day)s"),
    "FundClosed": _("Closed %(day)s"),
}
ESTABLISHED: Final = _("Established %(day)s")
ANNOUNCED: Final = _("Announced to begin %(day)s")
OVER: Final = _("Ended %(day)s")


class ExistenceLine(NamedTuple):
    """A beginning or an end in words, the fact that says so, and about when."""

    text: str
    fact: str | None
    day: str | None


def nearest(lines: list[ExistenceLine], day: str) -> str | None:
    """Of some lines, what tells most of a day: the last before it, else the first."""
    before = [line.text for line in lines if line.day is not None and line.day <= day]
    return before[-1] if before else lines[0].text if lines else None


def existence(
    told: Rectangles, entity: str, known: int, position: int, called: RecordLabels
) -> list[ExistenceLine]:
    """Lines with the fact that says so, by what was known at a point: each beginning and end, with
    the other dates that sources give."""
    rows = [
        row
        for row in told.intervals
        if row["fluent"] == EXISTENCE.name
        and row["scope"] == entity
        and holds(row["known"], known)
        and holds(row["recorded"], position)
    ]
    rows.sort(key=lambda row: row["ordinal"])
    return [line for row in rows for line in _lines(row, told, called)]


def _lines(row: Row, told: Rectangles, called: RecordLabels) -> Iterator[ExistenceLine]:
    spoken = called.spoken
    node: dict[str, Any] = node_of(row, told.source_names)
    said = episode_words(node, called)
    types = [fact["type"] for fact in row["facts"]]
    since, until = node["since"], node["until"]
    if any(since.values()):
        verb = next((BEGUN[each] for each in types if each in BEGUN), ESTABLISHED)
        if row["ordinal"] == ANNOUNCEMENT:
            verb = ANNOUNCED
        day = {"day": said.since}
        others = [note.text for note in said.notes if note.fact not in _facts_of(row)]
        text = spoken.gettext(verb) % day
        day_of_it = since["earliest"] or since["latest"]
        yield ExistenceLine(spoken.gettext(", ").join([text, *others]), said.fact, day_of_it)
    if until is not None:
        verb = next((ENDED[each] for each in types if each in ENDED), OVER)
        text = spoken.gettext(verb) % {"day": spoken.span(until)}
        yield ExistenceLine(text, row["facts"][-1]["id"], until["latest"] or until["earliest"])


def _facts_of(row: Row) -> set[str]:
    return {fact["id"] for fact in row["facts"]}
