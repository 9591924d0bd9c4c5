"""The rows of a pinned view, a batch at a time, as JSON has them: the nodes that GraphQL answers.

A view is worked out once, by one statement; who and what its rows name is looked up batch by batch.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any, Final, TypeVar

import msgspec
from psycopg.types.json import set_json_loads

from api.export.node_dates import Row, date_of, state_of
from api.export.nodes import Nodes
from api.export.pinned_view import PinnedView
from api.export.story_row import story_row
from api.export.views import Kind
from api.graphql.scalars import write_time
from api.session import Session
from domain.codec import write
from domain.errors import Refused
from domain.facts import Fluent
from domain.vocabulary import Vocabulary, question_value
from projections import holdings, view_rows
from projections.diff import Difference, diff
from projections.record_vocabulary import read_vocabulary
from projections.view_rows import Connection, taken
from store.database import Database

__all__ = ["Row", "ViewReader", "first_rows", "reading"]

LONGEST_SEARCH: Final = 200

T = TypeVar("T")


class ViewReader:
    """Iterates over the batches of a view's rows. Once it is through, `counts` has the counts of
    what is held, and `rows` how many rows there were, less those that `said` was told are left out.
    """

    def __init__(self, connection: Connection, pinned: PinnedView, with_facts: bool) -> None:
        set_json_loads(msgspec.json.decode, connection)
        self.counts: dict[str, Any] = {}
        self.rows = 0
        self._connection = connection
        self._pinned = pinned
        self._with_facts = with_facts
        self._vocabulary = read_vocabulary(connection)
        self._nodes = Nodes(connection, pinned.moment.point, pinned.lang, self._vocabulary)

    def __iter__(self) -> Generator[Iterator[Row]]:
        """Refused as the question is, before the first batch. Take all rows of a batch before the
        next: they are made as they are taken, since many at once would keep the garbage collector
        busy."""
        for batch in self._batches():
            yield self._counted(batch)

    def _counted(self, batch: Iterable[Row]) -> Iterator[Row]:
        for row in batch:
            self.rows += 1
            yield row

    def said(self, items: Sequence[T | None]) -> list[T]:
        """What a format makes of rows, without those that it can't say, which don't count."""
        found = [item for item in items if item is not None]
        self.rows -= len(items) - len(found)
        return found

    def name(self) -> str | None:
        """What the entity is called that the view is asked of, None of no entity."""
        if self._pinned.view.of != "entity":
            return None
        return str(self._entity()["name"])

    def _entity(self) -> Row:
        """Refused(UNKNOWN_ENTITY) where the entity was not recorded yet."""
        name = self._pinned.ids[-1]
        row = self._nodes.entities([name]).get(name)
        if row is None:
            asked, position = self._pinned.subject or "", self._pinned.moment.position
            raise Refused(
                "UNKNOWN_ENTITY",
                f"The record has no entity {asked[:128]!a} yet at position {position}.",
                field="entity",
                entity=asked[:128],
            )
        return row

    def _batches(self) -> Iterator[Iterable[Row]]:
        pinned, point, connection = self._pinned, self._pinned.moment.point, self._connection
        subject = pinned.ids[-1] if pinned.ids else None
        match pinned.view.kind, pinned.view.of:
            case Kind.VIEW, _:
                yield [{"name": self.name()}]
            case Kind.STORY, _:
                yield [story_row(self._nodes, pinned, self._vocabulary)]
            case Kind.EVENT, _:
                yield from self._events(subject)
            case Kind.CHANGE, _:
                yield from self._changes()
            case Kind.HELD, _:
                yield from self._held(subject)
            case Kind.ENTITY, _:
                yield from self._entities()
            case Kind.QUANTITY, _:
                measure = pinned.narrowing.get("measure")
                found = view_rows.quantities(
                    connection, point, entity=subject or "", measure=measure
                )
                yield from map(self._nodes.quantities, found)
            case Kind.FACT, "fact":
                yield [self._nodes.fact(subject or "")]
            case Kind.FACT, None:
                narrowed = holdings.fact_condition(point, pinned.narrowing, self._vocabulary)
                found = view_rows.facts_that(connection, point, *narrowed)
                yield from map(self._nodes.facts, found)
            case Kind.FACT, of:
                if of == "source":
                    self._nodes.source(subject or "")  # refuses what is none
                about = {"source" if of == "source" else "entity": subject}
                found = view_rows.facts(
                    connection,
                    point,
                    type=pinned.narrowing.get("type"),
                    counting=pinned.view.name == "timeline",
                    vocabulary=self._vocabulary,
                    **about,
                )
                yield from map(self._nodes.facts, found)
            case Kind.SOURCE, "source":
                yield [self._nodes.source(subject or "")]
            case Kind.SOURCE, "entity":
                yield from self._cited(subject or "")
            case Kind.SOURCE, _:
                narrowed = holdings.source_condition(pinned.narrowing)
                for rows in view_rows.sources_that(connection, point, *narrowed):
                    yield map(self._nodes.source_node, taken(rows))

    def _events(self, entity: str | None) -> Iterator[Iterable[Row]]:
        upto = self._pinned.moment.position
        for batch in view_rows.events(self._connection, upto, entity):
            yield (
                {
                    "position": event.position,
                    "recordedAt": write_time(recorded_at),
                    "actor": event.actor,
                    "type": type(event.entry).__name__,
                    "id": event.entry.id,
                    "entry": write(event.entry),
                }
                for event, recorded_at in taken(batch)
            )

    def _cited(self, entity: str) -> Iterator[Iterable[Row]]:
        """The sources of facts about an entity, each once, in the order in which they come up."""
        seen: dict[str, None] = {}
        for rows in view_rows.facts(self._connection, self._pinned.moment.point, entity=entity):
            before = len(seen)
            seen |= dict.fromkeys(name for row in rows for name in row["sources"])
            yield self._nodes.sources(list(seen)[before:])

    def _entities(self) -> Iterator[Iterable[Row]]:
        given = self._pinned.narrowing
        kind, text = given.get("kind"), given.get("search")
        _check_kind(kind, self._vocabulary)
        if text is not None and len(text) > LONGEST_SEARCH:
            raise Refused(
                "BAD_VALUE", f"Search for at most {LONGEST_SEARCH} characters.", field="search"
            )
        for rows in view_rows.entities(
            self._connection,
            self._pinned.moment.point,
            text=text,
            kind=kind,
            lang=self._pinned.lang,
        ):
            yield map(self._nodes.entity_node, taken(rows))

    def _held(self, subject: str | None) -> Iterator[Iterable[Row]]:
        kind = self._pinned.narrowing.get("kind")
        _check_kind(kind, self._vocabulary)
        if subject is not None:
            self._entity()
        for question, fluent, inverse in self._questions():
            for rows in view_rows.held(
                self._connection,
                self._pinned.moment.point,
                fluent,
                subject,
                inverse=inverse,
                kind=kind,
                lang=self._pinned.lang,
            ):
                if question not in self.counts:
                    self.counts[question] = self._count(question, subject, rows[0])
                answering = rows if rows[0]["id"] is not None else []
                yield self._nodes.held(question, answering, self._with_facts)

    def _questions(self) -> Iterator[tuple[str, Fluent, bool]]:
        """The view's own; of a state all that the record had at its position."""
        asked = self._pinned.view.question
        if asked is None:
            yield from self._pinned.vocabulary.questions
        else:
            yield from (each for each in self._vocabulary.questions if each[0] == asked)

    def _count(self, question: str, subject: str | None, row: Row) -> Row:
        reported: list[Row] = []
        if question == "members" and subject is not None:
            reported = view_rows.reported_counts(
                self._connection, self._pinned.moment.point, subject
            )
        return {
            **{name: row[f"{name}_count"] for name in ("certain", "possible", "announced")},
            "reported": [
                {
                    "value": each["value"],
                    "comparator": each["comparator"],
                    "when": date_of(each["when"]),
                    "source": {"id": each["source"]},
                }
                for each in reported
            ],
        }

    def _changes(self) -> Iterator[Iterable[Row]]:
        pinned = self._pinned
        old, new = pinned.since, pinned.moment
        assert old is not None
        found = diff(
            self._connection, list(pinned.ids) if pinned.view.of else None, old.point, new.point
        )
        # As `diff` of GraphQL: what rows name is shown as at the later position.
        shown = old if old.position > new.position else new
        nodes = Nodes(self._connection, shown.point, pinned.lang, self._vocabulary)
        while batch := list(islice(found, view_rows.BATCH)):
            named = [name for each in batch for name in (each.key.scope, each.key.subject)]
            nodes.entities(named)
            yield (_change(nodes, each, self._vocabulary) for each in taken(batch))


