"""Anchoring: selectors for a passage of a text, and the same passage found in another version.

Selectors are those of the W3C Web Annotation Data Model (https://www.w3.org/TR/annotation-model/,
4.2.4 TextQuoteSelector and 4.2.5 TextPositionSelector), counted in code points. What a citation
names in a text is in passages.py. An anchor is never a guess: a passage that might be another one
is Gone. Readers look for a missing passage, and believe a wrong one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct, to_builtins
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

CONTEXT = 64
"""Characters of a prefix and of a suffix."""
RESEMBLES = 0.55
"""How like its original a context must be. Words that have nothing in common reach about 0.3."""
EDITED = 0.7
"""How like its original an edited passage must be between contexts that resemble theirs."""
EDITED_ALONE = 0.75
"""The same with one such context, or none around a long passage."""
MARGIN = 0.1
"""By how much an anchor must be likelier than any other passage."""
NEARER = 0.02
"""By how much likelier it must be than any other passage of its own text was."""
TELLING = 16
"""Characters from which on a passage that stood once in its text is known by its words alone."""
LONG = 32
"""The same for an edited passage."""
MANY = 1_000
"""A quote that occurs more often does not say which passage is meant."""


class Span(NamedTuple):
    """Characters from `start` up to but not including `end`."""

    start: int
    end: int


class TextQuoteSelector(Struct, frozen=True, tag_field="type", tag=True):
    """The passage by its words and those around it."""

    exact: str
    prefix: str = ""
    suffix: str = ""


class TextPositionSelector(Struct, frozen=True, tag_field="type", tag=True):
    """The passage by its place: from `start` up to but not including `end`."""

    start: int
    end: int


class Selectors(NamedTuple):
    """What a passage is found again by. Without a quote only the very same words are found.

    Two likenesses, 1 for the same, compare it with the other passages of its text: `nearest` of the
    words most like its own, `likest` of the passage and surroundings that cuts could make most
    like it."""

    position: TextPositionSelector
    sha256: str
    quote: TextQuoteSelector | None = None
    nearest: float = 0.0
    likest: float = 0.0

    def written(self, *, shown: bool) -> list[dict[str, Any]]:
        """As W3C JSON. Of a document that is not shown the words stay out."""
        selectors = [self.quote, self.position] if shown and self.quote else [self.position]
        return [to_builtins(selector) for selector in selectors]


class Found(NamedTuple):
    """The passage stands where it stood. `likeness` below 1 says that its words were edited."""

    start: int
    end: int
    likeness: float = 1.0


class Moved(NamedTuple):
    """The passage stands elsewhere than it `was`. `likeness` as in Found."""

    start: int
    end: int
    was: Span
    likeness: float = 1.0


class Gone(NamedTuple):
    """The passage is not there, or nothing tells it from others."""


Anchor = Found | Moved | Gone


def sha256_of(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimals, as a citation has it."""
    return hashlib.sha256(text.encode()).hexdigest()


def selectors_of(text: str, start: int, end: int) -> Selectors:
    """Selectors of a passage of a text. ValueError when the text has no such characters."""
    if not 0 <= start < end <= len(text):
        raise ValueError(f"no characters {start} to {end} in {len(text)}")
    before, exact, after = text[:start], text[start:end], text[end:]
    quote = TextQuoteSelector(exact, before[-CONTEXT:], after[:CONTEXT])
    others = [
        _weighed(text, span, quote)
        for span in _candidates(text, quote, (Span(0, start), Span(end, len(text))))
    ]
    return Selectors(
        TextPositionSelector(start, end),
        sha256_of(exact),
        quote,
        max((other.words for other in others), default=0.0),
        max((other.at_most for other in others), default=0.0),
    )


def anchor(text: str, selectors: Selectors) -> Anchor:
    """Where the passage now stands in a text: at its position, elsewhere, edited, or nowhere."""
    was = Span(selectors.position.start, selectors.position.end)
    if selectors.quote is None:
        return _by_hash(text, was, selectors.sha256)
    if _weighed(text, was, selectors.quote).total == 1:
        return Found(*was)
    spans = _candidates(text, selectors.quote, (Span(0, len(text)),))
    candidates = [_weighed(text, span, selectors.quote) for span in spans]
    passage = _known_by_words(candidates, selectors) or _known_by_place(candidates, was, selectors)
    if passage is None:
        return Gone()
    if passage.span.start == was.start:
        return Found(*passage.span, passage.words)
    return Moved(*passage.span, was, passage.words)


class _Candidate(NamedTuple):
    """A span with how like the original its words, the words before and those after it are."""

    span: Span
    words: float
    before: float
    after: float

    @property
    def total(self) -> float:
        return self.words / 2 + self.before / 4 + self.after / 4

    @property
    def at_most(self) -> float:
        """The total if the passage itself, and all text between it and this span, were cut out."""
        return self.words / 2 + (1 + max(self.before, self.after)) / 4

    @property
    def sides(self) -> int:
        """How many of its two sides resemble the original's."""
        return (self.before >= RESEMBLES) + (self.after >= RESEMBLES)


