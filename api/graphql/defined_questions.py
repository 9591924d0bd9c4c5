"""The questions that a record defines, as GraphQL's types and fields.

They are copies of a question of the core's that strawberry has made: to make each anew takes
strawberry so long that with 200 of them nobody could ask by a new one for seconds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
)

from api.graphql.as_of_rows import COPIED, Question
from api.graphql.questions import ask
from api.graphql.statement_parameters import clocks_of

Resolver = Callable[..., Awaitable[Any]]
PAGE = "standings", "lang", "first", "after"


def with_questions(schema: GraphQLSchema, questions: Iterable[Question]) -> GraphQLSchema:
    """A schema of the core's questions and others, whose types replace those of the one given."""
    root, types = schema.query_type, schema.type_map
    what_if, state = types["WhatIf"], types["State"]
    assert isinstance(root, GraphQLObjectType)
    assert isinstance(what_if, GraphQLObjectType)
    assert isinstance(state, GraphQLObjectType)
    at_root, in_state = root.fields[COPIED.name], state.fields[COPIED.name]
    for question in questions:
        connection = _connection(schema, question)
        asked = _copy(at_root, connection, question, _at_root(question))
        asked.args = {
            question.asked if name == COPIED.asked else name: argument
            for name, argument in at_root.args.items()
        }
        root.fields[question.name] = what_if.fields[question.name] = asked
        state.fields[question.name] = _copy(
            in_state, GraphQLNonNull(connection), question, _in_state(question)
        )
    return GraphQLSchema(
        root,
        schema.mutation_type,
        types=[*types.values()],
        directives=schema.directives,
        extensions=schema.extensions,
        assume_valid=True,  # as what it copies is
    )


def _connection(schema: GraphQLSchema, question: Question) -> GraphQLObjectType:
    """The type of a question's answer. Values of it are made of the copied one's classes."""

    def made(name: str, renamed: dict[str, str], **types: GraphQLOutputType) -> GraphQLObjectType:
        of = schema.type_map[COPIED.type_name + name]
        assert isinstance(of, GraphQLObjectType)
        fields = dict[str, GraphQLField]()
        for key, field in of.fields.items():
            kind = types.get(key)
            fields[renamed.get(key, key)] = field if kind is None else _copy(field, kind)
        return GraphQLObjectType(
            question.type_name + name, fields, of.interfaces, is_type_of=of.is_type_of
        )

    node = made("Node", {COPIED.answers: question.answers})
    edge = made("Edge", {}, node=GraphQLNonNull(node))
    edges = GraphQLNonNull(GraphQLList(GraphQLNonNull(edge)))
    return made("Connection", {}, edges=edges)


def _copy(
    field: GraphQLField,
    kind: GraphQLOutputType,
    question: Question | None = None,
    resolve: Resolver | None = None,
) -> GraphQLField:
    """A field of another type, and where it is one of a question, with its words and answer."""
    return GraphQLField(
        kind,
        field.args,
        resolve or field.resolve,
        description=field.description if question is None else question.description,
    )


def _at_root(question: Question) -> Resolver:
    async def resolve(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        operation = getattr(source, "supposed", None) or info.context
        view = await operation.view(clocks_of(given))
        asked = await view.canonical(given[question.asked], question.asked)
        return await ask(question, view, asked, **{name: given.get(name) for name in PAGE})

    return resolve


def _in_state(question: Question) -> Resolver:
    async def resolve(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        page = {name: given.get(name) for name in PAGE}
        return await ask(question, source.view, source.entity.id, **page)

    return resolve
