"""`ask`: an as-of question, answered as GraphQL answers it, by the same code and in process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.terminal import JsonFlag, print_json, say, show, show_table

if TYPE_CHECKING:
    from api.graphql.held import Question
    from api.instance import Instance

SOURCES_SHOWN = 3


def ask(
    question: Annotated[
        str,
        typer.Argument(help="What is asked for: members, bases, partners, … or, the other way "
                       "round, memberships, operators, …"),
    ],
    subject: Annotated[
        str, typer.Argument(help="The id of whom it is asked of; of organisations, their kind.")
    ],
    as_of: Annotated[
        str | None,
        typer.Option(metavar="EDTF", help="True on this day, month or year; else today."),
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(metavar="DATE", help="By what had been published by then.")
    ] = None,
    recorded_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="As the log stood at this time.")
    ] = None,
    at_position: Annotated[
        int | None, typer.Option(metavar="N", help="As the log stood at this position.")
    ] = None,
    lang: Annotated[str, typer.Option(metavar="LANG", help="Language of the names.")] = "en",
    first: Annotated[
        int | None, typer.Option(metavar="N", help="So many at most; 100 if left out.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Go on after this endCursor.")
    ] = None,
    proof: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a proof of the answer, to be checked offline."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:  # fmt: skip
    """Ask what held on a day: sijill ask members global-coalition --as-of 2025-11-10"""
    from api.graphql.asked import is_of_a_kind
    from api.instance import opened
    from api.settings import Settings

    asked = _question(question)
    given = {
        "subject": subject.upper() if is_of_a_kind(asked) else subject,
        "asOf": as_of,
        "knownAt": known_at,
        "recordedAt": recorded_at,
        "atPosition": at_position,
        "lang": lang,
        "first": first,
        "after": after,
    }
    with opened(Settings.read(), say) as instance:
        variables = {key: x for key, x in given.items() if x is not None}
        if proof is None:
            data = answer(instance, asked, variables)
        else:
            data = _proved(instance, asked, variables, proof)
    if as_json:
        print_json(data)
    else:
        _print_table(asked, given, data[question])


def _proved(
    instance: Instance, question: Question, variables: Mapping[str, Any], file: Path
) -> dict[str, Any]:
    """The answer, its proof written to a file under a checkpoint that is signed now."""
    from api.proving import prove_question
    from domain.errors import Unreachable
    from store.checkpoints import sign_now
    from store.database import WRITER

    instance.catch_up()
    with instance.database.connect(WRITER) as connection:
        sign_now(connection, instance.signer())
    proved = prove_question(instance, question, variables)
    try:
        file.write_bytes(proved.text.encode())
    except OSError as error:
        raise Unreachable(f"The proof can't be written to {file} ({error.strerror}).") from error
    key = instance.signer().verifier
    say(f"The proof, resting on {len(proved.proofs):,} events, is in {file}; check it with")
    say(f"python tools/verify_proof.py {key} {file}")
    data: dict[str, Any] = proved.answer
    return data


def _question(name: str) -> Question:
    from api.graphql.asked import question_named
    from domain.errors import Refused

    try:
        return question_named(name)
    except Refused as refused:
        raise typer.BadParameter(refused.message) from refused


def answer(instance: Instance, question: Question, variables: Mapping[str, Any]) -> dict[str, Any]:
    """GraphQL's `data`. Raises Refused with the code and the words that GraphQL gives."""
    from api.graphql.asked import document_of
    from projections.follow import Poison

    try:
        instance.catch_up()
    except Poison as poison:
        # What was answered before that event still is.
        if not variables.get("atPosition", poison.position) < poison.position:
            raise
    return executed(instance, document_of(question), variables)


def executed(instance: Instance, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """GraphQL's `data` for a document. Raises Refused with GraphQL's code and words."""
    from api.graphql import run
    from api.graphql.asked import data_of

    return data_of(run.ask(instance, document, variables))


# For people


def _print_table(question: Question, given: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    show_table(
        ("Name", "Standing", "Since", "Until", "Sources"),
        (_row(edge["node"], question.answers) for edge in found["edges"]),
    )
    clocks = {
        "true on": given["asOf"] or "today",
        "known by": given["knownAt"],
        "recorded by": given["recordedAt"] or given["atPosition"],
    }
    when = ", ".join(f"{words} {day}" for words, day in clocks.items() if day is not None)
    show(f"{question.name} of {given['subject']}, {when}:")
    for line in _summary(found):
        show(line)


def _row(node: Mapping[str, Any], answers: str) -> tuple[str, ...]:
    subject = node[answers]
    return (
        f"{subject['name']}\n{subject['id']}",
        _standing(node),
        _date(node, "since"),
        _date(node, "until"),
        _sources(node["sources"]),
    )


def _summary(found: Mapping[str, Any]) -> list[str]:
    count = found["count"]
    counts = ", ".join(f"{count[word]} {word}" for word in ("certain", "possible", "announced"))
    lines = [f"{counts}, at log position {found['position']}."]
    lines += [
        f"Reported: {report['comparator']} {report['value']} ({report['source']['id']})."
        for report in count["reported"]
    ]
    if found["pageInfo"]["hasNextPage"]:
        lines.append(f"There are more: --after {found['pageInfo']['endCursor']}")
    return lines


def _standing(node: Mapping[str, Any]) -> str:
    marks = [mark for mark in ("contested", "disputed") if node[mark]]
    return "\n".join([node["standing"].lower(), *marks])


def _date(node: Mapping[str, Any], side: str) -> str:
    """A side of the episode as written, else its bounds, and the dates that it does not go by."""
    date = node[side]
    words = []
    if date is not None:
        bounds = f"{date['earliest'] or ''}..{date['latest'] or ''}"
        words.append(date["edtf"] or ("" if bounds == ".." else f"[{bounds}]"))
    words += [f"or {other[side]['edtf']}" for other in node["alternatives"] if other[side]]
    return "\n".join(words)


def _sources(sources: list[Mapping[str, Any]]) -> str:
    lines = []
    for source in sources[:SOURCES_SHOWN]:
        published = source["published"]
        parts = source["publisher"] or source["title"], published and published["edtf"]
        lines.append(f"{', '.join(part for part in parts if part)} ({source['id']})")
    if len(sources) > SOURCES_SHOWN:
        lines.append(f"and {len(sources) - SOURCES_SHOWN} more")
    return "\n".join(lines)
