"""The schema: every field at the root, by the words of a record; and the core's schema as text.

The questions, and the values of two enums, are those of a vocabulary. A schema is made anew for one
with other words, beside the old one, which goes on answering meanwhile.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

import strawberry
from cachetools import LRUCache, cached
from graphql import GraphQLEnumType, GraphQLEnumValue, GraphQLObjectType
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from api.graphql import changes, lists, mutations, questions, record_words, search, stories, what_if
from api.graphql.as_of_rows import QUESTIONS, questions_in, types_of
from api.graphql.defined_questions import with_questions
from api.graphql.scalars import SCALARS
from domain.vocabulary import CORE, Vocabulary, question_value

FILE = Path(__file__).with_name("schema.graphql")
"""Where the core's schema is kept as text, for those who read or diff it."""
MOST = 16
"""Schemas that are kept: a process has few records, and each the schema of its newest words."""

_WITHIN = [*questions.ROOT_FIELDS, *lists.ROOT_FIELDS, *record_words.ROOT_FIELDS]
Query = create_type(
    "Query",
    [
        *_WITHIN,
        *stories.ROOT_FIELDS,
        *search.ROOT_FIELDS,
        *changes.ROOT_FIELDS,
        *what_if.root_fields(_WITHIN),
    ],
)
Mutation = create_type("Mutation", mutations.ROOT_FIELDS)
_numbers = count()


class RecordSchema:
    """What may be asked of a record with the words of a vocabulary.

    `questions` are its as-of questions by name, `graphql` is graphql-core's own schema. Caches of
    what was read by it have its `key`.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        asked = questions_in(vocabulary)
        self.key = next(_numbers)
        self.questions = {question.name: question for question in asked}
        own = [question for question in asked if question.made_as is not question]
        self._core = strawberry.Schema(
            Query,
            Mutation,
            types=[types_of(question).node for question in QUESTIONS],
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        self.graphql = with_questions(self._core._schema, own)
        fluents = vocabulary.fluents.values()
        self._enumerate("EntityKind", {name: name for name in vocabulary.kinds})
        self._enumerate("Question", {question_value(each.question): each.name for each in fluents})

    @property
    def query(self) -> GraphQLObjectType:
        """The type of the root."""
        assert self.graphql.query_type is not None
        return self.graphql.query_type

    def _enumerate(self, name: str, values: Mapping[str, str]) -> None:
        """Give an enum its values: what stands for each outside is text."""
        enum: Any = self.graphql.type_map[name]
        assert isinstance(enum, GraphQLEnumType)
        enum.values = {each: GraphQLEnumValue(value) for each, value in values.items()}
        enum.__dict__.pop("_value_lookup", None)
        enum.wrapped_cls = _Value  # type: ignore[attr-defined]


class _Value(str):
    """A value of such an enum that was read from a document or a variable."""

    __slots__ = ()


def _words(vocabulary: Vocabulary) -> Hashable:
    """The words that a schema is made of."""
    fluents = vocabulary.fluents.values()
    return tuple(vocabulary.kinds), tuple(tuple(each[:5]) for each in fluents)


@cached(LRUCache(MOST), key=_words, lock=Lock())
def _schema_of_words(vocabulary: Vocabulary) -> RecordSchema:
    return RecordSchema(vocabulary)


@cached(LRUCache(MOST), key=id, lock=Lock())
def _with_schema(vocabulary: Vocabulary) -> tuple[Vocabulary, RecordSchema]:
    """A vocabulary, which is kept so that no other one gets its id, and its schema."""
    return vocabulary, _schema_of_words(vocabulary)


def schema_of(vocabulary: Vocabulary) -> RecordSchema:
    """The schema of a vocabulary. One that has no other kinds and fluents has the same."""
    return _with_schema(vocabulary)[1]


def sdl() -> str:
    """The core's schema in GraphQL's definition language."""
    return schema_of(CORE)._core.as_str().rstrip() + "\n"


if __name__ == "__main__":
    FILE.write_text(sdl(), encoding="utf-8")
