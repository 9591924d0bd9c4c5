"""The chart of a count over time: what is certain, possible and announced on each day, as shapes.

Time runs from the right in a language that is written so. All that is drawn follows from the
address: the same address, with its day and position, has the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Final, NamedTuple

from api.language.labels import COMPARATORS
from api.language.words import Words
from api.web.time_scale import Scale, marks
from domain.dates import MAX_DAY, MIN_DAY
from projections.asof import Row
from projections.held_counts import CountStep, HeldCounts

WIDTH: Final = 1000
LEFT: Final = 8
TOP: Final = 12
BOTTOM: Final = 212
MARGIN: Final = 60
"""Days before the first change and after the last one."""
MOST_LINES: Final = 5
Reading = Callable[[CountStep], int]


class ReportedDot(NamedTuple):
    """A count that someone reported: its place, and who said so."""

    x: float
    y: float
    fact: str
    title: str


class CountChart(NamedTuple):
    """Paths of SVG, numbers along the height, years or months along the width, the chosen day.

    `peak` is the first of the steps of which most is certain, and of those most is possible.
    """

    first: int
    last: int
    certain: str
    possible: str
    announced: str
    lines: list[tuple[float, int]]
    marks: list[tuple[float, str]]
    dots: list[ReportedDot]
    now: float
    counts: CountStep
    peak: CountStep
    mirrored: bool


def count_chart(
    counted: HeldCounts, day: int, sources: Mapping[str, str], spoken: Words
) -> CountChart | None:
    """The chart at a day; `sources` are what those of reports are called. None without a step."""
    days = [step.day for step in counted.steps[1:]]
    bounded = [at for at in days if MIN_DAY < at < MAX_DAY]
    if not bounded:
        return None
    reported = [row for row in counted.reports if MIN_DAY < row["day"] < MAX_DAY]
    around = [*bounded, *(row["day"] for row in reported)]
    scale = Scale(
        min(min(around), max(day, MIN_DAY + MARGIN)) - MARGIN,
        max(max(around), min(day, MAX_DAY - MARGIN)) + MARGIN,
        spoken.dir == "rtl",
    )
    most = max(
        *(step.certain + step.possible + step.announced for step in counted.steps),
        *(ceil(row["value"]) for row in reported),
        1,
    )
    drawing = CountDrawing(scale, most, counted.steps)
    return CountChart(
        scale.first,
        scale.last,
        drawing.between(lambda step: 0, lambda step: step.certain),
        drawing.between(lambda step: step.certain, lambda step: step.certain + step.possible),
        drawing.between(
            lambda step: step.certain + step.possible,
            lambda step: step.certain + step.possible + step.announced,
        ),
        [(drawing.y(number), number) for number in round_numbers(most)],
        [(drawing.x(at), text) for at, text in marks(scale, spoken)],
        [_dot(row, drawing, sources, spoken) for row in reported],
        drawing.x(day),
        at_day(counted.steps, day),
        max(counted.steps[1:], key=lambda step: (step.certain, step.possible)),
        scale.mirrored,
    )


def at_day(steps: Sequence[CountStep], day: int) -> CountStep:
    """The counts of a day."""
    found = steps[0]
    for step in steps:
        if step.day > day:
            break
        found = step
    return found


def round_numbers(most: int) -> list[int]:
    """Round numbers up to the greatest count."""
    step = 1
    while most > MOST_LINES * step:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(0, most + 1, step))


def _dot(row: Row, drawing: CountDrawing, sources: Mapping[str, str], spoken: Words) -> ReportedDot:
    compared = COMPARATORS[row["comparator"]]
    said = [compared and spoken.gettext(compared), f"{row['value']:g}"]
    who = spoken.gettext(", ").join(sources[name] for name in row["sources"] if name in sources)
    title = spoken.gettext("%(source)s reported %(number)s.") % {
        "source": who,
        "number": " ".join(filter(None, said)),
    }
    return ReportedDot(
        drawing.x(row["day"]),
        drawing.y(row["value"]),
        row["fact"],
        f"{spoken.day(row['day'])}: {title}",
    )


class CountDrawing:
    """Days and numbers → places of the picture."""

    def __init__(self, scale: Scale, most: int, steps: Sequence[CountStep]) -> None:
        self._scale = scale
        self._most = most
        self._steps = steps

    def x(self, day: int) -> float:
        return round(LEFT + self._scale.share(day) * (WIDTH - 2 * LEFT), 1)

    def y(self, number: float) -> float:
        return round(BOTTOM - number / self._most * (BOTTOM - TOP), 1)

    def between(self, low: Reading, high: Reading) -> str:
        """The area between two readings of each step, as a path."""
        over, under = self._places(high), self._places(low)
        return f"M{'L'.join([*over, *reversed(under)])}Z"

    def line(self, reading: Reading) -> str:
        """A reading of each step, as a path."""
        return f"M{'L'.join(self._places(reading))}"

    def _places(self, reading: Reading) -> list[str]:
        found: list[str] = []
        for place, step in enumerate(self._steps):
            first = max(step.day, self._scale.first)
            following = self._steps[place + 1 : place + 2]
            last = min(following[0].day, self._scale.last) if following else self._scale.last
            if last < self._scale.first or first > self._scale.last:
                continue
            found += [f"{self.x(at):g} {self.y(reading(step)):g}" for at in (first, last)]
        return found
