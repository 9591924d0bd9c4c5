"""A document's text with the passages that are cited marked in it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from projections.cited_documents import AnchoredPassage, AnchorState

LONGEST: Final = 200_000
"""Characters of a text that a page shows."""


class Piece(NamedTuple):
    """A stretch of the text, and the facts that cite it; none for what is only round it."""

    text: str
    facts: tuple[str, ...]


def marked(text: str, places: Iterable[AnchoredPassage]) -> list[Piece]:
    """The text in pieces, cut wherever a cited passage begins or ends."""
    text = text[:LONGEST]
    spans = [
        (place.start, min(place.end, len(text)), place.cited.fact)
        for place in places
        if place.start is not None and place.end is not None and place.start < len(text)
    ]
    cuts = sorted({0, len(text), *(cut for start, end, _ in spans for cut in (start, end))})
    return [
        Piece(
            text[first:until],
            tuple(dict.fromkeys(fact for start, end, fact in spans if start <= first < end)),
        )
        for first, until in pairwise(cuts)
    ]


def lost(places: Iterable[AnchoredPassage]) -> list[str]:
    """The facts whose passages are not in the document."""
    return list(
        dict.fromkeys(place.cited.fact for place in places if place.state is AnchorState.GONE)
    )


def found_in(places: Iterable[AnchoredPassage]) -> set[str]:
    """The facts of which every passage is in the document."""
    places = list(places)
    stands = (AnchorState.FOUND, AnchorState.MOVED)
    return {place.cited.fact for place in places} - {
        place.cited.fact for place in places if place.state not in stands
    }
