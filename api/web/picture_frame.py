"""What stands round a picture: its title, the point of the clocks, a legend, sources, the position.

Text is broken by the letter, since a server has no browser to measure it. Each line that is read
from the right is isolated, so that a program that draws from the left orders its words right.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from api.language.words import Words

WIDTH: Final = 1200
SIDE: Final = 40
LEAST: Final = 630
"""Height at least: with the width, what previews of links show whole."""
LETTER, CAPITAL = 0.5, 0.7
"""How wide letters are on the whole, in their size."""
WORST: Final = 2_000
"""Letters of a text that are looked at."""
INK, INK_2, INK_3 = "#17212b", "#4d5a66", "#5a656e"
_RIGHT_TO_LEFT, _END = "\u2067", "\u2069"


class TextLine(NamedTuple):
    """A line of text: where its first letter stands, and how it is written."""

    x: float
    y: float
    text: str
    size: int = 18
    weight: int = 400
    fill: str = INK
    anchor: str = "start"


class Swatch(NamedTuple):
    """A colour of the legend, by the kind of what has it."""

    x: float
    y: float
    kind: str


class PictureFrame(NamedTuple):
    """Lines round a drawing, and where that is: from `top`, as high as `body`."""

    lines: list[TextLine]
    swatches: list[Swatch]
    top: float
    body: float
    height: float


def line_of(
    x: float, y: float, text: str, spoken: Words, size: int = 18, weight: int = 400, fill: str = INK
) -> TextLine:
    """A line that begins `x` from the side where reading begins."""
    if spoken.dir == "rtl":
        return TextLine(WIDTH - x, y, f"{_RIGHT_TO_LEFT}{text}{_END}", size, weight, fill, "end")
    return TextLine(x, y, text, size, weight, fill)


def broken(text: str, width: float, size: int, most: int) -> list[str]:
    """A text in at most so many lines of a width; what has no room ends in an ellipsis."""
    text = text[:WORST]
    capitals = sum(each.isupper() for each in text) / max(1, len(text))
    letter = size * (LETTER + capitals * (CAPITAL - LETTER))
    return textwrap.wrap(text, max(8, int(width / letter)), max_lines=most, placeholder=" …")


def framed(
    title: str,
    point: str,
    sources: Sequence[str] | None,
    position: int | None,
    kinds: Iterable[tuple[str, str]],
    body: float,
    spoken: Words,
) -> PictureFrame:
    """The frame of a drawing of a height; `kinds` are those of the legend with what they are
    called, `point` is the sentence that says at which point of the clocks it is."""
    _ = spoken.gettext
    lines: list[TextLine] = []
    y = 22.0
    room = WIDTH - 2 * SIDE

    def write(text: str, size: int, most: int, weight: int = 400, fill: str = INK) -> None:
        nonlocal y
        for each in broken(text, room, size, most):
            y += round(size * 1.35)
            lines.append(line_of(SIDE, y, each, spoken, size, weight, fill))

    write(title, 34, 2, 600)
    y += 4
    write(point, 20, 2, fill=INK_2)
    top = y + 18
    y = top + body + 6
    swatches = _legend(kinds, lines, y + 16, spoken)
    y += 22 if swatches else 0
    if sources is not None:
        write(sources_told(sources, spoken, room, 17), 17, 2, fill=INK_2)
    name, at = _("Sijill"), _("log position %(number)s") % {"number": position}
    write(name if position is None else f"{name} · {at}", 15, 1, fill=INK_3)
    return PictureFrame(lines, swatches, top, body, max(LEAST, y + 22))


def sources_told(sources: Sequence[str], spoken: Words, width: float, size: int) -> str:
    """Who says so: as many names as two lines hold, and how many there are besides."""
    if not sources:
        return spoken.gettext("No source speaks of it.")
    label, comma = spoken.gettext("Sources"), spoken.gettext(", ")
    room = int(2 * width / (size * LETTER)) - 40
    shown: list[str] = []
    for name in sources:
        short = textwrap.shorten(name[:WORST], 60, placeholder="…") or name[:60]
        if shown and len(label) + sum(len(each) + 2 for each in shown) + len(short) > room:
            break
        shown.append(short)
    text = f"{label}{spoken.gettext(': ')}{comma.join(shown)}"
    if rest := len(sources) - len(shown):
        more = spoken.ngettext("and %(num)s more", "and %(num)s more", rest)
        text = f"{text} {more % {'num': rest}}"
    return text


def _legend(
    kinds: Iterable[tuple[str, str]], lines: list[TextLine], y: float, spoken: Words
) -> list[Swatch]:
    """The legend's swatches; what they mean goes to `lines`."""
    found = []
    x = float(SIDE)
    for kind, label in kinds:
        found.append(Swatch(WIDTH - x - 16 if spoken.dir == "rtl" else x, y - 13, kind))
        lines.append(line_of(x + 24, y, label, spoken, 16, fill=INK_2))
        x += 24 + len(label) * 16 * LETTER + 26
    return found
