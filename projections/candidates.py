"""Candidates: the entities that a name or an identifier may mean, each with a score.

The database finds those whose names are worth comparing, domain/name_match.py says how alike they
are. There is one matcher: the reconciliation service and the maps of sheets both ask here.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg import sql

from domain.dates import MAX_DAY, Days
from domain.name_match import (
    SHORT,
    SURE,
    best_likeness,
    consonants_of,
    forms_of,
    identifier_key,
    is_sure,
    name_keys,
)
from projections.asof import Connection
from store.arrays import Texts
from store.sql import queries

SQL = queries("projections", "candidates.sql")
MOST: Final = 200
"""Rows whose names are compared."""
CODES: Final = ("iso3166", "wikidata")
"""Identifiers that are keys of their own."""
BY_ID: Final = "id"
OTHERS: Final = 0.8
"""What the score of a name is worth where an identifier says that another is meant."""

_texts = msgspec.json.Decoder(dict[str, str]).decode
_lists = msgspec.json.Decoder(dict[str, list[str]]).decode


class CandidateQuery(NamedTuple):
    """What is asked: a name, identifiers by scheme (and `id`), or both.

    `kinds` are those that count, None all; `as_of` are the days whose names count, None any.
    """

    name: str
    identifiers: tuple[tuple[str, str], ...] = ()
    kinds: frozenset[str] | None = None
    as_of: Days | None = None


class Candidate(NamedTuple):
    """An entity that may be meant; `is_sure` where it is taken for what is meant."""

    id: str
    kind: str
    score: float
    by_name: float
    by_identifier: bool
    is_sure: bool = False


Rows = Sequence[tuple[Any, ...]]
Asking = Generator[tuple[sql.Composed, Mapping[str, Any]], Rows, list[Candidate]]


async def candidates(
    connection: Connection, asked: CandidateQuery, position: int
) -> list[Candidate]:
    """The candidates, the best first."""
    asking = _asking(asked, position)
    try:
        query, parameters = next(asking)
        while True:
            cursor = await connection.execute(query, parameters)
            query, parameters = asking.send(await cursor.fetchall())
    except StopIteration as done:
        found: list[Candidate] = done.value
        return found


def candidates_now(
    connection: psycopg.Connection[Any], asked: CandidateQuery, position: int
) -> list[Candidate]:
    """The same, for a thread that waits for it."""
    asking = _asking(asked, position)
    try:
        query, parameters = next(asking)
        while True:
            query, parameters = asking.send(connection.execute(query, parameters).fetchall())
    except StopIteration as done:
        found: list[Candidate] = done.value
        return found


def _asking(asked: CandidateQuery, position: int) -> Asking:
    """Asks the queries that are needed, and is sent their rows."""
    found: dict[str, Candidate] = {}
    ids = [text for scheme, text in asked.identifiers if scheme == BY_ID]
    others = [each for each in asked.identifiers if each[0] != BY_ID]
    parameters = {
        "kinds": None if asked.kinds is None else Texts(asked.kinds),
        "first_day": asked.as_of and asked.as_of.earliest,
        "last_day": asked.as_of and asked.as_of.latest,
        "known_at": MAX_DAY,
        "position": position,
        "most": MOST,
    }
    if ids:
        rows = yield _query("by_id"), {**parameters, "identifiers": Texts(ids)}
        _judge(asked, rows, found)
    if others:
        keys = [identifier_key(scheme, text) for scheme, text in others]
        rows = yield _query("by_key"), {**parameters, "keys": keys}
        _judge(asked, rows, found)
    letters = forms_of(asked.name).letters
    if letters:
        rows = yield _query("by_key"), {**parameters, "keys": list(name_keys(asked.name))}
        _judge(asked, rows, found)
        if len(letters) >= SHORT.stop and all(each.score < SURE for each in found.values()):
            sounds = consonants_of(letters)
            rows = yield _query("by_trigrams"), {**parameters, "sounds": sounds}
            _judge(asked, rows, found)
    return _ranked(asked, found.values())


def _query(shared: str) -> sql.Composed:
    return sql.SQL(SQL["candidates"]).format(shared=sql.SQL(SQL[shared]))


def _judge(asked: CandidateQuery, rows: Rows, found: dict[str, Candidate]) -> None:
    """Take in what rows say: of an entity with several, the one that is most alike."""
    wanted = set(asked.identifiers)
    for id_, canonical, kind, names, aliases, identifiers, iso3166, wikidata in rows:
        called = _texts(names).values(), *_lists(aliases).values()
        by_name = max((best_likeness(asked.name, each) for each in called), default=0.0)
        has = {(BY_ID, id_), ("iso3166", iso3166), ("wikidata", wikidata)}
        by_identifier = bool(wanted and wanted & {*has, *_texts(identifiers).items()})
        score = 100.0 if by_identifier else by_name
        before = found.get(canonical)
        if before is None or score > before.score:
            found[canonical] = Candidate(canonical, kind, score, by_name, by_identifier)


def _ranked(asked: CandidateQuery, found: Iterable[Candidate]) -> list[Candidate]:
    every = list(found)
    identified = sum(each.by_identifier for each in every)
    if identified:
        every = [
            each if each.by_identifier else each._replace(score=OTHERS * each.score)
            for each in every
        ]
    every.sort(key=lambda each: (-each.score, -each.by_name, each.id))
    scores = [each.score for each in every[:2]]
    sure = identified == 1 if identified else is_sure(asked.name, scores)
    return [every[0]._replace(is_sure=sure), *every[1:]] if every else []


class EntityOfDay(NamedTuple):
    """An entity as a day has it."""

    id: str
    kind: str
    names: dict[str, str]
    aliases: dict[str, list[str]]
    identifiers: dict[str, str]
    location: dict[str, Any] | None

    def name(self, lang: str) -> str:
        """Its name in a language, else in English, else the first one."""
        return self.names.get(lang) or self.names.get("en") or next(iter(self.names.values()))


async def entities_of_day(
    connection: Connection, ids: Iterable[str], day: int, position: int
) -> dict[str, EntityOfDay]:
    """Entities by id, those that the record has."""
    parameters = {"ids": Texts(ids), "last_day": day, "known_at": MAX_DAY, "position": position}
    cursor = await connection.execute(SQL["of_day"], parameters)
    found = {}
    for (
        id_,
        kind,
        names,
        aliases,
        identifiers,
        iso3166,
        wikidata,
        location,
    ) in await cursor.fetchall():
        codes = {name: code for name, code in zip(CODES, (iso3166, wikidata), strict=True) if code}
        found[id_] = EntityOfDay(
            id_,
            kind,
            _texts(names),
            _lists(aliases),
            codes | _texts(identifiers),
            None if location is None else msgspec.json.decode(location),
        )
    return found
