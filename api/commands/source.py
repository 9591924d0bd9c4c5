"""`source` and `verify sources`: documents kept, and the passages of them that are cited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.query import opened_record
from api.commands.record_import import whoever_runs_this
from api.terminal import JsonFlag, bars, print_json, say, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.instance import Instance
    from domain.anchoring import Anchor
    from projections.source_verification import AnchoredCitation, DocumentProblem
    from store.capture import Captured
    from store.documents import Document

source = typer.Typer(
    no_args_is_help=True, help="Keep the documents of sources, and find what is cited in them."
)

Place = Annotated[str, typer.Argument(metavar="FILE|URL", help="Plain text, HTML or PDF.")]
SourceOption = Annotated[str, typer.Option("--id", metavar="ID", help="The source's id.")]
SHOWN = 100
"""Problems that are shown to people; --json has all."""


@source.command("add")
def add(
    place: Place,
    source_id: SourceOption,
    title: Annotated[str | None, typer.Option(help="Else the document's own.")] = None,
    publisher: Annotated[str | None, typer.Option()] = None,
    author: Annotated[str | None, typer.Option()] = None,
    language: Annotated[str | None, typer.Option(help="Such as ar.")] = None,
    published: Annotated[str | None, typer.Option(metavar="EDTF", help="Such as 2025-11.")] = None,
    url: Annotated[str | None, typer.Option(help="Where a file came from.")] = None,
    reliability: Annotated[str | None, typer.Option(help="A to F.")] = None,
    credibility: Annotated[int | None, typer.Option(help="1 to 6.")] = None,
    shown: Annotated[
        bool | None,
        typer.Option(
            "--shown/--not-shown",
            help="Whether others may read it here. Left out, a new document is not shown, and one "
            "that is held stays as it is.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Keep a document for a source, new or recorded: sijill source add page.html --id my-page"""
    from store.capture import capture

    given = {
        "title": title,
        "publisher": publisher,
        "author": author,
        "language": language,
        "published": published,
        "url": url,
        "reliability": reliability,
        "credibility": credibility,
    }
    given = {key: value for key, value in given.items() if value is not None}
    captured = capture(place)
    with opened_record() as instance:
        told = take_in(instance, source_id, captured, given, shown=shown)
    if not captured.text.strip():
        say("No text could be read in it, so that no passage of it can be cited: is it a scan?")
    if as_json:
        print_json(told)
        return
    new = "registered" if told["recorded"] else "recorded already"
    rights = "" if told["shown"] else ", not shown to readers (--shown if you have the right to)"
    show(f"{source_id}, {new}: {told['bytes']:,} bytes of {told['mediaType']} are kept{rights}.")


@source.command("anchors")
def anchors(source_id: SourceOption, as_json: JsonFlag = False) -> None:
    """List where each cited passage stands, as W3C selectors: sijill source anchors --id my-page"""
    from projections import source_verification
    from store import documents
    from store.database import WRITER

    with opened_record() as instance, instance.database.connect(WRITER) as connection:
        found = list(source_verification.anchors(connection, source_id))
        sha256 = source_verification.document_of(connection, source_id)
        shown = documents.is_shown(connection, sha256)
    told = [_anchored(each, shown=shown) for each in found]
    if as_json:
        print_json({"source": source_id, "sha256": sha256, "shown": shown, "citations": told})
        return
    for each in told:
        at = each["selectors"][-1] if "selectors" in each else None
        show(f"{each['fact']}: " + (f"{at['start']} to {at['end']}" if at else each["what"]))


@source.command("compare")
def compare(place: Place, source_id: SourceOption, as_json: JsonFlag = False) -> None:
    """Find the cited passages in a newer version: sijill source compare new.html --id my-page"""
    from projections import source_verification
    from store.capture import capture
    from store.database import WRITER

    captured = capture(place)
    with opened_record() as instance, instance.database.connect(WRITER) as connection:
        was = source_verification.document_of(connection, source_id)
        told = list(_compared(source_verification.anchors(connection, source_id), captured.text))
    if as_json:
        print_json({"source": source_id, "was": was, "sha256": captured.sha256, "citations": told})
        return
    for each in told:
        place = f" at {each['start']} to {each['end']}" if "start" in each else ""
        edited = f", alike by {each['likeness']:.0%}" if each.get("edited") else ""
        show(f"{each['fact']}: {each['outcome'].lower()}{place}{edited}")


