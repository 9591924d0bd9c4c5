"""One real PostgreSQL for the whole test run, and a fresh, migrated database for each test.

`server_url` starts the embedded server in a folder of its own, or takes SIJILL_TEST_DATABASE_URL
(an owner's connection to a server where databases may be created). `database` is a migrated
database of its own; `instance` is a record on it, with nothing in it. A module that wants one
instance for all of its tests, filled once, makes a fixture of `new_instance()` with its own scope.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal
from uuid import uuid4

import httpx
import hypothesis
import psycopg
import pytest
import uvicorn
from limits import RateLimitItemPerMinute
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api import costly_pool
from api.app import create_app
from api.files import sample
from api.instance import Instance
from api.protocol import Protocol
from api.settings import Settings
from domain.record import Record
from projections.follower import catch_up
from projections.follower_process import Follower
from store.database import BY_INDEX, FOLLOWER, Database
from store.datafolder import supervised
from store.embedded import Embedded
from store.migrations import migrate
from store.recorder import PostgresRecorder

TEMPLATE = "sijill_test_template"

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So it is in a shell's background, and whatever we start would ignore it too.
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST_FIRST = (
    "browser/test_access.py",
    "browser/test_tasks.py",
    "browser/test_hostile.py",
    "browser/test_editing.py",
    "browser/test_edit_accessibility.py",
    "browser/test_typed_clocks.py",
    "integration/test_own_server.py",
    "integration/test_concurrency.py",
    "integration/test_benchmarks.py",
    "integration/test_embedded.py",
    "integration/test_cli.py",
    "integration/test_law.py",
    "browser/test_taking.py",
    "browser/test_importing.py",
    "integration/test_documented_server.py",
    "integration/test_documented_examples.py",
    "integration/test_kill.py",
    "integration/test_backup.py",
    "integration/test_administration.py",
    "integration/test_cached_answers_law.py",
    "browser",
    "integration",
    "property",
)
"""What begins first, so that no process ends with a long module while the others are done."""

# A busy machine takes its time, and the first of several examples loads what it needs.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

NewDatabase = Callable[..., AbstractContextManager[Database]]
NewInstance = Callable[..., AbstractContextManager[Instance]]
"""Both may be given the name of a database to copy, in place of an empty record."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules in order."""
    tests = Path(__file__).parent
    ranks = {tests / name: rank for rank, name in enumerate(LONGEST_FIRST)}

    def rank(item: pytest.Item) -> int:
        return min(ranks.get(path, len(ranks)) for path in (item.path, item.path.parent))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules stay: looking for cycles passes them over."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Processes of `-n auto`: one more than cores, since a test often waits for another program."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def _data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A data folder for whatever a test starts without one: the signing key is made there."""
    folder = tmp_path_factory.mktemp("sijill")
    folder.chmod(0o711)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIJILL_DATA", str(folder))
        yield


@pytest.fixture(scope="session", autouse=True)
def _rate() -> Iterator[None]:
    """Tests are one client that asks faster than people do: what it may ask in a minute is more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(costly_pool, "RATE", RateLimitItemPerMinute(100_000))
        yield


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The owner's connection to a PostgreSQL server for this run."""
    if given := os.environ.get("SIJILL_TEST_DATABASE_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="sijill-test-", dir=_roomiest()))
    folder.chmod(0o755)  # a server that root starts runs as another account
    data = folder / "data"
    try:
        with Embedded(data, say=lambda words: None) as server:
            # No test's database is there after the machine stops: commits wait for no disk, and
            # pages are not written whole after each checkpoint that a copy of a database makes.
            _execute(server.url, "ALTER SYSTEM SET fsync = off")
            _execute(server.url, "ALTER SYSTEM SET full_page_writes = off")
            _execute(server.url, "SELECT pg_reload_conf()")
            yield server.url
    finally:
        _stop(data)
        shutil.rmtree(folder, ignore_errors=True)


def _roomiest() -> str:
    """Memory where there is enough: a test's database is hundreds of files, made and removed."""
    try:
        return "/dev/shm" if shutil.disk_usage("/dev/shm").free >= 6 * 2**30 else "/tmp"
    except OSError:
        return "/tmp"


def _stop(data: Path) -> None:
    """End the server at once, without the grace that its supervisor gives to the next user."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"store.supervisor" in words and os.fsencode(data) in words:
            os.kill(int(process.name), signal.SIGTERM)
    for _ in range(200):
        if not supervised(data):
            return
        time.sleep(0.05)


def _named(url: str, database: str) -> str:
    return make_conninfo(**{**conninfo_to_dict(url), "dbname": database})


def _execute(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def _template(server_url: str) -> Iterator[str]:
    """A migrated database to copy: as fast as a copy, and exactly what a migration makes."""
    name = f"{TEMPLATE}_{uuid4().hex[:8]}"
    _execute(
        server_url,
        "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' "
        "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
        name,
    )
    migrate(Database(_named(server_url, name)))
    yield name
    _execute(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def new_database(server_url: str, _template: str) -> NewDatabase:
    """Makes migrated databases, each gone after its `with`."""

    @contextmanager
    def fresh(template: str = _template) -> Iterator[Database]:
        name = f"sijill_test_{uuid4().hex[:12]}"
        _execute(server_url, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        try:
            yield Database(_named(server_url, name))
        finally:
            _execute(server_url, "DROP DATABASE {} WITH (FORCE)", name)

    return fresh


@pytest.fixture(scope="session")
def new_instance(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> NewInstance:
    """Makes empty records, each on a database of its own."""

    @contextmanager
    def fresh(*template: str) -> Iterator[Instance]:
        with new_database(*template) as database:
            recorder = PostgresRecorder(database)
            settings = Settings(database.url, tmp_path_factory.mktemp("data"), "127.0.0.1", 0)
            try:
                yield Instance(settings, database, Record(recorder))
            finally:
                recorder.close()

    return fresh


@pytest.fixture(scope="session")
def new_sampled(new_instance: NewInstance, new_database: NewDatabase) -> Iterator[NewInstance]:
    """Makes records that have the sample: copies of one, a quarter of the work of an import."""
    with new_database() as database:
        recorder = PostgresRecorder(database)
        Record(recorder).apply(sample().entries, actor="someone")
        recorder.close()
        with database.connect(FOLLOWER, **BY_INDEX) as connection:
            catch_up(connection)
        name = str(conninfo_to_dict(database.url)["dbname"])
        yield lambda: new_instance(name)


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Database]:
    """A migrated database of this test's own."""
    with new_database() as fresh:
        yield fresh


@pytest.fixture
def instance(new_instance: NewInstance) -> Iterator[Instance]:
    """An empty record of this test's own."""
    with new_instance() as fresh:
        yield fresh


@pytest.fixture(scope="module")
def sampled(new_sampled: NewInstance) -> Iterator[Instance]:
    """The sample record, for all tests of a module."""
    with new_sampled() as fresh:
        yield fresh


@contextmanager
def serving(instance: Instance, loop: Literal["auto", "asyncio"] = "auto") -> Iterator[str]:
    """The address of a real server of the record, on a port of its own."""
    config = uvicorn.Config(
        create_app(instance, follow=Follower),
        http=Protocol,
        loop=loop,
        host="127.0.0.1",
        port=0,
        log_level="warning",
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def browsing(instance: Instance) -> Iterator[httpx.Client]:
    """A client of such a server."""
    with serving(instance) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client
