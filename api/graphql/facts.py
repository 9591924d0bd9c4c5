"""Facts in answers: what the row at hand says of one at once, the rest when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from api.graphql.citations import Citation, citations_of
from api.graphql.context import View
from api.graphql.types import (
    DateRange,
    Entity,
    Source,
    computed,
    day,
    entity,
    sources_of,
    written,
)
from domain import corrections as c
from domain.codec import write
from domain.errors import Refused
from domain.facts import Fact as RecordedFact
from domain.facts import Modality
from domain.sources import Citation as GivenCitation
from domain.sources import Day
from projections import lookup
from projections.asof import Row
from projections.fact_status import FactState, status_of_absent

PROOF = 10
"""Objects that a proof counts for: it has some forty hashes, and the checkpoint's text."""

STATUS = 10
"""Objects that the status of a fact that does not count is worth: its events are read."""

strawberry.enum(c.Basis, description=(c.Basis.__doc__ or "").strip())
strawberry.enum(FactState, description=" ".join((FactState.__doc__ or "").split()))


@strawberry.type(description="What has become of a fact, by what is known and recorded.")
class FactStatus:
    state: FactState
    by: strawberry.ID | None = strawberry.field(
        description="The event that retracted it or called it off."
    )
    reason: str | None


@strawberry.type(description="An entity that a fact names, and as what.")
class Subject:
    key: str = strawberry.field(description="The fact's key, such as member.")
    entity: Entity


@strawberry.type(
    name="Known", description="Days of publication, from the first up to but not including until."
)
class PublicationInterval:
    first: Day | None = strawberry.field(name="from", description="Null: since ever.")
    until: Day | None = strawberry.field(description="Null: ever after.")


@strawberry.type(description="Log positions, from the first up to but not including until.")
class RecordedRange:
    first: int = strawberry.field(name="from")
    until: int | None = strawberry.field(description="Null: to this day.")


@strawberry.type(description="A fact as it counts, or is set aside, over a stretch of two clocks.")
class FactVersion:
    when: DateRange
    modality: Modality
    details: JSON
    disputed: bool
    set_aside_by: list[strawberry.ID]
    known: PublicationInterval
    recorded: RecordedRange


@strawberry.type(
    name="Correction", description="A fact about a fact: an event that corrects it or speaks of it."
)
class RecordedCorrection:
    id: strawberry.ID
    type: str
    position: int
    recorded_at: datetime
    actor: str
    basis: c.Basis
    reason: str | None
    changes: JSON | None
    on: DateRange | None = strawberry.field(description="The day that it attests.")
    over: list[strawberry.ID] | None
    preference: strawberry.ID | None
    view: strawberry.Private[View]
    given: strawberry.Private[tuple[GivenCitation, ...]]

    @computed("They support the correction, not the fact.")
    async def citations(self) -> list[Citation]:
        return await citations_of(self.view, self.given)


@strawberry.type(description="A typed, dated, sourced event.")
class Fact:
    id: strawberry.ID
    type: str
    when: DateRange
    view: strawberry.Private[View]

    @computed()
    async def modality(self) -> Modality:
        return Modality((await _content(self.view, self.id)).get("modality", Modality.OCCURRED))

    @computed("The entities that it names, each with its key.")
    async def subjects(self) -> list[Subject]:
        row = await self.view.versions.one(self.id)
        named = list(_named(self.view, self.type, await _content(self.view, self.id)))
        ids = row["subjects"] if row else [name for _, name in named]
        self.view.operation.spend(len(ids))
        found = await self.view.entities.all(ids)
        return [
            Subject(key=key, entity=entity(found[name]))
            for (key, _), name in zip(named, ids, strict=True)
            if name in found
        ]

    @computed("Its other keys, such as value, comparator, measure or gist.")
    async def details(self) -> JSON:
        return JSON(_details(self.view, self.type, await _content(self.view, self.id)))

    @computed()
    async def disputed(self) -> bool:
        row = await self.view.versions.one(self.id)
        return row is not None and row["disputed"]

    @computed("The facts that an editor preferred over it.")
    async def set_aside_by(self) -> list[strawberry.ID]:
        row = await self.view.versions.one(self.id)
        return [] if row is None else row["set_aside_by"]

    @computed("Whether it is known, and neither retracted nor set aside.")
    async def counts(self) -> bool:
        row = await self.view.versions.one(self.id)
        return row is not None and not row["set_aside_by"]

    @computed("Whether it counts, and if not, why.")
    async def status(self) -> FactStatus:
        if row := await self.view.versions.one(self.id):
            state = FactState.SET_ASIDE if row["set_aside_by"] else FactState.COUNTS
            return FactStatus(state=state, by=None, reason=None)
        self.view.operation.spend(STATUS)
        _, k, r = self.view.point
        found = await self.view.operation.in_session(
            lambda connection: status_of_absent(connection, self.id, k, r)
        )
        entry = found.by and found.by.entry
        return FactStatus(
            state=found.state,
            by=None if entry is None else strawberry.ID(entry.id),
            reason=entry.reason if isinstance(entry, c.Correction) else None,
        )

    @computed("Its own and those of its corroborations, known by then.")
    async def citations(self) -> list[Citation]:
        given: list[GivenCitation] = []
        for recorded in await _file(self.view, self.id):
            entry = recorded.event.entry
            if isinstance(entry, RecordedFact) or (
                isinstance(entry, c.FactCorroborated) and entry.fact == self.id
            ):
                given += entry.citations
        return await citations_of(self.view, given)

    @computed(
        "The sources of its supporting citations that count; none while it is retracted or "
        "withdrawn: its `citations` say who said so."
    )
    async def sources(self) -> list[Source]:
        row = await self.view.versions.one(self.id)
        return [] if row is None else await sources_of(self.view, row["sources"])

    @computed("What it was by what had been known and recorded when.")
    async def versions(self) -> list[FactVersion]:
        rows = await self.view.rectangles.one(self.id) or []
        self.view.operation.spend(len(rows))
        return [_version(self.view, row) for row in rows]

    @computed("What was said of it, in the order recorded.")
    async def corrections(self) -> list[RecordedCorrection]:
        file = await _file(self.view, self.id)
        self.view.operation.spend(len(file))
        return [
            _correction(self.view, recorded)
            for recorded in file
            if isinstance(recorded.event.entry, c.Correction)
        ]

    @computed("Its place in the log.")
    async def position(self) -> int:
        return (await _file(self.view, self.id))[0].event.position

    @computed()
    async def recorded_at(self) -> datetime:
        return (await _file(self.view, self.id))[0].recorded_at

    @computed("Who recorded it.")
    async def actor(self) -> str:
        return (await _file(self.view, self.id))[0].event.actor

    @computed("A C2SP tlog-proof of the event that recorded it; null until a checkpoint has it.")
    async def proof(self) -> str | None:
        self.view.operation.spend(PROOF)
        proof = await self.view.proofs.one(self.id)
        return None if proof is None else proof.text


