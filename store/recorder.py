"""The log on PostgreSQL: the eventsourcing package's DCB recorder, with request ids and leaves.

Every append has a condition: an unconditional one takes no lock, so that positions could become
visible out of order and a follower would miss events for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.persistence import IntegrityError, OperationalError
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg.rows import DictRow, dict_row

from domain.record import Request
from store.database import LOCK_TIMEOUT, Database
from store.sql import queries
from store.tree import add_leaves, growth

TABLE = "sijill_events"
CHANNEL = MAIN_TABLE = TABLE + "_tt_main"
"""The channel that an append notifies, named after the log's main table."""
SQL = queries("store", "log.sql")


class Datastore(PostgresDatastore):
    """The package's datastore, connecting by a libpq string in the writer's role."""

    def __init__(self, database: Database, *, role: str | None, pool_size: int) -> None:
        super().__init__("", "", "", "", "", lock_timeout=LOCK_TIMEOUT)
        self.pool = ConnectionPool(
            database.url,
            connection_class=psycopg.Connection[DictRow],
            kwargs={**database.session(role), "row_factory": dict_row},
            min_size=0,
            max_size=pool_size,
            open=False,
            configure=self.after_connect_func(),
            check=ConnectionPool.check_connection,
            timeout=5,
        )


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

        Raises IntegrityError when the condition fails. When the reply to the commit is lost, the
        request id tells whether it took place.
        """
        if not self._may_append:
            self._before_first()
            self._may_append = True
        try:
            with (
                self.datastore.transaction(commit=True) as cursor,
                cursor.connection.pipeline(),  # the leaves cost no round trip of their own
            ):
                self.execute(
                    cursor,
                    self.sql_conditional_append,
                    {
                        "query_items": self.construct_psycopg_query_items(
                            condition.fail_if_events_match.items
                        ),
                        "after": condition.after,
                        "events": self.construct_psycopg_dcb_events(events),
                    },
                )
                grown = growth(cursor.connection)
                row = cursor.fetchone()
                if row is None:
                    raise IntegrityError("the condition of the append does not hold")
                (position,) = row.values()
                add_leaves(grown, events)
                if request is not None:
                    cursor.execute(
                        SQL["keep_request"], request._replace(position=position)._asdict()
                    )
            return int(position)
        except OperationalError:
            stored = self.find_request(request.id) if request else None
            if stored is None or request is None or stored.digest != request.digest:
                raise
            return stored.position

    def find_request(self, request_id: str) -> Request | None:
        with self.datastore.cursor() as cursor:
            row: dict[str, Any] | None = cursor.execute(
                SQL["find_request"], {"id": request_id}
            ).fetchone()
        return None if row is None else Request(**row)

    def close(self) -> None:
        self.datastore.close()
