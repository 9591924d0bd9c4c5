"""`import`: record files are checked as one, then recorded, then projected."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import Queue
from typing import TYPE_CHECKING, Annotated, Self

import typer

from api.commands.query import opened_record
from api.terminal import Bar, JsonFlag, Seen, bars, print_json, say, show

FEW = 1_000
"""Entries whose warnings are looked for by what bears on them; of more, by a look at the record."""
STEP = 20_000
"""Entries that are written between two looks of what follows beside."""
MOST_OF_A_CODE = 20
"""Warnings that are looked for after a large import, so that it takes no longer for them."""
MOST_SAID = 20
"""Warnings that are said one by one; of more, the number of each code."""

if TYPE_CHECKING:
    from api.files import RecordFiles
    from api.instance import Instance
    from domain.checks import Doubts
    from domain.errors import Refused
    from domain.record import Outcome
    from domain.sources import Entry
    from domain.vocabulary import Vocabulary
    from domain.warnings import RecordWarning


def import_files(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…",
            help="Record files, - is standard input; or sheets (CSV, TSV, XLSX, ODS).",
        ),
    ],
    map_file: Annotated[
        str | None,
        typer.Option(
            "--map",
            metavar="MAP",
            help="Of spreadsheets: what their columns mean (see sijill map).",
        ),
    ] = None,
    history: Annotated[
        bool,
        typer.Option(
            "--history", metavar="", help="Of a sheet in a git repository: every commit of it."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Check only, write nothing.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Record what is in record files, all or nothing, such as: sijill import my-record.jsonl"""
    from api.commands.sheets import check_map, import_history, import_sheets

    check_map(files, map_file)
    if history:
        import_history(files, map_file, dry_run=dry_run, as_json=as_json)
        return
    if map_file is not None:
        import_sheets(files, map_file, dry_run=dry_run, as_json=as_json)
        return
    from api.files import read_files, size_of

    import_entries(
        lambda vocabulary, bar: read_files(files, bar("Reading", size_of(files)), vocabulary),
        dry_run=dry_run,
        as_json=as_json,
    )


def import_entries(
    read_by: Callable[[Vocabulary, Bar], RecordFiles], *, dry_run: bool, as_json: bool
) -> None:
    """Record what `read_by` reads with the words that the record has, and say what was done."""
    with uncollected(), opened_record() as instance:
        instance.vocabulary.refresh()
        with bars() as bar:
            read = read_by(instance.vocabulary.current, bar)
        if not read.is_whole:
            raise read.refusals.joined()
        with bars() as bar:
            if dry_run:  # warnings are told of what is projected
                project(instance)
            outcome = take_in(instance, read, bar, dry_run=dry_run)
            warnings = warnings_of(instance, read.entries, outcome, dry_run)
    _say_warnings(read, warnings, at_least=not dry_run and outcome.recorded > FEW)
    if as_json:
        keys = "recorded", "unchanged", "position"
        print_json({key: getattr(outcome, key) for key in keys})
        return
    done = "could be recorded" if dry_run else "recorded"
    show(
        f"{outcome.recorded:,} {done}, {outcome.unchanged:,} there already; "
        f"the log is at position {outcome.position}."
    )


def warnings_of(
    instance: Instance, entries: Sequence[Entry], outcome: Outcome, dry_run: bool
) -> list[RecordWarning]:
    """What is likely a slip in what was read, as far as the answers have come."""
    from projections.follower import progress_of
    from projections.record_check import record_warnings, warnings_of_new, warnings_of_recorded
    from store.database import READER

    with instance.database.connect(READER) as connection:
        if progress_of(connection).position < outcome.position:
            say("The warnings are told by `sijill check`, once the answers have come as far.")
            return []
        if dry_run:
            return warnings_of_new(connection, instance.record, entries)
        if outcome.recorded > FEW:
            say("Of so many entries not all slips are looked for: `sijill check` lists them.")
            since = outcome.position - outcome.recorded
            return list(record_warnings(connection, since, MOST_OF_A_CODE))
        return warnings_of_recorded(connection, outcome.position, outcome.recorded)


def _say_warnings(read: RecordFiles, warnings: Sequence[RecordWarning], *, at_least: bool) -> None:
    for words in read.warned(warnings[:MOST_SAID]):
        say(words)
    if len(warnings) > MOST_SAID:
        counts = Counter(each.code for each in warnings).most_common()
        more = " or more" if at_least else ""
        told = ", ".join(f"{n:,}{more} {code}" for code, n in counts)
        say(f"Warnings: {told}. `sijill check` lists all.")


def take_in(instance: Instance, files: RecordFiles, bar: Bar, *, dry_run: bool = False) -> Outcome:
    """Record what was read, and bring the answers up to it.

    Refused with all that is wrong, each with `file` and `line`; then nothing is written.
    Unreachable where the database fails, with what is recorded by then and what to do.
    """
    outcome = recorded(
        instance,
        files.entries,
        files.located,
        bar,
        dry_run=dry_run or bool(files.refusals),
        doubts=files.doubts,
    )
    if files.refusals:
        raise files.refusals.joined()
    return outcome


