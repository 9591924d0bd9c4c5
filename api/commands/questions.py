"""`ask`, `what-if`, `state` and `explain`: what held on a day, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.options import After, First, Lang, Variables, clocked, given, in_words
from api.commands.query import answered, catch_up, document, executed, opened_record, words
from api.terminal import JsonFlag, print_json, say, show, show_table

if TYPE_CHECKING:
    from api.graphql.as_of_rows import Question
    from api.instance import Instance
    from domain.vocabulary import Vocabulary

SOURCES_SHOWN = 3
HEADINGS = ("Name", "Standing", "Since", "Until", "Sources")

QuestionName = Annotated[
    str,
    typer.Argument(
        metavar="QUESTION",
        help="What is asked for: members, bases, partners, … or, the other way round, "
        "memberships, operators, …",
    ),
]
Subject = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT", help="The id or the name of whom it is asked of; of organisations, "
        "their kind.",
    ),
]  # fmt: skip
Entity = Annotated[
    str, typer.Argument(metavar="ENTITY", help="The id or the name of an entity, in any language.")
]


@clocked
def ask(
    question: QuestionName,
    subject: Subject,
    clocks: Variables,
    lang: Lang = "en",
    first: First = None,
    after: After = None,
    proof: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a proof of the answer, to be checked offline."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask what held on a day: sijill ask members global-coalition --as-of 2025-11-10"""
    from api.graphql.question_document import document_of

    asked, subject = _question(question, subject)
    variables = {**given(subject=subject, first=first, after=after, lang=lang), **clocks}
    with opened_record() as instance:
        catch_up(instance, variables)
        data = executed(instance, document_of(asked), variables, {"subject": ("ENTITY", "SUBJECT")})
        if proof is not None:
            data = _proved(instance, asked, variables, proof)
    if as_json:
        print_json(data)
    else:
        _print_answer(asked, variables, clocks, data[question])


