"""/vocabulary: the words that the record has, how often each is used, and for whom may, more."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.addresses import PageAddress
from api.auth import Principal
from api.export.node_dates import Row
from api.export.nodes import Nodes
from api.web.page_queries import point_of, read
from api.web.render import show
from domain.point import Point
from domain.vocabulary import Vocabulary
from projections import view_rows
from projections.words_held import MOST, WordsHeld, words_held


class PageWords(NamedTuple):
    """The use of words, and by ids the entities and the facts that are examples of it."""

    held: WordsHeld
    entities: dict[str, Row]
    facts: dict[str, Row]


async def vocabulary(
    request: Request, state: PageAddress, who: Principal | None = None
) -> Response:
    """GET /vocabulary: kinds, fluents and types of facts, the record's own first.

    `who` may define more. Somebody who does sees what was defined just now.
    """
    known = request.app.state.instance.vocabulary
    point = await point_of(request, state)
    async with request.app.state.reader() as connection:
        await known.read_on(connection)
    words = known.at(point.position) if who is None else known.current
    found = await read(request, partial(_contents, point=point, words=words, lang=state.lang))
    return await show(
        request,
        state,
        "vocabulary.html",
        known=words,
        own=words.definitions,
        used=found.held,
        entities=found.entities,
        facts=found.facts,
        most=MOST,
        may_define=who is not None,
        who=who,
    )


def _contents(
    connection: view_rows.Connection, *, point: Point, words: Vocabulary, lang: str
) -> PageWords:
    held = words_held(connection, point, words)
    ids = {
        id_
        for used in (held.kinds, held.fluents)
        for each in used.values()
        for id_ in each.examples
    }
    nodes = Nodes(connection, point, lang, words)
    facts = {name for each in held.types.values() for name in each.examples}
    nodes.remember_facts(facts)
    return PageWords(held, nodes.entities(sorted(ids)), {name: nodes.fact(name) for name in facts})
