"""The chart of two counts over time on one scale: what is certain, and what is possible with it."""

from __future__ import annotations

from typing import NamedTuple

from api.language.words import Words
from api.web.count_chart import MARGIN, CountDrawing, round_numbers
from api.web.time_scale import Scale, marks
from domain.dates import MAX_DAY, MIN_DAY
from projections.held_counts import CountStep, HeldCounts


class ComparedCount(NamedTuple):
    """One of the two: lines and the area between them as paths of SVG, and its chosen day."""

    certain: str
    most: str
    between: str
    now: float


class ComparedChart(NamedTuple):
    """Both, numbers along the height, and years or months along the width."""

    sides: list[ComparedCount]
    lines: list[tuple[float, int]]
    marks: list[tuple[float, str]]
    mirrored: bool


def compared_chart(
    counted: list[HeldCounts], days: list[int], spoken: Words
) -> ComparedChart | None:
    """The chart of two counts, each at a day of its own. None where neither has a step."""
    steps = [each.steps for each in counted]
    changes = [step.day for each in steps for step in each[1:] if MIN_DAY < step.day < MAX_DAY]
    if not changes:
        return None
    scale = Scale(
        min(*changes, *(max(day, MIN_DAY + MARGIN) for day in days)) - MARGIN,
        max(*changes, *(min(day, MAX_DAY - MARGIN) for day in days)) + MARGIN,
        spoken.dir == "rtl",
    )
    most = max(1, *(_most(step) for each in steps for step in each))
    drawings = [CountDrawing(scale, most, each) for each in steps]
    return ComparedChart(
        [
            ComparedCount(
                drawing.line(_certain), drawing.line(_most), drawing.between(_certain, _most),
                drawing.x(day),
            )
            for drawing, day in zip(drawings, days, strict=True)
        ],
        [(drawings[0].y(number), number) for number in round_numbers(most)],
        [(drawings[0].x(at), text) for at, text in marks(scale, spoken)],
        scale.mirrored,
    )  # fmt: skip


def _certain(step: CountStep) -> int:
    return step.certain


def _most(step: CountStep) -> int:
    return step.certain + step.possible
