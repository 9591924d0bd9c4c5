"""A question asked as `sijill ask` asks it: every field of a row (docs/contract/names.md#a-row)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.graphql import errors
from api.graphql.as_of_rows import Question, questions_in
from domain.errors import Refused
from domain.facts import EXISTENCE
from domain.vocabulary import CORE, Vocabulary

FIELD = """%(question)s(
    %(asked)s: $subject, asOf: $asOf, knownAt: $knownAt, recordedAt: $recordedAt,
    atPosition: $atPosition, lang: $lang, first: $first, after: $after
  ) {
    position
    count { certain possible announced reported { value comparator when { edtf } source { id } } }
    pageInfo { hasNextPage endCursor }
    edges { cursor node {
      %(answers)s { id kind name(lang: $lang) iso3166 }
      standing
      contested disputed
      alternatives { since { edtf } until { edtf } facts { id } sources { id } setAside }
      announcedEnds { edtf earliest latest facts { id } sources { id } }
      attested
      since { edtf earliest latest } until { edtf earliest latest }
      facts { id type when { edtf } }
      sources { id title publisher published { edtf } }
    } }
  }"""
DOCUMENT = f"""
query Ask(
  $subject: %(type)s, $asOf: EDTFDate, $knownAt: Date, $recordedAt: DateTime, $atPosition: Int,
  $lang: String, $first: Int, $after: String
) {{
  {FIELD}
}}
"""
SUPPOSED = f"""
query WhatIf(
  $subject: %(type)s, $asOf: EDTFDate, $knownAt: Date, $recordedAt: DateTime, $atPosition: Int,
  $lang: String, $first: Int, $after: String, $without: Without, $with: [JSON!]
) {{
  whatIf(without: $without, with: $with) {{
  {FIELD}
  }}
}}
"""
STATE = """
query State(
  $subject: ID!, $asOf: EDTFDate, $knownAt: Date, $recordedAt: DateTime, $atPosition: Int,
  $lang: String
) {
  state(
    entity: $subject, asOf: $asOf, knownAt: $knownAt, recordedAt: $recordedAt,
    atPosition: $atPosition
  ) {
    position
    entity { id kind name(lang: $lang) iso3166 }
    %s
  }
}
"""
STATE_FIELD = """%(question)s(lang: $lang) {
      count { certain possible announced }
      pageInfo { hasNextPage endCursor }
      edges { node {
        %(answers)s { id kind name(lang: $lang) iso3166 }
        standing contested disputed
        alternatives { since { edtf } until { edtf } setAside }
        announcedEnds { edtf }
        attested
        since { edtf earliest latest } until { edtf earliest latest }
        facts { id type when { edtf } }
        sources { id title publisher published { edtf } }
      } }
    }"""
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
    return (SUPPOSED if supposed else DOCUMENT) % {
        "question": question.name,
        "asked": "kind" if of_a_kind else question.asked,
        "type": "EntityKind" if of_a_kind else "ID!",
        "answers": question.answers,
    }


def state_document(questions: Iterable[Question]) -> str:
    """The GraphQL document of some questions about one entity, STATE_AT_ONCE at the most."""
    fields = (
        STATE_FIELD % {"question": question.name, "answers": question.answers}
        for question in questions
    )
    return STATE % "\n    ".join(fields)


def data_of(response: Mapping[str, Any]) -> dict[str, Any]:
    """GraphQL's `data`, as `errors.data_of` gives it; a refused clock is named by its argument."""
    try:
        return errors.data_of(response)
    except Refused as refused:
        refused.field = refused.field or READ_AS.get(refused.code)
        raise
