"""Facts about facts: what is appended when the record, a source or an entity turns out otherwise.

Nothing is ever edited. What these make of the facts at a point of the clocks is in history.py.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from domain.dates import Edtf
from domain.entities import Aliases, EntityId, Identifiers, Names, check_names
from domain.errors import Refused
from domain.sources import ID, Changes, Citation, Entry, Id, Reliability, SourceId, Stance, Text

FactId = Annotated[str, Meta(pattern=ID, extra={"names": "fact"})]
FactIds = Annotated[tuple[FactId, ...], Meta(min_length=1, max_length=1_000)]
EntityIds = Annotated[tuple[EntityId, ...], Meta(min_length=1, max_length=1_000)]


class Basis(StrEnum):
    """EVIDENCE takes effect from its sources' publication, EDITORIAL only from its position."""

    EVIDENCE = "EVIDENCE"
    EDITORIAL = "EDITORIAL"


class Correction(Entry, frozen=True, kw_only=True):
    """A fact about a fact, a source or an entity."""

    reason: Text
    basis: Basis = Basis.EDITORIAL
    citations: Annotated[tuple[Citation, ...], Meta(max_length=1_000)] = ()

    def check(self) -> None:
        if self.basis is Basis.EVIDENCE and not self.citations:
            raise Refused(
                "EVIDENCE_WITHOUT_CITATION",
                f"{self.id} rests on evidence, so it must cite a source: add citations, or leave "
                "the basis out if it repairs our own slip.",
                field="citations",
            )
        for number, citation in enumerate(self.citations):
            citation.check(number)


class FactCorrection(Correction, frozen=True, kw_only=True):
    """A correction that speaks of one fact."""

    fact: FactId


class FactCorroborated(FactCorrection, frozen=True, kw_only=True):
    """Adds citations to the fact. Each makes it known from its own source's publication on."""

    reason: Text | None = None  # type: ignore[assignment]

    def check(self) -> None:
        if not any(citation.stance is Stance.SUPPORTS for citation in self.citations):
            raise Refused(
                "NO_CITATION",
                f"The corroboration {self.id} needs at least one citation that supports the fact.",
                field="citations",
            )
        super().check()


class HoldingAttested(FactCorrection, frozen=True, kw_only=True):
    """A source says that what the fact started still held on a day."""

    on: Edtf

    def check(self) -> None:
        if self.on.is_interval or self.on.earliest != self.on.latest:
            raise Refused(
                "NOT_A_DAY",
                f"{self.id} attests one day, and «{self.on.text}» is not one: write for example "
                "2014-09-10.",
                field="on",
            )
        if not any(citation.stance is Stance.SUPPORTS for citation in self.citations):
            raise Refused(
                "NO_CITATION",
                f"{self.id} needs at least one citation of a source that says so.",
                field="citations",
            )
        super().check()


class AnnouncementCancelled(FactCorrection, frozen=True, kw_only=True):
    """What the fact announced was called off: it announces no more, and was not wrong."""


class FactDisputed(FactCorrection, frozen=True, kw_only=True):
    """Marks the fact as disputed: it no longer makes anything certain."""


class DisputeWithdrawn(FactCorrection, frozen=True, kw_only=True):
    """Undoes a FactDisputed: the fact is no longer disputed."""


class FactCorrected(FactCorrection, frozen=True, kw_only=True):
    """Gives keys of the fact new values: `when`, `modality`, those that name entities, details."""

    changes: Annotated[Changes, Meta(min_length=1)]


class FactRetracted(FactCorrection, frozen=True, kw_only=True):
    """Takes the fact out: it no longer counts."""


class FactReinstated(FactCorrection, frozen=True, kw_only=True):
    """Undoes a FactRetracted: the fact counts again."""


class FactPreferred(FactCorrection, frozen=True, kw_only=True):
    """An editor's choice: while `fact` counts, the facts in `over` are set aside."""

    over: FactIds

    def check(self) -> None:
        super().check()
        if self.fact in self.over:
            raise Refused(
                "PREFERRED_OVER_ITSELF",
                f"{self.id} prefers the fact {self.fact} over itself: leave it out of `over`.",
                field="over",
            )


class PreferenceWithdrawn(Correction, frozen=True, kw_only=True):
    """Undoes a FactPreferred."""

    preference: Id


class SourceCorrection(Correction, frozen=True, kw_only=True):
    """A correction that speaks of a source."""

    source: SourceId


class SourceWithdrawn(SourceCorrection, frozen=True, kw_only=True):
    """The source's citations stop counting. This is never undone."""


class SourceReassessed(SourceCorrection, frozen=True, kw_only=True):
    """Gives the source a new grade: a reliability, a credibility, or both."""

    reliability: Reliability | None = None
    credibility: Annotated[int, Meta(ge=1, le=6)] | None = None

    def check(self) -> None:
        super().check()
        if self.reliability is None and self.credibility is None:
            raise Refused(
                "NOTHING_CHANGED",
                f"{self.id} gives no grade: add a reliability (A to F) or a credibility (1 to 6).",
                field="reliability",
            )


def _editorial(entry: Correction) -> None:
    if entry.basis is not Basis.EDITORIAL:
        raise Refused(
            "ALWAYS_EDITORIAL",
            f"{type(entry).__name__} mends a slip of ours and is always EDITORIAL: leave the basis "
            "out.",
            field="basis",
        )


class SourceCorrected(SourceCorrection, frozen=True, kw_only=True):
    """Mends a slip in a source's description."""

    changes: Annotated[Changes, Meta(min_length=1)]

    def check(self) -> None:
        super().check()
        _editorial(self)


class EntityCorrected(Correction, frozen=True, kw_only=True):
    """Mends a slip in an entity's description."""

    entity: EntityId
    changes: Annotated[Changes, Meta(min_length=1)]

    def check(self) -> None:
        super().check()
        _editorial(self)
        if isinstance(names := self.changes.get("names"), dict):
            check_names({str(key): str(name) for key, name in names.items()}, within="changes.")


class EntityRenamed(Correction, frozen=True, kw_only=True):
    """New names, aliases or identifiers from the latest day of `when` on, for the languages and
    schemes given."""

    entity: EntityId
    when: Edtf
    names: Names | None = None
    aliases: Aliases | None = None
    identifiers: Identifiers | None = None

    def check(self) -> None:
        super().check()
        if not (self.names or self.aliases or self.identifiers):
            raise Refused(
                "NOTHING_CHANGED",
                f"{self.id} gives nothing new: add names, aliases or identifiers.",
                field="names",
            )
        check_names(self.names or {}, self.aliases)


class EntitiesMerged(Correction, frozen=True, kw_only=True):
    """`entities` turn out to be `into`: their facts are its facts."""

    entities: EntityIds
    into: EntityId


class EntitiesSplit(Correction, frozen=True, kw_only=True):
    """Those in `into`, merged into `entity` before, are entities of their own again."""

    entity: EntityId
    into: EntityIds
