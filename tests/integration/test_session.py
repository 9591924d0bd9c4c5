"""A session that was ended from outside leaves nothing open."""

from __future__ import annotations

import gc

from api.instance import Instance
from api.session import Session
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
