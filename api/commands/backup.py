"""`backup`, `restore` and `drill`: the record copied, brought back, and both compared."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.maintenance import owned
from api.terminal import JsonFlag, print_json, say, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.settings import Settings
    from store.backup import Backup
    from store.database import Database


def backup(
    to: Annotated[
        Path,
        typer.Option(metavar="DIR", envvar="SIJILL_BACKUPS", help="The folder of the backups."),
    ],
    as_json: JsonFlag = False,
) -> None:
    """Write a backup while the record is in use, as its owner: sijill backup --to /srv/backups"""
    from store.backup import back_up
    from store.migrations import migrate

    with owned() as (settings, database):
        migrate(database, say)
        made = back_up(database, to.absolute())
    _remember(settings, to)
    if as_json:
        print_json(_told(made))
        return
    show(f"{made.events:,} events up to position {made.position} are backed up: {made.file}")
    say(f"The signing key is not in it: keep a copy of {_key(settings)} apart from it.")


def restore(
    place: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="The folder, for its newest backup; or a .dump file."),
    ],
    as_json: JsonFlag = False,
) -> None:
    """Restore a backup into an empty record or an earlier state: sijill restore /srv/backups"""
    from domain.errors import Refused, Unreachable
    from store.backup import lost_since, newest
    from store.backup import restore as bring_back
    from store.published_log import last_published

    found = newest(place.absolute())
    with owned() as (settings, database):
        head = bring_back(database, found)
    try:
        published = last_published(settings.data, settings.published)
    except (Refused, Unreachable) as error:
        published = None
        say(f"What was published can't be compared with: {error}")
    lost = lost_since(head, published)
    size = None if published is None else published.head.size
    if as_json:
        print_json({**_told(found), "published": size, "lost": lost})
        return
    show(f"{head.events:,} events up to position {head.position} are restored from {found.file}.")
    if lost:
        show(
            f"LOST: the log was published with {size:,} events; the last {lost:,} are not in this "
            "backup. Nothing can be added until a newer one is restored, or what was published is "
            "given up (docs/how-to/operations.md)."
        )
    elif published is not None:
        show(f"Nothing of the {size:,} events that were published is lost.")
    if not _key(settings).exists():
        say(f"There is no signing key: put the old one at {_key(settings)} before you serve.")


def drill(
    place: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            envvar="SIJILL_BACKUPS",
            help="The folder, or a .dump file; left out, where the last backup was written.",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Restore the newest backup beside the live record, and compare the two: sijill drill"""
    from store.backup import newest
    from store.database import READER
    from store.migrations import migrate

    with owned() as (settings, database):
        migrate(database, say)
        found = newest((place or _remembered(settings)).absolute())
        _project(database)
        with (
            _restored(found) as copy,
            copy.connect(READER) as theirs,
            database.connect(READER) as ours,
        ):
            problems = _differing(ours, theirs, found)
    if as_json:
        print_json({**_told(found), "ok": not problems, "problems": problems})
    elif not problems:
        show(
            f"{found.file} restores: its {found.events:,} events have the root of the live log, "
            f"and all answers at position {found.position} are the same."
        )
    else:
        for problem in problems:
            show(problem)
    if problems:
        raise typer.Exit(1)


def _differing(ours: Any, theirs: Any, found: Backup) -> list[str]:
    """In what a restored backup differs from the live record at its position."""
    from projections.digests import digests
    from store.audit import audit_log
    from store.backup import head_of
    from store.checkpoints import snapshot
    from store.tree import root_at

    here = head_of(ours)
    if here.events < found.events:
        return [f"The live log has {here.events:,} events, and the backup {found.events:,}."]
    with snapshot(theirs):
        problems = [problem.what for problem in audit_log(theirs, None)]
    if root_at(ours, found.events) != root_at(theirs, found.events):
        problems.append(f"The live log had another root at {found.events:,} events.")
    live, restored = digests(ours, found.position), digests(theirs, found.position)
    return problems + [
        f"The rows of {table} at position {found.position} differ: {live[table][0]:,} in the live "
        f"record, {restored[table][0]:,} in the backup."
        for table in live
        if live[table] != restored[table]
    ]


@contextmanager
def _restored(found: Backup) -> Iterator[Database]:
    """A backup restored into an embedded server of its own, which is gone afterwards."""
    import time
    from tempfile import TemporaryDirectory

    from store.backup import restore as bring_back
    from store.database import Database
    from store.datafolder import supervised
    from store.embedded import Embedded

    with TemporaryDirectory(prefix="sijill-drill-") as folder:
        os.chmod(folder, 0o711)  # a server that root starts runs as another account
        data = Path(folder) / "data"
        try:
            with Embedded(data, say=say) as server:
                copy = Database(server.url)
                bring_back(copy, found)
                _project(copy)
                yield copy
        finally:
            while supervised(data):  # it ends a moment after its last user
                time.sleep(0.05)


def _project(database: Database) -> None:
    """Bring the answers up to the log, which a backup may have caught behind it."""
    from projections.follower import catch_up
    from store.database import FOLLOWER

    with database.connect(FOLLOWER) as connection:
        catch_up(connection)


def _told(found: Backup) -> dict[str, Any]:
    return {
        "backup": str(found.file),
        "created": found.created,
        "position": found.position,
        "events": found.events,
        "root": found.root,
    }


def _key(settings: Settings) -> Path:
    from store.signing_key import FILE

    return settings.signing_key or settings.data / FILE


REMEMBERED = "backups"
"""The file of the data folder that says where the last backup was written."""


def _remember(settings: Settings, folder: Path) -> None:
    """Keep where backups are written, where the data folder may be written to."""
    from contextlib import suppress

    from domain.errors import Unreachable
    from store.datafolder import own

    with suppress(OSError, Unreachable):
        own(settings.data)
        (settings.data / REMEMBERED).write_bytes(os.fsencode(folder.absolute()))


def _remembered(settings: Settings) -> Path:
    try:
        return Path(os.fsdecode((settings.data / REMEMBERED).read_bytes()))
    except OSError:
        raise typer.BadParameter(
            "say where the backups are: no backup was written from here.", param_hint="DIR"
        ) from None
