"""A running record: its database up to date, the log to write to, the projections caught up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from api.settings import Settings
from domain.checkpoint import Signer
from domain.errors import Unreachable
from domain.record import Record
from projections.follower import catch_up
from projections.record_vocabulary import RecordVocabulary
from store.database import BY_INDEX, FOLLOWER, READER, Database
from store.embedded import Embedded
from store.group_commit import Batched
from store.migrations import migrate
from store.published_log import check_published, last_published, remember_signed
from store.recorder import PostgresRecorder
from store.replay import check_own, check_whole, is_copy
from store.signing_key import FILE as KEY_FILE
from store.signing_key import load_signer

PATIENCE = 1
"""Seconds that a writer waits for the lock of who projects."""


@dataclass(frozen=True, slots=True)
class Instance:
    """What every way in works with."""

    settings: Settings
    database: Database
    record: Record
    vocabulary: RecordVocabulary = field(init=False, repr=False, compare=False)
    _caught_up: Batched[None, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vocabulary", RecordVocabulary(self.database))

        def work(waiting: Sequence[None]) -> list[int]:
            with self.database.connect(
                FOLLOWER, lock_timeout=f"{PATIENCE}s", **BY_INDEX
            ) as connection:
                return [catch_up(connection)] * len(waiting)

        object.__setattr__(self, "_caught_up", Batched(work))

    def catch_up(self, seen: Callable[[int], None] = lambda position: None) -> int:
        """Project all that the log has: the position reached. Raises Poison."""
        with self.database.connect(FOLLOWER, **BY_INDEX) as connection:
            return catch_up(connection, seen=seen)

    def catch_up_together(self) -> int:
        """The same for a writer who has nobody that follows; writers who come at once share it.

        Raises LockNotAvailable where a follower holds the projections, and stands still.
        """
        return self._caught_up(None)

    def signer(self) -> Signer:
        """The log's key, made on first need. Raises as `load_signer` does."""
        settings = self.settings
        return load_signer(settings.signing_key or settings.data / KEY_FILE, settings.origin)

    def remember_signed(self, connection: psycopg.Connection[Any], note: str) -> None:
        """Keep a checkpoint in the data folder, for `sijill verify`."""
        remember_signed(connection, self.settings.data, note)

    def check_published(self) -> None:
        """Refused as LOG_DIFFERS where the log does not continue what was last published.

        A copy (store/replay.py) need not: it ends earlier, and nothing is added to it.
        """
        published = last_published(self.settings.data, self.settings.published)
        if published is not None:
            with self.database.connect(READER) as connection:
                if not is_copy(connection):
                    check_published(connection, published)

    def may_append(self) -> None:
        """Refused where nothing may be added: to a copy, or where `check_published` refuses."""
        with self.database.connect(READER) as connection:
            check_own(connection)
        self.check_published()


@contextmanager
def opened(settings: Settings, say: Callable[[str], None]) -> Iterator[Instance]:
    """Start the embedded server if that is what we use, bring the schema up to date, connect.

    Raises Unreachable, or Refused when the database is of a newer program.
    """
    with ExitStack() as stack:
        url = settings.database_url
        if url is None:
            url = stack.enter_context(Embedded(settings.data, say=say)).url
        database = settings.at(url)
        try:
            migrate(database, say)
        except psycopg.errors.InsufficientPrivilege as error:
            raise Unreachable(
                "The database is not set up for this Sijill, and this role may not do it "
                f"({error.diag.message_primary}): run `sijill migrate` with SIJILL_DATABASE_URL "
                "set to its owner's connection."
            ) from error
        with database.connect(READER) as connection:
            check_whole(connection)
        recorder = PostgresRecorder(database, before_first=lambda: instance.may_append())
        stack.callback(recorder.close)
        instance = Instance(settings, database, Record(recorder))
        yield instance
