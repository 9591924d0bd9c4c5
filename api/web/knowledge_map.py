"""The map of knowledge: true on by known by, with what is announced, possible, certain, set aside.

Time runs from the right in a language that is written from the right; what was published later is
higher up. The same address, with its days and position, has the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from api.language.words import Words
from api.web.time_scale import Scale, marks
from domain.dates import MAX_DAY, MIN_DAY
from domain.point import Point
from projections.knowledge import KnowledgeRegion, RegionKind

LEFT: Final = 118
RIGHT: Final = 596
TOP: Final = 8
BOTTOM: Final = 300
MARGIN: Final = 0.06
"""Of what is between the first and the last change, on either side."""


class DrawnRegion(NamedTuple):
    """A rectangle of the picture, `kind` in small letters."""

    kind: str
    x: float
    y: float
    width: float
    height: float


class KnowledgeMap(NamedTuple):
    """Rectangles in the order in which they are painted, axes, and where the clocks stand."""

    regions: list[DrawnRegion]
    days: tuple[int, int]
    known: tuple[int, int]
    marks: list[tuple[float, str]]
    known_marks: list[tuple[float, str]]
    x: float
    y: float
    mirrored: bool

    @property
    def kinds(self) -> list[str]:
        """What there is, for the legend."""
        found = {each.kind for each in self.regions}
        return [name for kind in reversed(RegionKind) if (name := kind.name.lower()) in found]


def knowledge_map(
    regions: list[KnowledgeRegion], point: Point, spoken: Words
) -> KnowledgeMap | None:
    """The picture of regions at a point; None without any."""
    if not regions:
        return None
    day = point.as_of.latest
    days = _scale(
        [day, *(end for each in regions for end in (each.first, each.until))],
        mirrored=spoken.dir == "rtl",
    )
    ends = [end for each in regions for end in (each.known, each.known_until)]
    known = _scale([*ends, None if point.known_at == MAX_DAY else point.known_at])
    drawing = _KnowledgeDrawing(days, known)
    return KnowledgeMap(
        # What is set aside stands for nothing, but is seen over all that does.
        [
            drawing.region(each)
            for each in sorted(regions, key=lambda each: each.kind is RegionKind.SET_ASIDE)
        ],
        (days.first, days.last),
        (known.first, known.last),
        [(drawing.x(at), text) for at, text in marks(days, spoken)],
        [(drawing.y(at), text) for at, text in marks(known, spoken)],
        drawing.x(day),
        drawing.y(point.known_at),
        days.mirrored,
    )


def _scale(ends: Iterable[int | None], *, mirrored: bool = False) -> Scale:
    bounded = [end for end in ends if end is not None and MIN_DAY < end < MAX_DAY] or [0]
    margin = max(30, round((max(bounded) - min(bounded)) * MARGIN))
    return Scale(min(bounded) - margin, max(bounded) + margin, mirrored)


class _KnowledgeDrawing:
    """Days of both clocks → places of the picture."""

    def __init__(self, days: Scale, known: Scale) -> None:
        self._days = days
        self._known = known

    def x(self, day: int) -> float:
        return round(LEFT + self._days.share(day) * (RIGHT - LEFT), 1)

    def y(self, day: int) -> float:
        return round(BOTTOM - self._known.share(day) * (BOTTOM - TOP), 1)

    def region(self, each: KnowledgeRegion) -> DrawnRegion:
        xs = sorted(
            (
                self.x(self._days.first if each.first is None else each.first),
                self.x(self._days.last if each.until is None else each.until),
            )
        )
        low = self.y(self._known.first if each.known is None else each.known)
        high = self.y(self._known.last if each.known_until is None else each.known_until)
        width, height = max(xs[1] - xs[0], 2), max(low - high, 1)
        return DrawnRegion(each.kind.name.lower(), xs[0], high, round(width, 1), round(height, 1))
