"""A fact's own life along K, before preferences and identity are looked at.

The rules are docs/contract/knowledge.md#corrections and what follows there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

from domain.codec import Event, changed
from domain.corrections import (
    AnnouncementCancelled,
    DisputeWithdrawn,
    FactCorrected,
    FactCorroborated,
    FactDisputed,
    FactReinstated,
    FactRetracted,
    HoldingAttested,
)
from domain.dates import AFTER_ALL, BEFORE_ALL
from domain.dossier import Dossier
from domain.facts import Fact, Modality
from domain.kinship import Order
from domain.sources import Citation, Stance
from domain.spans import DaySpan, Spans, holds


class Stage:
    """What holds of a fact on a stretch of K, by what was said of it and is in effect there.

    `newest` has the order of the correction that set each value: by changed key, and by the names
    of the fields here. A stage never changes.
    """

    __slots__ = (
        "attested", "cancelled", "changes", "disputed", "newest", "retracted", "sources",
    )  # fmt: skip

    def __init__(
        self,
        sources: tuple[str, ...],
        changes: dict[str, Any],
        retracted: bool,
        disputed: bool,
        cancelled: bool,
        attested: int | None,
        newest: dict[tuple[str, str], Order],
    ) -> None:
        self.sources = sources
        self.changes = changes
        self.retracted = retracted
        self.disputed = disputed
        self.cancelled = cancelled
        self.attested = attested
        self.newest = newest

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Stage)
            and self.sources == other.sources
            and self.changes == other.changes
            and self.retracted == other.retracted
            and self.disputed == other.disputed
            and self.cancelled == other.cancelled
            and self.attested == other.attested
            and self.newest == other.newest
        )

    def with_newer(self, field: str, key: str, value: Any, order: Order) -> Stage:
        """This stage with a value, unless what it has is newer."""
        had = self.newest.get((field, key))
        if had is not None and had > order:
            return self
        stage = self._copy()
        stage.newest = {**self.newest, (field, key): order}
        if field == "changes":
            stage.changes = {**self.changes, key: value}
        elif field == "retracted":
            stage.retracted = value
        elif field == "disputed":
            stage.disputed = value
        else:
            stage.cancelled = value
        return stage

    def with_source(self, source: str) -> Stage:
        """This stage with a source that supports the fact."""
        if source in self.sources:
            return self
        stage = self._copy()
        stage.sources = tuple(sorted((*self.sources, source)))
        return stage

    def with_attested(self, day: int) -> Stage:
        """This stage with a day on which a source says that the fact's fluent still held."""
        if self.attested is not None and self.attested >= day:
            return self
        stage = self._copy()
        stage.attested = day
        return stage

    def _copy(self) -> Stage:
        return Stage(
            self.sources, self.changes, self.retracted, self.disputed, self.cancelled,
            self.attested, self.newest,
        )  # fmt: skip


