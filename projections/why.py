"""The life of a fact on the publication and record clocks: what was recorded of it, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg

from domain.codec import Event
from domain.corrections import (
    AnnouncementCancelled,
    Basis,
    Correction,
    DisputeWithdrawn,
    EntitiesMerged,
    FactCorrected,
    FactCorroborated,
    FactDisputed,
    FactPreferred,
    FactReinstated,
    FactRetracted,
    HoldingAttested,
    SourceCorrected,
    SourceWithdrawn,
)
from domain.dates import AFTER_ALL, MAX_DAY
from domain.dossier import Dossier
from domain.errors import Refused
from domain.event_stream import citations_of
from domain.facts import Fact
from domain.history import History
from domain.kinship import identified
from domain.sources import Stance
from projections.follower import read_tagged
from projections.related_events import gather_tagged


class Turn(NamedTuple):
    """Something recorded that bears on a fact. `known_from` is a day of K, None for every or no K.

    `effect` says in words what it does to the fact.
    """

    event: Event
    known_from: int | None
    basis: Basis | None
    reason: str | None
    effect: str
    sources: tuple[str, ...]


def why(connection: psycopg.Connection[Any], fact: str, upto: int) -> list[Turn]:
    """The life of a fact up to a position, in log order. Refused(UNKNOWN_FACT)."""
    with connection.cursor() as cursor:
        events, _ = gather_tagged({f"fact:{fact}"}, lambda tags: read_tagged(cursor, tags, upto))
    dossier = Dossier()
    for event in events:
        dossier.take(event)
    if fact not in dossier.facts:
        raise Refused("UNKNOWN_FACT", f"The record has no fact {fact[:128]!a}.", field="fact")
    turns = [_turn(dossier, event, effect) for event, effect in _effects(dossier, fact)]
    return sorted(turns, key=lambda turn: turn.event.position)


def _turn(dossier: Dossier, event: Event, effect: str) -> Turn:
    entry = event.entry
    citations = citations_of(entry)
    # These have no basis: each of their citations counts from its own day on.
    has_basis = not isinstance(entry, Fact | FactCorroborated | HoldingAttested)
    is_editorial = has_basis and isinstance(entry, Correction) and entry.basis is Basis.EDITORIAL
    counting = [
        citation for citation in citations if has_basis or citation.stance is Stance.SUPPORTS
    ]
    first = min((dossier.known_from(c.source) for c in counting), default=AFTER_ALL)
    return Turn(
        event,
        first if not is_editorial and first != AFTER_ALL else None,
        entry.basis if isinstance(entry, Correction) else None,
        entry.reason if isinstance(entry, Correction) else None,
        effect,
        tuple(dict.fromkeys(citation.source for citation in citations)),
    )


def _effects(dossier: Dossier, fact: str) -> Iterator[tuple[Event, str]]:
    """Every event that bears on the fact, with what it does, in words."""
    file = dossier.facts[fact]
    yield file.first, "recorded"
    for event in file.later:
        yield event, _word(event)
    for event in dossier.preferring[fact]:
        assert isinstance(event.entry, FactPreferred)
        yield event, f"preferred over {', '.join(event.entry.over)}"
    for event in dossier.preferred_over[fact]:
        assert isinstance(event.entry, FactPreferred)
        yield event, f"set aside for {event.entry.fact}"
    for preference in [*dossier.preferring[fact], *dossier.preferred_over[fact]]:
        for event in dossier.withdrawals[preference.entry.id]:
            yield event, f"preference {preference.entry.id} withdrawn"
    cited = {
        citation.source: None
        for event in (file.first, *file.later)
        for citation in citations_of(event.entry)
    }
    for source in cited:
        for event in dossier.sources[source].later:
            if isinstance(event.entry, SourceWithdrawn):
                yield event, f"source {source} withdrawn: its citations count no longer"
            elif isinstance(event.entry, SourceCorrected) and "published" in event.entry.changes:
                yield event, f"source {source} dated anew"
    mentioned = dossier.mentioned[fact]
    for event in dossier.identities_of(mentioned):
        if identified(event.entry) & mentioned:
            merged = isinstance(event.entry, EntitiesMerged)
            yield event, "its subject merged" if merged else "its subject split"
    for other in _contesting(dossier, fact):
        yield dossier.facts[other].first, "contests it"


def _word(event: Event) -> str:
    match event.entry:
        case FactCorroborated():
            return "corroborated"
        case FactDisputed():
            return "disputed"
        case DisputeWithdrawn():
            return "dispute withdrawn"
        case FactCorrected(changes=changes):
            return f"corrected: {', '.join(changes)}"
        case FactRetracted():
            return "retracted"
        case FactReinstated():
            return "reinstated"
        case HoldingAttested(on=on):
            return f"attested on {on.text}"
        case AnnouncementCancelled():
            return "called off"
        case entry:
            raise TypeError(f"{type(entry).__name__} is no correction of a fact")


def _contesting(dossier: Dossier, fact: str) -> set[str]:
    """The facts that give the same episode a date which contradicts this one's, as known now."""
    history = History(dossier)
    history.settle()
    found: set[str] = set()
    for stretches in history.intervals.values():
        for each in stretches:
            interval = each.item
            names = {ref.id for ref in interval.facts}
            if fact not in names or not each.first <= MAX_DAY < each.until:
                continue
            others = {a.fact.id for a in interval.alternatives if a.fact.id in names}
            found |= names - others if fact in others else others
    return found - {fact}
