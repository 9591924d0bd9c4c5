"""`doctor`: whether all that Sijill needs is there, one check a line, and what to do if not."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from api.failures import UNREACHABLE, failure_of
from api.terminal import JsonFlag, print_json, say, show

if TYPE_CHECKING:
    from api.settings import Settings
    from store.database import Database

OLDEST_PYTHON = (3, 11)


class Check(NamedTuple):
    """What was looked at, whether it is as it should be, and the words: what, and what to do."""

    check: str
    ok: bool
    words: str


class _Wrong(Exception):
    """A check's finding that something is not as it should be."""


def doctor(as_json: JsonFlag = False) -> None:
    """Check all that Sijill needs, and say what to do: sijill doctor"""
    with ExitStack() as stack:
        checks = []
        for check in examine(stack):
            checks.append(check)
            if not as_json:
                show(f"{'ok' if check.ok else 'not ok':<6}  {check.check}: {check.words}")
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, "checks": [check._asdict() for check in checks]})
    if not ok:
        raise typer.Exit(UNREACHABLE)


def examine(stack: ExitStack) -> Iterator[Check]:
    """The checks in order; after one that the rest depend on has failed, there are no more."""
    from api.settings import Settings

    yield _tried("python", _python)
    try:
        settings = Settings.read()
    except Exception as error:
        yield Check("settings", False, str(error))
        return
    patient = _Patient(settings, stack)
    yield _tried("programs", patient.programs)
    yield _tried("data folder", patient.data_folder)
    for name, look in (("server", patient.server), ("schema", patient.schema)):
        check = _tried(name, look)
        yield check
        if not check.ok:
            return
    if patient.is_set_up:
        yield _tried("roles", patient.roles)
        yield _tried("protection", patient.protection)
        yield _tried("log", patient.log)
        yield _tried("clock", patient.clock)
        yield _tried("answers", patient.answers)


def _tried(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except _Wrong as wrong:
        return Check(name, False, str(wrong))
    except Exception as error:
        failure = failure_of(error)
        return Check(name, False, failure.message if failure else f"{error!r}: report this.")


def _python() -> str:
    if sys.version_info < OLDEST_PYTHON:
        raise _Wrong(f"{platform.python_version()}: install Python 3.11 or later.")
    from domain import compilation

    fold = "compiled" if compilation.folder().exists() else "not compiled, hence slower"
    return f"{platform.python_version()} at {sys.executable}, the fold {fold}"


@dataclass
class _Patient:
    """The record that is examined. Nothing of it is changed, but its server is started."""

    settings: Settings
    stack: ExitStack
    is_set_up: bool = False
    head: int = 0
    _database: Database | None = field(default=None, repr=False)

    @property
    def database(self) -> Database:
        assert self._database is not None
        return self._database

    def programs(self) -> str:
        from store import binaries

        if self.settings.database_url is not None:
            return "not needed, since SIJILL_DATABASE_URL is set"
        return f"PostgreSQL {binaries.MAJOR} in {binaries.find()}"

    def data_folder(self) -> str:
        if self.settings.database_url is not None:
            return "not needed, since SIJILL_DATABASE_URL is set"
        there = self.settings.data.exists()
        return f"{self.settings.data}{'' if there else ', made just now'}"

    def server(self) -> str:
        from store import binaries
        from store.embedded import Embedded

        url = self.settings.database_url
        if url is None:
            url = self.stack.enter_context(Embedded(self.settings.data, say=say)).url
        self._database = self.settings.at(url)
        with self.database.connect() as connection:
            version = connection.info.server_version
        words = f"PostgreSQL {version // 10_000}.{version % 10_000}"
        if version // 10_000 != binaries.MAJOR:
            raise _Wrong(f"{words}: use a server of PostgreSQL {binaries.MAJOR}.")
        return words

    def schema(self) -> str:
        from domain.errors import Refused
        from store.migrations import check_schema, is_current

        with self.database.connect() as connection:
            try:
                self.is_set_up = is_current(check_schema(self.database, connection))
            except Refused as refused:
                raise _Wrong(refused.message) from refused
        if self.is_set_up:
            return "up to date"
        if self.settings.database_url is None:
            return "not up to date, which the next command sees to"
        raise _Wrong("not up to date: run `sijill migrate` as the database's owner.")

    def roles(self) -> str:
        from store.database import FOLLOWER, READER, WRITER

        for role in (WRITER, FOLLOWER, READER):
            with self.database.connect(role):
                pass
        return "this login may write, follow and read"

    def protection(self) -> str:
        from store.checkpoints import snapshot
        from store.protection import audit_protection, is_owned

        with self.database.connect() as connection, snapshot(connection):
            owned = is_owned(connection)
            found = list(audit_protection(connection, is_owner=owned))
        if found:
            raise _Wrong("; ".join(each.what for each in found[:5]) + ": see `sijill verify`.")
        return "the triggers, functions and roles are as they were set up" + (
            ", and so are the grants" if owned else ""
        )

    def log(self) -> str:
        from projections.follower import LOG

        self.head = self._one(LOG["head"])
        return f"{f'up to position {self.head}' if self.head else 'empty'}"

    def clock(self) -> str:
        from datetime import UTC, datetime

        from domain.record import MOST_AHEAD
        from projections.audit import ahead_of_the_clock, clock_of
        from store.database import READER

        with self.database.connect(READER) as connection:
            apart = datetime.now(UTC) - clock_of(connection)
            ahead = ahead_of_the_clock(connection)
        if apart > MOST_AHEAD:
            raise _Wrong(f"{apart} ahead of the database's: set it right, nothing is recorded.")
        if ahead is not None:
            raise _Wrong(f"the event at position {ahead.position}: {ahead.what}.")
        return "not ahead of the database's, nor is the log"

    def answers(self) -> str:
        from projections.follower import progress_of
        from store.database import READER

        with self.database.connect(READER) as connection:
            seen = progress_of(connection)
        if seen.stopped_at is not None:
            raise _Wrong(
                f"up to position {seen.position}, and stopped: the event at {seen.stopped_at} "
                f"can't be projected ({seen.stopped_why}). Use the Sijill that wrote it, or a "
                "newer one, then run `sijill rebuild`. The log itself is whole."
            )
        if seen.position < self.head:
            return f"up to position {seen.position}; the next command or server goes on from there"
        return f"up to position {seen.position}, which is all of the log"

    def _one(self, query: Any) -> int:
        from store.database import READER

        with self.database.connect(READER) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])
