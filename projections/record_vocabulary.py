"""The vocabulary of a record: the core's, with the definitions that its log has.

A process keeps it as far as it was read, and reads on. What is defined later never changes what is
there, so that an older state of it is never wrong, only short.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from domain.codec import decode
from domain.definitions import Definition
from domain.tags import VOCABULARY
from domain.vocabulary import CORE, Vocabulary
from store.database import READER, Database
from store.sql import queries

LOG = queries("store", "log.sql")


def read_vocabulary(connection: psycopg.Connection[Any]) -> Vocabulary:
    """The vocabulary of the record that a connection reads."""
    return CORE.with_all(definition for _, definition in _definitions(connection, 0))


def _definitions(
    connection: psycopg.Connection[Any], after: int
) -> Iterator[tuple[int, Definition]]:
    cursor = connection.cursor(row_factory=tuple_row)
    for position, stored_type, data in cursor.execute(
        LOG["definitions_after"], {"tag": VOCABULARY, "after": after}
    ):
        definition = decode(position, stored_type, data).entry
        assert isinstance(definition, Definition)
        yield position, definition


class RecordVocabulary:
    """The vocabulary of one record as far as this process has read it."""

    def __init__(self, database: Database) -> None:
        self.current = CORE
        self.prepare: Callable[[Vocabulary], object] = lambda vocabulary: None
        """What is done for a new vocabulary before anybody sees it."""
        self._database = database
        self._definitions: list[tuple[int, Definition]] = []
        self._reading = Lock()

    def refresh(self) -> bool:
        """Read on; whether there was anything new."""
        with self._reading, self._database.connect(READER) as connection:
            new = list(_definitions(connection, self._upto))
            if not new:
                return False
            vocabulary = self.current.with_all(definition for _, definition in new)
            self.prepare(vocabulary)
            self._definitions += new
            self.current = vocabulary
            return True

    async def read_on(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Read on, in a thread, where the log has definitions that were not read."""
        cursor = await connection.execute(
            LOG["definitions_after"], {"tag": VOCABULARY, "after": self._upto}
        )
        if await cursor.fetchone() is not None:
            await asyncio.to_thread(self.refresh)

    @property
    def _upto(self) -> int:
        return self._definitions[-1][0] if self._definitions else 0

    def at(self, position: int) -> Vocabulary:
        """The vocabulary as it was at a position of the log."""
        known = list(self._definitions)
        if not known or known[-1][0] <= position:
            return self.current
        return CORE.with_all(each for place, each in known if place <= position)