@contextmanager
def reading(
    database: Database, pinned: PinnedView, session: Session, *, with_facts: bool = False
) -> Iterator[ViewReader]:
    """A reader of a view by a session of its own. It blocks: not for the event loop."""
    with session.connected(database, default_transaction_read_only="on") as connection:
        yield ViewReader(connection, pinned, with_facts)


def first_rows(
    connection: Connection, pinned: PinnedView, most: int
) -> tuple[str | None, list[Row], dict[str, Any]]:
    """What the entity is called that a view is of, the first rows, and the counts of all of them.
    Refused as the question is."""
    reader = ViewReader(connection, pinned, with_facts=False)
    name = reader.name()
    rows: list[Row] = []
    with closing(iter(reader)) as batches:
        for batch in batches:
            rows += batch
            if len(rows) >= most:
                break
    return name, rows[:most], reader.counts


def _change(nodes: Nodes, difference: Difference, vocabulary: Vocabulary) -> Row:
    key = difference.key
    found = nodes.entities([key.scope, key.subject])
    known = nodes.known_sources(difference.sources)
    return {
        "question": question_value(vocabulary.fluents[key.fluent].question),
        "scope": found[key.scope],
        "subject": found[key.subject],
        "change": difference.change.value,
        "causes": [cause.value for cause in difference.causes],
        "before": state_of(difference.before),
        "after": state_of(difference.after),
        "events": [
            {"id": event.entry.id, "type": type(event.entry).__name__, "position": event.position}
            for event in difference.events
        ],
        "sources": [{"id": name} for name in difference.sources if name in known],
    }


def _check_kind(kind: str | None, vocabulary: Vocabulary) -> None:
    if kind is not None and kind not in vocabulary.kinds:
        raise Refused(
            "BAD_VALUE",
            f"There is no kind {kind[:40]!a}; the kinds are {', '.join(vocabulary.kinds)}.",
            field="kind",
        )
