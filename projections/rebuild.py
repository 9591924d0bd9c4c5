"""Rebuild: the projections anew from the whole log, beside the old ones, then in their place.

One pass over the log writes its events and groups them; then processes fold slices of whole groups,
each into rows that are copied out; indexes come last. What was recorded meanwhile is followed.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache
from itertools import pairwise
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from domain.dossier import Dossier
from domain.errors import Refused
from domain.facts import EXISTENCE, Fact
from domain.tags import IDENTITY, fluent_tag
from projections.comparison import (
    Differing,
    Parts,
    differing,
    parts_at_both,
    parts_since,
)
from projections.event_groups import Grouped, Grouping, Row
from projections.follower import (
    BATCH,
    LOG,
    catch_up,
    decoded,
    progress_of,
    project,
    read_tagged,
)
from projections.related_events import gather_tagged
from projections.rows import SQL as COPIES
from projections.rows import line
from projections.slices import SQL, Worker, begin, work
from store.database import Database
from store.migrations import fill, use_schema
from store.sql import naming

LIVE, NEXT, LAST = "projections", "projections_next", "projections_last"
PATH = f"{NEXT},public"
TABLES = "intervals", "versions", "entities", "sources", "events"
SLICE = 4_000
"""About how many events a process folds at a time: some 20 MB of it."""
FEW = 20_000
"""Up to this many events are folded before another process would have started."""
LONG = 5_000
"""With more events left than this, a rebuild may be faster than following them."""
DEARER = 4
"""Following an event costs about this many times as much as rebuilding it, when many are left."""
LOCK = 0x51_13
"""The advisory lock of a rebuild, one for a database."""
SCANNING = 0.25
"""The part of the work that is done when the log has been grouped, for the progress told."""


_PROCESSES: BaseContext = multiprocessing.get_context(
    "spawn" if sys.platform == "win32" else "forkserver"
)
_PROCESSES.set_forkserver_preload([begin.__module__])

Engine = Callable[[psycopg.Connection[Any], Sequence[str], int], Iterator[int]]
"""Writes the rows of the events grouped up to a position, given the tags of those that many groups
share; how many events were done, each time that some were."""


class Rebuilt(NamedTuple):
    """The position reached, and the rows in which the new projections differ from the old."""

    position: int
    differing: list[Differing]


def rebuild(
    database: Database,
    *,
    accept: bool = False,
    compare: bool = True,
    batch: int = SLICE,
    workers: int | None = None,
    engine: Engine | None = None,
    seen: Callable[[int], None] = lambda position: None,
    is_growing: Callable[[], bool] = lambda: False,
) -> Rebuilt:
    """Rebuild, compare and swap. `seen` is called now and then with the number of events done.

    `is_growing` says whether the log is still being written at length, and may wait until more of
    it is: what comes meanwhile is scanned as it comes.

    `workers` is the number of processes that fold: one for each core if left out, none but this one
    for a short log or for 0. A slice has about `batch` events. An `engine` folds instead, if given.

    The old projections answer until the new ones, caught up, take their place in one transaction.
    Refused(ANSWERS_DIFFER), the rows in its data, if the new ones say anything else, unless told
    to `accept` that, or not to `compare` them. Old ones that are far behind the log are compared as
    far as they have come. Refused(REBUILD_RUNNING) while another one runs.
    Killed on the way, the old ones stay. Needs the owner's rights. Raises Poison.
    """
    with database.connect(
        # The server looks each second whether we are still there, and ends the session if not.
        search_path=PATH, synchronous_commit="off", client_connection_check_interval="1s"
    ) as connection:  # fmt: skip
        _alone(connection)
        connection.execute(SQL["hurry"].encode())
        with connection.transaction():
            _drop(connection, NEXT)
            _drop(connection, LAST)
            fill(connection, "projections", NEXT)
            connection.execute(SQL["scratch"].encode())
            for table in TABLES:
                connection.execute(naming(SQL["leave_alone"], schema=NEXT, table=table))
            indexes = connection.execute(SQL["indexes"], {"schema": NEXT}).fetchall()
            for name, _ in indexes:
                if name not in _SCRATCH:
                    connection.execute(naming(SQL["drop_index"], index=name))
        _load(connection, database, batch, workers, engine, seen, is_growing)
        _index(database, [sql.SQL(how) for name, how in indexes if name not in _SCRATCH])
        catch_up(connection)
        if compare:
            compared, parts = _compare(connection)
            catch_up(connection)
        with connection.transaction():
            # Both reach the end of the same log, whatever is recorded meanwhile. The first look
            # comes after the lock, so that it sees the live follower's last step.
            connection.execute(SQL["one_state"])
            connection.execute(naming(SQL["hold"], schema=LIVE))
            left = compare and _is_left_behind(connection)
            if compare and not left and not _stopped(connection):
                _reach(connection, LIVE)
            position = _reach(connection, NEXT)
            found = []
            if compare:
                if position > compared and not left:
                    since = parts_since(connection, LIVE, NEXT, compared)
                    parts = {table: sorted({*parts[table], *since[table]}) for table in parts}
                found = list(differing(connection, LIVE, NEXT, parts))
            if found and not accept:
                raise Refused(
                    "ANSWERS_DIFFER",
                    f"The rebuilt projections differ in {len(found)} rows, of "
                    f"{', '.join(dict.fromkeys(row.key for row in found[:5]))}…: look at them, and "
                    "rebuild with --accept if the new ones are right.",
                    differing=[row._asdict() for row in found],
                )
            connection.execute(naming(SQL["rename"], schema=LIVE, name=LAST))
            connection.execute(naming(SQL["rename"], schema=NEXT, name=LIVE))
            connection.execute(SQL["notify"])
        with connection.transaction():
            _drop(connection, LAST)
        return Rebuilt(position, found)


def is_faster(connection: psycopg.Connection[Any]) -> bool:
    """Whether to rebuild is faster than to follow what is left: a good part of a long log."""
    (head,) = connection.execute(LOG["head"]).fetchone() or (0,)
    left = head - progress_of(connection).position
    return bool(left > LONG and left * DEARER > head)


def _alone(connection: psycopg.Connection[Any]) -> None:
    """See to it that no other rebuild begins before this session ends."""
    try:
        connection.execute(SQL["lock"], {"lock": LOCK})
    except psycopg.errors.LockNotAvailable as error:
        raise Refused(
            "REBUILD_RUNNING", "Another rebuild is under way: begin when it has ended."
        ) from error


_SCRATCH = {"grouped_position"}


def _compare(connection: psycopg.Connection[Any]) -> tuple[int, Parts]:
    """A position, and the parts of the old and the new tables that differ as they were there.

    Nothing waits for this: what changes meanwhile is compared when nothing changes any more.
    """
    with connection.transaction():
        connection.execute(SQL["one_state"])
        return parts_at_both(connection, LIVE, NEXT)


def _load(
    connection: psycopg.Connection[Any],
    database: Database,
    batch: int,
    workers: int | None,
    engine: Engine | None,
    seen: Callable[[int], None],
    is_growing: Callable[[], bool],
) -> None:
    """All rows of the log as it is when it has grown, without indexes."""
    forks = engine is None and workers != 0 and sys.platform != "win32"
    grouping, head = _scan(
        connection, database, batch, lambda at: seen(int(at * SCANNING)), is_growing, forks=forks
    )
    connection.execute(SQL["index_groups"].encode())
    ties = grouping.ties
    connection.execute(SQL["tie"], {"groups": list(ties), "roots": list(ties.values())})
    connection.execute(naming(SQL["analyze"], table="grouped"))
    tags = [IDENTITY, *sorted(grouping.recounted), *_existence_tags(connection, grouping, head)]
    if engine is not None:
        counts = engine(connection, tags, head)
    else:
        if workers is None:
            workers = os.cpu_count() or 1 if head > FEW else 0
        counts = _folded(connection, database, workers, batch, tags, head)
    done = 0
    for count in counts:
        done += count
        seen(int(head * SCANNING + done * (1 - SCANNING)))
    connection.execute(SQL["drop_scratch"].encode())


def _existence_tags(
    connection: psycopg.Connection[Any], grouping: Grouping, head: int
) -> Sequence[str]:
    """The tags of the facts, and of what was said of them, that bear on the existence of what
    something may end."""
    if not grouping.ended:
        return ()
    fluents = (fluent_tag(EXISTENCE.name, each, each) for each in sorted(grouping.ended))
    with connection.cursor() as cursor:
        events, _ = gather_tagged(fluents, lambda wanted: read_tagged(cursor, wanted, head))
    return [f"fact:{event.entry.id}" for event in events if isinstance(event.entry, Fact)]


def _scan(
    connection: psycopg.Connection[Any],
    database: Database,
    batch: int,
    seen: Callable[[int], None],
    is_growing: Callable[[], bool],
    *,
    forks: bool,
) -> tuple[Grouping, int]:
    """One pass over the log: its events' own rows, their groups, and the days of its sources.

    The grouping, and the log's head. Where it `forks` later for a long log, that is prepared.
    """
    with connection.transaction(), connection.cursor() as cursor:
        grouping, merges, head = None, 0, 0
        while True:
            grows, scanned = is_growing(), head  # in this order, so that nothing is left out
            ((head,),) = cursor.execute(LOG["head"]).fetchall()
            parameters = {"tags": [IDENTITY], "upto": head}
            identities = cursor.execute(LOG["events_tagged"], parameters).fetchall()
            if grouping is None or len(identities) > merges:
                # What belongs together depends on every merge, later ones too.
                if grouping is not None:
                    cursor.execute(SQL["scan_anew"].encode())
                grouping, merges, scanned = _grouping(cursor, identities), len(identities), 0
            if forks and head > FEW:
                forkserver.ensure_running()  # it imports what they need while the log is scanned
            with closing(_read(database, scanned, head, batch)) as log:
                for some in log:
                    _take(cursor, grouping.take(some))
                    seen(some[-1][0])
            if not grows:
                latest = {"position": head, "recorded_at": grouping.recorded_at or None}
                cursor.execute(COPIES["advance"], latest)
                return grouping, head


def _grouping(cursor: psycopg.Cursor[Any], identities: Iterable[Any]) -> Grouping:
    """Groups events that are tied by some merges and splits, given as rows of the log."""
    dossier = Dossier()
    for merge in decoded(identities):
        dossier.relate(merge.event)

    def homes(ids: Sequence[str]) -> Mapping[str, int]:
        return dict(cursor.execute(SQL["homes"], {"ids": ids}).fetchall())

    return Grouping(dossier, homes)


def _take(cursor: psycopg.Cursor[Any], grouped: Iterable[Grouped]) -> None:
    """Write what the scan tells of some events."""
    cell = lru_cache(line)  # few record most
    events, groups, days = [], [], []
    for each in grouped:
        at = each.recorded_at
        events.append(f"{each.position}\t{at}\t{each.kind}\t{each.id}\t{cell(each.actor)}")
        if each.group is not None:
            groups.append(line(each.group, each.position, at if each.is_late else None))
        if each.day is not None:
            days.append(f"{each.id}\t{each.day}\n")
    for statement, lines in (
        (COPIES["copy_events"], events),
        (SQL["copy_grouped"], groups),
        (SQL["copy_source_days"], days),
    ):
        with cursor.copy(statement) as copy:
            copy.write("".join(lines))


def _read(database: Database, above: int, head: int, batch: int) -> Generator[list[Row]]:
    """The log between two positions, the next batch of it while one is worked on."""
    if above == head:
        return
    with (
        database.connect() as connection,
        connection.transaction(),
        connection.cursor("log", binary=True) as log,
        ThreadPoolExecutor(1) as ahead,
    ):
        log.execute(SQL["scanned"], {"above": above, "upto": head})
        coming = ahead.submit(log.fetchmany, batch)
        while some := coming.result():
            coming = ahead.submit(log.fetchmany, batch)
            yield some


def _folded(
    connection: psycopg.Connection[Any],
    database: Database,
    workers: int,
    batch: int,
    tags: Sequence[str],
    head: int,
) -> Iterator[int]:
    """Fold slices, in so many processes or in this one; how many events each had."""
    bounds = connection.execute(SQL["bounds"], {"size": batch}).fetchall()
    slices = list(pairwise([-(2**63), *dict.fromkeys(bound for (bound,) in bounds), 2**63 - 1]))
    if not workers:
        yield from map(Worker(connection, tags, head).work, slices)
        return
    pool = ProcessPoolExecutor(workers, _PROCESSES, begin, (database, PATH, tags, head))
    try:
        yield from pool.map(work, slices)
    finally:
        pool.shutdown(cancel_futures=True)


def _index(database: Database, statements: Sequence[sql.SQL | sql.Composed]) -> None:
    """Make indexes and then look at what is there, two at a time."""
    _in_turns(database, statements)
    # Not before: an ANALYZE waits for an index of its table, and a session for no lock for long.
    _in_turns(database, [naming(SQL["analyze"], table=table) for table in TABLES])
    with database.connect(search_path=PATH) as connection:
        for table in TABLES:
            connection.execute(naming(SQL["look_after"], table=table))


def _in_turns(database: Database, statements: Sequence[sql.SQL | sql.Composed]) -> None:
    """Execute statements in two sessions, each of which takes the next one that is left."""
    left = iter(statements)

    def run() -> None:
        with database.connect(
            search_path=PATH,
            synchronous_commit="off",
            maintenance_work_mem="256MB",
            max_parallel_maintenance_workers="0",
        ) as connection:
            for statement in left:
                connection.execute(statement)

    with ThreadPoolExecutor(2) as threads:
        for each in [threads.submit(run) for _ in range(2)]:
            each.result()


def _is_left_behind(connection: psycopg.Connection[Any]) -> bool:
    """Whether it would take longer to bring the old projections up to the log than to rebuild."""
    use_schema(connection, LIVE)
    return is_faster(connection)


def _stopped(connection: psycopg.Connection[Any]) -> bool:
    """Whether the old projections stopped at an event that they can't take in."""
    row = connection.execute(naming(SQL["stopped"], schema=LIVE)).fetchone()
    return row is not None and row[0] is not None


def _reach(connection: psycopg.Connection[Any], schema: str) -> int:
    """Project what is left of the log in a schema; the position reached."""
    use_schema(connection, schema)
    position, count = project(connection, BATCH)
    while count:
        position, count = project(connection, BATCH)
    return position


def _drop(connection: psycopg.Connection[Any], schema: str) -> None:
    connection.execute(naming(SQL["drop"], schema=schema))
