"""The command line: what its commands are called, and how each of them ends.

A command is a function in api/commands; what is heavy it imports itself, so that `--help` is quick.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from api import terminal
from api.commands import (
    backup,
    changes,
    check,
    doctor,
    export,
    keys,
    listings,
    log,
    log_evidence,
    maintenance,
    questions,
    record_import,
    server,
    sheets,
    source,
    word_list,
)
from api.failures import INTERRUPTED, WRONG_USAGE, Failure, failure_of

app = typer.Typer(
    name="sijill",
    help="Sijill keeps historical facts with their sources, and answers what was true on a day, by "
    "what had been published by a day, as the log stood at a position.",
    epilog="Settings: SIJILL_DATA, SIJILL_DATABASE_URL, SIJILL_HOST, SIJILL_PORT; of the signed "
    "log SIJILL_SIGNING_KEY, SIJILL_ORIGIN, SIJILL_PUBLISHED. Exit status: "
    "0 done, 1 refused, 2 wrong usage, 3 something needed can't be reached.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(server.demo)
app.command("serve")(server.serve)
app.command("follow")(server.follow)
app.command("import")(record_import.import_files)
app.command("map")(sheets.guess_map)
app.command("ask")(questions.ask)
app.command("state")(questions.state)
app.command("explain")(questions.explain)
app.command("what-if")(questions.what_if)
app.command("search")(listings.search)
app.command("entities")(listings.entities)
app.command("facts")(listings.facts)
app.command("timeline")(listings.timeline)
app.command("show")(listings.show_id)
app.command("diff")(changes.diff)
app.command("why")(changes.why)
app.command("log")(log.log)
app.command("export")(export.export)
app.add_typer(log_evidence.checkpoint, name="checkpoint")
app.add_typer(source.source, name="source")
app.add_typer(log_evidence.verify, name="verify")
log_evidence.verify.command("sources")(source.verify_sources)
app.command("rebuild")(maintenance.rebuild)
app.command("replay")(maintenance.replay)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("drill")(backup.drill)
app.add_typer(keys.keys, name="keys")
app.command("check")(check.check)
app.add_typer(word_list.vocabulary, name="vocabulary")
app.command("doctor")(doctor.doctor)
app.command("migrate")(maintenance.migrate)
app.command("schema")(maintenance.schema)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(version("sijill"))
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Show the version and exit."
        ),
    ] = False,
) -> None: ...


MANY_OBJECTS = 50_000
"""Events and rows have no cycles: looking for them at every 700 new objects, as Python does, takes
half of a follower's time."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status. A bug of ours is raised, all else is told in words."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    terminal.prepare()
    gc.set_threshold(MANY_OBJECTS, 20, 20)
    try:
        status = _run(given, as_json)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The reader of our output has gone. Leave nothing to write when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        terminal.say("Interrupted.")
        return INTERRUPTED


def _run(given: list[str], as_json: bool) -> int:
    try:
        app(given, prog_name="sijill")
    except SystemExit as ended:
        why = ended.__context__  # what typer has shown to people
        if isinstance(why, BrokenPipeError):
            raise why from None
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if status == WRONG_USAGE and as_json:
            words = getattr(why, "format_message", "See `sijill --help`.".__str__)()
            terminal.print_json(Failure(status, "WRONG_USAGE", words).as_json())
        return status
    except Exception as error:
        if isinstance(error, BrokenPipeError):
            raise
        failure = failure_of(error)
        if failure is None:
            raise
        terminal.say(failure.in_words())
        if as_json:
            terminal.print_json(failure.as_json())
        return failure.status
    return 0
