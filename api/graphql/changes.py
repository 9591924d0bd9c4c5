"""What changed and why: `diff` of two points of the clocks, `why` of a fact, `explain` of a row."""

# No `from __future__ import annotations`: the annotations are read as objects.

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from api.graphql.arguments import USUAL_PAGE, After, First, Info, page_size, root_field
from api.graphql.context import Operation, View
from api.graphql.facts import Fact, fact_of_id
from api.graphql.types import (
    DateRange,
    Entity,
    PageInfo,
    Source,
    bounds,
    computed,
    day,
    entity,
    page_info,
    sources_of,
)
from domain.codec import Event
from domain.corrections import Basis
from domain.dates import MAX_DAY, Edtf, iso_of, parse
from domain.errors import Refused
from domain.facts import EXISTENCE, FLUENTS
from domain.point import Clocks, Point
from domain.sources import Day
from domain.standing import Standing
from domain.versions import FluentKey
from projections.asof import read_cursor
from projections.diff import Change, Difference, first_of
from projections.diff_causes import Cause
from projections.diff_rows import FluentState
from projections.explain import explain as explained
from projections.why import Turn
from projections.why import why as life_of

for _closed_set in (Change, Cause, Basis):
    strawberry.enum(_closed_set, description=(_closed_set.__doc__ or "").strip())

# Each schema gives it the values of its own vocabulary: to the type checker it is an Any.
Question: Any = strawberry.enum(
    Enum("Question", {fluent.question.upper(): fluent.name for fluent in FLUENTS.values()}),  # type: ignore[call-overload]
    description="The as-of questions that ask a scope for its subjects.",
)


@strawberry.input(description="A point of the clocks, each as if at a field of its own.")
class AsOf:
    as_of: Edtf | None = strawberry.UNSET
    known_at: Day | None = strawberry.UNSET
    recorded_at: datetime | None = strawberry.UNSET
    at_position: int | None = strawberry.UNSET


async def view_at(operation: Operation, at: AsOf) -> View:
    """The view at a point. Refused as the clocks of a field are."""
    # What was left out is UNSET, which is false; a position of 0 is not left out.
    position = None if at.at_position is strawberry.UNSET else at.at_position
    known = None if at.known_at is strawberry.UNSET else at.known_at
    clocks = Clocks(at.as_of or None, known, at.recorded_at or None, position)
    return await operation.view(clocks)


@strawberry.type(name="Moment", description="A point of the clocks, as it was understood.")
class PointUnderstood:
    as_of: Edtf
    known_at: Day | None = strawberry.field(description="Null: by everything published so far.")
    position: int


def moment(point: Point) -> PointUnderstood:
    """A point in words."""
    text = iso_of(point.as_of.earliest)
    if point.as_of.latest != point.as_of.earliest:
        text = f"{text}/{iso_of(point.as_of.latest)}"
    known = None if point.known_at == MAX_DAY else Day(point.known_at)
    return PointUnderstood(as_of=parse(text), known_at=known, position=point.position)


@strawberry.type(description="An event of the log.")
class LoggedEvent:
    id: strawberry.ID
    type: str
    position: int


def logged(event: Event) -> LoggedEvent:
    """An event by its id, type and place."""
    name = type(event.entry).__name__
    return LoggedEvent(id=strawberry.ID(event.entry.id), type=name, position=event.position)


@strawberry.type(description="What a row says at one of the points.")
class RowState:
    standing: Standing
    contested: bool
    since: DateRange
    until: DateRange | None
    announced_ends: list[DateRange]


def row_state(state: FluentState | None) -> RowState | None:
    """A state as the answer has it."""
    if state is None:
        return None
    return RowState(
        standing=state.standing,
        contested=state.contested,
        since=bounds(*state.since),
        until=bounds(*state.until) if state.until else None,
        announced_ends=[bounds(*end) for end in state.announced_ends],
    )


@strawberry.type(description="A row that differs between two points, and why.")
class RowChange:
    question: Question
    change: Change
    before: RowState | None
    after: RowState | None
    causes: list[Cause]
    events: list[LoggedEvent] = strawberry.field(description="Those responsible, in log order.")
    view: strawberry.Private[View]
    difference: strawberry.Private[Difference]

    @computed()
    async def scope(self) -> Entity:
        return entity((await self.view.entities.many([self.difference.key.scope]))[0])

    @computed()
    async def subject(self) -> Entity:
        return entity((await self.view.entities.many([self.difference.key.subject]))[0])

    @computed("The sources that the events cite.")
    async def sources(self) -> list[Source]:
        return await sources_of(self.view, list(self.difference.sources))


@strawberry.type
class RowChangeEdge:
    cursor: str
    node: RowChange


@strawberry.type(description="A page of the rows that differ between two points.")
class Diff:
    from_: PointUnderstood = strawberry.field(name="from")
    to: PointUnderstood
    page_info: PageInfo
    edges: list[RowChangeEdge]


def _cursor(difference: Difference) -> str:
    text = json.dumps(["/".join(difference.key), difference.key.fluent])
    return base64.urlsafe_b64encode(text.encode()).decode()


