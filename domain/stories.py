"""Stories: ordered lists of pinned views, each with a paragraph, told by the record and withdrawn.

They make nothing known and fold into nothing. An id names one story or one withdrawal.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from domain.dates import Edtf
from domain.entities import EntityId, Names, check_languages, check_names, is_seen
from domain.errors import Refused
from domain.point import Clocks
from domain.sources import Citation, Entry, Id, Language, Position, Text

Texts = Annotated[dict[Language, Text], Meta(min_length=1, max_length=200)]
"""A paragraph for each language (BCP 47)."""


class Show(StrEnum):
    """The part of an entity's page that a view begins with."""

    OVERVIEW = "OVERVIEW"
    LIST = "LIST"
    MAP = "MAP"
    TIMELINE = "TIMELINE"
    COUNT = "COUNT"


class StoryView(
    Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True,
    forbid_unknown_fields=True,
):  # fmt: skip
    """An entity at a point of the clocks, with a paragraph. Without `at_position` it is as the
    record stood when the story was told."""

    entity: EntityId
    as_of: Edtf
    known_at: Edtf | None = None
    at_position: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    show: Show = Show.OVERVIEW
    texts: Texts

    def check(self, field: str) -> None:
        """Refuse clocks that are no point, and a paragraph with nothing to see in it."""
        try:
            Clocks(as_of=self.as_of).point(0, 0)
        except Refused as refused:
            raise Refused(refused.code, refused.message, field=f"{field}.asOf") from refused
        if self.known_at is not None:
            try:
                Clocks(as_of=self.known_at).point(0, 0)
            except Refused as refused:
                raise Refused(refused.code, refused.message, field=f"{field}.knownAt") from refused
        check_languages(self.texts, f"{field}.texts")
        for language, text in self.texts.items():
            if not is_seen(text):
                raise Refused(
                    "NO_TEXT",
                    "The paragraph has nothing to see in it: write what the view shows.",
                    field=f"{field}.texts.{language}",
                )


class StoryEntry(Entry, frozen=True, kw_only=True):
    """An entry about stories."""


class StoryTold(StoryEntry, frozen=True, kw_only=True):
    """Tells a story: views in their order, each of an entity at a point of the clocks with a
    paragraph, and the sources that the paragraphs rest on."""

    titles: Names
    views: Annotated[tuple[StoryView, ...], Meta(min_length=1, max_length=100)]
    citations: Annotated[tuple[Citation, ...], Meta(max_length=1_000)]

    def check(self) -> None:
        check_names(self.titles, key="titles")
        for number, view in enumerate(self.views):
            view.check(f"views[{number}]")
        if not self.citations:
            raise Refused(
                "NO_CITATION",
                f"The story {self.id} needs at least one source that its paragraphs rest on: "
                'add {"source": …} to its citations.',
                field="citations",
            )
        for number, citation in enumerate(self.citations):
            citation.check(number)

    def check_positions(self, own: Position) -> None:
        """Refused(BAD_POSITION) for a view of the record after its own position in the log."""
        for number, view in enumerate(self.views):
            if view.at_position is not None and view.at_position >= own:
                raise Refused(
                    "BAD_POSITION",
                    f"The record stands at position {own - 1}, not yet at {view.at_position}: "
                    "name a position that it has, or leave it out.",
                    field=f"views[{number}].atPosition",
                )


class StoryWithdrawn(StoryEntry, frozen=True, kw_only=True):
    """Withdraws a story: it is listed as withdrawn, with the reason. This is never undone."""

    story: Annotated[Id, Meta(extra={"names": "story"})]
    reason: Text
