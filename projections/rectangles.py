"""Rectangles: all that the record tells of an entity along publication and record time.

The answers themselves are `asof`'s. These rows let a page that has them move its clocks by
testing points, without a word of how an episode comes about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from psycopg.types.range import Range

from domain.intervals import ANNOUNCEMENT
from domain.vocabulary import CORE, Vocabulary
from projections.asof import Connection, Row
from store.sql import queries

SQL = queries("projections", "rectangles.sql")

MOST = 4_000
"""Rows of one kind: more is no page's to hold."""
MOST_AT_A_POINT = 1_000
"""Rows of one kind, of an entity that has more than that: what a page draws."""


class Rectangles(NamedTuple):
    """Rows as the queries name them: all, if it is `complete`, else some of those of one point.
    `attested` of an interval is the answer's: where it differs along R, the interval is in parts.
    """

    intervals: list[Row]
    reports: list[Row]
    names: list[Row]
    days: list[Row]
    source_names: dict[str, str]
    complete: bool


def of_entity(
    connection: psycopg.Connection[Any],
    entity: str,
    position: int,
    known: int,
    vocabulary: Vocabulary = CORE,
) -> Rectangles:
    """All of a canonical entity up to a position, with the names of whom it has to do with.

    Where that is too much, what is told at the position by a day of publication.
    """
    given: dict[str, object] = {"id": entity, "position": position, "known_at": None, "since": 0}
    given |= {"types": reports_in(vocabulary), "limit": MOST + 1}
    set_json_loads(msgspec.json.decode, connection)

    def rows(query: str, **more: object) -> list[Row]:
        with connection.cursor(row_factory=dict_row, binary=True) as cursor:
            return cursor.execute(_query(query), {**given, **more}).fetchall()

    (size,) = rows("size")
    complete = max(size.values()) <= MOST
    if not complete:
        given |= {"known_at": known, "since": position, "limit": MOST_AT_A_POINT}
    intervals = rows("intervals")
    reports = rows("reports")
    names = rows("names", ids=sorted(_mentioned(entity, intervals)))
    days = rows("recorded_on")
    cited = rows("cited", ids=sorted(_cited(intervals)))
    return Rectangles(
        _attested(intervals, cited),
        reports,
        names,
        days,
        {row["id"]: row["name"] for row in cited},
        complete and len(days) <= MOST,
    )


async def fluents_of(
    connection: Connection, entity: str, position: int
) -> set[tuple[str, bool]] | None:
    """The fluents that a canonical entity has had up to a position, and whether as their subject.
    None where it has too many rows to look at."""
    given = {"id": entity, "position": position, "known_at": None, "since": 0, "limit": MOST + 1}
    async with connection.cursor() as cursor:
        await cursor.execute(_query("fluents"), given)
        found = await cursor.fetchall()
    if sum(count for *_, count in found) > MOST:
        return None
    return {(fluent, inverse) for fluent, inverse, _ in found}


def _query(name: str) -> sql.Composed:
    return sql.SQL(SQL[name]).format(held=sql.SQL(SQL["held"]))


def reports_in(vocabulary: Vocabulary) -> list[str]:
    """The types of facts that begin and end nothing."""
    return [name for name, each in vocabulary.fact_types.items() if not each.effects]


def _mentioned(entity: str, intervals: Iterable[Row]) -> set[str]:
    return {entity, *(row[side] for row in intervals for side in ("scope", "subject"))}


def _cited(intervals: Iterable[Row]) -> set[str]:
    """The sources of episodes and of what is listed with them."""
    return {
        source
        for row in intervals
        for each in (row, *row["alternatives"], *row["announced_ends"])
        for source in each["sources"]
    }


def _attested(intervals: Iterable[Row], cited: Iterable[Row]) -> list[Row]:
    """The intervals with how far they are attested, in parts where a source's description says
    something else from a position on."""
    versions = defaultdict[str, list[Row]](list)
    for row in cited:
        if row["observed"] is not None:
            versions[row["id"]].append(row)
    found = []
    for row in intervals:
        if row["ended"] or row["ordinal"] == ANNOUNCEMENT:
            found.append({**row, "attested": None})
            continue
        observed = [each for source in row["sources"] for each in versions[source]]
        for recorded in _parts(row["recorded"], observed):
            days = [each["observed"] for each in observed if recorded.lower in each["recorded"]]
            days += [] if row["attested"] is None else [row["attested"]]
            found.append({**row, "recorded": recorded, "attested": max(days, default=None)})
    return found


def _parts(recorded: Range[int], versions: Iterable[Row]) -> Iterator[Range[int]]:
    """A stretch of positions, cut where versions begin or end."""
    ends = {end for each in versions for end in (each["recorded"].lower, each["recorded"].upper)}
    cuts = sorted(
        end for end in ends if end is not None and end in recorded and end != recorded.lower
    )
    for first, until in pairwise([recorded.lower, *cuts, recorded.upper]):
        yield Range(first, until)
