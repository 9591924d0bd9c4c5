"""What if: any as-of question as if some sources or facts were not there, or others were.

Only what the supposition bears on is worked out anew; the rest is the live projections' own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql

from domain.codec import STORED_TYPES, Event
from domain.dossier import Dossier
from domain.errors import Refused
from domain.record import Plan, Record
from domain.recorder import LogLookup
from domain.sources import Entry, Position
from domain.vocabulary import CORE
from projections.follower import LOG, log_line, progress_of, read_at
from projections.projector import Projector
from projections.related_events import Read, Tagged, gather_tagged
from projections.rows import SQL as COPIES
from projections.rows import line
from store.arrays import Texts
from store.sql import only_row_async, queries

SQL = queries("projections", "what_if.sql")
NO_FACTS = sorted(STORED_TYPES.keys() - CORE.fact_types.keys())
"""The types of events that are no facts: of facts a record defines its own."""
MOST_EVENTS: Final = 20_000
"""Earlier events that a supposition may bear on: some 100 MB while it is worked out."""
_WORKING_OUT: Final = Lock()
"""One supposition is worked out at a time, so that this memory is taken once."""
_GRADE = re.compile(r"^([A-F])([1-6])?\Z")


class Exclusions(NamedTuple):
    """What counts for nothing. `grades_below` C leaves out D to F, C3 also credibility 4 to 6."""

    sources: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    grades_below: str | None = None
    facts: tuple[str, ...] = ()


class Supposition(NamedTuple):
    """Rows to stand in for live ones: each COPY and the text that it takes, and in whose place.

    `base` is the position that the projections have come to, `tagged` are the events that are
    supposed after it, `head` is the position of the last of them.
    """

    base: int
    head: int
    tagged: list[Tagged]
    copies: list[tuple[str, str]]
    ids: list[tuple[str, str]]

    @property
    def fresh(self) -> list[Event]:
        """The supposed events without their tags."""
        return [each.event for each in self.tagged]


class ProjectedLog:
    """The log as far as it is projected, for `Record.plan`: what others have recorded since is not
    there yet."""

    def __init__(self, cursor: psycopg.Cursor[Any], position: int) -> None:
        self._cursor, self._position = cursor, position

    def look(self, tags: Collection[str], request_id: str | None = None) -> LogLookup:
        """The events that have any of the tags."""
        rows = self._cursor.execute(
            LOG["events_tagged"], {"tags": Texts(tags), "upto": self._position}, binary=True
        ).fetchall()
        return LogLookup(self._position, rows, None, datetime.now(UTC))


def suppose(
    connection: psycopg.Connection[Any], record: Record, without: Exclusions, more: Sequence[Entry]
) -> Supposition:
    """Work out a supposition over what is projected; `more` are taken as recorded right after it.

    The connection must be in a transaction that sees one state of the database, and what is asked
    of the supposition must see the same one: positions that others' events take later are those of
    `more`. Reads only. Refused: unknown ids, a grade that is none, entries that the record would
    refuse, and what bears on more than MOST_EVENTS.
    """
    base = progress_of(connection).position
    with connection.cursor() as cursor:
        plan = record.plan(more, ProjectedLog(cursor, base))
    fresh = supposed_events(record, plan, base)
    ignored = _ignored_sources(connection, without)
    if unknown := _column(connection, "unknown_facts", ids=list(without.facts), others=NO_FACTS):
        raise _unknown("fact", unknown[0], "without.facts")
    tags = {f"source:{source}" for source in ignored} | {f"cites:{source}" for source in ignored}
    tags |= {f"fact:{fact}" for fact in without.facts}
    dossier = Dossier()
    dossier.ignored_sources, dossier.ignored_facts = ignored, set(without.facts)
    with _WORKING_OUT, connection.cursor() as cursor:
        earlier, read = gather_tagged(tags, _bounded(cursor, base), fresh)
        projector = Projector(dossier)
        for event in [*earlier, *(tagged.event for tagged in fresh)]:
            projector.take(event)
        copies = [(_supposed(table.copy), table.block()) for table in projector.tables]
        del earlier, projector
    head = base + len(fresh)
    lines = [log_line(tagged.event) for tagged in fresh]
    copies.append((_supposed(COPIES["copy_events"]), "".join(lines)))
    ids = [("source", source) for source in dossier.sources]
    ids += [("entity", entity) for entity in dossier.entities]
    ids += [("fact", fact) for fact in dossier.facts]
    ids += [("fluent", tag.removeprefix("fluent:")) for tag in read if tag.startswith("fluent:")]
    lines = [line(*each) for each in ids]
    copies.append((SQL["copy_ids"], "".join(lines)))
    copies.append((SQL["copy_progress"], line(head)))
    return Supposition(base, head, fresh, copies, ids)


def _bounded(cursor: psycopg.Cursor[Any], upto: int) -> Read:
    """Reads events by tags, each once. Refused(TOO_COSTLY) before there are more than MOST_EVENTS:
    they are counted before they are read."""
    seen: set[int] = set()

    def read(tags: set[str]) -> list[Tagged]:
        given = {"tags": Texts(tags), "upto": upto, "limit": MOST_EVENTS + 1}
        rows = cursor.execute(LOG["positions_tagged"], given, binary=True).fetchall()
        new = {position for (position,) in rows} - seen
        if max(len(rows), len(new) + len(seen)) > MOST_EVENTS:
            raise Refused(
                "TOO_COSTLY",
                f"This bears on more than {MOST_EVENTS:,} events: leave out less at a time.",
            )
        seen.update(new)
        return read_at(cursor, new)

    return read


def supposed_events(record: Record, plan: Plan, base: int) -> list[Tagged]:
    """The events that a plan would append right after a position."""
    now = record.clock()
    return [
        Tagged(Event(Position(base + number), now, "what if", entry, fact_type), tags)
        for number, (entry, tags, fact_type) in enumerate(plan.fresh, 1)
    ]


def _supposed(copy: str) -> str:
    """A statement that copies into a table, rewritten for the table that stands in for it."""
    return copy.replace(" ", " supposed_", 1)


def install(connection: psycopg.Connection[Any], supposition: Supposition) -> None:
    """Have the rest of a transaction answer as if; it must be rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["shadow"].encode())
        cursor.execute(SQL["choose"], {"number": 0})
        for statement, block in supposition.copies:
            if block:
                with cursor.copy(statement.encode()) as copy:
                    copy.write(block)