class Life:
    """The stages of a fact: one begins at each of `cuts`, the last one lasts for ever.

    Later corrections can be taken in too, for as long as no citation of an earlier event counts
    anew. Only the stages in which they are in effect are worked out again.
    """

    def __init__(self, dossier: Dossier, fact: str) -> None:
        self._dossier = dossier
        entry = dossier.facts[fact].first.entry
        assert isinstance(entry, Fact)
        self.entry = entry
        self.cuts = [BEFORE_ALL]
        self._stages = [Stage((), {}, False, False, False, None, {})]
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

    def stages(self) -> Iterator[tuple[Stage, DaySpan]]:
        """The stages with their stretches of K."""
        for number, (first, until) in enumerate(pairwise([*self.cuts, AFTER_ALL])):
            yield self._stages[number], DaySpan(first, until)

    def at(self, k: int) -> Stage:
        """The stage at K."""
        return self._stages[bisect_right(self.cuts, k) - 1]

    def is_known(self, k: int) -> bool:
        """Whether some source has made it known by K."""
        return bool(self.at(k).sources)

    def counts(self, k: int) -> bool:
        """Whether it is known by K, and neither retracted nor called off there."""
        return self.counts_in(self.at(k))

    def counts_in(self, stage: Stage) -> bool:
        """Whether it counts in a stage, preferences left out of account."""
        if not stage.sources or stage.retracted:
            return False
        return not stage.cancelled or self.version_in(stage).modality is Modality.OCCURRED

    def cancelled(self, k: int) -> bool:
        """Whether its announcement is called off at K."""
        return self.at(k).cancelled

    def retracted(self, k: int) -> bool:
        """Whether a retraction stands at K."""
        return self.at(k).retracted

    def disputed(self, k: int) -> bool:
        """Whether a dispute stands at K."""
        return self.at(k).disputed

    def version(self, k: int) -> Fact:
        """The fact with, key by key, the newest change in effect."""
        return self.version_in(self.at(k))

    def version_in(self, stage: Stage) -> Fact:
        """The fact as of a stage. Refused if its changes together are none that it can have."""
        if not stage.changes:
            return self.entry
        known = self._versions.get(id(stage.changes))
        if known is None:
            kind = self._dossier.facts[self.entry.id].fact_type()
            corrected = changed(self.entry, stage.changes, kind)
            assert isinstance(corrected, Fact)
            known = self._versions[id(stage.changes)] = stage.changes, corrected
        return known[1]

    def _take(self, event: Event) -> None:
        entry = event.entry
        match entry:
            case FactCorroborated():
                self._cites(entry.citations)
            case FactCorrected():
                self._change(event, "changes", entry.changes)
            case FactRetracted() | FactReinstated():
                self._change(event, "retracted", {"": isinstance(entry, FactRetracted)})
            case FactDisputed() | DisputeWithdrawn():
                self._change(event, "disputed", {"": isinstance(entry, FactDisputed)})
            case AnnouncementCancelled():
                self._change(event, "cancelled", {"": True})
            case HoldingAttested():
                day = entry.on.latest
                self._paint(
                    self._dossier.support_spans(event), lambda stage, _: stage.with_attested(day)
                )

    def _cites(self, citations: Iterable[Citation]) -> None:
        if self.entry.id in self._dossier.ignored_facts:
            return
        for source in dict.fromkeys([c.source for c in citations if c.stance is Stance.SUPPORTS]):
            self._paint(self._dossier.citation_spans(source), partial(_with_source, source=source))

    def _change(self, event: Event, field: str, values: Mapping[str, Any]) -> None:
        """Set a field of the stages in which a correction is in effect, where it is the newest."""

        def changed_stage(stage: Stage, k: int) -> Stage:
            order = self._dossier.order(event, k)
            assert order is not None
            for key, value in values.items():
                stage = stage.with_newer(field, key, value, order)
            return stage

        self._paint(self._dossier.effect_spans(event), changed_stage)

    def _paint(self, spans: Spans, how: Callable[[Stage, int], Stage]) -> None:
        """Change what stands where some spans are, which may overlap."""
        for span in spans:
            for day in span:
                place = bisect_right(self.cuts, day) - 1
                if day != AFTER_ALL and self.cuts[place] != day:
                    self.cuts.insert(place + 1, day)
                    self._stages.insert(place + 1, self._stages[place])
        painted: list[tuple[Stage, Stage]] = []
        for number, first in enumerate(self.cuts):
            if holds(spans, first):
                was = self._stages[number]
                stage = how(was, first)
                if painted and painted[-1][0] is was and painted[-1][1] == stage:
                    stage = painted[-1][1]  # like stages are one object
                painted.append((was, stage))
                self._stages[number] = stage


class Lives:
    """The lives of a dossier's facts as of its last event. Each carries on from where it was:
    beginning anew with each correction would take time that grows with the cube of their number."""

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


def _with_source(stage: Stage, k: int, source: str) -> Stage:
    return stage.with_source(source)
