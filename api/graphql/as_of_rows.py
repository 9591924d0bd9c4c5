"""What the as-of questions answer with: for each a connection of nodes that hold or may hold.

The questions are made of a vocabulary, so that nothing here lists them again.
"""

# No `from __future__ import annotations`: the annotations of what is made here are objects.

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import strawberry

from api.graphql.arguments import page_size
from api.graphql.context import View
from api.graphql.facts import Fact, fact_of_ref
from api.graphql.types import (
    DateRange,
    Entity,
    PageInfo,
    Source,
    bounds,
    computed,
    day,
    page_info,
    source,
    sources_of,
    written,
)
from domain.dates import Edtf
from domain.entities import EntityKind
from domain.facts import EXISTENCE, FLUENTS, MEMBERSHIP, Fluent
from domain.sources import Day
from domain.standing import Standing
from domain.vocabulary import CORE, Vocabulary
from projections import asof
from projections.asof import Row


class Question(NamedTuple):
    """A fluent asked from one side: `asked` is the argument's name, `answers` the node's."""

    name: str
    fluent: Fluent
    inverse: bool

    @property
    def asked(self) -> str:
        return self.fluent.subject if self.inverse else self.fluent.scope

    @property
    def answers(self) -> str:
        return self.fluent.scope if self.inverse else self.fluent.subject

    @property
    def made_as(self) -> "Question":
        """The core's question whose types its answer is made of."""
        return self if self.fluent.name in FLUENTS else COPIED

    @property
    def description(self) -> str:
        fluent = self.fluent
        if fluent.name == EXISTENCE.name:
            return "The organisations, commands, forces, funds and coalitions that exist."
        return f"Of {fluent.name}({fluent.scope}, {fluent.subject}): the {self.asked} is given."

    @property
    def type_name(self) -> str:
        return self.name[0].upper() + self.name[1:]


def questions_in(vocabulary: Vocabulary) -> list[Question]:
    """The questions that a vocabulary has."""
    return [Question(*each) for each in vocabulary.questions]


QUESTIONS = questions_in(CORE)
"""Those that every record has."""
COPIED = QUESTIONS[0]
"""A record's own questions are copies of this one in GraphQL."""


@strawberry.type(name="Alternative", description="A date that an episode does not go by.")
class AlternativeDate:
    since: DateRange | None
    until: DateRange | None
    facts: list[Fact]
    set_aside: bool = strawberry.field(description="By an editor; else it contradicts.")
    view: strawberry.Private[View]
    cited: strawberry.Private[list[str]]

    @computed()
    async def sources(self) -> list[Source]:
        return await sources_of(self.view, self.cited)


@strawberry.type(description="An end that a source announces. It changes no standing.")
class AnnouncedEnd:
    edtf: Edtf | None
    earliest: Day | None
    latest: Day | None
    facts: list[Fact]
    view: strawberry.Private[View]
    cited: strawberry.Private[list[str]]

    @computed()
    async def sources(self) -> list[Source]:
        return await sources_of(self.view, self.cited)


@strawberry.interface(description="Something that holds, and the episode that says so.")
class Held:
    standing: Standing
    contested: bool = strawberry.field(description="Whether sources contradict each other.")
    disputed: bool = strawberry.field(description="Whether every fact of its start is.")
    alternatives: list[AlternativeDate] = strawberry.field(
        description="Dates that contradict, or that an editor set aside."
    )
    announced_ends: list[AnnouncedEnd] = strawberry.field(
        description="The ends announced for the episode."
    )
    attested: Day | None = strawberry.field(
        description="The last day on which a source says that it still held; null once it ended."
    )
    since: DateRange
    until: DateRange | None = strawberry.field(description="Null while it is open.")
    facts: list[Fact] = strawberry.field(description="Those that started or ended it.")
    view: strawberry.Private[View]
    cited: strawberry.Private[list[str]]

    @computed("The sources of those facts, as known by then.")
    async def sources(self) -> list[Source]:
        return await sources_of(self.view, self.cited)


@strawberry.type(description="What a source reported the count to be.")
class ReportedCount:
    value: int
    comparator: str = strawberry.field(description="= > >= < <= or ~ (about).")
    when: DateRange
    source: Source


