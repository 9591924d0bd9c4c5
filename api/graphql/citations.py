"""Citations in answers: the passages that support or dispute."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry

from api.graphql.context import View
from api.graphql.types import Source, computed, source
from domain.dates import parse
from domain.sources import Citation as GivenCitation
from domain.sources import Stance
from projections.cited_documents import AnchorState

ANCHOR = 10
"""Objects that an anchor counts for."""


@strawberry.type(description="Where in a document: a paragraph, page or row from 0, or characters.")
class Locator:
    paragraph: int | None
    page: int | None
    row: int | None
    chars: list[int] | None = strawberry.field(description="From the first to after the last.")


strawberry.enum(AnchorState, name="Anchored", description=(AnchorState.__doc__ or "").strip())


@strawberry.type(description="Where a cited passage stands in the text of its source's document.")
class Anchor:
    state: AnchorState
    start: int | None = strawberry.field(
        description="Its first character; null where it is not found, or is the whole document."
    )
    end: int | None = strawberry.field(description="After its last character.")
    likeness: float = strawberry.field(description="Below 1: its words were edited.")


@strawberry.type(description="A passage of a source that supports or disputes.")
class Citation:
    source: Source
    stance: Stance
    locator: Locator | None
    quote_sha256: str | None
    quote: str | None
    attributed_to: str | None
    view: strawberry.Private[View]
    given: strawberry.Private[GivenCitation]

    @computed("Null where the source has no such citation at the position asked for.")
    async def anchor(self) -> Anchor | None:
        self.view.operation.spend(ANCHOR)
        places = await self.view.readings.one(self.given.source)
        place = places.get(self.given) if places else None
        if place is None:
            return None
        return Anchor(state=place.state, start=place.start, end=place.end, likeness=place.likeness)


async def citations_of(view: View, given: Iterable[GivenCitation]) -> list[Citation]:
    """Those whose source is published by the view's day, as shown."""
    given = list(given)
    view.operation.spend(len(given))
    rows = await view.sources.all([each.source for each in given])
    dates = {name: row["source"].get("published") for name, row in rows.items()}
    days = await view.registered.all([name for name, date in dates.items() if date is None])
    days |= {name: parse(date).latest for name, date in dates.items() if date is not None}
    return [
        _citation(view, each, source(rows[each.source]))
        for each in given
        if each.source in rows and days[each.source] <= view.point.known_at
    ]


def _citation(view: View, given: GivenCitation, cited: Source) -> Citation:
    spot = given.locator
    locator = None
    if spot is not None:
        chars = None if spot.chars is None else list(spot.chars)
        locator = Locator(paragraph=spot.paragraph, page=spot.page, row=spot.row, chars=chars)
    return Citation(
        source=cited,
        stance=given.stance,
        locator=locator,
        quote_sha256=given.quote_sha256,
        quote=given.quote,
        attributed_to=given.attributed_to,
        view=view,
        given=given,
    )