def verify_sources(as_json: JsonFlag = False) -> None:
    """Hash every document again, and look up every passage cited: sijill verify sources"""
    from projections import source_verification
    from store.checkpoints import snapshot
    from store.database import WRITER

    with (
        opened_record() as instance,
        instance.database.connect(WRITER) as connection,
        snapshot(connection),
        bars() as bar,
    ):
        found = source_verification.verify(
            connection, read_again, bar("Reading the documents again", None)
        )
    if as_json:
        print_json(
            {
                "ok": not found.problems,
                "documents": found.documents,
                "citations": found.citations,
                "problems": [problem._asdict() for problem in found.problems],
            }
        )
    else:
        for problem in found.problems[:SHOWN]:
            where = ", ".join(filter(None, (problem.source, problem.fact)))
            show(f"{where}: {problem.what}" if where else problem.what)
        looked = f"{found.documents:,} documents and {found.citations:,} citations of them"
        many = f"{len(found.problems):,} problems were found in {looked}."
        show(many if found.problems else f"{looked} are whole.")
    if found.problems:
        raise typer.Exit(1)


def take_in(
    instance: Instance,
    source_id: str,
    captured: Captured,
    given: dict[str, Any],
    *,
    shown: bool | None = None,
) -> dict[str, Any]:
    """Keep a document and record its source: what `source add` tells.

    The document is kept before the log speaks of it: one that nothing speaks of does no harm.
    """
    from datetime import UTC, datetime

    from domain.capture import Finding, entry_for, source_of
    from projections import source_verification
    from projections.follower import Poison
    from store import documents
    from store.database import WRITER

    actor = whoever_runs_this()
    retrieved = datetime.now(UTC).date().isoformat() if captured.url else None
    finding = Finding(captured.sha256, captured.title, captured.url, retrieved)
    with instance.database.connect(WRITER) as connection:
        source = source_of(
            entry for _, entry in source_verification.source_entries(connection, source_id)
        )
        entry = entry_for(source_id, source, finding, given)
        entries = [] if entry is None else [entry]
        instance.record.apply(entries, actor=actor, dry_run=True)
        is_shown = documents.keep(connection, captured, captured_by=actor, shown=shown)
    outcome = instance.record.apply(entries, actor=actor)
    try:
        instance.catch_up()
    except Poison as poison:
        say(f"Recorded, but the answers do not follow: {poison}. See `sijill doctor`.")
    return {
        "source": source_id,
        "sha256": captured.sha256,
        "bytes": len(captured.content),
        "mediaType": captured.media_type,
        "shown": is_shown,
        "recorded": outcome.recorded,
    }


def read_again(document: Document) -> str | None:
    """The text of a kept document's bytes, None when this program reads them by other rules."""
    from api.sheets.capture import RULES, text_again
    from store.capture import captured

    if document.extracted_by in RULES:
        return text_again(document)
    again = captured(document.content, document.content_type, None)
    return again.text if again.extracted_by == document.extracted_by else None


def _anchored(each: AnchoredCitation | DocumentProblem, *, shown: bool) -> dict[str, Any]:
    from projections.source_verification import DocumentProblem

    if isinstance(each, DocumentProblem):
        return {"fact": each.fact, "what": each.what}
    return {
        "fact": each.cited.fact,
        "quoteSha256": each.selectors.sha256,
        "selectors": each.selectors.written(shown=shown),
    }


def _compared(
    found: Iterable[AnchoredCitation | DocumentProblem], text: str
) -> Iterable[dict[str, Any]]:
    from domain.anchoring import anchor
    from projections.source_verification import DocumentProblem

    for each in found:
        if isinstance(each, DocumentProblem):
            yield {"fact": each.fact, "outcome": "UNKNOWN", "what": each.what}
        else:
            yield {"fact": each.cited.fact, **_outcome(anchor(text, each.selectors))}


def _outcome(found: Anchor) -> dict[str, Any]:
    from domain.anchoring import Gone

    if isinstance(found, Gone):
        return {"outcome": "GONE"}
    return {
        "outcome": type(found).__name__.upper(),
        "start": found.start,
        "end": found.end,
        "edited": found.likeness < 1,
        "likeness": found.likeness,
    }