@clocked
def what_if(
    question: QuestionName,
    subject: Subject,
    clocks: Variables,
    without_source: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="As if this source were withdrawn.")
    ] = None,
    without_publisher: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="As if all its sources were.")
    ] = None,
    grades_below: Annotated[
        str | None, typer.Option(metavar="GRADE", help="As if all sources below it were: C, or C3.")
    ] = None,
    without_fact: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="As if nothing supported this fact.")
    ] = None,
    with_file: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="FILE", help="As if this record file were imported."),
    ] = None,
    lang: Lang = "en",
    first: First = None,
    after: After = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask as if the record were otherwise: sijill what-if members nato --without-source who"""
    from api.graphql.question_document import document_of

    asked, subject = _question(question, subject)
    without = given(
        sources=without_source,
        publishers=without_publisher,
        gradesBelow=grades_below,
        facts=without_fact,
    )
    if not without and not with_file:
        raise typer.BadParameter("say what is otherwise: --without-source, --with FILE, …")
    supposed = {**given(without=without or None), "with": _entries(with_file or [])}
    variables = {
        **given(subject=subject, first=first, after=after, lang=lang),
        **clocks,
        **supposed,
    }
    data = answered(
        document_of(asked, supposed=True), variables, {"subject": ("ENTITY", "SUBJECT")}
    )
    if as_json:
        print_json(data)
    else:
        _print_answer(asked, variables, clocks, data["whatIf"][question])


@clocked
def state(entity: Entity, clocks: Variables, lang: Lang = "en", as_json: JsonFlag = False) -> None:
    """Say all that holds of an entity on a day: sijill state syria --as-of 2025-11-10"""
    from api.graphql.as_of_rows import questions_in

    variables = {"subject": entity, "lang": lang, **clocks}
    with opened_record() as instance:
        catch_up(instance, variables)
        instance.vocabulary.refresh()
        asked = questions_in(instance.vocabulary.current)
        data = {"state": _state(instance, asked, variables)}
    if as_json:
        print_json(data)
        return
    found = data["state"]
    nodes = [(each, edge["node"]) for each in asked for edge in found[each.name]["edges"]]
    known = _words_of(node for _, node in nodes)
    rows = [(each.name, *_row(node, each.answers, known)) for each, node in nodes]
    show_table(("Question", *HEADINGS), rows)
    show(f"{found['entity']['name']} ({found['entity']['id']}), {in_words(clocks)}, "
         f"at log position {found['position']}.")  # fmt: skip
    for question in asked:
        if found[question.name]["pageInfo"]["hasNextPage"]:
            show(f"There are more: sijill ask {question.name} {found['entity']['id']}")


def _state(instance: Instance, asked: Sequence[Question], variables: Variables) -> dict[str, Any]:
    """What `state` answers to all questions: some at a time, at the position of the first."""
    from api.graphql.question_document import STATE_AT_ONCE, state_document

    found: dict[str, Any] = {}
    for start in range(0, len(asked), STATE_AT_ONCE):
        text = state_document(asked[start : start + STATE_AT_ONCE])
        found |= executed(instance, text, variables, {"subject": ("ENTITY", "ENTITY")})["state"]
        variables = {**variables, "recordedAt": None, "atPosition": found["position"]}
    return found


@clocked
def explain(
    question: QuestionName,
    subject: Subject,
    answer: Annotated[
        str | None,
        typer.Argument(
            metavar="ANSWER", help="The id or the name of what may be in the answer; of "
            "organisations left out.",
        ),
    ] = None,
    *,
    clocks: Variables,
    as_json: JsonFlag = False,
) -> None:  # fmt: skip
    """Say why an answer has something, or not: sijill explain members global-coalition syria"""
    from api.graphql.question_document import is_of_a_kind
    from domain.vocabulary import question_value

    asked = _named(question)
    if (answer is None) != is_of_a_kind(asked):
        raise typer.BadParameter("give whom it is asked of, and what may be in the answer.")
    scope, other = (answer, subject) if asked.inverse else (subject, answer or subject)
    name = question_value(asked.fluent.question)
    variables = {"question": name, "scope": scope, "subject": other, **clocks}
    sides = ("subject", "scope") if asked.inverse else ("scope", "subject")
    names = {sides[0]: ("ENTITY", "SUBJECT"), sides[1]: ("ENTITY", "ANSWER")}
    data = answered(document("explain"), variables, names)
    if as_json:
        print_json(data)
        return
    found = data["explain"]
    show_table(
        ("Position", "Type", "Id", "Role"),
        [(str(each["position"]), each["type"], each["id"], each["role"])
         for each in found["events"]],
    )  # fmt: skip
    standing = (found["standing"] or "does not hold").lower()
    show(f"{standing}, {in_words(clocks)}: {found['rule']}")


def _proved(
    instance: Instance, question: Question, variables: Mapping[str, Any], file: Path
) -> dict[str, Any]:
    """The answer, its proof written to a file under a checkpoint that is signed now."""
    from api.answer_proof import prove_question
    from domain.errors import Unreachable
    from store.checkpoints import sign_now
    from store.database import WRITER

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


def _named(name: str) -> Question:
    from api.graphql.question_document import question_named
    from domain.errors import Refused

    try:
        try:
            return question_named(name)
        except Refused:  # it is none of the core's
            return question_named(name, words())
    except Refused as refused:
        raise typer.BadParameter(refused.message) from refused


def _question(name: str, subject: str) -> tuple[Question, str]:
    """A question and whom it is asked of: of organisations their kind, in capitals."""
    from api.graphql.question_document import is_of_a_kind

    question = _named(name)
    return question, kind_of(subject) if is_of_a_kind(question) else subject


def kind_of(text: str) -> str:
    """A kind of entities, as it is written in a record file. Refused(BAD_USER_INPUT)."""
    from domain.errors import Refused
    from domain.vocabulary import CORE

    kind = text.upper()
    if kind not in CORE.kinds and kind not in (known := words().kinds):
        kinds = ", ".join(each.lower() for each in known)
        raise Refused("BAD_USER_INPUT", f"{text[:80]!a} is no kind; there are {kinds}.")
    return kind


def _entries(files: Iterable[str]) -> list[dict[str, Any]]:
    """The entries of record files as JSON. Refused with all that is wrong."""
    from api.files import read_files
    from domain.codec import write

    read = read_files(files, vocabulary=words())
    if read.refusals:
        raise read.refusals.joined()
    return [write(entry) for entry in read.entries]


# For people


def _print_answer(
    question: Question, variables: Variables, clocks: Variables, found: Mapping[str, Any]
) -> None:
    nodes = [edge["node"] for edge in found["edges"]]
    vocabulary = _words_of(nodes)
    show_table(HEADINGS, [_row(node, question.answers, vocabulary) for node in nodes])
    show(f"{question.name} of {variables['subject']}, {in_words(clocks)}:")
    for line in _summary(found):
        show(line)


def _words_of(nodes: Iterable[Mapping[str, Any]]) -> Vocabulary:
    """Words that have the types of the nodes' facts: the record's are read only where needed."""
    from domain.vocabulary import CORE

    types = {fact["type"] for node in nodes for fact in node["facts"]}
    return CORE if types <= CORE.fact_types.keys() else words()


def _row(node: Mapping[str, Any], answers: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    subject = node[answers]
    return (
        f"{subject['name']}\n{subject['id']}",
        _standing(node),
        _date(node, "since"),
        "\n".join([_date(node, "until"), *_ends(node, vocabulary)]).strip(),
        _sources(node["sources"]),
    )


def _summary(found: Mapping[str, Any]) -> list[str]:
    count = found["count"]
    counts = ", ".join(f"{count[word]} {word}" for word in ("certain", "possible", "announced"))
    lines = [f"{counts}, at log position {found['position']}."]
    lines += [
        f"Reported: {report['comparator']} {report['value']} on {report['when']['edtf']} "
        f"({report['source']['id']})."
        for report in count["reported"]
    ]
    if found["pageInfo"]["hasNextPage"]:
        lines.append(f"There are more: --after {found['pageInfo']['endCursor']}")
    return lines


def _standing(node: Mapping[str, Any]) -> str:
    marks = [mark for mark in ("contested", "disputed") if node[mark]]
    marks += [f"attested {node['attested']}"] if node["attested"] else []
    return "\n".join([node["standing"].lower(), *marks])


def _date(node: Mapping[str, Any], side: str) -> str:
    """A side of the episode as written, else its bounds, and the dates that it does not go by."""
    date = node[side]
    words = []
    if date is not None:
        bounds = f"{date['earliest'] or ''}..{date['latest'] or ''}"
        words.append(date["edtf"] or ("" if bounds == ".." else f"[{bounds}]"))
    words += [
        f"or {other[side]['edtf']}{', set aside' if other['setAside'] else ''}"
        for other in node["alternatives"]
        if other[side]
    ]
    return "\n".join(words)


def _ends(node: Mapping[str, Any], vocabulary: Vocabulary) -> list[str]:
    """What there is to say of the end beside its date."""
    from api.language.episodes import implied_by

    words = []
    until = node["until"]
    if until is not None and until["earliest"] == until["latest"]:
        words.append("possible on that day")
    if until is not None and (cause := implied_by(node, vocabulary)) is not None:
        words.append(f"ended by {cause['id']}")
    return words + [f"announced to end {each['edtf']}" for each in node["announcedEnds"]]


def _sources(sources: list[Mapping[str, Any]]) -> str:
    lines = []
    for source in sources[:SOURCES_SHOWN]:
        published = source["published"]
        parts = source["publisher"] or source["title"], published and published["edtf"]
        lines.append(f"{', '.join(part for part in parts if part)} ({source['id']})")
    if len(sources) > SOURCES_SHOWN:
        lines.append(f"and {len(sources) - SOURCES_SHOWN} more")
    return "\n".join(lines)
