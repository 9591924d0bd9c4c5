"""The timeline of an entity: bars with fuzzy ends for what held, diamonds for what was reported.

Places are shares of the width, in percent. All rectangles are drawn, with the stretches of
publication and record in which each stands; those that do not stand at the page's point are off.
In a language that is written from the right, time runs from the right.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from psycopg.types.range import Range

from api.language.episodes import episode_words
from api.language.labels import QUANTITIES, RecordLabels
from api.language.words import Words, named
from api.web.bar import holds
from api.web.pages.rectangles import node_of
from api.web.time_scale import Scale, years
from domain.dates import MAX_DAY, MIN_DAY, today
from domain.facts import EXISTENCE
from domain.intervals import ANNOUNCEMENT
from projections.asof import Row
from projections.rectangles import Rectangles

MOST_OF_A_GROUP: Final = 24
"""Rows of one question: more is a list's to show."""


class TimelineMark(NamedTuple):
    """A bar (`sure` is its certain part) or a diamond (`wide` is 0), where it stands. `ends` are
    where the ends announced for it are."""

    at: float
    wide: float
    sure: tuple[float, float] | None
    announced: bool
    contested: bool
    known: str
    recorded: str
    off: bool
    fact: str | None
    title: str
    ends: list[float]


class TimelineRow(NamedTuple):
    """A row of the timeline: what it is of, by name and id, and its marks."""

    name: str
    id: str | None
    marks: list[TimelineMark]


class Timeline(NamedTuple):
    """Groups of rows by the question that they answer, and the years along them."""

    groups: list[tuple[str, list[TimelineRow]]]
    ticks: list[tuple[float, int]]
    now: float
    first: int
    last: int


def timeline(
    told: Rectangles, entity: str, day: int, known: int, position: int, called: RecordLabels
) -> Timeline | None:
    """Of an entity's rectangles, at a point; None if there is nothing to draw."""
    rows = [row for row in told.intervals if row["fluent"] != EXISTENCE.name]
    reports = [row for row in told.reports if row["type"] not in QUANTITIES]
    spoken = called.spoken
    scale = _scale(rows, reports, spoken)
    if scale is None:
        return None
    names = _names(told.names, known, position, spoken.lang)

    def stands(row: Row) -> bool:
        return holds(row["known"], known) and holds(row["recorded"], position)

    groups: list[tuple[str, list[TimelineRow]]] = []
    for kind in called.vocabulary.fact_types:
        marks = [
            _mark(
                scale,
                row,
                not stands(row),
                row["id"],
                _diamond(row, scale),
                spoken.edtf(row["version"]["when"]),
            )
            for row in reports
            if row["type"] == kind
        ]
        if marks:
            groups.append((kind, [TimelineRow("", None, marks)]))

    def mark_of(row: Row) -> TimelineMark:
        fact = row["facts"][0]["id"] if row["facts"] else None
        said = episode_words(node_of(row, told.source_names), called).line(spoken)
        return _mark(scale, row, not stands(row), fact, _bar(row, scale), said)

    lines: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        forth = row["scope"] == entity
        fluent = called.vocabulary.fluents[row["fluent"]]
        question = fluent.question if forth else fluent.inverse or ""
        whom = row["subject"] if forth else row["scope"]
        lines.setdefault(question, {}).setdefault(whom, []).append(row)
    for question, by_whom in lines.items():
        if question and len(by_whom) <= MOST_OF_A_GROUP:
            listed = [
                TimelineRow(names.get(whom, whom), whom, [*map(mark_of, told_of)])
                for whom, told_of in by_whom.items()
            ]
            groups.append((question, sorted(listed, key=lambda line: line.name.casefold())))
    return (
        Timeline(groups, _ticks(scale), scale.at(day), scale.first, scale.last) if groups else None
    )


def _scale(rows: Iterable[Row], reports: Iterable[Row], spoken: Words) -> Scale | None:
    days = [end for row in rows for end in (row["possible"].lower, row["possible"].upper)]
    ends = [each["until"] for row in rows for each in row["announced_ends"]]
    days += [day for end in ends for day in (end["earliest"], end["latest"])]
    days += [row["earliest"] for row in reports] + [row["latest"] for row in reports]
    bounded = [day for day in days if day is not None and MIN_DAY < day < MAX_DAY]
    if not bounded:
        return None
    return Scale(min(bounded) - 30, max(*bounded, today()) + 30, spoken.dir == "rtl")


Shape = tuple[float, float, "tuple[float, float] | None"]


def _bar(row: Row, scale: Scale) -> Shape:
    possible, certain = row["possible"], row["certain"]
    sure = None if certain.isempty else scale.span(certain.lower, certain.upper)
    return (*scale.span(possible.lower, possible.upper), sure)


def _diamond(row: Row, scale: Scale) -> Shape:
    inside = [day for day in (row["latest"], row["earliest"]) if MIN_DAY <= day <= MAX_DAY]
    return scale.at(inside[0] if inside else scale.last), 0, None


def _mark(
    scale: Scale, row: Row, off: bool, fact: str | None, shape: Shape, title: str
) -> TimelineMark:
    ends = [_days_of(each["until"], scale) for each in row.get("announced_ends", ())]
    return TimelineMark(
        *shape,
        row.get("ordinal") == ANNOUNCEMENT,
        bool(row.get("contested")),
        _ends(row["known"]),
        _ends(row["recorded"]),
        off,
        fact,
        title,
        ends,
    )


def _days_of(side: Row, scale: Scale) -> float:
    """Where an announced end is: its last day, else its first one."""
    day = side["earliest"] if side["latest"] is None else side["latest"]
    return scale.at(scale.last if day is None else day)


def _ends(span: Range[int]) -> str:
    return ",".join("" if end is None else str(end) for end in (span.lower, span.upper))


def _ticks(scale: Scale) -> list[tuple[float, int]]:
    return [(scale.at(day), year) for day, year in years(scale)]


def _names(rows: Iterable[Row], known: int, position: int, lang: str) -> dict[str, str]:
    found: dict[str, Any] = {}
    for row in rows:
        names = row["names"]
        if row["id"] not in found or (
            holds(row["known"], known) and holds(row["recorded"], position)
        ):
            found[row["id"]] = named(names, lang)
    return found
