"""`export`: the whole record, or a view of it, as a file with a manifest beside it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from api.commands.query import opened_record, with_id
from api.terminal import JsonFlag, print_json, show

if TYPE_CHECKING:
    from api.export.export_job import Export
    from api.export.views import ExportView
    from api.instance import Instance
    from domain.vocabulary import Vocabulary

STDOUT = "-"


def export(
    subject: Annotated[
        str | None,
        typer.Argument(help="The id or the name of an entity; with --question fact, source or "
                       "story, of one of those. The whole record if left out."),
    ] = None,
    question: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="members, timeline, facts, sources, diff, log, …; of an "
                     "entity its state, of the record all of it, if left out."),
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="csv, json, parquet, …; one that "
                          "there is not is refused with the list of those that there are.")
    ] = "jsonl",
    out: Annotated[
        str, typer.Option(metavar="FILE", help="Where to; FILE.manifest.json is put beside it. "
                          "Standard output if left out.")
    ] = STDOUT,
    as_of: Annotated[
        str | None, typer.Option(metavar="EDTF", help="True on; of a diff A..B.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(metavar="DATE", help="Known by; of a diff A..B.")
    ] = None,
    recorded_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="As the log stood at this time.")
    ] = None,
    at_position: Annotated[
        str | None,
        typer.Option(metavar="N", help="As the log stood at this position; of a diff A..B."),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin CSV with a byte order mark, for Excel.")
    ] = False,
    lang: Annotated[str, typer.Option(metavar="LANG", help="Language of the names.")] = "en",
    as_json: JsonFlag = False,
) -> None:  # fmt: skip
    """Write a view as a file: sijill export syria --question memberships --format csv"""

    if as_json and out == STDOUT:
        raise typer.BadParameter("--json prints the manifest: say where the file goes with --out.")
    clocks = {
        "asOf": as_of, "knownAt": known_at, "recordedAt": recorded_at, "atPosition": at_position,
    }  # fmt: skip
    with opened_record() as instance:
        instance.catch_up()
        instance.vocabulary.refresh()
        view = _view(subject, question, instance.vocabulary.current)
        given = {**_given(view, clocks), "lang": lang, **({"bom": "1"} if bom else {})}
        made = with_id(
            instance,
            (view.of or "").upper(),
            subject,
            lambda id_: _write(instance, view, id_, format_, given, out),
        )
    if out != STDOUT:
        manifest = made.manifest()
        _beside(out).write_text(_json(manifest), encoding="utf-8")
        if as_json:
            print_json(manifest)
        else:
            show(f"{made.rows:,} rows at log position {made.pinned.moment.position}: {out}")


def _view(subject: str | None, question: str | None, vocabulary: Vocabulary) -> ExportView:
    from api.export.views import OF_FACT, OF_RECORD, OF_SOURCE, OF_STORY, of_entity

    of_one = {**of_entity(vocabulary), **OF_FACT, "source": OF_SOURCE["source"], **OF_STORY}
    views = OF_RECORD if subject is None else of_one
    name = question or ("record" if subject is None else "state")
    name = {"diff": "changes"}.get(name, name)
    if name not in views:
        raise typer.BadParameter(f"there is no question {name!a}; there are {', '.join(views)}.")
    return views[name]


def _given(view: ExportView, clocks: dict[str, str | None]) -> dict[str, str]:
    """The parameters that an address would have."""
    from api.commands.changes import given_of

    if view.name == "changes":
        return given_of(clocks)
    return {name: text for name, text in clocks.items() if text is not None}


def _write(
    instance: Instance,
    view: ExportView,
    subject: str | None,
    extension: str,
    given: dict[str, str],
    out: str,
) -> Export:
    import asyncio

    from api.export.export_job import export as made_of
    from api.graphql.execution import access
    from api.session import Session

    site = instance.settings.public_url or ""
    made = asyncio.run(made_of(access(instance), view, subject, extension, given, site=site))
    chunks = made.chunks(Session())
    first = next(chunks, b"")  # whatever is refused leaves no file; an empty record has no line
    with _opened(out) as file:
        file.write(first)
        for chunk in chunks:
            file.write(chunk)
    return made


class _opened:  # noqa: N801
    """A file that is there whole or not at all; standard output as it is."""

    def __init__(self, out: str) -> None:
        self._out = out
        self._draft = Path(f"{out}.part")
        self._file: BinaryIO | None = None

    def __enter__(self) -> BinaryIO:
        from domain.errors import Refused

        if self._out == STDOUT:
            return sys.stdout.buffer
        try:
            self._file = self._draft.open("wb")
        except OSError as error:
            raise Refused(
                "NO_FILE", f"{self._out} can't be written ({error.strerror}): name another file."
            ) from error
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._file is None:
            sys.stdout.buffer.flush()
            return
        self._file.close()
        if kind is None:
            self._draft.replace(self._out)
        else:
            self._draft.unlink(missing_ok=True)


def _beside(out: str) -> Path:
    return Path(f"{out}.manifest.json")


def _json(manifest: dict[str, Any]) -> str:
    import json

    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
