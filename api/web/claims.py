"""What is beside a fact: what is known of the row that it is in, and who says what of its dates."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from starlette.requests import Request

from api.addresses import PageAddress
from api.language.words import words
from api.web.bar import holds
from api.web.knowledge_map import KnowledgeMap, knowledge_map
from api.web.page_queries import answer, filled, template, words_of
from domain.point import Point
from domain.versions import FluentKey
from domain.vocabulary import Vocabulary
from projections.asof import Row
from projections.knowledge import regions, rows_of

MOST: Final = 12
"""Facts of a row whose claims are told."""


class SourceClaim(NamedTuple):
    """What a source says of a date: the fact, as GraphQL answers it, and the citation."""

    fact: dict[str, Any]
    citation: dict[str, Any]


class BesideFact(NamedTuple):
    """A map of what is known of each row that a fact is in, and the claims where dates disagree."""

    maps: list[KnowledgeMap]
    claims: list[SourceClaim]


def keys_of(fact: dict[str, Any], vocabulary: Vocabulary) -> list[FluentKey]:
    """The rows that a fact, as GraphQL answers it, begins and ends."""
    sides = {each["key"]: each["entity"]["id"] for each in fact["subjects"]}
    kind = vocabulary.fact_types.get(fact["type"])
    effects = () if kind is None else kind.entry.effects
    return [
        FluentKey(each.fluent, sides[each.scope], sides[each.subject])
        for each in effects
        if each.scope in sides and each.subject in sides
    ]


async def beside(
    request: Request, state: PageAddress, fact: dict[str, Any], point: Point
) -> BesideFact:
    """What is beside a fact at a point."""
    rows = await _rows(request, fact, point)
    asked = dict.fromkeys(id_ for each in rows for id_ in _disagreeing(each, point.known_at))
    maps = await asyncio.to_thread(_drawn, rows, state, point)
    return BesideFact(maps, await _claims(request, state, list(asked)[:MOST]))


async def _rows(request: Request, fact: dict[str, Any], point: Point) -> list[list[Row]]:
    async with request.app.state.reader() as connection:
        return [
            await rows_of(connection, key, point.position)
            for key in keys_of(fact, words_of(request))
        ]


def _drawn(found: list[list[Row]], state: PageAddress, point: Point) -> list[KnowledgeMap]:
    drawn = (knowledge_map(regions(rows), point, words(state.lang)) for rows in found)
    return [each for each in drawn if each is not None]


def _disagreeing(rows: Iterable[Row], known_at: int) -> Iterator[str]:
    """The facts of intervals whose dates contradict each other, or are set aside."""
    for row in rows:
        if row["alternatives"] and holds(row["known"], known_at):
            yield from (each["id"] for each in row["facts"])
            yield from (each["fact"]["id"] for each in row["alternatives"])


async def _claims(request: Request, state: PageAddress, facts: list[str]) -> list[SourceClaim]:
    """What each source says, in the order in which they were published."""
    if not facts:
        return []
    named = ", ".join(f"$id{number}: ID!" for number in range(len(facts)))
    fields = " ".join(template("claim") % (number, number) for number in range(len(facts)))
    given = {f"id{number}": fact for number, fact in enumerate(facts)}
    told = await answer(
        request,
        filled("claims", (named, fields)),
        {**state.clocks, **given},
    )
    found = [
        SourceClaim(told[f"f{number}"], citation)
        for number in range(len(facts))
        for citation in told[f"f{number}"]["citations"]
    ]
    return sorted(found, key=lambda each: (_published(each), each.fact["id"]))


def _published(claim: SourceClaim) -> str:
    return (claim.citation["source"]["published"] or {}).get("latest") or ""