def _known_by_words(candidates: list[_Candidate], selectors: Selectors) -> _Candidate | None:
    """The one candidate with the very words, if they stood once in their text and tell enough."""
    same = [candidate for candidate in candidates if candidate.words == 1]
    if len(same) != 1 or selectors.nearest == 1:
        return None
    length = selectors.position.end - selectors.position.start
    return same[0] if length >= TELLING or same[0].sides else None


def _known_by_place(
    candidates: list[_Candidate], was: Span, selectors: Selectors
) -> _Candidate | None:
    """The candidate that is by far the likest, surroundings included, if it can be no other."""
    candidates = sorted(candidates, key=lambda each: (each.total, each.span == was), reverse=True)
    if not candidates:
        return None
    best = candidates[0]
    rivals = [other for other in candidates[1:] if not _overlap(other.span, best.span)]
    if best.total < min(1.0, selectors.likest + NEARER):
        return None
    if any(best.total < rival.total + MARGIN for rival in rivals):
        return None
    if best.sides == 2:
        return best if best.words >= EDITED else None
    # Fewer sides show where it stood, so its words must: no others were or are like them.
    nearest = max([selectors.nearest, *(rival.words for rival in rivals)])
    length = selectors.position.end - selectors.position.start
    telling = length >= (TELLING if best.sides else LONG)
    return best if telling and best.words >= max(EDITED_ALONE, nearest + MARGIN) else None


def _candidates(text: str, quote: TextQuoteSelector, places: Iterable[Span]) -> set[Span]:
    """Where in some places the passage might be: its very words, its likest, its surroundings."""
    length = len(quote.exact)
    exact: set[Span] = set()
    edited: set[Span] = set()
    for place in places:
        exact |= {Span(at, at + length) for at in _occurrences(text, quote.exact, place)}
        for prefix, suffix in ((quote.prefix, quote.suffix), ("", "")):
            for like in _likest(prefix + quote.exact + suffix, text, place):
                span = _aligned(text, like, place, (prefix, quote.exact, suffix))
                if span.start < span.end:
                    edited.add(span)
    return exact | {
        span for span in edited if all(2 * _overlap(span, other) <= length for other in exact)
    }


def _likest(pattern: str, text: str, place: Span) -> Iterator[Span]:
    """The likest stretch of a place, then the likest ones before and after it."""
    best = _likest_in(pattern, text, place)
    if best is not None:
        yield best
        for rest in (Span(place.start, best.start), Span(best.end, place.end)):
            if (other := _likest_in(pattern, text, rest)) is not None:
                yield other


def _likest_in(pattern: str, text: str, place: Span) -> Span | None:
    part = text[slice(*place)]
    if len(part) < max(1, len(pattern) // 2):
        return None
    if len(part) <= len(pattern):
        return place
    found = partial_ratio_alignment(pattern, part, score_cutoff=50)
    if found is None or found.dest_start == found.dest_end:
        return None
    return Span(place.start + found.dest_start, place.start + found.dest_end)


def _aligned(text: str, like: Span, place: Span, words: tuple[str, str, str]) -> Span:
    """The part of a stretch that the exact words are aligned with by the fewest edits."""
    prefix, exact, suffix = words
    slack = len(prefix) // 4 + len(exact) // 8 if prefix or suffix else 0
    first, last = max(place.start, like.start - slack), min(place.end, like.end + slack)
    start, end = len(prefix), len(prefix) + len(exact)
    aligned = Span(first, last)
    for code in Levenshtein.opcodes(prefix + exact + suffix, text[first:last]):
        # What was put in at a border stays outside of the passage.
        if code.src_start <= start < code.src_end:
            inside = min(code.dest_start + start - code.src_start, code.dest_end)
            aligned = aligned._replace(start=first + inside)
        if code.src_start < end <= code.src_end:
            inside = min(code.dest_start + end - code.src_start, code.dest_end)
            aligned = aligned._replace(end=first + inside)
    return aligned


def _weighed(text: str, span: Span, quote: TextQuoteSelector) -> _Candidate:
    alike = Levenshtein.normalized_similarity
    before = alike(quote.prefix, text[max(0, span.start - CONTEXT) : span.start])
    after = alike(quote.suffix, text[span.end : span.end + CONTEXT])
    words = alike(quote.exact, text[slice(*span)])
    return _Candidate(span, words, before, after)


def _overlap(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _occurrences(text: str, words: str, place: Span) -> list[int]:
    """Where the words stand in a place, nowhere if that is too often to tell anything."""
    found: list[int] = []
    at = text.find(words, *place)
    while at >= 0:
        found.append(at)
        if len(found) > MANY:
            return []
        at = text.find(words, at + 1, place.end)
    return found


def _by_hash(text: str, was: Span, sha256: str) -> Anchor:
    """The passage by the SHA-256 of its words alone: at its position, or once elsewhere."""
    length = was.end - was.start
    if was.end <= len(text) and sha256_of(text[slice(*was)]) == sha256:
        return Found(*was)
    spans = (Span(start, start + length) for start in range(len(text) - length + 1))
    found = [span for span in spans if sha256_of(text[slice(*span)]) == sha256]
    return Moved(*found[0], was) if len(found) == 1 else Gone()
