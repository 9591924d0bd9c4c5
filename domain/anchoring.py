"""Anchoring: selectors for a passage of a text, and the same passage found in another version.

Selectors are those of the W3C Web Annotation Data Model (https://www.w3.org/TR/annotation-model/,
4.2.4 TextQuoteSelector and 4.2.5 TextPositionSelector), counted in code points. What a citation
names in a text is in passages.py. An anchor is never a guess: what might be another passage is
Gone, since a missing passage is looked for, and a wrong one is believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import Struct, to_builtins
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

CONTEXT = 32
"""Characters of a prefix and of a suffix."""
RESEMBLES = 0.55
"""How like its original a context must be. Words that have nothing in common reach about 0.3."""
EDITED = 0.6
"""How like its original an edited passage must be between contexts that resemble theirs."""
EDITED_ALONE = 0.75
"""The same with one such context, or none around a long passage."""
MARGIN = 0.1
"""By how much an anchor must be likelier than any other, and than other passages ever were."""
TELLING = 16
"""Characters from which on a passage that stood once in its text is known by its words alone."""
LONG = 32
"""The same for an edited passage."""
MANY = 1_000
"""Occurrences past which a quote tells nothing."""


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

    `nearest` tells how like the passage the likest other one of its text was, 1 for its double.
    """

    position: TextPositionSelector
    sha256: str
    quote: TextQuoteSelector | None = None
    nearest: float = 0.0

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
    exact = text[start:end]
    around = text[:start], text[end:]
    nearest = 0.0
    for rest in around:
        for span in _likest(exact, rest):
            nearest = max(nearest, Levenshtein.normalized_similarity(exact, rest[slice(*span)]))
    if any(exact in rest for rest in around) or text.find(exact, start + 1) >= 0:
        nearest = 1.0
    return Selectors(
        TextPositionSelector(start, end),
        sha256_of(exact),
        TextQuoteSelector(exact, around[0][-CONTEXT:], around[1][:CONTEXT]),
        nearest,
    )


def anchor(text: str, selectors: Selectors) -> Anchor:
    """Where the passage now stands in a text: at its position, elsewhere, edited, or nowhere."""
    was = Span(selectors.position.start, selectors.position.end)
    quote = selectors.quote
    if quote is None:
        return _by_hash(text, was, selectors.sha256)
    candidates = [_weighed(text, span, quote) for span in _candidates(text, was, quote)]
    candidates.sort(key=lambda each: (each.total, each.span == was), reverse=True)
    if not candidates:
        return Gone()
    best = candidates[0]
    rivals = [each for each in candidates[1:] if _overlap(each.span, best.span) == 0]
    if not _convinces(best, selectors, max((each.quote for each in rivals), default=0.0)):
        return Gone()
    if any(rival.total > best.total - MARGIN for rival in rivals):
        return Gone()
    if best.span.start == was.start:
        return Found(*best.span, best.quote)
    return Moved(*best.span, was, best.quote)


class _Candidate(NamedTuple):
    """A span with how like the original its words, the words before and those after it are."""

    span: Span
    quote: float
    before: float
    after: float
    total: float


def _convinces(best: _Candidate, selectors: Selectors, rival: float) -> bool:
    """Whether the best candidate is the passage, whatever else there is."""
    assert selectors.quote is not None
    length = len(selectors.quote.exact)
    sides = sum(side >= RESEMBLES for side in (best.before, best.after))
    if sides == 2:
        return best.quote >= EDITED
    # Fewer sides tell where it stood, so its words must: none like them then or now.
    if best.quote < min(1.0, max(selectors.nearest, rival) + MARGIN):
        return False
    if best.quote == 1:
        return max(selectors.nearest, rival) < 1 and (sides == 1 or length >= TELLING)
    return best.quote >= EDITED_ALONE and length >= (TELLING if sides else LONG)


def _candidates(text: str, was: Span, quote: TextQuoteSelector) -> set[Span]:
    """Where the passage might be: its very words, its likest words, its surroundings."""
    length = len(quote.exact)
    spans = {Span(start, start + length) for start in _occurrences(text, quote.exact)}
    for context in {(quote.prefix, quote.suffix), ("", "")}:
        for like in _likest(context[0] + quote.exact + context[1], text):
            span = _aligned(text, like, context[0], quote.exact, context[1])
            if span.start < span.end:
                spans.add(span)
    if text[slice(*was)] == quote.exact:
        spans.add(was)
    exact = {span for span in spans if text[slice(*span)] == quote.exact}
    return exact | {
        span
        for span in spans - exact
        if not any(2 * _overlap(span, other) > length for other in exact)
    }


def _likest(pattern: str, text: str) -> Iterator[Span]:
    """The likest stretch of a text, then the likest ones before and after it."""
    best = _likest_in(pattern, text, 0, len(text))
    if best is not None:
        yield best
        for start, end in ((0, best.start), (best.end, len(text))):
            if (other := _likest_in(pattern, text, start, end)) is not None:
                yield other


def _likest_in(pattern: str, text: str, start: int, end: int) -> Span | None:
    part = text[start:end]
    if not pattern or len(part) < max(1, len(pattern) // 2):
        return None
    if len(part) <= len(pattern):
        return Span(start, end)
    found = partial_ratio_alignment(pattern, part, score_cutoff=50)
    if found is None or found.dest_start == found.dest_end:
        return None
    return Span(start + found.dest_start, start + found.dest_end)


def _aligned(text: str, like: Span, prefix: str, exact: str, suffix: str) -> Span:
    """The part of a stretch that the exact words are aligned with by the fewest edits."""
    slack = len(prefix) // 4 + len(exact) // 8 if prefix or suffix else 0
    first, last = max(0, like.start - slack), min(len(text), like.end + slack)
    start, end = len(prefix), len(prefix) + len(exact)
    places = Span(first, last)
    for code in Levenshtein.opcodes(prefix + exact + suffix, text[first:last]):
        # What was put in at a border stays outside of the passage.
        if code.src_start <= start < code.src_end:
            inside = min(code.dest_start + start - code.src_start, code.dest_end)
            places = places._replace(start=first + inside)
        if code.src_start < end <= code.src_end:
            inside = min(code.dest_start + end - code.src_start, code.dest_end)
            places = places._replace(end=first + inside)
    return places


def _weighed(text: str, span: Span, quote: TextQuoteSelector) -> _Candidate:
    alike = Levenshtein.normalized_similarity
    before = alike(quote.prefix, text[max(0, span.start - CONTEXT) : span.start])
    after = alike(quote.suffix, text[span.end : span.end + CONTEXT])
    words = alike(quote.exact, text[slice(*span)])
    return _Candidate(span, words, before, after, words / 2 + before / 4 + after / 4)


def _overlap(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _occurrences(text: str, words: str) -> list[int]:
    """Where the words stand, none if that is in more places than can tell anything."""
    found: list[int] = []
    at = text.find(words)
    while at >= 0:
        found.append(at)
        if len(found) > MANY:
            return []
        at = text.find(words, at + 1)
    return found


def _by_hash(text: str, was: Span, sha256: str) -> Anchor:
    """The passage by the SHA-256 of its words alone: at its position, or once elsewhere."""
    length = was.end - was.start
    if was.end <= len(text) and sha256_of(text[slice(*was)]) == sha256:
        return Found(*was)
    spans = (Span(start, start + length) for start in range(len(text) - length + 1))
    found = [span for span in spans if sha256_of(text[slice(*span)]) == sha256]
    return Moved(*found[0], was) if len(found) == 1 else Gone()
