"""Sources kept: whether the documents held are whole, and every citation of them still in them.

It reads the log itself and the documents, not the projections. Nothing it tells of a document has
any of its words, so that it may be told of one that may not be shown.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

import psycopg

from domain.anchoring import (
    Gone,
    Selectors,
    TextPositionSelector,
    TextQuoteSelector,
    anchor,
    selectors_of,
    sha256_of,
)
from domain.capture import source_of
from domain.codec import Event, decode
from domain.corrections import SourceCorrected
from domain.errors import Refused
from domain.event_stream import citations_of
from domain.passages import cited
from domain.sources import Citation, Entry, SourceRegistered
from store import documents
from store.documents import Document
from store.sql import queries

LOG = queries("store", "log.sql")
SQL = queries("store", "documents.sql")
LAST = 2**63 - 1
"""A position that no log reaches."""

Connection = psycopg.Connection[Any]
Again = Callable[[Document], str | None]
"""The text of a document's bytes by the rules of its capture, None if the rules have changed."""


class DocumentProblem(NamedTuple):
    """What is wrong with a source's document, or with a fact's citation of it."""

    source: str | None
    fact: str | None
    what: str


class Findings(NamedTuple):
    """How many documents and citations were looked at, and all that is wrong."""

    documents: int
    citations: int
    problems: list[DocumentProblem]


class Cited(NamedTuple):
    """A citation, in which event it stands and which fact it is about."""

    event: Event
    fact: str
    citation: Citation


class AnchoredCitation(NamedTuple):
    """A citation with its passage's selectors in the document that it was made from."""

    cited: Cited
    selectors: Selectors


def verify(
    connection: Connection, again: Again, seen: Callable[[int], None] = lambda documents: None
) -> Findings:
    """Hash every document held again, and look up every citation of it."""
    problems: list[DocumentProblem] = []
    sources_of: defaultdict[str, list[str]] = defaultdict(list)
    histories = _histories(connection, problems)
    for source, history in histories.items():
        for sha256 in history.values():
            sources_of[sha256].append(source)
    held = documents.held(connection)
    for count, sha256 in enumerate(held, 1):
        for what in _broken(documents.find(connection, sha256), sha256, again):
            named: list[str | None] = [*sources_of.get(sha256, [])]
            problems += (DocumentProblem(name, None, what) for name in named or [None])
        seen(count)
    citations = 0
    for source, history in histories.items():
        if here := set(history.values()) & set(held):
            texts = {sha256: _text(connection, sha256) for sha256 in here}
            try:
                for each in citing(connection, source):
                    citations += 1
                    if (lost := _lost(each, history, texts)) is not None:
                        problems.append(DocumentProblem(source, each.fact, lost))
            except ValueError as error:
                problems.append(
                    DocumentProblem(source, None, f"what cites it can't be read: {error}")
                )
    return Findings(len(held), citations, problems)


def document_of(connection: Connection, source: str) -> str:
    """The hash of the document that a source has.

    Refused as UNKNOWN_SOURCE, or as NOT_HELD when the document is not.
    """
    current = source_of(entry for _, entry in source_entries(connection, source))
    if current is None:
        raise Refused("UNKNOWN_SOURCE", f"The record has no source {source}: check the id.")
    if current.sha256 is None or current.sha256 not in documents.held(connection):
        raise Refused(
            "NOT_HELD",
            f"The document of the source {source} is not held: add it with `sijill source add`.",
        )
    return current.sha256


def anchors(connection: Connection, source: str) -> Iterator[AnchoredCitation | DocumentProblem]:
    """Every citation of a source with its passage's selectors, or with what is wrong.

    Of one that cites the whole document there is nothing to tell. Refused as `document_of` is.
    """
    text = _text(connection, document_of(connection, source))
    for each in citing(connection, source):
        try:
            selectors = _selectors(text, each.citation)
        except Refused as refused:
            yield DocumentProblem(source, each.fact, _in_its_event(each, refused.message))
        else:
            if selectors is not None:
                yield AnchoredCitation(each, selectors)


def source_entries(connection: Connection, source: str) -> list[tuple[int, Entry]]:
    """What the log has of one source, in order."""
    return [(event.position, event.entry) for event in events_of(connection, f"source:{source}")]


def citing(connection: Connection, source: str) -> Iterator[Cited]:
    """Every citation of a source, in log order."""
    return cited_in(events_of(connection, f"cites:{source}"), source)