@strawberry.type(description="Of the whole answer, not of the page of it.")
class Count:
    certain: int
    possible: int
    announced: int
    view: strawberry.Private[View]
    coalition: strawberry.Private[str | None]

    @computed("The counts reported for the latest day on or before asOf, one a source.")
    async def reported(self) -> list[ReportedCount]:
        if self.coalition is None:
            return []
        async with self.view.operation.connection() as connection:
            rows = await asof.reported_counts(connection, self.coalition, self.view.point)
        self.view.operation.spend(len(rows))
        cited = await self.view.sources.all([row["source"] for row in rows])
        return [
            ReportedCount(
                value=row["value"],
                comparator=row["comparator"],
                when=written(row["when"]),
                source=source(cited[row["source"]]),
            )
            for row in rows
        ]


class Types(NamedTuple):
    """The types of one question's answer."""

    node: Any
    edge: Any
    connection: Any


def types_of(question: Question) -> Types:
    """The types of a question's answer."""
    made_as = question.made_as
    return types_named(made_as.type_name, made_as.answers)


@cache
def types_named(name: str, *entities: str, about: str | None = None) -> Types:
    """The types of an answer whose nodes have these entities, with what is said about a node."""
    node = _made(f"{name}Node", dict.fromkeys(entities, Entity), Held, about=about)
    edge = _made(f"{name}Edge", {"cursor": str, "node": node})
    position = strawberry.field(description="The log position that it was answered at.")
    connection = _made(
        f"{name}Connection",
        {"position": int, "count": Count, "page_info": PageInfo, "edges": list[edge]},  # type: ignore[valid-type]
        position=position,
    )
    return Types(node, edge, connection)


def _made(
    name: str, fields: dict[str, Any], *parents: type, about: str | None = None, **described: Any
) -> Any:
    namespace = {"__annotations__": fields, "__module__": __name__, **described}
    return strawberry.type(type(name, parents, namespace), description=about)


def held_fields(view: View, row: Row) -> dict[str, Any]:
    """What every node has of a row."""
    facts = row["facts"]
    alternatives = row["alternatives"]
    ends = row["announced_ends"]
    view.operation.spend(1 + len(facts) + len(alternatives) + len(ends))
    until = bounds(row["until"], row["end_earliest"], row["end_latest"]) if row["ended"] else None
    return {
        "standing": Standing(row["standing"]),
        "contested": row["contested"],
        "disputed": row["disputed"],
        "since": bounds(row["since"], row["start_earliest"], row["start_latest"]),
        "until": until,
        "facts": [fact_of_ref(view, ref) for ref in facts],
        "alternatives": [_alternative(view, each) for each in alternatives],
        "announced_ends": [_announced_end(view, each) for each in ends],
        "attested": day(row["attested"]),
        "view": view,
        "cited": row["sources"],
    }


def _alternative(view: View, row: Row) -> AlternativeDate:
    since, until = (
        bounds(side["edtf"], side["earliest"], side["latest"]) if side else None
        for side in (row["since"], row["until"])
    )
    return AlternativeDate(
        since=since,
        until=until,
        facts=[fact_of_ref(view, row["fact"])],
        set_aside=row["setAside"],
        view=view,
        cited=row["sources"],
    )


def _announced_end(view: View, row: Row) -> AnnouncedEnd:
    until = row["until"]
    written_as = bounds(until["edtf"], until["earliest"], until["latest"])
    return AnnouncedEnd(
        edtf=written_as.edtf,
        earliest=written_as.earliest,
        latest=written_as.latest,
        facts=[fact_of_ref(view, row["fact"])],
        view=view,
        cited=row["sources"],
    )


async def answer(
    types: Types,
    view: View,
    fluent: Fluent,
    asked: str | None,
    node: Callable[[Row], Any],
    *,
    inverse: bool,
    kind: EntityKind | None = None,
    standings: Sequence[Standing] | None = None,
    lang: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Any:
    """The connection of what a fluent holds of a canonical id, of None of all. An `inverse`
    question asks a subject for its scopes."""
    async with view.operation.connection() as connection:
        page = await asof.held(
            connection,
            fluent,
            asked,
            view.point,
            inverse=inverse,
            kind=kind,
            lang=lang or "en",
            standings=asof.ALL_STANDINGS if standings is None else standings,
            first=page_size(first),
            after=after,
        )
    cursors = [asof.cursor_of(row) for row in page.rows]
    has_reports = fluent.name == MEMBERSHIP.name and not inverse
    return types.connection(
        position=view.point.position,
        count=Count(
            certain=page.certain,
            possible=page.possible,
            announced=page.announced,
            view=view,
            coalition=asked if has_reports else None,
        ),
        page_info=page_info(cursors, after, page.has_next),
        edges=[
            types.edge(cursor=cursor, node=node(row))
            for cursor, row in zip(cursors, page.rows, strict=True)
        ],
    )