def fact_of_ref(view: View, ref: dict[str, Any]) -> Fact:
    """A fact by what an episode says of it."""
    return Fact(id=strawberry.ID(ref["id"]), type=ref["type"], when=written(ref["when"]), view=view)


def fact_of_row(view: View, row: Row) -> Fact:
    """A fact of a row of `lookup.facts`."""
    version = row["version"]
    return Fact(
        id=strawberry.ID(row["id"]), type=row["type"], when=written(version["when"]), view=view
    )


async def fact_of_id(view: View, name: str) -> Fact:
    """A fact by its id. Refused(UNKNOWN_FACT) if the log has none up to the view's position."""
    file = await view.files.one(name)
    if file is None:
        raise Refused(
            "UNKNOWN_FACT",
            f"The record has no fact {name[:128]!a} at position {view.point.position}: "
            "look it up with facts(entity: …).",
            field="id",
            fact=name[:128],
        )
    entry = file[0].event.entry
    assert isinstance(entry, RecordedFact)
    when = written((await _content(view, name))["when"])
    return Fact(id=strawberry.ID(name), type=type(entry).__name__, when=when, view=view)


async def _file(view: View, fact: str) -> list[lookup.Recorded]:
    file = await view.files.one(fact)
    assert file is not None
    return file


async def _content(view: View, fact: str) -> dict[str, Any]:
    """Its keys as corrected here; of one that is not visible here, as last seen by anyone."""
    if row := await view.versions.one(fact):
        return dict(row["version"])
    if rows := await view.rectangles.one(fact):
        return dict(rows[-1]["version"])
    return write((await _file(view, fact))[0].event.entry)


def _named(view: View, kind: str, content: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Key and id of every entity that a fact names, in the order of its subjects."""
    for key in view.operation.vocabulary.subject_keys(kind):
        value = content.get(key)
        for name in [value] if isinstance(value, str) else value or ():
            yield key, name


def _details(view: View, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    subjects = view.operation.vocabulary.subject_keys(kind)
    shown = {"type", "id", "when", "modality", "citations", *subjects}
    return {key: value for key, value in content.items() if key not in shown}


def _version(view: View, row: Row) -> FactVersion:
    content, known, recorded = row["version"], row["known"], row["recorded"]
    closed = recorded.upper is not None and recorded.upper <= view.point.position
    return FactVersion(
        when=written(content["when"]),
        modality=Modality(content.get("modality", Modality.OCCURRED)),
        details=JSON(_details(view, row["type"], content)),
        disputed=row["disputed"],
        set_aside_by=row["set_aside_by"],
        known=PublicationInterval(first=day(known.lower), until=day(known.upper)),
        recorded=RecordedRange(first=recorded.lower, until=recorded.upper if closed else None),
    )


def _correction(view: View, recorded: lookup.Recorded) -> RecordedCorrection:
    event, entry = recorded.event, recorded.event.entry
    assert isinstance(entry, c.Correction)
    return RecordedCorrection(
        id=strawberry.ID(entry.id),
        type=type(entry).__name__,
        position=event.position,
        recorded_at=recorded.recorded_at,
        actor=event.actor,
        basis=entry.basis,
        reason=entry.reason,
        changes=getattr(entry, "changes", None),
        on=written(entry.on.text) if isinstance(entry, c.HoldingAttested) else None,
        over=getattr(entry, "over", None),
        preference=getattr(entry, "preference", None),
        view=view,
        given=entry.citations,
    )
