"""What is written along a picture has room for its letters."""

from __future__ import annotations

from itertools import pairwise

import pytest

from api.language.words import words
from api.web.time_scale import Scale, marks
from domain.dates import days_from_civil

WIDE = 478
"""What the narrowest picture has for a stretch of days."""
LETTER = 5.5
"""About how wide one is there."""


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("first", [(2025, 10, 20), (2025, 11, 10), (2026, 2, 1)])
def test_months_along_a_picture_have_room_for_each_other(
    lang: str, first: tuple[int, int, int]
) -> None:
    scale = Scale(days_from_civil(*first), days_from_civil(2026, 11, 30), lang == "ar")
    told = [(scale.share(day) * WIDE, text) for day, text in marks(scale, words(lang))]

    assert len(told) >= 3
    for (at, text), (then, other) in pairwise(told):
        # The one at the edge ends there, instead of standing in the middle of its day.
        longer, shorter = sorted((len(text), len(other)), reverse=True)
        assert abs(then - at) > (longer + shorter / 2) * LETTER
