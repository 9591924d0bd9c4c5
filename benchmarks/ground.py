"""What is measured on: an embedded server of its own, and a database for each record."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from psycopg.conninfo import make_conninfo

from api.commands.record_import import project, uncollected
from api.files import read_files
from api.instance import Instance, opened
from api.settings import Settings
from benchmarks import servers, straight
from benchmarks.generator import Size, batches, entries
from benchmarks.load import Load
from domain.record import LARGEST_TRANSACTION
from store.embedded import Embedded

Say = Callable[[str], None]

BATCH = min(50_000, LARGEST_TRANSACTION)


class Loaded(NamedTuple):
    """A record that was taken in: entries, and seconds to read, to write and to project them."""

    instance: Instance
    entries: int
    reading: float
    writing: float
    projecting: float

    @property
    def position(self) -> int:
        """How far it is projected."""
        with self.instance.database.connect() as connection:
            row = connection.execute("SELECT position FROM progress").fetchone()
        assert row is not None
        return int(row[0])


@dataclass(frozen=True)
class Ground:
    """`folder` is for files of the run; `load` sends requests; servers end with the `stack`."""

    folder: Path
    url: str
    load: Load
    say: Say
    stack: ExitStack
    served: dict[tuple[str, ...], str] = field(default_factory=dict)

    def sijill(self, loaded: Loaded, **settings: str) -> str:
        """Where a record's GraphQL is served, from now to the end of the run."""
        url = loaded.instance.database.url
        key = (url, *settings)
        if key not in self.served:
            server = servers.sijill(url, self.folder, **settings)
            self.served[key] = self.stack.enter_context(server) + "/graphql"
        return self.served[key]

    @contextmanager
    def fresh(self, name: str) -> Iterator[Instance]:
        """A record with nothing in it, in a database of its own."""
        url = self.database(name)
        settings = Settings(url, self.folder, "127.0.0.1", 0)
        with opened(settings, lambda words: None) as instance:
            yield instance

    def database(self, name: str) -> str:
        """The address of a new, empty database."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as owner:
            owner.execute(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'".encode()
            )
        return make_conninfo(self.url, dbname=name)

    @contextmanager
    def loaded(self, name: str, size: Size) -> Iterator[Loaded]:
        """A record of a size, taken in as `import` does, file by file, and vacuumed."""
        file = self.folder / f"{name}.jsonl"
        with self.fresh(name) as instance:
            count, reading, writing = 0, 0.0, 0.0
            for batch in batches(entries(size), BATCH):
                lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in batch]
                file.write_text("".join(lines), encoding="utf-8")
                with uncollected():
                    began = time.perf_counter()
                    taken = read_files([str(file)]).entries
                    start = time.perf_counter()
                    instance.record.apply(taken, actor="bench")
                    writing += time.perf_counter() - start
                    reading += start - began
                count += len(taken)
            file.unlink()
            written = time.perf_counter()
            project(instance)
            projecting = time.perf_counter() - written
            _vacuum(instance)
            self.say(
                f"{name}: {count:,} entries read in {reading:.1f} s, written in {writing:.1f} s, "
                f"projected in {projecting:.1f} s"
            )
            yield Loaded(instance, count, reading, writing, projecting)

    @contextmanager
    def straight(self, name: str, size: Size) -> Iterator[Loaded]:
        """A record of a size, for reading: written without the checks, projected by a rebuild."""
        with self.fresh(name) as instance:
            began = time.perf_counter()
            count = straight.append(instance, entries(size))
            written = time.perf_counter()
            straight.project(instance)
            projected = time.perf_counter()
            _vacuum(instance)
            self.say(
                f"{name}: {count:,} entries written straight in {written - began:.1f} s, rebuilt "
                f"in {projected - written:.1f} s"
            )
            yield Loaded(instance, count, 0, written - began, projected - written)


def _vacuum(instance: Instance) -> None:
    with instance.database.connect() as owner:
        owner.execute("VACUUM ANALYZE")


@contextmanager
def ground(say: Say) -> Iterator[Ground]:
    """The ground of one run, gone after it."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="sijill-bench-", ignore_cleanup_errors=True)
            )
        )
        folder.chmod(0o755)  # a server that root starts runs as another account
        server = stack.enter_context(Embedded(folder / "data", say=lambda words: None))
        load = stack.enter_context(Load())
        yield Ground(folder, server.url, load, say, stack)
