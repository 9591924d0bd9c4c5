"""`import --map` and `map`: spreadsheets by a map, and a first guess of one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.query import opened_record
from api.terminal import Bar, bars, print_json, say, show, show_table

if TYPE_CHECKING:
    from api.instance import Instance
    from api.sheets.sheet_import import SheetImport
    from domain.errors import Refusals

SUFFIXES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".ods", ".yaml", ".yml")


def guess_map(
    file: Annotated[str, typer.Argument(help="A CSV, TSV, XLSX, ODS, JSON or YAML file.")],
    sheet: Annotated[
        str | None, typer.Option(help="The sheet of a workbook that has several.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Such as cp1252, if not UTF-8.")] = None,
    schema: Annotated[
        bool, typer.Option("--schema", metavar="", help="Print the JSON Schema of maps instead.")
    ] = False,
) -> None:
    """Guess a map of a sheet, to be edited: sijill map members.csv > members.toml"""
    from api.sheets.adapters import map_of
    from api.sheets.guess import guessed_map
    from api.sheets.sheet import Layout
    from api.sheets.sheet_files import adapter_of_file, rows_of_file
    from api.sheets.sheet_import import read_sheet
    from api.sheets.sheet_map import schema as map_schema

    if schema:
        print_json(map_schema())
        return
    if (adapter := adapter_of_file(file)) is not None:
        show(map_of(adapter))
        return
    layout = Layout(encoding=encoding, sheet=sheet, rows=rows_of_file(file))
    show(guessed_map(read_sheet(file, layout)))


def check_map(files: list[str], map_file: str | None) -> None:
    """Refuse spreadsheets, and files in the formats of others, without a map."""
    from domain.errors import Refused

    if map_file is None:
        for file in files:
            if file.lower().endswith(SUFFIXES) or _has_adapter(file):
                words = (
                    "This is no record file: it needs a map that says what its columns mean. Guess "
                    "one with `sijill map FILE > MAP`, edit it, and give it with --map."
                )
                raise Refused("NEEDS_MAP", words, file=file)


def _has_adapter(file: str) -> bool:
    """Whether a file is in a format of others that we read."""
    if not file.lower().endswith((".json", ".jsonl", ".ndjson")):
        return False
    from api.sheets.sheet_files import adapter_of_file
    from domain.errors import Refused

    try:
        return adapter_of_file(file) is not None
    except Refused:
        return False  # it is refused when it is read


def import_sheets(files: list[str], map_file: str, *, dry_run: bool, as_json: bool) -> None:
    """Record what is in sheets by a map, all or nothing."""
    from api.commands.record_import import project, uncollected, warnings_of
    from api.sheets.map_file import read_map
    from api.sheets.report import report_of
    from api.sheets.sheet_import import SheetImport, read_sheets
    from domain.warnings import bringing

    with uncollected(), opened_record() as instance, bars() as bar:
        instance.vocabulary.refresh()
        read = read_map(Path(map_file), instance.vocabulary.current)
        sheets = read_sheets(files, read)
        project(instance)
        found = SheetImport(sheets, read)
        found.prepare(instance, bar("Reading the rows", None))
        outcome = take_in(instance, found, bar, dry_run=dry_run)
        for warning, number in bringing(
            warnings_of(instance, found.entries, outcome, dry_run), found.entries
        ):
            found.warn(warning.code, warning.message, number)
        told = report_of(found)
        told |= {key: getattr(outcome, key) for key in ("recorded", "position")}
        told["unchanged"] += outcome.unchanged
        if dry_run:
            told |= previewed(instance, found)
    if as_json:
        print_json(told)
    else:
        _print(told, found.findings.warnings, dry_run=dry_run)


def import_history(files: list[str], map_file: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Record what each commit of a sheet changed."""
    from api.commands.record_import import project, uncollected, whoever_runs_this
    from api.sheets.history_import import HistoryImport
    from api.sheets.map_file import read_map
    from api.sheets.report import warned
    from domain.errors import Refused

    if map_file is None or len(files) != 1 or dry_run:
        raise typer.BadParameter("It takes one file and a --map, and is no --dry-run.",
                                 param_hint="--history")  # fmt: skip
    found = HistoryImport(Path(files[0]), read_map(Path(map_file)))
    with uncollected(), opened_record() as instance, bars() as bar:
        project(instance)
        try:
            found.run(instance, whoever_runs_this(), bar("Commits", len(found.history.commits)))
        except Refused:
            say("A commit that can't be mended is left out by `skipCommits` in the map.")
            raise
        finally:
            project(instance)
    if as_json:
        commits = found.counts.pop("commits", 0)
        told = {"commits": commits, "entries": dict(found.counts), **warned(found.warnings)}
        print_json(told)
        return
    counts = [("commits", found.counts.pop("commits", 0))]
    counts += [(f"entries: {kind}", n) for kind, n in found.counts.most_common()]
    counts += [(f"warnings: {code}", n) for code, n in found.warnings.codes.most_common()]
    show_table(["what", "number"], [(what, f"{n:,}") for what, n in counts])
    for line in _lines(found.warnings):
        show(line)


