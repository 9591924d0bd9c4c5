"""A fact's own life along K, before preferences and identity are looked at.

The rules are docs/contract/knowledge.md#corrections and what follows there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from domain.codec import Event, changed
from domain.corrections import (
    DisputeWithdrawn,
    FactCorrected,
    FactCorroborated,
    FactDisputed,
    FactReinstated,
    FactRetracted,
)
from domain.dates import AFTER_ALL, BEFORE_ALL
from domain.dossier import Dossier, Span, Spans, holds
from domain.facts import Fact
from domain.sources import Citation, Stance


class Stage(NamedTuple):
    """What stands of a fact on a stretch of K: what was said of it that is in effect there."""

    sources: tuple[str, ...] = ()
    changes: dict[str, Any] = {}  # noqa: RUF012 - never changed in place
    retracted: bool = False
    disputed: bool = False

    @property
    def counts(self) -> bool:
        """Whether some source makes it known, and nothing retracts it."""
        return bool(self.sources) and not self.retracted


class Life:
    """The stages of a fact: one begins at each of `cuts`, the last one lasts for ever.

    What is said of the fact next can be taken in too, for as long as no citation of an earlier
    event counts anew. Only the stages in which it is in effect are then looked at again.
    """

    def __init__(self, dossier: Dossier, fact: str) -> None:
        self._dossier = dossier
        entry = dossier.facts[fact].first.entry
        assert isinstance(entry, Fact)
        self.entry = entry
        self.cuts = [BEFORE_ALL]
        self._stages = [Stage()]
        self._taken = 0
        self._versions: dict[int, tuple[dict[str, Any], Fact]] = {}
        self._cites(entry.citations)
        self.carry_on()

    def carry_on(self) -> None:
        """Take in what was said of the fact since."""
        later = self._dossier.facts[self.entry.id].later
        for event in later[self._taken :]:
            self._take(event)
        self._taken = len(later)

    def stages(self) -> Iterator[tuple[Stage, Span]]:
        """The stages with their stretches of K."""
        for number, (first, until) in enumerate(pairwise([*self.cuts, AFTER_ALL])):
            yield self._stages[number], Span(first, until)

    def at(self, k: int) -> Stage:
        """The stage at K."""
        return self._stages[bisect_right(self.cuts, k) - 1]

    def is_known(self, k: int) -> bool:
        """Whether some source has made it known by K."""
        return bool(self.at(k).sources)

    def counts(self, k: int) -> bool:
        """Whether it is known by K and not retracted there."""
        return self.at(k).counts

    def retracted(self, k: int) -> bool:
        """Whether a retraction stands at K."""
        return self.at(k).retracted

    def disputed(self, k: int) -> bool:
        """Whether a dispute stands at K."""
        return self.at(k).disputed

    def version(self, k: int) -> Fact:
        """The fact with, key by key, the last change in effect."""
        return self.version_in(self.at(k))

    def version_in(self, stage: Stage) -> Fact:
        """The fact as of a stage. Refused if its changes together are none that it can have."""
        if not stage.changes:
            return self.entry
        known = self._versions.get(id(stage.changes))
        if known is None:
            corrected = changed(self.entry, stage.changes)
            assert isinstance(corrected, Fact)
            known = self._versions[id(stage.changes)] = stage.changes, corrected
        return known[1]

    def _take(self, event: Event) -> None:
        entry = event.entry
        match entry:
            case FactCorroborated():
                self._cites(entry.citations)
            case FactCorrected():
                self._change(
                    event, lambda now: now._replace(changes={**now.changes, **entry.changes})
                )
            case FactRetracted() | FactReinstated():
                is_so = isinstance(entry, FactRetracted)
                self._change(event, lambda now: now._replace(retracted=is_so))
            case FactDisputed() | DisputeWithdrawn():
                is_it = isinstance(entry, FactDisputed)
                self._change(event, lambda now: now._replace(disputed=is_it))

    def _cites(self, citations: Iterable[Citation]) -> None:
        if self.entry.id in self._dossier.ignored_facts:
            return
        for source in dict.fromkeys([c.source for c in citations if c.stance is Stance.SUPPORTS]):
            self._paint(self._dossier.citation_spans(source), partial(_with_source, source=source))

    def _change(self, event: Event, how: Callable[[Stage], Stage]) -> None:
        self._paint(self._dossier.effect_spans(event), how)

    def _paint(self, spans: Spans, how: Callable[[Stage], Stage]) -> None:
        """Change what stands where some spans are, which may overlap."""
        for span in spans:
            for day in span:
                place = bisect_right(self.cuts, day) - 1
                if day != AFTER_ALL and self.cuts[place] != day:
                    self.cuts.insert(place + 1, day)
                    self._stages.insert(place + 1, self._stages[place])
        painted: dict[int, tuple[Stage, Stage]] = {}
        for number, first in enumerate(self.cuts):
            if holds(spans, first):
                stage = self._stages[number]
                if id(stage) not in painted:
                    painted[id(stage)] = stage, how(stage)
                self._stages[number] = painted[id(stage)][1]


class Lives:
    """The lives of a dossier's facts as of its last event, each looked at again from where it was:
    to begin anew for each of many corrections of a fact would take the cube of their number."""

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        self._kept: dict[str, Life] = {}
        self._recounted = dossier.recounted

    def of(self, fact: str) -> Life:
        """The life of a fact that the dossier has."""
        if self._recounted != self.dossier.recounted:
            self._recounted = self.dossier.recounted
            self._kept.clear()
        life = self._kept.get(fact)
        if life is None:
            life = self._kept[fact] = Life(self.dossier, fact)
        else:
            life.carry_on()
        return life


def _with_source(stage: Stage, source: str) -> Stage:
    if source in stage.sources:
        return stage
    return stage._replace(sources=tuple(sorted((*stage.sources, source))))
