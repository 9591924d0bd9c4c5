"""The log on PostgreSQL: the eventsourcing package's DCB tables, with request ids and leaves.

Every append has a condition: an unconditional one takes no lock, so that positions could become
visible out of order and a follower would miss events for ever. Appends of several threads share
a statement and its commit (append_commands, in store/schema); each keeps its own condition, request
and answer. Looks at the log share a statement, too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

import psycopg
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.persistence import IntegrityError, OperationalError
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg_pool import PoolTimeout

from domain.recorder import LogLookup, Request
from store.arrays import Blobs, Int4s, Int8s, Texts
from store.database import BY_INDEX, LOCK_TIMEOUT, Database
from store.group_commit import Batched
from store.sql import queries

TABLE = "sijill_events"
CHANNEL = MAIN_TABLE = TABLE + "_tt_main"
"""The channel that an append notifies, named after the log's main table."""
SQL = queries("store", "log.sql")
LARGEST_GROUP = 1_000
"""Events of a batch of appends, or tags of a batch of looks, past which it takes no more."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Datastore(PostgresDatastore):
    """The package's datastore, connecting by a libpq string in the writer's role."""

    def __init__(self, database: Database, *, role: str | None, pool_size: int) -> None:
        super().__init__("", "", "", "", "", lock_timeout=LOCK_TIMEOUT)
        session = database.session(role, lock_timeout=f"{LOCK_TIMEOUT}s", **BY_INDEX)
        self.pool = ConnectionPool(
            database.url,
            connection_class=psycopg.Connection[DictRow],
            kwargs={**session, "row_factory": dict_row},
            min_size=0,
            max_size=pool_size,
            open=False,
            configure=self.after_connect_func(),
            timeout=5,
        )


class Look(NamedTuple):
    """What one caller looks for."""

    tags: Collection[str]
    request_id: str | None = None


class Append(NamedTuple):
    """What one caller wants appended."""

    events: Sequence[DCBEvent]
    unless: Collection[str]
    """The tags that no event after `after` may have."""
    after: int
    request: Request | None


class PostgresRecorder(PostgresDCBRecorderTT):
    """domain.record.Recorder on PostgreSQL."""

    def __init__(
        self,
        database: Database,
        *,
        role: str | None = "sijill_writer",
        pool_size: int = 4,
        before_first: Callable[[], None] = lambda: None,
    ) -> None:
        """`before_first` is called before the first append, and refuses it by raising."""
        super().__init__(
            Datastore(database, role=role, pool_size=pool_size), events_table_name=TABLE
        )
        self._before_first = before_first
        self._may_append = False
        self._appends: Batched[Append, int | Exception | None] = Batched(
            partial(_done, self._append_together),
            weigh=lambda append: len(append.events),
            most=LARGEST_GROUP,
        )
        self._looks: Batched[Look, LogLookup | Exception] = Batched(
            partial(_done, self._look_together),
            weigh=lambda look: len(look.tags),
            most=LARGEST_GROUP,
        )

    def append(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None
    ) -> int:
        """Append under a condition. Raises IntegrityError when it fails."""
        if condition is None:
            raise ValueError("an append to the log needs a condition")
        return self.append_once(events, condition, None)

    def append_once(
        self, events: Sequence[DCBEvent], condition: DCBAppendCondition, request: Request | None
    ) -> int:
        """Append, make the leaves and keep the request, its position filled in: one transaction.

        Raises IntegrityError when the condition fails or the request id is taken. When the reply
        to the commit is lost, the request id tells whether it took place. ValueError for a
        condition of more than single tags.
        """
        if not self._may_append:
            self._before_first()
            self._may_append = True
        append = Append(events, _tags_of(condition), condition.after or 0, request)
        outcome = self._appends(append)
        if isinstance(outcome, OperationalError):
            outcome = self._found_out(append, outcome)
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is None:
            raise IntegrityError("the condition of the append does not hold")
        return outcome

    def _found_out(self, append: Append, error: OperationalError) -> int | Exception | None:
        """What an append came to whose reply is lost. Raises OperationalError."""
        request = append.request
        stored = self.find_request(request.id) if request else None
        if request is None or (stored is None and not _is_cut(error)):
            return error
        if stored is not None and stored.digest == request.digest:
            return stored.position
        # What was cut may still be under way; under its lock we see its request.
        return self._appends(append)

    def _append_together(self, group: Sequence[Append]) -> Sequence[int | None]:
        """One transaction. The position of the last event of each, None where it does not hold."""
        events = [event for append in group for event in append.events]
        requests = [append.request for append in group]
        parameters = {
            "conditions": Texts("\n".join(append.unless) for append in group),
            "afters": Int8s(append.after for append in group),
            "counts": Int4s(len(append.events) for append in group),
            "types": Texts(event.type for event in events),
            "datas": Blobs(event.data for event in events),
            "tags": Texts("\n".join(event.tags) for event in events),
            "request_ids": Texts(request and request.id for request in requests),
            "digests": Blobs(request and request.digest for request in requests),
            "recorded": Int4s(request.recorded if request else 0 for request in requests),
            "unchanged": Int4s(request.unchanged if request else 0 for request in requests),
        }
        with self.datastore.get_connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            row = cursor.execute(SQL["append"], parameters, prepare=True).fetchone()
        assert row is not None
        positions: list[int | None] = row[0]
        return positions

    def look(self, tags: Collection[str], request_id: str | None = None) -> LogLookup:
        """The log's head, the events that have any of the tags, and the request of an id."""
        look = Look(tags, request_id)
        if len(tags) > LARGEST_GROUP:  # others need not wait for it
            return self._look_together([look])[0]
        found = self._looks(look)
        if isinstance(found, Exception):
            raise found
        return found

    def _look_together(self, group: Sequence[Look]) -> Sequence[LogLookup]:
        """One statement. What each finds."""
        parameters = {
            "tags": Texts({tag for look in group for tag in look.tags}),
            "requests": Texts({look.request_id for look in group if look.request_id is not None}),
        }
        try:
            rows = self._rows(parameters)
        except OperationalError as error:
            if not _is_cut(error):
                raise
            self.datastore.pool.check()  # others of the pool may have been cut with it
            rows = self._rows(parameters)
        head, now, events, requests = 0, datetime.now(UTC), [], {}
        for position, name, data, tags, *counts, time in rows:
            if name is None:
                head, now = position, time
            elif tags is None:
                requests[name] = Request(name, data, position, *counts)
            else:
                events.append((position, name, data, tags))
        if len(group) == 1:
            return [LogLookup(head, events, requests.get(group[0].request_id), now)]
        return [
            LogLookup(
                head,
                [event for event in events if not tags.isdisjoint(event[3])],
                requests.get(request_id),
                now,
            )
            for tags, request_id in ((set(look.tags), look.request_id) for look in group)
        ]

    def _rows(self, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        with self.datastore.get_connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row, binary=True)
            return cursor.execute(SQL["look"], parameters, prepare=True).fetchall()

    def written_beside(self, after: int, own: range) -> tuple[int, Collection[str]]:
        """The head, and the tags of the events after a position but for those of one's own."""
        parameters = {"after": after, "first": own.start, "last": own.stop - 1}
        with self.datastore.get_connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            row = cursor.execute(SQL["written_beside"], parameters).fetchone()
        assert row is not None
        return row

    def find_request(self, request_id: str) -> Request | None:
        """What a request id was used for, None if for nothing."""
        return self.look((), request_id).request

    def close(self) -> None:
        self.datastore.close()


def _done(
    work: Callable[[Sequence[Item]], Sequence[Result]], group: Sequence[Item]
) -> Sequence[Result | Exception]:
    """The results of a batch; each item by itself where the database refuses something of one."""
    try:
        return work(group)
    except OperationalError as error:
        return [error] * len(group)
    except Exception as error:
        if len(group) == 1:
            return [error]
    return [outcome for item in group for outcome in _done(work, [item])]


def _tags_of(condition: DCBAppendCondition) -> list[str]:
    """The tags of a condition. ValueError for one that single tags do not make."""
    tags = []
    for item in condition.fail_if_events_match.items:
        if item.types or len(item.tags) != 1 or "\n" in item.tags[0]:
            raise ValueError("the condition of an append is made of single tags, a line each")
        tags.append(item.tags[0])
    if not tags:
        raise ValueError("the condition of an append needs a tag")
    return tags


def _is_cut(error: OperationalError) -> bool:
    """Whether the connection to the database broke, rather than the database refusing."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.OperationalError) or isinstance(cause, PoolTimeout):
        return False
    return cause.sqlstate is None or cause.sqlstate[:3] in ("57P", "080")
