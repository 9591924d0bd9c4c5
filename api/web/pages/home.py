"""/: what the record holds, what it came to know last, what is open, and what to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.costly_pool import STATUSES
from api.export.node_dates import Row
from api.export.nodes import Nodes
from api.export.views import OF_RECORD
from api.language.labels import RecordLabels
from api.language.words import words
from api.web.citation_panel import citation_panel
from api.web.correction_sentences import CorrectionWriter
from api.web.page_queries import point_of, read, words_of
from api.web.pages.stories import listed
from api.web.render import show
from domain.codec import decode
from domain.corrections import Correction, FactCorroborated, HoldingAttested
from domain.errors import Refused
from domain.point import Point
from domain.vocabulary import CORRECTIONS
from projections import lookup, view_rows
from projections.holdings import MOST, Holdings, holdings, newest, scopes
from projections.proofs import latest_checkpoint

LATEST: Final = 6
"""Corrections, and facts that became known last."""
CHANGING: Final = [
    name
    for name, kind in CORRECTIONS.items()
    if not issubclass(kind, FactCorroborated | HoldingAttested)
]
"""Types of corrections, without those that confirm what is there."""
STORIES: Final = 4
"""Stories that were told last."""
SCOPES: Final = 4
"""Entities with the most that holds."""
PARTS: Final = ("log", "facts", "sources", "entities", "organisations")


class KnownFact(NamedTuple):
    """A fact as JSON has it, and the day from which it is known."""

    fact: Row
    day: int


class ToldCorrection(NamedTuple):
    """A correction as a sentence, why it was made, and its place in the log."""

    sentence: Markup
    reason: str | None
    position: int
    recorded_at: datetime


class ScopeQuestion(NamedTuple):
    """An entity, what holds of it most, and how much of that."""

    entity: Row
    question: str
    number: int


class HomeContents(NamedTuple):
    """What the home page says of the record."""

    holdings: Holdings
    newest: list[KnownFact]
    corrections: list[ToldCorrection]
    scopes: list[ScopeQuestion]


async def home(request: Request, state: PageAddress) -> Response:
    """GET /"""
    async with request.app.state.reader() as connection:
        seen = await lookup.progress(connection)
        behind = await lookup.behind(connection)
        try:
            signed, _ = await latest_checkpoint(connection)
        except Refused:
            signed = 0
    point = await point_of(request, state)
    called = RecordLabels(words(state.lang), words_of(request))
    try:
        found = await read(request, partial(_contents, point=point, state=state, called=called))
    except Refused as refused:
        if refused.code not in STATUSES:
            raise
        found = None  # nobody is turned away at the door while costly questions are many
    return await show(
        request,
        state,
        "home.html",
        found=found,
        most=MOST,
        take=await citation_panel(
            request,
            state,
            OF_RECORD["record"],
            point.position,
            parts=[OF_RECORD[name] for name in PARTS],
        ),
        seen=seen,
        behind=behind,
        stories=[each for each in (await listed(request, state, STORIES))[0] if not each.withdrawn],
        signed=signed,
    )


def _contents(
    connection: view_rows.Connection, *, point: Point, state: PageAddress, called: RecordLabels
) -> HomeContents:
    vocabulary = called.vocabulary
    nodes = Nodes(connection, point, state.lang, vocabulary)
    known = newest(connection, point, vocabulary, LATEST)
    rows = view_rows.facts_by_id(connection, point, [fact for fact, _ in known])
    facts = {fact["id"]: fact for fact in nodes.facts(list(rows.values()))}
    most = [each for each in scopes(connection, point, SCOPES) if each.fluent in vocabulary.fluents]
    entities = nodes.entities(each.entity for each in most)
    return HomeContents(
        holdings(connection, point, vocabulary),
        [KnownFact(facts[fact], day) for fact, day in known if fact in facts],
        list(_corrections(connection, point, CorrectionWriter(nodes, state, called))),
        [
            ScopeQuestion(
                entities[each.entity], vocabulary.fluents[each.fluent].question, each.number
            )
            for each in most
            if each.entity in entities
        ],
    )


def _corrections(
    connection: view_rows.Connection, point: Point, writer: CorrectionWriter
) -> Iterator[ToldCorrection]:
    """The last corrections that can be told, the newest first."""
    rows = view_rows.latest_entries(connection, point.position, CHANGING, 2 * LATEST)
    told = 0
    for position, type_, data, recorded_at in rows:
        entry = decode(position, type_, data).entry
        sentence = writer.sentence(entry)
        if sentence is not None and isinstance(entry, Correction) and told < LATEST:
            told += 1
            yield ToldCorrection(sentence, entry.reason, position, recorded_at)