@contextmanager
def same_state(connection: psycopg.Connection[Any], exported: str) -> Iterator[None]:
    """A transaction that sees the state of the database that another one exported, and is rolled
    back."""
    with connection.transaction(force_rollback=True):
        connection.execute(SQL["one_state"])
        connection.execute(sql.SQL(SQL["same_state"]).format(name=sql.Literal(exported)))
        yield


async def prepare_async(connection: psycopg.AsyncConnection[Any]) -> tuple[int, str]:
    """Make a transaction that has just begun ready for suppositions; it must be rolled back.

    How far the record is projected in the state of the database that it sees from now on, and the
    name by which others can see the same state.
    """
    await connection.execute(SQL["one_state"])
    position, exported = await only_row_async(connection.execute(SQL["export"]))
    await connection.execute(SQL["shadow"].encode())
    return position, exported


async def install_async(
    connection: psycopg.AsyncConnection[Any], supposition: Supposition, number: int
) -> None:
    """Take a supposition into such a transaction, under a number of its own."""
    await choose_async(connection, number)
    async with connection.cursor() as cursor:
        for statement, block in supposition.copies:
            if block:
                async with cursor.copy(statement.encode()) as copy:
                    await copy.write(block)


async def choose_async(connection: psycopg.AsyncConnection[Any], number: int) -> None:
    """Have such a transaction answer by the supposition of a number."""
    await connection.execute(SQL["choose"], {"number": number})


def _ignored_sources(connection: psycopg.Connection[Any], without: Exclusions) -> set[str]:
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