def cited_in(events: Iterable[Event], source: str) -> Iterator[Cited]:
    """The citations of a source that events have."""
    for event in events:
        fact = getattr(event.entry, "fact", event.entry.id)
        for citation in citations_of(event.entry):
            if citation.source == source:
                yield Cited(event, fact, citation)


def events_of(connection: Connection, tag: str, upto: int = LAST) -> list[Event]:
    """The events up to a position that have a tag, in log order."""
    return events_by_tag(connection, [tag], upto)[tag]


def events_by_tag(
    connection: Connection, tags: Collection[str], upto: int = LAST
) -> dict[str, list[Event]]:
    """By tag, the events up to a position that have it, in log order."""
    rows = connection.execute(LOG["events_tagged"], {"tags": list(tags), "upto": upto}).fetchall()
    found: dict[str, list[Event]] = {tag: [] for tag in tags}
    for *stored, own in sorted(rows):
        event = decode(*stored)
        for tag in found.keys() & own:
            found[tag].append(event)
    return found


def _histories(
    connection: Connection, problems: list[DocumentProblem]
) -> dict[str, dict[int, str]]:
    """By source, the hashes of its documents and the positions from which each was its own."""
    found: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for row in connection.execute(SQL["source_events"]).fetchall():
        try:
            event = decode(*row[:3])
        except ValueError as error:
            problems.append(
                DocumentProblem(None, None, f"an event of a source can't be read: {error}")
            )
            continue
        entry = event.entry
        if isinstance(entry, SourceRegistered) and entry.sha256 is not None:
            found[entry.id][event.position] = entry.sha256
        elif isinstance(entry, SourceCorrected) and entry.changes.get("sha256") is not None:
            found[entry.source][event.position] = entry.changes["sha256"]
    return dict(found)


def _broken(document: Document | None, sha256: str, again: Again) -> Iterator[str]:
    """What is wrong with a document itself."""
    assert document is not None
    actual = hashlib.sha256(document.content).hexdigest()
    if actual != sha256:
        yield f"the bytes kept as {sha256} have the SHA-256 {actual}"
        return
    try:
        text = again(document)
    except Refused as refused:
        yield f"the document {sha256} gives no text any more: {refused.message}"
        return
    if text is not None and text != document.text:
        yield f"the text kept of the document {sha256} is not the text of its bytes"


def _text(connection: Connection, sha256: str) -> str:
    document = documents.find(connection, sha256)
    assert document is not None
    return document.text


def _lost(each: Cited, history: dict[int, str], texts: dict[str, str]) -> str | None:
    """What is wrong with a citation, None if its passage stands where it should.

    It was made from the document that the source had when it was recorded, or had first; where the
    source has another one now, the passage should be in that one too, unedited.
    """
    before = [sha256 for position, sha256 in history.items() if position <= each.event.position]
    own = before[-1] if before else next(iter(history.values()))
    now = list(history.values())[-1]
    try:
        selectors = _selectors(texts[own], each.citation) if own in texts else _told(each.citation)
    except Refused as refused:
        return _in_its_event(each, refused.message)
    if selectors is None or now == own or now not in texts:
        return None
    found = anchor(texts[now], selectors)
    if isinstance(found, Gone):
        return _in_its_event(each, "The passage is gone from the document that the source has now.")
    if found.likeness < 1:
        words = "The passage was edited in the document that the source has now"
        place = f"it stands at {found.start} to {found.end}, alike by {found.likeness:.0%}"
        return _in_its_event(each, f"{words}: {place}.")
    return None


def _selectors(text: str, citation: Citation) -> Selectors | None:
    """The selectors of a citation's passage, None where it cites the whole document."""
    span = cited(text, citation)
    return None if span == (0, len(text)) else selectors_of(text, *span)


def _told(citation: Citation) -> Selectors | None:
    """What a citation itself tells of its passage, its own document not being held."""
    chars = citation.locator.chars if citation.locator else None
    sha256 = citation.quote_sha256 or (sha256_of(citation.quote) if citation.quote else None)
    if chars is None or sha256 is None:
        return None
    quote = TextQuoteSelector(citation.quote) if citation.quote else None
    return Selectors(TextPositionSelector(*chars), sha256, quote)


def _in_its_event(each: Cited, words: str) -> str:
    """The words, with the event if it is another than the fact."""
    name = each.event.entry.id
    return words if name == each.fact else f"{words} (Cited in {name}.)"
