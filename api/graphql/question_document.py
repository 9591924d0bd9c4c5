"""A question asked as `sijill ask` asks it: every field of a row (docs/contract/names.md#a-row)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from api.graphql import errors
from api.graphql.as_of_rows import Question, questions_in
from domain.errors import Refused
from domain.facts import EXISTENCE
from domain.vocabulary import CORE, Vocabulary

DOCUMENTS: Final = Path(__file__).with_name("documents")
STATE_AT_ONCE = 20
"""Questions that `state` may be asked in one document: it has less than 2,000 words then."""
VARIABLES = (
    "subject", "asOf", "knownAt", "recordedAt", "atPosition", "lang", "first", "after",
)  # fmt: skip
"""Of the document, in their order."""
READ_AS = {"BAD_EDTF": "asOf", "BAD_DATE": "knownAt", "BAD_DATETIME": "recordedAt"}
"""The argument that an error of reading speaks of: each clock is written in its own way."""


def question_named(name: str, vocabulary: Vocabulary = CORE) -> Question:
    """A question by its name. Refused(UNKNOWN_QUESTION)."""
    questions = questions_in(vocabulary)
    for question in questions:
        if question.name == name:
            return question
    names = ", ".join(question.name for question in questions)
    raise Refused(
        "UNKNOWN_QUESTION",
        f"There is no question {name[:80]!a}; there are {names}.",
        field="question",
    )


def is_of_a_kind(question: Question) -> bool:
    """Whether it is asked of a kind of entities, not of one."""
    return question.fluent.name == EXISTENCE.name


def document_of(question: Question, *, supposed: bool = False) -> str:
    """The GraphQL document of a question, with VARIABLES; of a supposition also without, with."""
    of_a_kind = is_of_a_kind(question)
    given = {
        "question": question.name,
        "asked": "kind" if of_a_kind else question.asked,
        "type": "EntityKind" if of_a_kind else "ID!",
        "answers": question.answers,
    }
    field = _text("field").strip() % given
    return "\n" + _text("what-if" if supposed else "ask") % {**given, "field": field}


def state_document(questions: Iterable[Question]) -> str:
    """The GraphQL document of some questions about one entity, STATE_AT_ONCE at the most."""
    text = _text("state-field").strip()
    fields = (text % {"question": each.name, "answers": each.answers} for each in questions)
    return "\n" + _text("state") % {"fields": "\n    ".join(fields)}


@cache
def _text(name: str) -> str:
    """A document of `documents/`, in which what differs by question is to be filled in."""
    return (DOCUMENTS / f"{name}.graphql").read_text(encoding="utf-8")


def data_of(response: Mapping[str, Any]) -> dict[str, Any]:
    """GraphQL's `data`, as `errors.data_of` gives it; a refused clock is named by its argument."""
    try:
        return errors.data_of(response)
    except Refused as refused:
        refused.field = refused.field or READ_AS.get(refused.code)
        raise
