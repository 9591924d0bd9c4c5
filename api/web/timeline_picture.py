"""The timeline of an entity as lines of a picture: what stands at the point of the clocks."""

from __future__ import annotations

from typing import Final, NamedTuple

from api.language.labels import RecordLabels
from api.web.picture_frame import INK_2, SIDE, WIDTH, TextLine, broken, line_of
from api.web.timeline import Timeline, TimelineMark

MOST: Final = 32
"""Lines, headings too."""
LINE: Final = 24
NAMES: Final = 300
"""How wide names are."""


class DrawnMark(NamedTuple):
    """A bar, with its certain part, or a diamond (`wide` is 0), and where ends are announced."""

    x: float
    y: float
    wide: float
    sure: tuple[float, float] | None
    announced: bool
    contested: bool
    ends: list[float]


class TimelinePicture(NamedTuple):
    """Names and headings, marks, years along the width with their places, and the chosen day."""

    lines: list[TextLine]
    marks: list[DrawnMark]
    ticks: list[float]
    now: float
    height: float


def timeline_picture(told: Timeline, called: RecordLabels) -> TimelinePicture:
    """A timeline as far as a picture has room; how much it leaves out is its last line."""
    spoken = called.spoken
    rows: list[tuple[str, bool, list[TimelineMark]]] = []
    for group, lines in told.groups:
        shown = [
            (line.name, False, standing)
            for line in lines
            if (standing := [mark for mark in line.marks if not mark.off])
        ]
        if shown:
            rows += [(called.group(group), True, []), *shown]
    texts = [
        TextLine(_x(at, spoken.dir), 14, str(year), 15, fill=INK_2, anchor="middle")
        for at, year in told.ticks
    ]
    marks: list[DrawnMark] = []
    y = float(LINE)
    for name, is_heading, shown_marks in rows[:MOST]:
        y += LINE
        size, weight = (16, 600) if is_heading else (15, 400)
        for text in broken(name, NAMES, size, 1):
            texts.append(line_of(SIDE, y, text, spoken, size, weight))
        marks += [_mark(mark, y - 5, spoken.dir) for mark in shown_marks]
    if left := sum(not heading for _, heading, _ in rows[MOST:]):
        y += LINE
        more = spoken.ngettext("and %(num)s more", "and %(num)s more", left) % {"num": left}
        texts.append(line_of(SIDE, y, more, spoken, 15, fill=INK_2))
    ticks = [_x(at, spoken.dir) for at, _ in told.ticks]
    return TimelinePicture(texts, marks, ticks, _x(told.now, spoken.dir), y + 10)


def _x(at: float, direction: str) -> float:
    """Percent of the width that time has → the picture's."""
    first = SIDE if direction == "rtl" else SIDE + NAMES
    return round(first + at / 100 * _room(), 1)


def _room() -> float:
    return WIDTH - 2 * SIDE - NAMES


def _mark(mark: TimelineMark, y: float, direction: str) -> DrawnMark:
    def wide(percent: float) -> float:
        return round(percent / 100 * _room(), 1)

    sure = mark.sure and (_x(mark.sure[0], direction), wide(mark.sure[1]))
    return DrawnMark(
        _x(mark.at, direction),
        y,
        wide(mark.wide),
        sure,
        mark.announced,
        mark.contested,
        [_x(end, direction) for end in mark.ends],
    )
