"""What a page says by name where the record has ids: events, facts, and who is quoted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from markupsafe import Markup
from starlette.requests import Request

from api.addresses import PageAddress
from api.costly_pool import STATUSES
from api.export.nodes import Nodes
from api.language.labels import RecordLabels
from api.language.words import words
from api.web.correction_sentences import CorrectionWriter, day_before
from api.web.page_queries import read, words_of
from domain.codec import decode
from domain.corrections import EntityRenamed, FactCorrection
from domain.entities import EntityRegistered
from domain.errors import Refused
from domain.facts import Fact
from domain.sources import Entry, SourceRegistered
from projections import view_rows


class FoundNames(NamedTuple):
    """Sentences of events by position and of entries by id, titles of facts and names of entities
    by id. What the record can't name is left out."""

    events: Mapping[int, Markup] = MappingProxyType({})
    entries: Mapping[str, Markup] = MappingProxyType({})
    facts: Mapping[str, Markup] = MappingProxyType({})
    entities: Mapping[str, str] = MappingProxyType({})


async def named_in(
    request: Request,
    state: PageAddress,
    position: int,
    *,
    events: Iterable[int] = (),
    facts: Iterable[str] = (),
    entities: Iterable[str] = (),
    entries: Iterable[Entry] = (),
) -> FoundNames:
    """The names of these at a page's point; none while costly questions are too many.

    `entries` need not be recorded.
    """
    asked = sorted(set(events)), sorted(set(facts)), sorted(set(entities))
    unrecorded = list(entries)
    if not any((*asked, unrecorded)):
        return FoundNames()

    def named(connection: view_rows.Connection) -> FoundNames:
        called = RecordLabels(words(state.lang), words_of(request))
        nodes = Nodes(connection, state.point(position), state.lang, called.vocabulary)
        writer = CorrectionWriter(nodes, state, called)
        recorded = {
            at: decode(at, stored_type, data).entry
            for at, stored_type, data in view_rows.entries_at(connection, asked[0])
        }
        told = [*recorded.values(), *unrecorded]
        corrected = (each.fact for each in told if isinstance(each, FactCorrection))
        own = (each.id for each in told if isinstance(each, Fact))
        nodes.remember_facts({*asked[1], *own, *corrected})
        nodes.known_sources(each.id for each in told if isinstance(each, SourceRegistered))
        nodes.entities(each.id for each in told if isinstance(each, EntityRegistered))
        nodes.remember_names(day_before(each) for each in told if isinstance(each, EntityRenamed))
        said = ((at, writer.any_event(entry)) for at, entry in recorded.items())
        more = ((entry.id, writer.any_event(entry)) for entry in unrecorded)
        titles = ((name, writer.fact(name)) for name in asked[1])
        people = nodes.entities(asked[2])
        return FoundNames(
            {at: sentence for at, sentence in said if sentence is not None},
            {name: sentence for name, sentence in more if sentence is not None},
            {name: title for name, title in titles if title is not None},
            {name: node["name"] for name, node in people.items()},
        )

    try:
        return await read(request, named)
    except Refused as refused:
        if refused.code not in STATUSES:
            raise
        return FoundNames()
