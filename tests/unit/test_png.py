"""PNG is drawn from our fonts alone: Arabic is joined and in order, and size has a bound."""

from __future__ import annotations

import struct

import pytest
from fontTools.ttLib import TTFont

from api.language.words import words
from api.web.png import FONTS, LARGEST, png
from domain.errors import Refused


def drawn(text: str) -> bytes:
    return png(
        '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="60" font-size="24" '
        f'font-family="sans-serif"><text x="480" y="40" text-anchor="end">{text}</text></svg>'
    )


def test_a_picture_has_the_size_that_it_says() -> None:
    made = drawn("1 to 64 members")

    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", made[16:24]) == (500, 60)
    assert made == drawn("1 to 64 members")
    assert made != drawn("1 to 65 members")


def test_arabic_letters_are_joined() -> None:
    assert drawn("ببب") != drawn("ب\u200cب\u200cب")


def test_an_isolated_line_is_read_from_the_right() -> None:
    """The Latin word comes first, at the right, as an override of both directions has it, too."""
    isolated, override = "\u2067ISIL التحالف\u2069", "\u202eLISI\u202c"

    assert drawn(isolated) == drawn(f"\u2067{override} التحالف\u2069")
    assert drawn(isolated) != drawn("ISIL التحالف")


@pytest.mark.parametrize("font", FONTS, ids=lambda path: path.name)
def test_the_fonts_have_what_pages_say(font: object) -> None:
    known = TTFont(font).getBestCmap()
    said = "".join(str(text) for text in words("ar").months + words("en").months)

    assert {ord(each) for each in said + "ğşıİÅłЖйпالإ،؛؟«»“”…·#0123456789"} <= known.keys()


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(Refused, match="SVG"):
        png("<svg>" + " " * LARGEST + "</svg>")


@pytest.mark.parametrize(
    ("svg", "longest"), [("<svg", 20.0), ("<svg/>", 0.001)], ids=["broken", "too long"]
)
def test_what_cannot_be_drawn_is_refused(
    monkeypatch: pytest.MonkeyPatch, svg: str, longest: float
) -> None:
    monkeypatch.setattr("api.web.png.LONGEST", longest)

    with pytest.raises(Refused, match="too much to draw"):
        png(svg)
