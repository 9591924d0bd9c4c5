"""A story as JSON, as GraphQL has it: each of its views with its entity at the view's own point."""

from __future__ import annotations

from api.export.node_dates import Row, date_of
from api.export.nodes import Nodes, citation
from api.export.pinned_view import PinnedView
from api.graphql.scalars import write_time
from domain.codec import write
from domain.dates import today
from domain.entities import name_in
from domain.point import Clocks
from domain.stories import StoryView
from domain.vocabulary import Vocabulary
from projections.stories import canonical_entity, story_at, unknown_story


def story_row(nodes: Nodes, pinned: PinnedView, vocabulary: Vocabulary) -> Row:
    """The story that a view is asked of. Refused(UNKNOWN_STORY)."""
    point, name = pinned.moment.point, pinned.subject or ""
    found = story_at(nodes.connection, name, point.position)
    if found is None:
        raise unknown_story(name, point.position)
    told, withdrawn = found.told, found.withdrawn
    cited = write(told)["citations"]
    sources = nodes.known_sources(each["source"] for each in cited)
    return {
        "id": told.id,
        "title": name_in(told.titles, pinned.lang),
        "titles": [{"lang": lang, "name": title} for lang, title in told.titles.items()],
        "position": found.position,
        "recordedAt": write_time(found.recorded_at),
        "withdrawn": withdrawn
        and {
            "reason": withdrawn.reason,
            "position": withdrawn.position,
            "recordedAt": write_time(withdrawn.recorded_at),
        },
        "views": [
            _view(nodes, view, found.position, pinned.lang, vocabulary) for view in told.views
        ],
        "citations": [
            citation(each, source)
            for each in cited
            if (source := sources.get(each["source"])) is not None and source.day <= point.known_at
        ],
    }


def _view(nodes: Nodes, view: StoryView, position: int, lang: str, vocabulary: Vocabulary) -> Row:
    """A view of a story that was told at a position."""
    at = view.at_position or position
    known_at = None if view.known_at is None else view.known_at.latest
    point = Clocks(view.as_of, known_at).point(at, today())
    entity = canonical_entity(nodes.connection, view.entity, point)
    there = Nodes(nodes.connection, point, lang, vocabulary)
    return {
        "asOf": date_of(view.as_of.text),
        "knownAt": view.known_at and date_of(view.known_at.text),
        "atPosition": at,
        "show": view.show.value,
        "entity": entity and there.entities([entity]).get(entity),
        "text": name_in(view.texts, lang),
        "texts": [{"lang": each, "text": text} for each, text in view.texts.items()],
    }
