"""`search`: entities, facts and sources by words, the best first."""

# No `from __future__ import annotations`: the annotations are read as objects.

import unicodedata
from typing import Annotated

import strawberry

from api.graphql.arguments import USUAL_PAGE, After, First, View, page_size, root_field
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


async def _search(
    view: View,
    text: Text,
    kinds: list[Searched] | None = None,
    first: First = USUAL_PAGE,
    after: After = None,
) -> Connection[SearchHit] | None:
    if len(text) > LONGEST_SEARCH:
        raise Refused("BAD_VALUE", f"Search for at most {LONGEST_SEARCH} characters.", field="text")
    async with view.operation.connection() as connection:
        rows, has_next = await searched(
            connection,
            view.point,
            unicodedata.normalize("NFC", text),
            kinds=tuple(Searched) if kinds is None else kinds,
            first=page_size(first),
            after=after,
            labels=fact_labels(view.operation.vocabulary),
        )
    ids = {kind: [row["id"] for row in rows if row["kind"] == kind] for kind in Searched}
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

    return connection_of(view, rows, has_next, after, place, node)


ROOT_FIELDS = [
    root_field(
        "search",
        _search,
        "Entities, facts and sources by words in any language, the best first.",
    )
]
