"""Stories in answers: pinned views in an order with a paragraph each, and withdrawals."""

# No `from __future__ import annotations`: the annotations are read as objects.

from datetime import datetime

import strawberry

from api.graphql.arguments import USUAL_PAGE, After, First, page_size, root_field
from api.graphql.citations import Citation, citations_of
from api.graphql.context import View
from api.graphql.lists import Connection, connection_of
from api.graphql.types import DateRange, Entity, Name, computed, entity, written
from domain.entities import name_in
from domain.errors import Refused
from domain.point import Clocks
from domain.stories import Show, StoryView
from projections import stories as read

strawberry.enum(Show, name="StoryShow", description=(Show.__doc__ or "").strip())


@strawberry.type(description="A paragraph in a language.")
class Paragraph:
    lang: str
    text: str


@strawberry.type(name="StoryView", description="An entity at a point of the clocks, with a text.")
class ViewOfStory:
    as_of: DateRange
    known_at: DateRange | None
    at_position: int = strawberry.field(
        description="The view's own, else that of the event by which the story was told."
    )
    show: Show
    view: strawberry.Private[View]
    given: strawberry.Private[StoryView]

    @computed("As it is called on that day, by what was known and recorded.")
    async def entity(self) -> Entity | None:
        self.view.operation.spend(1)
        name = await self.view.canonical(self.given.entity, "entity")
        row = await self.view.entities.one(name)
        return None if row is None else entity(row)

    @computed("In the language asked for, else in English, else the first.")
    def text(self, lang: str | None = "en") -> str:
        return name_in(self.given.texts, lang or "en")

    @computed("In every language.")
    def texts(self) -> list[Paragraph]:
        return [Paragraph(lang=lang, text=text) for lang, text in self.given.texts.items()]


@strawberry.type(
    name="StoryWithdrawal", description="Why a story was withdrawn. That is never undone."
)
class WithdrawalOfStory:
    reason: str
    position: int
    recorded_at: datetime


@strawberry.type(description="Views of the record in an order, each with a text and its sources.")
class Story:
    id: strawberry.ID
    titles: list[Name]
    position: int = strawberry.field(description="Of the event by which it was told.")
    recorded_at: datetime
    withdrawn: WithdrawalOfStory | None
    view: strawberry.Private[View]
    found: strawberry.Private[read.LoggedStory]

    @computed("In the language asked for, else in English, else the first.")
    def title(self, lang: str | None = "en") -> str:
        return name_in(self.found.told.titles, lang or "en")

    @computed("In their order.")
    async def views(self) -> list[ViewOfStory]:
        views = self.found.told.views
        self.view.operation.spend(len(views))
        return [await self._of(view) for view in views]

    @computed("What its texts rest on.")
    async def citations(self) -> list[Citation]:
        return await citations_of(self.view, self.found.told.citations)

    async def _of(self, view: StoryView) -> ViewOfStory:
        position = view.at_position or self.position
        known_at = None if view.known_at is None else view.known_at.latest
        clocks = Clocks(view.as_of, known_at, at_position=position)
        return ViewOfStory(
            as_of=written(view.as_of.text),
            known_at=None if view.known_at is None else written(view.known_at.text),
            at_position=position,
            show=view.show,
            view=await self.view.operation.view(clocks),
            given=view,
        )


def _story(view: View, found: read.LoggedStory) -> Story:
    return Story(
        id=strawberry.ID(found.told.id),
        titles=[Name(lang=lang, name=title) for lang, title in found.told.titles.items()],
        position=found.position,
        recorded_at=found.recorded_at,
        withdrawn=None
        if found.withdrawn is None
        else WithdrawalOfStory(**found.withdrawn._asdict()),
        view=view,
        found=found,
    )


async def stories(
    view: View, first: First = USUAL_PAGE, after: After = None
) -> Connection[Story] | None:
    size, before = page_size(first), read.LAST
    if after is not None:
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            raise Refused("BAD_CURSOR", "This is no cursor of a page of stories.", field="after")
        before = int(after)
    async with view.operation.connection() as connection:
        found = await read.stories(connection, view.point.position, size + 1, before=before)
    return connection_of(
        view,
        found[:size],
        len(found) > size,
        after,
        lambda each: str(each.position),
        lambda each: _story(view, each),
    )


async def story(view: View, id: strawberry.ID) -> Story | None:  # noqa: A002
    async with view.operation.connection() as connection:
        found = await read.stories(connection, view.point.position, 1, only=id)
    if not found:
        raise read.unknown_story(id, view.point.position)
    return _story(view, found[0])


ROOT_FIELDS = [
    root_field("story", story, "A story by its id."),
    root_field("stories", stories, "The stories, the newest first, those withdrawn among them."),
]
