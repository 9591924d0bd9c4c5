"""Reading a view: its question pinned to a position, then its rows, page by page.

Between pages nothing is held in the database, so that a slow reader keeps nobody waiting, and no
more than a page is held in memory. All pages are of one position, so that they fit together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from api.export.views import Kind, View, document, naming
from api.graphql import run
from api.graphql.context import Access, Clocks, Operation
from api.graphql.errors import data_of
from api.graphql.scalars import read_day, read_edtf, read_time, write_time
from api.web.state import CLOCKS, OWN, State, position_of, whole
from domain.codec import write
from domain.dates import MAX_DAY, iso_of
from projections import entries
from projections.proofs import tree_at

PAGE: Final = 500
"""Rows that are read, and held, at a time."""
PAGES: Final = (*OWN.values(), "changes", "sources", "log")
"""The views that have a page of their own; the others are on their entity's."""
EDITION: Final = 1
"""Counts up whenever the bytes of an export of the same rows change."""

Row = dict[str, Any]
Given = Mapping[str, str]


class Moment(NamedTuple):
    """A point of the clocks as a document takes it; everything published so far is left out."""

    as_of: str
    known_at: str | None
    position: int

    def variables(self) -> dict[str, Any]:
        known = {} if self.known_at is None else {"knownAt": self.known_at}
        return {"asOf": self.as_of, **known, "atPosition": self.position}


