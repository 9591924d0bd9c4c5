"""A view pinned to a point of the clocks, so that it will always be answered alike."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from api.addresses import FROM, OWN, PageAddress, whole, written_clocks
from api.export.views import ExportView
from api.graphql.context import Access, Operation
from api.graphql.scalars import read_day
from domain.dates import MAX_DAY, iso_of
from domain.errors import Refused
from domain.point import Clocks, Point
from domain.sources import ID
from domain.vocabulary import Vocabulary
from projections import asof, entries
from projections.proofs import tree_at

EDITION: Final = 4
"""Counts up whenever the bytes of an export of the same rows change."""

Given = Mapping[str, str]


class PinnedPoint(NamedTuple):
    """A point of the clocks as an address says it, and as the projections take it; everything
    published so far is left out."""

    as_of: str
    known_at: str | None
    point: Point

    @property
    def position(self) -> int:
        return self.point.position

    def variables(self) -> dict[str, Any]:
        known = {} if self.known_at is None else {"knownAt": self.known_at}
        return {"asOf": self.as_of, **known, "atPosition": self.position}


class Tree(NamedTuple):
    """The log at a position: so many events, under a root that is the same for ever."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class PinnedView:
    """A view asked at a position.

    `vocabulary` has the words that the record had there, and `words_at` begins the address of each
    that the record defines. `ids` are what the subject is called
    there: of an entity what it is merged into, of a diff every id that it has at either point.
    `since` is the first point of a diff, `is_pinned` whether the asker had named day and position.
    `options` are those of the format. Citations have a `tree` and the day, as given, on which the
    view was `accessed`.
    """

    view: ExportView
    vocabulary: Vocabulary
    words_at: str
    subject: str | None
    ids: tuple[str, ...]
    narrowing: dict[str, str]
    options: dict[str, str]
    lang: str
    moment: PinnedPoint
    since: PinnedPoint | None
    recorded_at: datetime | None
    is_pinned: bool
    tree: Tree | None = None
    accessed: str | None = None

    def arguments(self) -> dict[str, Any]:
        """The arguments that ask for the same rows again, at whatever time."""
        asked: dict[str, Any] = {**self.narrowing, **self.moment.variables()}
        if self.since is not None:
            asked |= {FROM[name]: value for name, value in self.since.variables().items()}
        return asked if self.lang == "en" else {**asked, "lang": self.lang}

    def page(self) -> str:
        """The path and query of the page that shows this view for ever."""
        asked = {**self.arguments(), "lang": self.lang}
        return f"{path_of(self.view, self.subject)}?{urlencode(asked)}"

    def address(self, extension: str) -> str:
        """The path and query at which the same bytes are served for ever."""
        path = path_of(self.view, self.subject)
        asked = {**self.arguments(), **self.options}
        if self.accessed:
            asked["accessed"] = self.accessed
        return f"{path}.{extension}?{urlencode(asked)}"

    def tag(self, extension: str, site: str) -> str:
        """A strong entity tag: the same for the same question, position, format and site."""
        text = json.dumps([EDITION, self.address(extension), site])
        return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def path_of(view: ExportView, subject: str | None) -> str:
    """Where a view has its page, without an extension."""
    if subject is None:
        return f"/{view.name}"
    step = "story" if view.of == "story" else (view.of or "e")[0]
    folder = f"/{step}/{quote(subject, safe=':')}"
    return whole(folder) if view.name in OWN.values() else f"{folder}/{view.name}"


async def pin(
    access: Access,
    view: ExportView,
    subject: str | None,
    given: Given,
    *,
    options: Sequence[str] = (),
    cites: bool = False,
) -> PinnedView:
    """A view at the clocks given (asOf, knownAt, recordedAt, atPosition), as text; what `cites` has
    its tree, and may be given the day on which the view was `accessed`.

    A diff has its first point in the same names after `from`: fromAsOf, fromKnownAt, …, each as the
    second point has it where it is left out. Refused as the clocks and ids of a field are.
    """
    _check_text({**given, "id": subject or ""})
    if subject is not None and not re.match(ID, subject):
        raise Refused("UNKNOWN_ID", f"{subject[:128]!a} is no id of anything in the record.")
    is_diff = view.name == "changes"
    async with Operation(access) as operation:
        clocks, as_of = _clocks(given)
        moment = await _moment(operation, clocks, as_of)
        since = None
        if is_diff:
            since = await _moment(operation, *_clocks({**given, **_of_first(given)}))
        async with operation.connection() as connection:
            recorded_at = await entries.recorded_at(connection, moment.position)
            tree = await tree_at(connection, moment.position) if cites else None
            ids: dict[str, None] = {}
            if subject is not None:
                ids[subject] = None
                if view.of == "entity":
                    for each in filter(None, (since, moment)):
                        found = await asof.canonical(connection, subject, each.point, "entity")
                        ids[found] = None
            await access.instance.vocabulary.read_on(connection)
    public = access.instance.settings.public_url
    accessed = given.get("accessed") if cites else None
    return PinnedView(
        view=view,
        vocabulary=access.instance.vocabulary.at(moment.position),
        words_at=f"{public}/vocabulary#" if public else "urn:sijill:vocabulary#",
        subject=subject,
        ids=tuple(ids),
        narrowing={name: given[name] for name in view.takes if given.get(name)},
        options={name: "1" for name in options if given.get(name, "0") not in ("0", "false")},
        lang=given.get("lang") or "en",
        moment=moment,
        since=since,
        recorded_at=recorded_at,
        is_pinned=clocks.is_pinned,
        tree=None if tree is None else Tree(tree[0], tree[1].hex()),
        accessed=iso_of(read_day(accessed)) if accessed else None,
    )


def _check_text(given: Given) -> None:
    """Refuse what no database text has."""
    for name, value in given.items():
        if "\0" in name + value or not (name + value).isprintable():
            raise Refused(
                "BAD_TEXT", f"The parameter {name[:40]!a} has a character that can't be printed."
            )


def _of_first(given: Given) -> dict[str, str]:
    """The first point of a diff; whichever way its position is given, it is given once."""
    found = {name: given[field] for name, field in FROM.items() if given.get(field)}
    if {"recordedAt", "atPosition"} & found.keys():
        found = {"recordedAt": "", "atPosition": "", **found}
    return found


def _clocks(given: Given) -> tuple[Clocks, str | None]:
    """The clocks among the parameters of an address, and asOf as it is written there."""
    written = written_clocks(given)
    return PageAddress("en", False, *written).given(), written[0]


async def _moment(operation: Operation, clocks: Clocks, as_of: str | None) -> PinnedPoint:
    point = (await operation.view(clocks)).point
    known = None if point.known_at == MAX_DAY else iso_of(point.known_at)
    return PinnedPoint(as_of or iso_of(point.as_of.earliest), known, point)