def take_in(instance: Instance, found: SheetImport, bar: Bar, *, dry_run: bool) -> Any:
    """Record what was found, keep the sheets as documents, and bring the answers up to it."""
    from api.commands.record_import import recorded, whoever_runs_this
    from api.sheets.capture import captured_sheet
    from store import documents
    from store.database import WRITER

    outcome = recorded(instance, found.entries, found.located, bar, dry_run=dry_run)
    if dry_run:
        return outcome
    # After the log, so that what is refused leaves nothing. If this is cut, the next import does
    # it.
    with instance.database.connect(WRITER) as connection:
        held = set(documents.held(connection))
        for sheet in found.sheets:
            if sheet.sha256 in held:
                continue
            captured = captured_sheet(sheet)
            if captured is None:
                say(f"{sheet.name} is too large to be kept as a document: its hash is recorded.")
            else:
                documents.keep(connection, captured, captured_by=whoever_runs_this())
    return outcome


def previewed(instance: Instance, found: SheetImport) -> dict[str, Any]:
    """What a dry run says beside the numbers."""
    from api.sheets.report import differences, questions

    diff = differences(instance, found.entries)
    return {
        "questions": list(questions(found)),
        "diff": None if diff is None else [
            {
                "question": each.key.fluent,
                "scope": each.key.scope,
                "subject": each.key.subject,
                "change": each.change.value,
            }
            for each in diff
        ],
    }  # fmt: skip


def _print(told: dict[str, Any], warnings: Refusals, *, dry_run: bool) -> None:
    for name, guessed in told["guessed"].items():
        words = ", ".join(f"{key} {value!a}" for key, value in guessed.items())
        show(f"{name}: guessed {words}. Declare it in [file] of the map to be sure.")
    counts = [("rows", told["rows"])]
    counts += [(f"rows left out: {code}", n) for code, n in told["leftOut"].items()]
    counts += [(f"entries: {kind}", n) for kind, n in told["entries"].items()]
    counts += [("there already", told["unchanged"]), ("gone from the sheet", told["gone"])]
    counts += [(f"warnings: {code}", n) for code, n in told["warningCodes"].items()]
    show_table(["what", "number"], [(what, f"{n:,}") for what, n in counts])
    for line in _lines(warnings):
        show(line)
    if dry_run:
        show("Questions to look at once it is recorded:")
        for each in told["questions"]:
            where = f"{each['file']}, row {each['row']}"
            show(f"  {each['command']}   ({each['about']} should be {each['expected']}: {where})")
        _print_diff(told["diff"])
    done = "could be recorded" if dry_run else "recorded"
    show(
        f"{told['recorded']:,} {done}, {told['unchanged']:,} there already; "
        f"the log is at position {told['position']}."
    )


def _print_diff(diff: list[dict[str, Any]] | None) -> None:
    if diff is None:
        show("It is too much for a diff: record it, then ask `sijill diff`.")
        return
    signs = {"ADDED": "+", "REMOVED": "−", "CHANGED": "≠"}
    show(f"What it changes of today's answers (the first {len(diff)}):" if diff else
         "It changes none of today's answers.")  # fmt: skip
    for each in diff:
        show(f"  {signs[each['change']]} {each['question']} {each['scope']} {each['subject']}")


def _lines(warnings: Refusals) -> Iterable[str]:
    for each in warnings.first:
        yield f"warning, {each.code}: {each.data['file']}: {each.message}"
