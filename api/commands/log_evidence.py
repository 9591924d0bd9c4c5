"""`checkpoint` and `verify`: the log as evidence, signed, published, and audited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.query import opened_record
from api.terminal import Bar, JsonFlag, bars, print_json, say, show

if TYPE_CHECKING:
    from api.instance import Instance
    from domain.checkpoint import VerifierKey
    from store.audit import LogProblem

checkpoint = typer.Typer(help="Sign the log as it stands; publish it for others to keep.")
verify = typer.Typer(help="Audit everything, and name each event that was touched.")

SHOWN = 100
"""Problems that are shown to people; --json has all."""


@checkpoint.callback(invoke_without_command=True)
def sign(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Sign the log as it stands, once its new events were hashed again: sijill checkpoint"""
    if context.invoked_subcommand is not None:
        return
    from store.checkpoints import sign_now
    from store.database import WRITER

    with opened_record() as instance, instance.database.connect(WRITER) as connection:
        signer = instance.signer()
        signed = sign_now(connection, signer)
        instance.remember_signed(connection, signed.note)
    if as_json:
        told = {"size": signed.size, "root": signed.root.hex(), "vkey": str(signer.verifier)}
        print_json({**told, "checkpoint": signed.note})
    else:
        say(f"The log of {signed.size:,} events is signed. Its public key: {signer.verifier}")
        print(signed.note, end="")


@checkpoint.command("publish")
def publish(
    to: Annotated[Path, typer.Option(metavar="DIR", help="A folder that others can copy.")],
    as_json: JsonFlag = False,
) -> None:
    """Write the signed log as static files: sijill checkpoint publish --to /srv/log"""
    from api.instance import opened
    from api.settings import Settings
    from store.database import WRITER
    from store.published_log import publish as write_files
    from store.published_log import remember

    settings = Settings.read()
    folder = to.absolute()
    with opened(settings, say) as instance, bars() as bar:
        with instance.database.connect(WRITER) as connection:
            head, files = write_files(
                connection, instance.signer(), folder, bar("Writing files", None)
            )
        if not remember(settings.data, folder) and settings.published is None:
            say(f"Set SIJILL_PUBLISHED={folder} for the service to hold its log against it.")
    if as_json:
        print_json({"size": head.size, "root": head.root.hex(), "files": files, "to": str(folder)})
        return
    where = f"is published at {folder}: {files:,} files were written."
    show(f"The log of {head.size:,} events {where}")


@verify.callback(invoke_without_command=True)
def audit(
    context: typer.Context,
    published: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="A published copy to compare with; again for more."),
    ] = None,
    vkey: Annotated[
        str | None, typer.Option(metavar="KEY", help="The log's public key; else the key file's.")
    ] = None,
    log_only: Annotated[
        bool, typer.Option("--log-only", help="Leave the projections out: no owner's rights.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Read and hash every event again, and check all that is made of them: sijill verify"""
    if context.invoked_subcommand is not None:
        return
    with opened_record() as instance, bars() as bar:
        events, problems = audited(instance, published or [], vkey, log_only, bar)
    if as_json:
        told = [
            {"position": each.position, "event": each.event, "what": each.what} for each in problems
        ]
        print_json({"ok": not problems, "events": events, "problems": told})
    else:
        for problem in problems[:SHOWN]:
            where = [problem.event, problem.position and f"position {problem.position}"]
            words = ", ".join(str(part) for part in where if part)
            show(f"{words}: {problem.what}" if words else problem.what)
        rest = "." if log_only else ", and the answers follow from it."
        show(
            f"{len(problems):,} problems were found in a log of {events:,} events."
            if problems
            else f"The log of {events:,} events is whole{rest}"
        )
    if problems:
        raise typer.Exit(1)


def audited(
    instance: Instance, folders: list[Path], vkey: str | None, log_only: bool, bar: Bar
) -> tuple[int, list[LogProblem]]:
    """How many events the log has, and all that is wrong."""
    import psycopg

    from domain.errors import Refused
    from projections.audit import ahead_of_the_clock, audit_projections, named
    from store.administration import audit_documents, audit_keys
    from store.audit import LogProblem, audit_log, audit_signed
    from store.checkpoints import snapshot
    from store.database import READER
    from store.protection import audit_protection
    from store.published_log import last_signed, remembered
    from store.replay import is_copy
    from store.witnesses import published_claims

    problems: list[LogProblem] = []
    events = 0

    def seen(count: int) -> None:
        nonlocal events
        events = count
        progress(count)

    known = instance.settings.published or remembered(instance.settings.data)
    key = _key(instance, vkey)
    copies = []
    for folder in dict.fromkeys([*folders, *([known] if known else [])]):
        try:
            if found := published_claims(folder.absolute(), key):
                copies.append(found)
            else:
                problems.append(LogProblem(None, f"nothing is published at {folder}"))
        except Refused as refused:
            problems.append(LogProblem(None, f"what is published at {folder}: {refused.message}"))
    progress = bar("Hashing the log", None)
    role = READER if log_only else None
    with instance.database.connect(role) as connection:
        try:
            with snapshot(connection):
                problems += audit_log(connection, key, copies, seen)
                problems += audit_protection(connection, is_owner=not log_only)
                if not is_copy(connection):
                    signed = last_signed(connection, instance.settings.data)
                    if signed is not None:
                        problems += audit_signed(connection, signed)
                    problems += audit_keys(connection)
                    if not log_only:
                        problems += audit_documents(connection)
                if not log_only:
                    problems += audit_projections(connection, bar("Replaying the log", None))
                if ahead := ahead_of_the_clock(connection):
                    problems.append(ahead)
                problems = named(connection, problems)
        except (psycopg.errors.DataCorrupted, UnicodeDecodeError) as error:
            problems.append(LogProblem(None, f"the database can't read its own files: {error}"))
    return events, problems


def _key(instance: Instance, vkey: str | None) -> VerifierKey | None:
    """The key to check signatures with; none where there never was one."""
    from domain.checkpoint import VerifierKey
    from store.signing_key import FILE

    if vkey is not None:
        return VerifierKey.parse(vkey)
    settings = instance.settings
    if not (settings.signing_key or settings.data / FILE).exists():
        return None
    return instance.signer().verifier
