"""What if: any as-of question as if some sources or facts were not there, or others were.

Only what the supposition bears on is worked out anew; the rest is the live projections' own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import psycopg

from domain.codec import FACTS, Event
from domain.dossier import Dossier
from domain.errors import Refused
from domain.record import Record
from domain.sources import Entry, Position
from projections.follow import log_line, read_tagged
from projections.gather import Tagged, gather_tagged
from projections.projector import Projector
from projections.rows import SQL as COPIES
from projections.rows import line
from store.sql import queries

SQL = queries("projections", "whatif.sql")
_GRADE = re.compile(r"^([A-F])([1-6])?\Z")


class Without(NamedTuple):
    """What counts for nothing. `grades_below` C leaves out D to F, C3 also credibility 4 to 6."""

    sources: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    grades_below: str | None = None
    facts: tuple[str, ...] = ()


class Supposition(NamedTuple):
    """Rows to stand in for live ones: each COPY and the text that it takes, and in whose place.

    `head` is the position of the last event supposed, `fresh` are those supposed after the log's.
    """

    head: int
    fresh: list[Event]
    copies: list[tuple[str, str]]
    ids: list[tuple[str, str]]


def suppose(
    connection: psycopg.Connection[Any],
    record: Record,
    without: Without,
    more: Sequence[Entry],
    head: int,
) -> Supposition:
    """Work out a supposition over the log up to `head`; `more` are taken as recorded after it.

    Reads only. Refused: unknown ids, a grade that is none, entries that the record would refuse.
    """
    plan = record.plan(more)
    now = record.clock()
    fresh = [
        Tagged(Event(Position(head + number), now, "what if", entry), tags)
        for number, (entry, tags) in enumerate(plan.fresh, 1)
    ]
    ignored = _ignored_sources(connection, without)
    if unknown := _column(connection, "unknown_facts", ids=list(without.facts), types=list(FACTS)):
        raise _unknown("fact", unknown[0], "without.facts")
    tags = {f"source:{source}" for source in ignored} | {f"cites:{source}" for source in ignored}
    tags |= {f"fact:{fact}" for fact in without.facts}
    with connection.cursor() as cursor:
        earlier, read = gather_tagged(tags, lambda some: read_tagged(cursor, some, head), fresh)
    dossier = Dossier()
    dossier.ignored_sources, dossier.ignored_facts = ignored, set(without.facts)
    projector = Projector(dossier)
    for event in [*earlier, *(tagged.event for tagged in fresh)]:
        projector.take(event)
    copies = [(_supposed(table.copy), table.block()) for table in projector.tables]
    lines = [log_line(tagged.event) for tagged in fresh]
    copies.append((_supposed(COPIES["copy_events"]), "".join(lines)))
    ids = [("source", source) for source in dossier.sources]
    ids += [("entity", entity) for entity in dossier.entities]
    ids += [("fact", fact) for fact in dossier.facts]
    ids += [("fluent", tag.removeprefix("fluent:")) for tag in read if tag.startswith("fluent:")]
    copies.append(("COPY supposed_ids FROM STDIN", "".join(line(*each) for each in ids)))
    copies.append(("COPY supposed_progress FROM STDIN", line(head + len(fresh))))
    supposed = [tagged.event for tagged in fresh]
    return Supposition(head + len(fresh), supposed, copies, ids)


def _supposed(copy: str) -> str:
    return copy.replace("COPY ", "COPY supposed_")


def install(connection: psycopg.Connection[Any], supposition: Supposition) -> None:
    """Make a session answer as if. It must be closed afterwards, not used for anything else."""
    with connection.cursor() as cursor:
        for statement, block in _steps(supposition):
            if block is None:
                cursor.execute(statement)
                continue
            with cursor.copy(statement) as copy:
                copy.write(block)


async def install_async(connection: psycopg.AsyncConnection[Any], supposition: Supposition) -> None:
    """As `install`, for a session of an event loop."""
    async with connection.cursor() as cursor:
        for statement, block in _steps(supposition):
            if block is None:
                await cursor.execute(statement)
                continue
            async with cursor.copy(statement) as copy:
                await copy.write(block)


def _steps(supposition: Supposition) -> Iterator[tuple[bytes, str | None]]:
    """The statements that make a session answer as if, a COPY with its text."""
    yield SQL["shadow"].encode(), None
    for copy, block in supposition.copies:
        if block:
            yield copy.encode(), block
    yield SQL["views"].encode(), None


def _ignored_sources(connection: psycopg.Connection[Any], without: Without) -> set[str]:
    if unknown := _column(connection, "unknown_sources", ids=list(without.sources)):
        raise _unknown("source", unknown[0], "without.sources")
    reliability = credibility = None
    if without.grades_below is not None:
        grade = _GRADE.match(without.grades_below)
        if grade is None:
            raise Refused(
                "BAD_GRADE",
                f"{without.grades_below[:20]!a} is no grade of the Admiralty code: write a "
                "reliability A to F, perhaps with a credibility 1 to 6, such as C or C3.",
                field="without.gradesBelow",
            )
        reliability, credibility = grade[1], grade[2] and int(grade[2])
    return {
        *without.sources,
        *_column(
            connection,
            "sources_of",
            publishers=list(without.publishers),
            reliability=reliability,
            credibility=credibility,
        ),
    }


def _column(connection: psycopg.Connection[Any], query: str, **parameters: object) -> list[str]:
    return [value for (value,) in connection.execute(SQL[query], parameters)]


def _unknown(kind: str, name: str, field: str) -> Refused:
    return Refused(
        f"UNKNOWN_{kind.upper()}", f"The record has no {kind} {name[:128]!a}.", field=field
    )
