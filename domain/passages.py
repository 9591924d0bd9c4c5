"""Passages: which characters of a document's text a citation names.

A paragraph is a line that is not empty, without the blanks around it; the first one is 0. A page
ends with a form feed; the first one is 0. A row of a sheet is a line of its text, from 0.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache

from domain.anchoring import Span, sha256_of
from domain.errors import Refused
from domain.sources import Citation

_PARAGRAPH = re.compile(r"[^\s](?:[^\n\f]*[^\s])?")
_BORDER = re.compile(r"(?=\W)|(?<=\W)")
MOST_RUNS = 2_000_000
"""Runs of whole words that are hashed, about a second's worth, until a passage counts as absent."""


def cited(text: str, citation: Citation) -> Span:
    """The characters that a citation names, the whole text if it names none.

    Refused as NOT_IN_DOCUMENT, with the words for a reader, when they are not there or not what
    the citation's quote and hash say.
    """
    locator = citation.locator
    scope = _scope(text, citation)
    if locator is not None and locator.chars is not None:
        return _at(text, Span(*locator.chars), scope, citation)
    if citation.quote is not None:
        at = text.find(citation.quote, scope.start, scope.end)
        if at < 0:
            raise _absent("its quote does not stand there")
        return Span(at, at + len(citation.quote))
    if citation.quote_sha256 is not None:
        if locator is not None and locator.row is not None:
            row = _row(text, locator.row)
            if row is not None and sha256_of(text[slice(*row)]) == citation.quote_sha256:
                return row
        found = _hashed(text, scope, citation.quote_sha256)
        if found is None:
            raise _absent("no run of whole words there has its quoteSha256")
        return found
    return scope


def _scope(text: str, citation: Citation) -> Span:
    """The page, the paragraph in it, or the whole text, that the locator names."""
    scope = Span(0, len(text))
    locator = citation.locator
    if locator is None:
        return scope
    if locator.page is not None:
        scope = _nth(_pages(text), locator.page, "page")
    if locator.paragraph is not None:
        scope = _nth(paragraphs(text, scope), locator.paragraph, "paragraph")
    return scope


def _at(text: str, span: Span, scope: Span, citation: Citation) -> Span:
    if span.end > len(text):
        raise _absent(f"the text has {len(text)} characters, not {span.end}")
    wanted = citation.quote_sha256 or (citation.quote and sha256_of(citation.quote))
    if wanted and sha256_of(text[slice(*span)]) != wanted:
        raise _absent(f"its characters {span.start} to {span.end} are other words than it quotes")
    if not scope.start <= span.start < span.end <= scope.end:
        raise _absent(
            f"its characters {span.start} to {span.end} are not in the paragraph or page named"
        )
    return span


def paragraphs(text: str, scope: Span) -> Iterator[Span]:
    """The lines of a stretch of text that are not empty."""
    for match in _PARAGRAPH.finditer(text, *scope):
        yield Span(*match.span())


def _pages(text: str) -> Iterator[Span]:
    start = 0
    while start <= len(text):
        end = text.find("\f", start)
        end = len(text) if end < 0 else end
        yield Span(start, end)
        start = end + 1


@lru_cache(maxsize=1)
def _line_starts(text: str) -> list[int]:
    """Where the lines of a text start, and where the last one ends. Many rows of one are cited."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _row(text: str, wanted: int) -> Span | None:
    """The line that is a row, where the text is a sheet's."""
    starts = _line_starts(text)
    if wanted >= len(starts) - 1:
        return None
    return Span(starts[wanted], starts[wanted + 1] - 1)


def _nth(spans: Iterator[Span], wanted: int, what: str) -> Span:
    count = 0
    for count, span in enumerate(spans, 1):
        if count > wanted:
            return span
    raise _absent(f"the text has {count} {what}s and so no {what} {wanted}, the first being 0")


def _hashed(text: str, scope: Span, sha256: str) -> Span | None:
    """The first run of whole words, within one paragraph, that has the hash."""
    for paragraph in paragraphs(text, scope):
        if sha256_of(text[slice(*paragraph)]) == sha256:
            return paragraph
    wanted = bytes.fromhex(sha256)
    left = MOST_RUNS
    for paragraph in paragraphs(text, scope):
        inner = (match.start() for match in _BORDER.finditer(text, *paragraph))
        borders = sorted({paragraph.start, *inner, paragraph.end})
        left -= len(borders) ** 2 // 2
        if left < 0:
            return None
        for number, start in enumerate(borders):
            so_far, before = hashlib.sha256(), start
            for end in borders[number + 1 :]:
                so_far.update(text[before:end].encode())
                before = end
                if so_far.copy().digest() == wanted:
                    return Span(start, end)
    return None


def _absent(words: str) -> Refused:
    return Refused("NOT_IN_DOCUMENT", f"The passage is not in the document: {words}.")
