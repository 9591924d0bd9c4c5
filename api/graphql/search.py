"""`search`: entities, facts and sources by words, the best first."""

# No `from __future__ import annotations`: the annotations are read as objects.

import unicodedata
from typing import Annotated

import strawberry

from api.graphql.arguments import USUAL_PAGE, After, First, page_size, root_field
from api.graphql.context import View
from api.graphql.facts import Fact, fact_of_row
from api.graphql.lists import LONGEST_SEARCH, Connection, connection_of
from api.graphql.types import Entity, Source, entity, source
from api.language.labels import fact_labels
from domain.errors import Refused
from projections.asof import Row
from projections.search import Searched, place
from projections.search import search as searched

strawberry.enum(Searched, description=(Searched.__doc__ or "").strip())

Text = Annotated[
    str, strawberry.argument(description="Words in any language, whole or in part, or an id.")
]


@strawberry.type(name="Found", description="What was found: one of an entity, a fact and a source.")
class SearchHit:
    kind: Searched
    id: strawberry.ID
    score: float = strawberry.field(
        description="The higher the better: a whole name or text, its beginning, a word's, a part."
    )
    entity: Entity | None
    fact: Fact | None
    source: Source | None


@strawberry.type(name="FoundCount", description="How much of a kind is found.")
class SearchCount:
    kind: Searched
    number: int


@strawberry.type(name="FoundConnection", description="A page of a list.")
class SearchConnection(Connection[SearchHit]):
    counts: list[SearchCount] = strawberry.field(
        description="How much is found in all of each kind that was searched for."
    )


async def _search(
    view: View,
    text: Text,
    kinds: list[Searched] | None = None,
    first: First = USUAL_PAGE,
    after: After = None,
) -> SearchConnection | None:
    if len(text) > LONGEST_SEARCH:
        raise Refused("BAD_VALUE", f"Search for at most {LONGEST_SEARCH} characters.", field="text")
    async with view.operation.connection() as connection:
        page = await searched(
            connection,
            view.point,
            unicodedata.normalize("NFC", text),
            kinds=tuple(Searched) if kinds is None else kinds,
            first=page_size(first),
            after=after,
            labels=fact_labels(view.operation.vocabulary),
        )
    ids = {kind: [row["id"] for row in page.rows if row["kind"] == kind] for kind in Searched}
    entities = await view.entities.all(ids[Searched.ENTITY])
    facts = await view.versions.all(ids[Searched.FACT])
    sources = await view.sources.all(ids[Searched.SOURCE])

    def node(row: Row) -> SearchHit:
        kind, name = Searched(row["kind"]), row["id"]
        return SearchHit(
            kind=kind,
            id=strawberry.ID(name),
            score=float(row["score"]),
            entity=entity(entities[name]) if kind is Searched.ENTITY else None,
            fact=fact_of_row(view, facts[name]) if kind is Searched.FACT else None,
            source=source(sources[name]) if kind is Searched.SOURCE else None,
        )

    listed = connection_of(view, page.rows, page.has_next, after, place, node)
    return SearchConnection(
        position=listed.position,
        page_info=listed.page_info,
        edges=listed.edges,
        counts=[SearchCount(kind=kind, number=number) for kind, number in page.counts.items()],
    )


ROOT_FIELDS = [
    root_field(
        "search",
        _search,
        "Entities, facts and sources by words in any language, the best first.",
    )
]