def recorded(
    instance: Instance,
    entries: Sequence[Entry],
    located: Callable[[Refused], Refused],
    bar: Bar,
    *,
    dry_run: bool,
    doubts: Doubts | None = None,
) -> Outcome:
    """Record entries, or only check them, and bring the answers up to it.

    `located` says of what the record refuses where it stands. Raises as `take_in` does.
    """
    import psycopg
    from eventsourcing.persistence import PersistenceError

    from api.failures import said_of
    from domain.errors import Refused, Unreachable
    from projections.follower import Poison

    seen, count_recorded = bar("Checking and writing", len(entries)), 0
    with AnswersBeside(instance, bar, len(entries)) as answers:

        def written(count: int) -> None:
            nonlocal count_recorded
            count_recorded = count
            seen(count)
            answers.written(count)

        try:
            outcome = instance.record.apply(
                entries,
                actor=whoever_runs_this(),
                dry_run=dry_run,
                doubts=doubts,
                progress=written,
            )
        except Refused as refused:
            raise located(refused) from refused
        except (PersistenceError, psycopg.OperationalError) as error:
            raise Unreachable(
                f"The database failed ({said_of(error)}). {count_recorded:,} of {len(entries):,} "
                "entries are recorded for certain, and whole; the rest may not be. Mend that, then "
                "import the same files again: it carries on where this left off."
            ) from error
        if dry_run:
            return outcome
        try:
            answers.end(outcome)
        except Poison as poison:
            say(f"Recorded, but the answers do not follow: {poison}. See `sijill doctor`.")
        except psycopg.errors.LockNotAvailable:
            say("Recorded; another program is bringing the answers up to it.")
        except psycopg.OperationalError as error:
            raise Unreachable(
                f"All {len(entries):,} entries are recorded, up to position "
                f"{outcome.position}, but the database failed while the answers followed "
                f"({said_of(error)}). Mend that; the next command or server goes on from there."
            ) from error
        return outcome


class AnswersBeside:
    """Brings the answers up to entries; where they are rebuilt, it begins while entries are still
    written."""

    def __init__(self, instance: Instance, bar: Bar, count: int) -> None:
        """`count` is the number of the entries."""
        self._instance, self._bar, self._count = instance, bar, count
        self._written = 0
        self._seen: Seen = lambda position: None
        self._steps: Queue[bool | None] = Queue()
        self._thread = ThreadPoolExecutor(1, "answers")
        self._rebuilt: Future[None] | None = None
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self._is_over = True  # ends what is under way still, where this did not come to its end
        self._steps.put(None)
        self._thread.shutdown()

    def written(self, count: int) -> None:
        """So many of the entries are recorded."""
        if count == self._count or count - self._written < STEP:
            return
        self._written = count
        if self._rebuilt is not None:
            self._steps.put(True)
        elif _is_rebuilt_faster(self._instance):
            head = self._instance.record.recorder.look(()).head
            self._seen = self._bar("Bringing the answers up to it", head + self._count - count)
            self._rebuilt = self._thread.submit(
                _rebuild, self._instance, self._come, self._is_growing
            )

    def end(self, outcome: Outcome) -> None:
        """All are recorded: bring the answers up to them. Raises as `project` does."""
        if self._rebuilt is None:
            project(self._instance, self._bar("Bringing the answers up to it", outcome.position))
            return
        self._steps.put(False)
        self._rebuilt.result()
        self._instance.catch_up(self._seen)

    def _is_growing(self) -> bool:
        step = self._steps.get()
        if step is None:
            raise CancelledError
        return step

    def _come(self, position: int) -> None:
        if self._is_over:
            raise CancelledError
        self._seen(position)


def project(instance: Instance, seen: Callable[[int], None] = lambda position: None) -> None:
    """Bring the answers up to the log, anew where that is faster.

    Raises Poison, and LockNotAvailable where another program keeps at it.
    """
    if _is_rebuilt_faster(instance):
        _rebuild(instance, seen)
    instance.catch_up(seen)


def _is_rebuilt_faster(instance: Instance) -> bool:
    from projections.rebuild import is_faster
    from store.database import READER

    with instance.database.connect(READER) as connection:
        return is_faster(connection)


def _rebuild(
    instance: Instance, seen: Callable[[int], None], is_growing: Callable[[], bool] = lambda: False
) -> None:
    """Rebuild where that may be: its owner may, one at a time, up to an event that can't be read.

    Else the answers are left as they are.
    """
    import psycopg

    from domain.errors import Refused
    from projections.follower import Poison, progress_of
    from projections.rebuild import rebuild
    from store.database import READER

    with instance.database.connect(READER) as connection:
        has_any = progress_of(connection).position > 0
    errors = psycopg.errors
    with suppress(errors.InsufficientPrivilege, errors.LockNotAvailable, Refused, Poison):
        rebuild(instance.database, compare=has_any, seen=seen, is_growing=is_growing)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for cycles of objects, of which an import makes none: it has millions."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


def whoever_runs_this() -> str:
    """The account that runs this, as the actor of what it records."""
    import getpass

    try:
        name = getpass.getuser()
    except (ImportError, KeyError, OSError):
        return "local"
    return name if 0 < len(name) <= 100 and name.isprintable() else "local"
