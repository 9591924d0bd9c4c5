"""Passages are marked in a text where they stand, overlaps and all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from api.web.marked_text import Piece, lost, marked
from projections.cited_documents import AnchoredPassage, AnchorState


def _place(fact: str, state: AnchorState, *span: int) -> AnchoredPassage:
    cited: Any = SimpleNamespace(fact=fact)
    return AnchoredPassage(cited, state, *span)


def test_a_text_is_cut_where_passages_begin_and_end() -> None:
    places = [_place("a", AnchorState.FOUND, 2, 6), _place("b", AnchorState.MOVED, 4, 8)]

    assert marked("0123456789", places) == [
        Piece("01", ()),
        Piece("23", ("a",)),
        Piece("45", ("a", "b")),
        Piece("67", ("b",)),
        Piece("89", ()),
    ]


def test_what_is_not_found_marks_nothing_and_is_named() -> None:
    places = [_place("a", AnchorState.GONE), _place("b", AnchorState.FOUND, 0, 3)]

    assert "".join(piece.text for piece in marked("abc", places)) == "abc"
    assert lost(places) == ["a"]
