"""How often a record's words are used at a point of the clocks, and by what for example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from domain.point import Point
from domain.vocabulary import Vocabulary
from projections.view_rows import Connection
from store.sql import queries

SQL = queries("projections", "words_held.sql")

MOST: Final = 10_000
"""Nothing is counted beyond: then a count is MOST + 1."""
EXAMPLES: Final = 3


class UsedWord(NamedTuple):
    """How often a word is used, and ids of what uses it: of entities, of facts, of scopes."""

    number: int
    examples: list[str]


class WordsHeld(NamedTuple):
    """The words of a vocabulary by their names."""

    kinds: dict[str, UsedWord]
    fluents: dict[str, UsedWord]
    types: dict[str, UsedWord]


def words_held(connection: Connection, point: Point, vocabulary: Vocabulary) -> WordsHeld:
    """How often each word is used."""

    def used(query: str, names: Iterable[str]) -> Iterator[tuple[str, UsedWord]]:
        given = {"names": list(names), "limit": MOST + 1, "examples": EXAMPLES}
        rows = connection.execute(SQL[query], {**point.parameters, **given})
        return (
            (name, UsedWord(count, [each for each in some if each])) for name, count, some in rows
        )

    return WordsHeld(
        dict(used("kinds", vocabulary.kinds)),
        dict(used("fluents", vocabulary.fluents)),
        dict(used("types", vocabulary.fact_types)),
    )
