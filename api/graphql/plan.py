"""Plans: a document as one SQL statement, and how its answer is put together of the columns.

A plan covers the as-of questions, `state`, `entity`, `source` and `log`, as far as each field
selected has a fragment in projections/fragments.sql, or is one of those that pages.py puts in.
Whatever is not covered, or can't be answered as it was asked, is left to the resolvers, which then
say so in their own words: both give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues, get_argument_values
from psycopg import sql

from api.graphql import pages, parameters
from api.graphql.held import Question
from api.graphql.pages import Listing
from api.graphql.parameters import ASKED, BY_ID, LOG, Reader, clocks_of
from api.graphql.parts import (
    Alternatives,
    Connection,
    Listed,
    Part,
    Scope,
    Statement,
    into_pieces,
    named,
)
from api.graphql.schema import GRAPHQL_SCHEMA
from domain.facts import EXISTENCE, MEMBERSHIP
from projections import fragments
from projections.asof import reported


class NotCovered(Exception):
    """The plan does not cover a field."""


class Group(NamedTuple):
    """A field with arguments, and how they become parameters. `has_clocks` at the root only."""

    definition: GraphQLField
    node: FieldNode
    read: Reader
    has_clocks: bool

    def arguments(self, variables: VariableValues) -> dict[str, Any]:
        """The arguments given. Raises GraphQLError or what a scalar raises."""
        return get_argument_values(self.definition, self.node, variables)


class Form(NamedTuple):
    """How a field at the root is asked: by all that is known and recorded; on a single day."""

    at_head: bool
    on_a_day: bool


class Plan(NamedTuple):
    """A statement of raw placeholders, the parameter of each, and the answer made of its columns.

    `logs` are the groups whose `limit` is of events listed by the statement itself.
    """

    name: bytes
    statement: bytes
    parameters: tuple[tuple[int, str], ...]
    groups: tuple[Group, ...]
    pieces: tuple[bytes | pages.Text | Listing, ...]
    logs: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return 8 * len(self.statement)


def root_fields(
    document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
) -> dict[str, list[FieldDetails]]:
    """The fields at the root by their names in the answer. Raises NotCovered."""
    assert GRAPHQL_SCHEMA.query_type is not None
    if operation.operation is not OperationType.QUERY:
        raise NotCovered(operation.operation.value)
    collected = collect_fields(
        GRAPHQL_SCHEMA, _fragments(document), variables, GRAPHQL_SCHEMA.query_type, operation
    )
    if collected.new_defer_usages:
        raise NotCovered("defer")
    return collected.grouped_field_set


def root_arguments(
    details: Sequence[FieldDetails], variables: VariableValues
) -> dict[str, Any] | None:
    """The arguments of a field at the root, None of __typename. Raises NotCovered."""
    name = details[0].node.name.value
    if name == "__typename":
        return None
    if name not in ASKED and name not in BY_ID and name != LOG:
        raise NotCovered(name)
    definition = GRAPHQL_SCHEMA.query_type.fields[name]  # type: ignore[union-attr]
    return get_argument_values(definition, details[0].node, variables)


def form_of(given: Mapping[str, Any] | None) -> Form:
    """How a field at the root is asked by its arguments."""
    if given is None:
        return Form(at_head=True, on_a_day=True)
    clocks = clocks_of(given)
    day = clocks.as_of
    return Form(clocks[1:] == (None, None, None), day is None or day.earliest == day.latest)


def _fragments(document: DocumentNode) -> dict[str, FragmentDetails]:
    return {
        node.name.value: FragmentDetails(node)
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def compiled(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    roots: Mapping[str, list[FieldDetails]],
    forms: Sequence[Form],
) -> Plan:
    """The plan of an operation's fields at the root, asked in these forms.

    Only directives look at the variables here. Raises NotCovered.
    """
    return _Compiler(document, operation, variables).plan(roots, forms)


_POINT = frozenset({"first", "last"})
_STANDINGS = frozenset({"standings"})
_LANG = frozenset({"lang"})
_WITHIN = {
    "Connection_count": "Count",
    "Connection_pageInfo": "PageInfo",
    "Edge_node": "Held",
    "Reference_when": "ReferenceWhen",
}
"""Objects that are written where they are."""


class _Compiler:
    def __init__(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self._operation, self._variables = operation, variables
        self._fragments = _fragments(document)
        self._groups: list[Group] = []
        self._logs: list[int] = []
        self._statement = Statement()
        self._listed: Listed | None = None
        """The question that is compiled."""
        self._on_a_day = False
        self._point = 0
        """The group of the clocks of the field at the root that is compiled."""

    def plan(self, roots: Mapping[str, list[FieldDetails]], forms: Sequence[Form]) -> Plan:
        pieces: list[Any] = []
        columns: list[sql.Composable] = []
        joins: list[sql.Composable] = []
        text = '{"data":{'
        for number, ((key, details), form) in enumerate(zip(roots.items(), forms, strict=True)):
            text += f'{"," if number else ""}"{key}":'
            if details[0].node.name.value == "__typename":
                text += '"Query"'
                continue
            name, start = sql.Identifier(f"f{len(joins)}"), len(columns)
            pieces.append(text.encode())
            query, more = self._root(details, form, columns)
            pieces += more
            joins.append(fragments.filled("field", {"name": name, "query": query}))
            for column in range(start, len(columns)):
                value = sql.SQL("{}.{}").format(name, named(column))
                columns[column] = fragments.filled("column", {"value": value})
            text = ""
        if not joins:
            raise NotCovered("nothing to ask the record for")
        pieces.append((text + "}}").encode())
        statement = fragments.filled(
            "statement",
            {"columns": fragments.listed(columns), "fields": fragments.joined(joins)},
        ).as_bytes()
        return Plan(
            hashlib.sha256(statement + repr(pieces).encode()).digest(),
            statement,
            tuple(self._statement.parameters),
            tuple(self._groups),
            tuple(pieces),
            tuple(self._logs),
        )

    def _root(
        self, details: list[FieldDetails], form: Form, columns: list[sql.Composable]
    ) -> tuple[sql.Composable, Sequence[Any]]:
        """The query of a field at the root, which has more columns, and its pieces."""
        node = details[0].node
        name = node.name.value
        question = ASKED.get(name)
        names = _POINT | {"id", "after", "limit", "standings"}
        group = self._point = self._add(
            GRAPHQL_SCHEMA.query_type, node, parameters.reader(name), has_clocks=True
        )
        scope = Scope(self._statement, group, names | (set() if form.at_head else {"k", "r"}))
        head = sql.SQL("progress.position")
        position = head if form.at_head else sql.SQL("{}::bigint").format(scope["r"])
        scope = scope.within(fixed={"position": position})
        self._on_a_day = form.on_a_day
        if question is not None:
            is_of_all = question.fluent is EXISTENCE
            asked = None if is_of_all else sql.SQL("asked.id")
            parts: Sequence[Part] = [self._connection(question, details, scope, asked, group)]
            fragment = "root_of_all" if is_of_all else "root"
        else:
            context, fragment = name.capitalize(), "entity" if name == "state" else name
            kind = get_named_type(GRAPHQL_SCHEMA.query_type.fields[name].type)  # type: ignore[union-attr]
            parts = self._object(context, kind, details, scope)
            if name == LOG:
                self._logs.append(group)
        start = len(columns)
        pieces = into_pieces(parts, columns, pages.Text)
        if start == len(columns):  # there may be no such thing, and then all columns are null
            columns.append(sql.Literal(""))
        shown = (
            sql.SQL("{} AS {}").format(columns[column], named(column))
            for column in range(start, len(columns))
        )
        given = {"columns": fragments.listed(shown)}
        if "asked" in fragments.needs(fragment):
            given["asked"] = fragments.filled("asked", scope)
        return fragments.filled(fragment, scope.within(fixed=given)), pieces

    def _add(self, parent: Any, node: FieldNode, read: Reader, *, has_clocks: bool = False) -> int:
        self._groups.append(Group(parent.fields[node.name.value], node, read, has_clocks))
        return len(self._groups) - 1

    def _connection(
        self,
        question: Question,
        details: list[FieldDetails],
        scope: Scope,
        asked: sql.Composable | None,
        page: int,
    ) -> Connection:
        before, self._listed = self._listed, Listed(question, asked, scope, page)
        listed = self._listed
        kind = GRAPHQL_SCHEMA.get_type(f"{question.type_name}Connection")
        parts = self._object("Connection", kind, details, scope)
        self._listed = before
        return Connection(listed.rows(on_a_day=self._on_a_day), listed, self._point, parts)

    def _object(
        self, context: str, kind: Any, details: list[FieldDetails], scope: Scope
    ) -> list[Part]:
        assert isinstance(kind, GraphQLObjectType)
        collected = collect_subfields(
            GRAPHQL_SCHEMA, self._fragments, self._variables, self._operation, kind, details
        )
        if collected.new_defer_usages:
            raise NotCovered("defer")
        return fragments.written(
            (key, self._field(context, kind, inner, scope))
            for key, inner in collected.grouped_field_set.items()
        )

    def _text(
        self, context: str, kind: Any, details: list[FieldDetails], scope: Scope
    ) -> sql.Composable:
        """An object that PostgreSQL writes whole."""
        parts = self._object(context, kind, details, scope)
        return fragments.concatenated(
            [part for part in parts if isinstance(part, str | sql.Composable)]
        )

    def _field(
        self, context: str, kind: GraphQLObjectType, details: list[FieldDetails], scope: Scope
    ) -> Sequence[Part]:
        node = details[0].node
        name = node.name.value
        if name == "__typename":
            return [f'"{kind.name}"']
        definition = kind.fields[name]
        if context == "State" and name in ASKED:
            page = self._add(kind, node, parameters.page)
            within = scope.within(_STANDINGS, page)
            return [self._connection(ASKED[name], details, within, sql.SQL("this.id"), page)]
        of, listed = get_named_type(definition.type), self._listed
        if listed is not None:
            put = self._put(listed, f"{context}_{name}", of, details, scope)
            if put is not None:
                return put
        fragment = f"{context}_{name}"
        if fragment == "Count_reported" and not (listed and _is_reported(listed.question)):
            fragment = "Other_reported"
        if fragment not in fragments.FRAGMENTS:
            raise NotCovered(fragment)
        if definition.args:
            scope = scope.within(_LANG, self._add(kind, node, parameters.lang))
        objects: dict[str, sql.Composable] = {
            each: self._text(each, of, details, scope)
            for each in fragments.needs(fragment)
            if each[0].isupper()
        }
        if listed and listed.asked is not None and "reported" in fragments.needs(fragment):
            objects["reported"] = reported(listed.asked, scope)
        return [fragments.filled(fragment, scope.within(fixed=objects))]

    def _put(
        self, listed: Listed, place: str, of: Any, details: list[FieldDetails], scope: Scope
    ) -> Sequence[Part] | None:
        """What of a question is not a column of the statement; None if it is one."""
        if place in _WITHIN:
            return self._object(_WITHIN[place], of, details, scope)
        if place in pages.PUT:
            put: Part = pages.PUT[place]
            return [put]
        if place == "Connection_edges":
            parts = self._object("Edge", of, details, scope)
            return [pages.Edges(into_pieces(parts, listed.cells, pages.Cell))]
        if place in ("PageInfo_startCursor", "PageInfo_endCursor"):
            return [pages.Cursor(listed.cursor(), is_last=place == "PageInfo_endCursor")]
        if place == "Edge_cursor":
            return [pages.Entity(listed.cursor())]
        if place == f"Held_{listed.question.answers}":
            entity = self._text("Entity", of, details, listed.entities.scope)
            return [pages.Entity(listed.entities.text(entity))]
        if place == "Held_sources":
            source = self._text("Source", of, details, listed.sources.scope)
            return [pages.Sources(listed.sources.text(source))]
        if place == "Held_facts":
            listed.has_facts = True
            form = self._object("Reference", of, details, scope)
            return [pages.facts("".join(part for part in form if isinstance(part, str)))]
        if place == "Held_alternatives":
            text = self._text("Alternative", of, details, scope)
            return [Alternatives(fragments.filled(place, {"Alternative": text}))]
        return None


def _is_reported(question: Question) -> bool:
    return question.fluent is MEMBERSHIP and not question.inverse
