"""Passages are marked in a text where they stand, overlaps and all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from api.web.marked_text import AROUND, Passage, Piece, lost, marked, passage
from projections.cited_documents import AnchoredPassage, AnchorState


def _place(fact: str, state: AnchorState, *span: int) -> AnchoredPassage:
    cited: Any = SimpleNamespace(fact=fact)
    return AnchoredPassage(cited, state, *span)


def test_a_text_is_cut_where_passages_begin_and_end() -> None:
    places = [_place("a", AnchorState.FOUND, 2, 6), _place("b", AnchorState.MOVED, 4, 8)]

    assert marked("0123456789", places) == [
        Piece("01", ()),
        Piece("23", ("a",), ("a",)),
        Piece("45", ("a", "b"), ("b",)),
        Piece("67", ("b",)),
        Piece("89", ()),
    ]


def test_what_is_not_found_marks_nothing_and_is_named() -> None:
    places = [_place("a", AnchorState.GONE), _place("b", AnchorState.FOUND, 0, 3)]

    assert "".join(piece.text for piece in marked("abc", places)) == "abc"
    assert lost(places) == ["a"]


def test_a_passage_comes_with_the_sentences_before_and_after_it_in_its_paragraph() -> None:
    text = "Title\nOne goes. Two comes! Three (he said) stays? Four is it. Five ends.\nNext."
    start = text.index("he said")

    assert passage(text, start, start + 7) == Passage(
        "Two comes! Three (", "he said", ") stays? Four is it."
    )
    assert passage(text, text.index("One"), text.index(" Two")).before == ""
    assert passage(text, text.index("Five"), text.index("\nNext")).after == ""


def test_what_is_long_without_an_end_is_cut_at_words_on_both_sides() -> None:
    text = f"{'word ' * 200}PASSAGE{' word' * 200}"
    before, words, after = passage(text, 1_000, 1_007)

    assert words == "PASSAGE"
    assert before.startswith("… word ")
    assert after.endswith(" word …")
    assert max(len(before), len(after)) <= AROUND + 2
