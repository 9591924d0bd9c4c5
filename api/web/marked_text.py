"""A document's text with the passages that are cited marked in it, and what is round one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from projections.cited_documents import AnchoredPassage, AnchorState

LONGEST: Final = 200_000
"""Characters of a text that a page shows."""


AROUND: Final = 300
"""Characters of the text before a passage and after it that are shown with it."""
_END: Final = re.compile(r"[.!?؟…][\"'”»)\]]*\s+")
"""Between two sentences."""


class Piece(NamedTuple):
    """A stretch of the text, and the facts that cite it; none for what is only round it.

    `opens` are those of them whose first passage begins here.
    """

    text: str
    facts: tuple[str, ...]
    opens: tuple[str, ...] = ()


class Passage(NamedTuple):
    """A cited passage as it stands, in the sentences before and after it."""

    before: str
    words: str
    after: str


def passage(text: str, start: int, end: int) -> Passage:
    """The passage of some characters in its own sentence, with the one before and the one after.

    A side is of the same paragraph, and of AROUND characters at most; dots say where it is cut.
    """
    before = text[max(0, start - AROUND) : start].rpartition("\n")[2]
    starts = [match.end() for match in _END.finditer(before)]
    if len(starts) > 1:
        before = before[starts[-2] :]
    elif len(before) == AROUND:
        before = "… " + before.partition(" ")[2]
    after = text[end : end + AROUND].partition("\n")[0]
    ends = [match.end() for match in _END.finditer(after)]
    if len(ends) > 1:
        after = after[: ends[1]]
    elif len(after) == AROUND:
        after = after.rpartition(" ")[0] + " …"
    return Passage(before.lstrip(), text[start:end], after.rstrip())


def marked(text: str, places: Iterable[AnchoredPassage]) -> list[Piece]:
    """The text in pieces, cut wherever a cited passage begins or ends."""
    text = text[:LONGEST]
    spans = [
        (place.start, min(place.end, len(text)), place.cited.fact)
        for place in places
        if place.start is not None and place.end is not None and place.start < len(text)
    ]
    cuts = sorted({0, len(text), *(cut for start, end, _ in spans for cut in (start, end))})
    begin: dict[str, int] = {}
    for start, _, fact in spans:
        begin[fact] = min(start, begin.get(fact, start))
    return [
        Piece(
            text[first:until],
            tuple(dict.fromkeys(fact for start, end, fact in spans if start <= first < end)),
            tuple(fact for fact, start in begin.items() if start == first),
        )
        for first, until in pairwise(cuts)
    ]


def lost(places: Iterable[AnchoredPassage]) -> list[str]:
    """The facts whose passages are not in the document."""
    return list(
        dict.fromkeys(place.cited.fact for place in places if place.state is AnchorState.GONE)
    )


def found_in(places: Iterable[AnchoredPassage]) -> set[str]:
    """The facts whose passages are all in the document."""
    places = list(places)
    stands = (AnchorState.FOUND, AnchorState.MOVED)
    return {place.cited.fact for place in places} - {
        place.cited.fact for place in places if place.state not in stands
    }
