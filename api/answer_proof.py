"""The proof of a whole answer: its pinned question, and all events of the log that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from api.graphql import execution
from api.graphql.as_of_rows import Question
from api.graphql.question_document import data_of, document_of, is_of_a_kind
from api.instance import Instance
from api.session import Session
from domain.dates import day_of, iso_of, parse, today
from domain.errors import Refused
from domain.facts import MEMBERSHIP
from domain.point import Clocks
from domain.proof import AnswerProof, prove_answer
from projections.answer_evidence import Answered, events_behind
from projections.proofs import prove_events
from store.checkpoints import Signed, latest, snapshot
from store.tree import SQL

MOST_ROWS, MOST_EVENTS = 1_000, 10_000
"""Of an answer that is proved: a file of some 25 MB."""


def prove_question(
    instance: Instance,
    question: Question,
    variables: Mapping[str, Any],
    session: Session | None = None,
) -> AnswerProof:
    """The proof of the answer to a question, its variables those of `sijill ask`.

    It is asked of the log as it was last signed, unless the variables name an earlier position.
    Refused as NOT_SIGNED_YET for a later one, as TOO_COSTLY for more than a file should hold, and
    where the question is. Raises Unreachable as the question does.
    """
    signer = instance.signer()
    with (session or Session()).connected(instance.database) as connection:
        with snapshot(connection):
            signed = latest(connection, signer.verifier)
            if signed is None:
                raise _not_signed("The log has no checkpoint yet")
            last = _last_position(connection, signed)
        pinned = {"asOf": iso_of(today()), **variables}
        if pinned.keys().isdisjoint({"atPosition", "recordedAt"}):
            pinned["atPosition"] = last
        document = document_of(question)
        data = data_of(execution.ask(instance, document, pinned))
        answer = data[question.name]
        position = answer["position"]
        if position > last:
            raise _not_signed(f"The log is signed up to position {last}, not yet to {position}")
        pinned.pop("recordedAt", None)
        pinned["atPosition"] = position
        if len(answer["edges"]) > MOST_ROWS:
            raise _too_costly(f"{len(answer['edges']):,} rows", f"{MOST_ROWS:,}")
        with snapshot(connection):
            behind = events_behind(connection, answered(question, pinned, answer))
            if len(behind) > MOST_EVENTS:
                raise _too_costly(f"{len(behind):,} events", f"{MOST_EVENTS:,}")
            proofs = prove_events(connection, behind, signed.size, signed.note)
    asked = {"query": document, "variables": pinned}
    return prove_answer(asked, data, position, proofs, signer)


def answered(
    question: Question, variables: Mapping[str, Any], answer: Mapping[str, Any]
) -> Answered:
    """A question, its clocks pinned, with what its answer names."""
    nodes = [edge["node"] for edge in answer["edges"]]
    named = [each for node in nodes for each in (node, *node["alternatives"])]
    known_at = variables.get("knownAt")
    clocks = Clocks(parse(variables["asOf"]), None if known_at is None else day_of(known_at))
    return Answered(
        question.fluent.name,
        question.inverse,
        None if is_of_a_kind(question) else variables["subject"],
        [node[question.answers]["id"] for node in nodes],
        {fact["id"] for each in named for fact in each["facts"]},
        {source["id"] for node in nodes for source in node["sources"]},
        question.fluent is MEMBERSHIP and not question.inverse,
        variables.get("lang") or "en",
        clocks.point(answer["position"], today()),
    )


def _last_position(connection: psycopg.Connection[Any], signed: Signed) -> int:
    """The position of the last event under a checkpoint."""
    if signed.size == 0:
        return 0
    of_it = {"first": signed.size - 1, "until": signed.size}
    row = connection.execute(SQL["leaves_from"], of_it).fetchone()
    return row[1] if row else 0


def _not_signed(words: str) -> Refused:
    return Refused(
        "NOT_SIGNED_YET",
        f"{words}: ask again in a minute, or at an earlier position.",
        field="atPosition",
    )


def _too_costly(what: str, most: str) -> Refused:
    return Refused(
        "TOO_COSTLY",
        f"The answer has {what}, and a proof {most} at the most: ask for smaller pages.",
        field="first",
    )
