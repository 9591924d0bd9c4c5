"""Reading a document that is kept: the document itself where it may be shown, and what is cited.

The places of passages are told of every document that is held, also of one that may not be shown:
they have no words of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import psycopg

from domain.anchoring import Gone, Selectors, Span, anchor, selectors_of
from domain.codec import Event
from domain.corrections import SourceCorrected
from domain.errors import Refused
from domain.passages import cited
from domain.sources import SourceRegistered
from projections.source_verification import Cited, cited_in, events_by_tag
from store import documents
from store.documents import SQL, Document

Connection = psycopg.Connection[Any]
LONGEST = 5.0
"""Seconds for which the passages of one source are looked for."""


class AnchorState(StrEnum):
    """Where a cited passage stands in the document that its source has."""

    FOUND = "FOUND"
    MOVED = "MOVED"
    GONE = "GONE"
    NOT_HELD = "NOT_HELD"
    NOT_SOUGHT = "NOT_SOUGHT"


class AnchoredPassage(NamedTuple):
    """Where a citation's passage stands: from character `start` up to but not including `end`.

    None where it is not found, or cites the whole document. A likeness below 1: it was edited.
    """

    cited: Cited
    state: AnchorState
    start: int | None = None
    end: int | None = None
    likeness: float = 1.0


class Reading(NamedTuple):
    """A source's document, its text if it may be shown, and where its citations stand in it."""

    sha256: str | None
    media_type: str | None
    is_held: bool
    is_shown: bool
    text: str | None
    places: list[AnchoredPassage]


def reading(connection: Connection, source: str, upto: int) -> Reading:
    """What there is to read of a source as of a position, in a session that may have documents.

    Refused as UNKNOWN_SOURCE. Passages are sought for LONGEST seconds, and the rest is not. A
    document that is not held has no places: what cites it may be very much, and is not read.
    """
    return readings(connection, [source], upto, only_held=True)[source]


def readings(
    connection: Connection, sources: Sequence[str], upto: int, *, only_held: bool = False
) -> dict[str, Reading]:
    """The same of several, within the same time for all: one look at each document that is held,
    since a text may take megabytes. Unless `only_held`, with the places of what is not held too."""
    until = time.monotonic() + LONGEST
    registered = events_by_tag(connection, [f"source:{source}" for source in sources], upto)
    histories = {source: _history(registered[f"source:{source}"], source) for source in sources}
    held = {source: _held(connection, history) for source, history in histories.items()}
    tags = [
        f"cites:{source}"
        for source, history in histories.items()
        if not only_held or history[-1][1] in held[source]
    ]
    cites = events_by_tag(connection, tags, upto) if tags else {}
    return {
        source: _reading(
            connection, source, history, held[source], cites.get(f"cites:{source}", []), until
        )
        for source, history in histories.items()
    }


def _held(connection: Connection, history: list[tuple[int, str | None]]) -> dict[str, Document]:
    """The documents that a source has had and that are held, by their hash."""
    hashes = {sha256 for _, sha256 in history if sha256 is not None}
    found = ((sha256, documents.find(connection, sha256)) for sha256 in hashes)
    return {sha256: document for sha256, document in found if document is not None}


def _reading(
    connection: Connection,
    source: str,
    history: list[tuple[int, str | None]],
    held: Mapping[str, Document],
    cites: list[Event],
    until: float,
) -> Reading:
    now = history[-1][1]
    mine = held.get(now) if now is not None else None
    citations = list(cited_in(cites, source))
    shown = mine is not None and documents.is_shown(connection, mine.sha256)
    return Reading(
        now,
        mine and mine.media_type,
        mine is not None,
        shown,
        mine.text if mine is not None and shown else None,
        list(_places(citations, history, held, mine, until)),
    )


async def shown_document(
    connection: psycopg.AsyncConnection[Any], sha256: str
) -> tuple[str, bytes]:
    """The media type and the bytes of a document that may be shown, in a reader's session.

    Refused as NOT_SHOWN where it is held and may not be, else as NOT_HELD.
    """
    asked = {"sha256": sha256}
    row = await (await connection.execute(SQL["shown_document"], asked)).fetchone()
    if row is not None:
        return row[0], row[1]
    if await (await connection.execute(SQL["is_held"], asked)).fetchone() is not None:
        raise Refused(
            "NOT_SHOWN",
            "The document is held to check citations of it, and may not be shown for reasons of "
            "rights: read it where its source says.",
        )
    raise Refused("NOT_HELD", "No document of this SHA-256 is held here.")


async def shown_text(connection: psycopg.AsyncConnection[Any], sha256: str) -> str | None:
    """The text of a document, in a reader's session; None where it is not held or not shown."""
    row = await (await connection.execute(SQL["shown_text"], {"sha256": sha256})).fetchone()
    return None if row is None else str(row[0])


def _history(events: list[Event], source: str) -> list[tuple[int, str | None]]:
    """The hashes of a source's documents, each with the position from which it was its own."""
    found: list[tuple[int, str | None]] = []
    for event in events:
        entry = event.entry
        if isinstance(entry, SourceRegistered):
            found.append((event.position, entry.sha256))
        elif isinstance(entry, SourceCorrected) and "sha256" in entry.changes:
            found.append((event.position, entry.changes["sha256"]))
    if not found:
        raise Refused(
            "UNKNOWN_SOURCE", f"The record has no source {source[:128]!a}.", field="source"
        )
    return found


def _places(
    citations: list[Cited],
    history: list[tuple[int, str | None]],
    held: Mapping[str, Document],
    mine: Document | None,
    until: float,
) -> Iterator[AnchoredPassage]:
    for each in citations:
        if mine is None:
            yield AnchoredPassage(each, AnchorState.NOT_HELD)
        elif time.monotonic() > until:
            yield AnchoredPassage(each, AnchorState.NOT_SOUGHT)
        else:
            own = [sha256 for position, sha256 in history if position <= each.event.position]
            yield _place(each, held.get((own or [history[0][1]])[-1] or "", mine), mine)


def _place(each: Cited, own: Document, now: Document) -> AnchoredPassage:
    """A citation's place, made from the document that its source had when it was recorded."""
    try:
        span = cited(own.text, each.citation)
    except Refused:
        return AnchoredPassage(each, AnchorState.GONE)
    if span == Span(0, len(own.text)):
        return AnchoredPassage(each, AnchorState.FOUND)
    if own.sha256 == now.sha256:
        return AnchoredPassage(each, AnchorState.FOUND, *span)
    selectors: Selectors = selectors_of(own.text, *span)
    found = anchor(now.text, selectors)
    if isinstance(found, Gone):
        return AnchoredPassage(each, AnchorState.GONE)
    state = AnchorState(type(found).__name__.upper())
    return AnchoredPassage(each, state, found.start, found.end, found.likeness)
