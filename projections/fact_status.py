"""What has become of a fact at a point of the clocks: whether it counts, and if not, why.

The rules are docs/contract/knowledge.md; a page, an export or the command line reads it here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

import psycopg

from domain.codec import Event
from domain.corrections import FactCorroborated
from domain.dossier import Dossier
from domain.fact_history import Life
from domain.facts import Fact
from domain.sources import Stance
from projections.follower import read_tagged
from projections.related_events import gather_tagged


class FactState(StrEnum):
    """COUNTS; SET_ASIDE for a fact that an editor preferred; CALLED_OFF, an announcement that came
    to nothing; RETRACTED; WITHDRAWN, as its sources are; UNKNOWN, before a source published it."""

    COUNTS = "COUNTS"
    SET_ASIDE = "SET_ASIDE"
    CALLED_OFF = "CALLED_OFF"
    RETRACTED = "RETRACTED"
    WITHDRAWN = "WITHDRAWN"
    UNKNOWN = "UNKNOWN"


class FactAbsence(NamedTuple):
    """A state, and the event that retracted the fact or called it off."""

    state: FactState
    by: Event | None = None


def status_of_absent(
    connection: psycopg.Connection[Any], fact: str, known_at: int, position: int
) -> FactAbsence:
    """Why a fact that the log has by a position neither counts nor is set aside there."""
    with connection.cursor() as cursor:
        events, _ = gather_tagged(
            {f"fact:{fact}"}, lambda tags: read_tagged(cursor, tags, position)
        )
    dossier = Dossier()
    for event in events:
        dossier.take(event)
    stage = Life(dossier, fact).at(known_at)
    by_position = {int(event.position): event for event in events}
    for field, state in (("retracted", FactState.RETRACTED), ("cancelled", FactState.CALLED_OFF)):
        if getattr(stage, field):
            return FactAbsence(state, by_position[stage.newest[field, ""].position])
    was_published = any(
        dossier.known_from(citation.source) <= known_at
        for event in (dossier.facts[fact].first, *dossier.facts[fact].later)
        if isinstance(event.entry, Fact | FactCorroborated)
        for citation in event.entry.citations
        if citation.stance is Stance.SUPPORTS
    )
    return FactAbsence(FactState.WITHDRAWN if was_published else FactState.UNKNOWN)
