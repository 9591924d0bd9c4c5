"""A session that was ended from outside leaves nothing open."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection
from psycopg.errors import QueryCanceled, ReadOnlySqlTransaction

from api.instance import Instance
from api.session import Session, SessionPool, session_pool
from projections import view_rows
from store.database import READER


def test_rows_that_are_not_read_on_end_quietly_with_their_session(sampled: Instance) -> None:
    session = Session()
    with sampled.database.connect(READER) as connection:
        session.begin(connection)
        batches = view_rows.events(connection, 100, None)
        assert len(next(batches)) == 100

        session.end()
        del batches
        gc.collect()

        assert connection.closed


@pytest.fixture
def pool(sampled: Instance) -> Iterator[SessionPool]:
    with session_pool(sampled.database, 1, 10) as pool:
        yield pool


def pid(connection: Connection[Any]) -> int:
    return connection.info.backend_pid


def test_a_connection_is_borrowed_again_and_only_reads(pool: SessionPool) -> None:
    with Session().borrowed(pool) as connection:
        first, wait = pid(connection), connection.wait
    with Session().borrowed(pool) as connection:
        assert pid(connection) == first
        assert connection.wait != wait
        with pytest.raises(ReadOnlySqlTransaction):
            connection.execute("CREATE TABLE public.mine (word text)")


def test_a_connection_whose_session_ended_is_not_borrowed_again(pool: SessionPool) -> None:
    session = Session()
    with session.borrowed(pool) as connection:
        first = pid(connection)
        session.end()
        with pytest.raises(QueryCanceled):
            connection.execute("SELECT 1")

    with Session().borrowed(pool) as connection:
        assert pid(connection) != first
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_session_that_ends_late_cancels_nobody_else(pool: SessionPool) -> None:
    session = Session()
    with session.borrowed(pool):
        pass
    with Session().borrowed(pool) as connection:
        session.end()

        assert connection.execute("SELECT pg_sleep(0.1), 1").fetchone() == ("", 1)
