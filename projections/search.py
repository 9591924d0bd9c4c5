"""Search: entities, facts and sources by words in any script, at a point of the clocks.

The text asked for is folded as the words are (`folded` in the schema): in Arabic the forms of alef,
hamza, ya and ta marbuta, tashkeel and tatweel make no difference, in Latin script case and accents.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from psycopg import sql

from domain.errors import Refused
from domain.point import Point
from projections.asof import Connection, Row, fetched
from store.sql import only_row_async, queries

SQL = queries("projections", "search.sql")

SHORTEST_PART = 3
"""Letters from which on a word is found within another: of fewer there are no trigrams."""
NO_PARTY: Final = ""
"""The pattern of no name."""
MOST_WORDS: Final = 8
MOST_PARTIES: Final = 300
"""Entities that a word is taken to mean."""
MOST_CANDIDATES: Final = 1_000
"""Facts about them, or of a type, that are looked at."""
MOST_FOUND: Final = 500
"""More of a kind is not counted."""
MOST_COUNTED = 300
"""Of more that are found it is not counted how much is known of each."""
SHORTEST_PARTY = 2
"""Letters from which on a word is looked for in the names of whom facts are about."""
SHORTEST_ALIKE = 4
"""Letters from which on a misspelt word is looked for, too."""


_STOPPING: Final = (
    "a an the is was were are be been did does do has have had of in on at to by for from and or "
    "who whom what when where which how many it its there that this with as "
    "هل كان كانت كانوا هو هي في من الي عن متي اين ما ماذا كم قد هذا هذه التي الذي"
)
STOP_WORDS: Final = frozenset(_STOPPING.split())
"""Words, folded, that questions are made with."""


_SCORE = re.compile(r"[0-9]\.[0-9]{4}")


class Searched(StrEnum):
    """What is searched for."""

    ENTITY = "ENTITY"
    FACT = "FACT"
    SOURCE = "SOURCE"


class SearchQuery(NamedTuple):
    """A text to search for, folded, and its words as patterns of LIKE; no pattern: no word."""

    text: str
    asked: str
    patterns: list[str]

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "asked": self.asked,
            "patterns": self.patterns,
            # Folded words have letters and digits alone, so that none means anything to a query.
            "prefixes": " & ".join(f"{word}:*" for word in self.asked.split()),
            "longest": max(self.patterns, key=len, default="%"),
            # Of a shorter one nothing is alike: null is like nothing.
            "alike": self.asked if len(self.asked) >= SHORTEST_ALIKE else None,
        }


class SearchPage(NamedTuple):
    """Rows of kind, id and score, the best first, whether more follow, and how much there is in
    all of each kind that was searched for."""

    rows: list[Row]
    has_next: bool
    counts: dict[Searched, int]


class FactWords(NamedTuple):
    """The words of a question about facts: of each the names that begin so as a pattern of LIKE,
    the types of facts that are called so, and the word as a query of texts."""

    patterns: list[str]
    types: list[str]
    prefixes: list[str]

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "party_patterns": self.patterns,
            "party_types": self.types,
            "party_prefixes": self.prefixes,
            "no_party": NO_PARTY,
            "most_parties": MOST_PARTIES,
            "most_candidates": MOST_CANDIDATES,
        }


def fact_words(folded: str, labels: Sequence[tuple[str, str]]) -> FactWords:
    """A folded text as words about facts; `labels` are types with what they are called, folded."""
    asked = dict.fromkeys(folded.split())
    words = [word for word in asked if word not in STOP_WORDS] or list(asked)
    patterns, types = [], []
    for word in words[:MOST_WORDS]:
        if len(word) < SHORTEST_PARTY:
            patterns.append(NO_PARTY)
        else:
            patterns.append(f"% {word}%" if len(word) >= SHORTEST_PART else f"% {word} %")
        called = {name for name, label in labels if any(_alike(word, w) for w in label.split())}
        types.append(",".join(sorted(called)))
    return FactWords(patterns, types, [f"{word}:*" for word in words[:MOST_WORDS]])


def _alike(word: str, other: str) -> bool:
    """Whether two words are forms of one: joined and joins, انضمت and انضمام."""
    least = max(3, min(len(word), len(other)) - 1)
    return word[:least] == other[:least]


async def fold(connection: Connection, text: str, *, shortest_part: int = 1) -> SearchQuery:
    """A text as it is searched for. Of a word with fewer letters only what begins so is found."""
    return asked_of(
        text,
        (await only_row_async(connection.execute(SQL["fold"], {"text": text})))[0],
        shortest_part=shortest_part,
    )


def asked_of(text: str, folded: str, *, shortest_part: int = 1) -> SearchQuery:
    """A text and what it is folded to, as it is searched for."""
    words = folded.split()
    patterns = [f"%{word}%" if len(word) >= shortest_part else f"% {word}%" for word in words]
    return SearchQuery(text, folded, patterns)


def matching(kind: Searched, *, alike: bool) -> sql.Composed:
    """A condition on the rows of a kind, with the parameters of `SearchQuery`.

    They have all its words or, with `alike`, look much like it. Of facts, whose texts are long, a
    word must begin as one of it does.
    """
    if kind is Searched.FACT:
        return sql.SQL(SQL["said"]).format()
    words = sql.SQL(SQL[f"{kind.lower()}_words"])
    return sql.SQL(SQL["has_or_is_like" if alike else "has"]).format(words=words)


async def search(
    connection: Connection,
    point: Point,
    text: str,
    *,
    kinds: Sequence[Searched] = tuple(Searched),
    first: int,
    after: str | None,
    labels: Sequence[tuple[str, str]] = (),
) -> SearchPage:
    """A page of what is found. Refused(BAD_CURSOR).

    `labels` are types of facts with what they are called.
    """
    score, episodes, kind, last = (None,) * 4 if after is None else _read_place(after)
    asked = await fold(connection, text, shortest_part=SHORTEST_PART)
    if not asked.patterns or not kinds:
        return SearchPage([], False, dict.fromkeys(kinds, 0))
    given = {
        **point.parameters,
        **asked.parameters,
        **(await _fact_words(connection, asked, kinds, labels)).parameters,
        "most_counted": MOST_COUNTED,
        "after_score": score,
        "after_episodes": episodes,
        "after_kind": kind,
        "after_id": last,
        "limit": first + 1,
    }
    rows = await fetched(connection, query(kinds), given)
    counted = {kind: rows[0]["numbers"].get(kind, 0) for kind in kinds}
    rows = [row for row in rows if row["id"] is not None]
    return SearchPage(rows[:first], len(rows) > first, counted)


async def counts(
    connection: Connection,
    point: Point,
    text: str,
    labels: Sequence[tuple[str, str]],
    kinds: Sequence[Searched],
) -> dict[Searched, int]:
    """How much of each of some kinds a search finds, MOST_FOUND + 1 if it is more than that."""
    asked = await fold(connection, text, shortest_part=SHORTEST_PART)
    if not asked.patterns:
        return dict.fromkeys(kinds, 0)
    words = await _fact_words(connection, asked, kinds, labels)
    parts = sql.SQL(" UNION ALL ").join(
        sql.SQL(SQL["counted"]).format(part=part) for part in _parts(kinds)
    )
    given = {**point.parameters, **asked.parameters, **words.parameters, "limit": MOST_FOUND + 1}
    rows = await (await connection.execute(parts, given)).fetchall()
    return dict.fromkeys(kinds, 0) | {Searched(kind): number for kind, number in rows}


async def _fact_words(
    connection: Connection,
    asked: SearchQuery,
    kinds: Sequence[Searched],
    labels: Sequence[tuple[str, str]],
) -> FactWords:
    if Searched.FACT not in kinds or not labels:
        return fact_words(asked.asked, ())
    names, called = zip(*labels, strict=True)
    cursor = await connection.execute(
        SQL["fold_labels"], {"names": list(names), "called": list(called)}
    )
    return fact_words(asked.asked, await cursor.fetchall())


def query(kinds: Sequence[Searched]) -> sql.Composed:
    """The query of a search of some kinds."""
    return sql.SQL(SQL["search"]).format(
        parts=sql.SQL(" UNION ALL ").join(_parts(kinds)), here=sql.SQL(SQL["here"])
    )


def _parts(kinds: Sequence[Searched]) -> list[sql.Composed]:
    """What finds each kind."""
    return [
        sql.SQL(SQL[each.lower()]).format(words=matching(each, alike=True))
        for each in Searched
        if each in kinds
    ]


def place(row: Row) -> str:
    """The cursor of a row."""
    text = json.dumps([str(row["score"]), row["episodes"], row["kind"], row["id"]])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_place(cursor: str) -> tuple[Decimal, int, str, str]:
    try:
        score, episodes, kind, last = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        is_id = isinstance(last, str) and last.isascii() and last.isprintable()
        is_count = type(episodes) is int and 0 <= episodes < 2**62
        if is_id and is_count and _SCORE.fullmatch(score):
            return Decimal(score), episodes, Searched(kind), last
    except (ValueError, TypeError, RecursionError):
        pass
    raise Refused(
        "BAD_CURSOR",
        "The cursor is not one of ours: pass on an endCursor as it came, or leave it out.",
        field="after",
    )