class Tree(NamedTuple):
    """The log at a position: so many events, under a root that is the same for ever."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Pinned:
    """A view asked at a position, so that it will always be answered alike.

    `since` is the first point of a diff, `is_pinned` whether the asker had named day and position.
    Citations have a `tree` and the day, as given, on which the view was `accessed`.
    """

    view: View
    subject: str | None
    narrowing: dict[str, str]
    lang: str
    moment: Moment
    since: Moment | None
    recorded_at: datetime | None
    is_pinned: bool
    tree: Tree | None = None
    accessed: str | None = None

    def arguments(self) -> dict[str, Any]:
        """The arguments that ask for the same rows again, at whatever time."""
        asked: dict[str, Any] = {**self.narrowing, **self.moment.variables()}
        if self.since is not None:
            asked |= {f"from{k[0].upper()}{k[1:]}": v for k, v in self.since.variables().items()}
        return asked if self.lang == "en" else {**asked, "lang": self.lang}

    def page(self) -> str:
        """The path and query of the page that shows this view for ever; of JSON if it has none."""
        view = self.view
        if view.of is None and view.name != "log":
            return self.address("json")
        if view.name not in PAGES:
            view = view._replace(name=OWN[view.of[0]] if view.of else "log")
        asked = {**self.arguments(), "lang": self.lang}
        return f"{path_of(view, self.subject)}?{urlencode(asked)}"

    def address(self, extension: str) -> str:
        """The path and query at which the same bytes are served for ever."""
        path = path_of(self.view, self.subject)
        asked = self.arguments() | ({"accessed": self.accessed} if self.accessed else {})
        return f"{path}.{extension}?{urlencode(asked)}"

    def tag(self, extension: str, site: str) -> str:
        """A strong entity tag: the same for the same question, position, format and site."""
        text = json.dumps([EDITION, self.address(extension), site])
        return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def path_of(view: View, subject: str | None) -> str:
    """Where a view has its page, without an extension."""
    if subject is None:
        return f"/{view.name}"
    folder = f"/{(view.of or 'e')[0]}/{quote(subject, safe=':')}"
    return whole(folder) if view.name in OWN.values() else f"{folder}/{view.name}"


@dataclass(slots=True)
class Reading:
    """The rows of a pinned view. Once they are read, `counts` has the counts of what is held."""

    access: Access
    pinned: Pinned
    with_facts: bool
    counts: dict[str, Any] = field(default_factory=dict)

    def pages(self) -> AsyncIterator[list[Row]]:
        """Rows, some at a time. Refused as the question is."""
        pinned = self.pinned
        if pinned.view.kind is Kind.EVENT:
            return self._events()
        if pinned.view.kind is Kind.VIEW:
            return self._itself()
        if pinned.view.kind is Kind.SOURCE and pinned.view.of == "entity":
            return self._cited()
        return self._nodes()

    async def name(self) -> str:
        """What the entity is called that the view is asked of. Refused(UNKNOWN_ENTITY)."""
        return str((await self._ask(naming(), {}))["entity"]["name"])

    async def _events(self) -> AsyncIterator[list[Row]]:
        after, upto = 0, self.pinned.moment.position
        while True:
            async with self.access.reader() as connection:
                found = await entries.entries(
                    connection, after, upto, PAGE, entity=self.pinned.subject
                )
            yield [
                {
                    "position": event.position,
                    "recordedAt": write_time(recorded_at),
                    "actor": event.actor,
                    "type": type(event.entry).__name__,
                    "id": event.entry.id,
                    "entry": write(event.entry),
                }
                for event, recorded_at in found
            ]
            if len(found) < PAGE:
                return
            after = found[-1].event.position

    async def _itself(self) -> AsyncIterator[list[Row]]:
        yield [{"name": None if self.pinned.subject is None else await self.name()}]

    async def _cited(self) -> AsyncIterator[list[Row]]:
        """The sources of facts about an entity, each once, in the order in which they come up."""
        seen: set[str] = set()
        async for nodes in self._nodes():
            page = []
            for source in (source for node in nodes for source in node["sources"]):
                if source["id"] not in seen:
                    seen.add(source["id"])
                    page.append(source)
            yield page

    async def _nodes(self) -> AsyncIterator[list[Row]]:
        pinned = self.pinned
        for asked in pinned.view.fields:
            text = document(pinned.view, asked, with_facts=self.with_facts)
            after = None
            while True:
                data = await self._ask(text, {"first": PAGE, "after": after})
                found = data.get("state", data)[asked]
                if "edges" not in found:
                    yield [found]
                    break
                if "count" in found:
                    self.counts[asked] = found["count"]
                yield [self._row(asked, edge["node"]) for edge in found["edges"]]
                if not found["pageInfo"]["hasNextPage"]:
                    break
                after = found["pageInfo"]["endCursor"]

    def _row(self, asked: str, node: Row) -> Row:
        return {"question": asked, **node} if self.pinned.view.kind is Kind.HELD else node

    async def _ask(self, text: str, page: Mapping[str, Any]) -> dict[str, Any]:
        pinned = self.pinned
        variables = {**pinned.narrowing, **page, "subject": pinned.subject, "lang": pinned.lang}
        if pinned.since is None or pinned.view.kind is Kind.VIEW:
            variables |= pinned.moment.variables()
        else:
            variables |= {"from": pinned.since.variables(), "to": pinned.moment.variables()}
        return data_of(await run.execute(self.access, text, variables))


# Pinning


async def pin(
    access: Access, view: View, subject: str | None, given: Given, *, cites: bool = False
) -> Pinned:
    """A view at the clocks given (asOf, knownAt, recordedAt, atPosition), as text; what `cites` has
    its tree, and may be given the day on which the view was `accessed`.

    A diff has its first point in the same names after `from`: fromAsOf, fromKnownAt, …, each as the
    second point has it where it is left out. Refused as the clocks of a field are.
    """
    async with Operation(access) as operation:
        moment = await _moment(operation, given)
        since = None
        if "diff" in view.fields:
            since = await _moment(operation, {**given, **_of_first(given)})
        async with operation.connection() as connection:
            recorded_at = await entries.recorded_at(connection, moment.position)
            tree = await tree_at(connection, moment.position) if cites else None
    accessed = given.get("accessed") if cites else None
    return Pinned(
        view=view,
        subject=subject,
        narrowing={name: given[name] for name in view.takes if given.get(name)},
        lang=given.get("lang") or "en",
        moment=moment,
        since=since,
        recorded_at=recorded_at,
        is_pinned=bool(given.get("asOf")) and bool(given.get("atPosition")),
        tree=None if tree is None else Tree(tree[0], tree[1].hex()),
        accessed=iso_of(read_day(accessed)) if accessed else None,
    )


def _of_first(given: Given) -> dict[str, str]:
    """The first point of a diff; whichever way its position is given, it is given once."""
    found = {x: given[key] for x in CLOCKS if given.get(key := f"from{x[0].upper()}{x[1:]}")}
    if {"recordedAt", "atPosition"} & found.keys():
        found = {"recordedAt": "", "atPosition": "", **found}
    return found


async def _moment(operation: Operation, given: Given) -> Moment:
    as_of, known_at, recorded_at, at_position = (
        given.get(name, "").strip() or None for name in CLOCKS
    )
    state = State("en", False, as_of, known_at, recorded_at, position_of(at_position))
    written = state.clocks
    clocks = Clocks(
        as_of=None if as_of is None else read_edtf(as_of),
        known_at=None if known_at is None else read_day(written["knownAt"]),
        recorded_at=None if recorded_at is None else read_time(written["recordedAt"]),
        at_position=written["atPosition"],
    )
    point = (await operation.view(clocks)).point
    known = None if point.k == MAX_DAY else iso_of(point.k)
    return Moment(as_of or iso_of(point.first), known, point.r)