def place_of(after: str | None) -> FluentKey | None:
    """The fluent after which a page begins. Refused(BAD_CURSOR) if the cursor is none of ours."""
    if after is None:
        return None
    place, _ = read_cursor(after)
    if place.count("/") != 2:
        raise Refused(
            "BAD_CURSOR",
            "The cursor is not one of ours: pass on an endCursor as it came, or leave it out.",
            field="after",
        )
    return FluentKey(*place.split("/"))


def diff_page(
    found: Sequence[Difference], views: tuple[View, View], first: int | None, after: str | None
) -> Diff:
    """A page of differences, of those found after the cursor up to one more than the page has.

    Entities and sources are shown as at the later position.
    """
    size = page_size(first)
    old, new = views
    shown = old if old.point.position > new.point.position else new
    edges = [
        RowChangeEdge(
            cursor=_cursor(difference),
            node=RowChange(
                question=difference.key.fluent,
                change=difference.change,
                before=row_state(difference.before),
                after=row_state(difference.after),
                causes=list(difference.causes),
                events=[logged(event) for event in difference.events],
                view=shown,
                difference=difference,
            ),
        )
        for difference in found[:size]
    ]
    shown.operation.spend(sum(1 + len(edge.node.events) for edge in edges))
    return Diff(
        from_=moment(old.point),
        to=moment(new.point),
        page_info=page_info([edge.cursor for edge in edges], after, len(found) > size),
        edges=edges,
    )


async def _diff(
    info: Info,
    from_: Annotated[AsOf, strawberry.argument(name="from")],
    to: AsOf,
    entity: strawberry.ID | None = strawberry.UNSET,
    first: First = USUAL_PAGE,
    after: After = strawberry.UNSET,
) -> Diff:
    operation = info.context
    old, new = await view_at(operation, from_), await view_at(operation, to)
    entities = None
    if entity:
        views = old, new
        entities = list({entity, *[await view.canonical(entity, "entity") for view in views]})
    size, place = page_size(first) + 1, place_of(after or None)
    found = await operation.in_session(
        lambda connection: first_of(connection, size, entities, old.point, new.point, after=place)
    )
    return diff_page(found, (old, new), first, after or None)


@strawberry.type(description="Something recorded that bears on a fact.")
class LifeEvent:
    position: int
    recorded_at: datetime
    known_from: Day | None = strawberry.field(
        description="Its effect on the publication clock begins; null for every day, or for none."
    )
    event: LoggedEvent
    actor: str
    basis: Basis | None
    reason: str | None
    effect: str = strawberry.field(description="What it does to the fact, in words.")
    view: strawberry.Private[View]
    cited: strawberry.Private[list[str]]

    @computed()
    async def sources(self) -> list[Source]:
        return await sources_of(self.view, self.cited)


@strawberry.type(description="The life of a fact on the publication and record clocks.")
class Why:
    fact: Fact
    life: list[LifeEvent]


def _life_event(view: View, turn: Turn) -> LifeEvent:
    return LifeEvent(
        position=turn.event.position,
        recorded_at=turn.event.recorded_at,
        known_from=day(turn.known_from),
        event=logged(turn.event),
        actor=turn.event.actor,
        basis=turn.basis,
        reason=turn.reason,
        effect=turn.effect,
        view=view,
        cited=list(turn.sources),
    )


async def _why(info: Info, fact: strawberry.ID) -> Why:
    view = await info.context.view(Clocks())
    turns = await info.context.in_session(
        lambda connection: life_of(connection, fact, view.point.position)
    )
    info.context.spend(len(turns))
    return Why(fact=await fact_of_id(view, fact), life=[_life_event(view, turn) for turn in turns])


@strawberry.type(description="An event that a row needs, and what it does for it.")
class NeededEvent(LoggedEvent):
    role: str


@strawberry.type(description="Why a row is as it is: the least of the log that yields it.")
class Explanation:
    standing: Standing | None = strawberry.field(description="Null where it does not hold.")
    rule: str
    events: list[NeededEvent]


async def _explain(
    view: View, question: Question, scope: strawberry.ID, subject: strawberry.ID
) -> Explanation:
    fluent = view.operation.vocabulary.fluents[question]
    sides = await view.canonical(scope, "scope"), await view.canonical(subject, "subject")
    key = FluentKey(fluent.name, *sides)
    if fluent.name == EXISTENCE.name and key.scope != key.subject:
        raise Refused(
            "BAD_SCOPE",
            "That an organisation exists has it as scope and subject both: give the same id twice.",
            field="scope",
        )
    found = await view.operation.in_session(
        lambda connection: explained(connection, key, view.point)
    )
    return Explanation(
        standing=found.standing,
        rule=found.rule,
        events=[NeededEvent(role=role, **vars(logged(event))) for event, role in found.events],
    )


ROOT_FIELDS = [
    strawberry.field(
        resolver=_diff, name="diff", description="The rows that differ between two points, and why."
    ),
    strawberry.field(
        resolver=_why, name="why", description="All that was recorded of a fact, and what it did."
    ),
    root_field("explain", _explain, "Why a row is as it is."),
]
