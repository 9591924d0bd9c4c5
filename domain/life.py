"""A fact's own life along K, before preferences and identity are looked at (DESIGN §5)."""

from __future__ import annotations

from typing import Any

from domain.codec import changed
from domain.corrections import (
    DisputeWithdrawn,
    FactCorrected,
    FactCorroborated,
    FactDisputed,
    FactReinstated,
    FactRetracted,
)
from domain.dossier import ALWAYS, Dossier, edges, holds
from domain.facts import Fact
from domain.sources import Citation, Stance


class Life:
    """A fact's own life along K, before preferences and identity are looked at."""

    def __init__(self, dossier: Dossier, fact: str) -> None:
        file = dossier.facts[fact]
        entry = file.first.entry
        assert isinstance(entry, Fact)
        self.entry = entry
        self.effects = [(event.entry, dossier.effect_spans(event)) for event in file.later]
        corroborations = [
            e for event in file.later if isinstance(e := event.entry, FactCorroborated)
        ]
        citations: list[Citation] = list(entry.citations)
        for corroboration in corroborations:
            citations += corroboration.citations
        self.supports = [
            (citation.source, dossier.citation_spans(citation.source))
            for citation in citations
            if citation.stance is Stance.SUPPORTS and fact not in dossier.ignored_facts
        ]
        self.edges = edges(span for _, spans in self.supports for span in spans) | edges(
            span for _, spans in self.effects if spans is not ALWAYS for span in spans
        )
        self._corrected: dict[tuple[int, ...], Fact] = {}

    def sources(self, k: int) -> tuple[str, ...]:
        return tuple(sorted({source for source, spans in self.supports if holds(spans, k)}))

    def retracted(self, k: int) -> bool:
        return isinstance(self._last(k, (FactRetracted, FactReinstated)), FactRetracted)

    def disputed(self, k: int) -> bool:
        return isinstance(self._last(k, (FactDisputed, DisputeWithdrawn)), FactDisputed)

    def is_known(self, k: int) -> bool:
        return any(holds(spans, k) for _, spans in self.supports)

    def counts(self, k: int) -> bool:
        return self.is_known(k) and not self.retracted(k)

    def version(self, k: int) -> Fact:
        """The fact with, key by key, the last change in effect."""
        numbers = tuple(
            number
            for number, (entry, spans) in enumerate(self.effects)
            if isinstance(entry, FactCorrected) and holds(spans, k)
        )
        if numbers not in self._corrected:
            changes: dict[str, Any] = {}
            for number in numbers:
                correction = self.effects[number][0]
                assert isinstance(correction, FactCorrected)
                changes.update(correction.changes)
            corrected = changed(self.entry, changes) if changes else self.entry
            assert isinstance(corrected, Fact)
            self._corrected[numbers] = corrected
        return self._corrected[numbers]

    def _last(self, k: int, kinds: tuple[type, ...]) -> object:
        for entry, spans in reversed(self.effects):
            if isinstance(entry, kinds) and holds(spans, k):
                return entry
        return None
