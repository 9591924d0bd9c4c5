"""Plans: a document as one SQL statement whose JSON PostgreSQL writes, without a step for each row.

A plan covers the as-of questions, `state`, `entity` and `source`, as far as each field selected has
a fragment in projections/fragments.sql. Whatever is not covered, or can't be answered as it was
asked, is left to the resolvers, which then say so in their own words: both give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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

from api.graphql.arguments import page_size, position_after
from api.graphql.context import Clocks
from api.graphql.held import QUESTIONS, Question
from api.graphql.schema import GRAPHQL_SCHEMA
from domain.facts import EXISTENCE, MEMBERSHIP
from projections import fragments
from projections.asof import ALL_STANDINGS, held_page, read_cursor, reported, rows_at

ASKED = {question.name: question for question in QUESTIONS}
CLOCKS = {"asOf": "as_of", "knownAt": "known_at", "recordedAt": "recorded_at"}
BY_ID = {"entity": "id", "source": "id", "state": "entity"}
"""The fields at the root that look one thing up, and the argument that names it."""
LOG = "log"

Values = dict[str, str | None]


class NotCovered(Exception):
    """The plan does not cover a field."""


class Group(NamedTuple):
    """A field with arguments, and how they become parameters. `has_clocks` at the root only."""

    definition: GraphQLField
    node: FieldNode
    read: Callable[[Mapping[str, Any]], Values]
    has_clocks: bool

    def arguments(self, variables: VariableValues) -> dict[str, Any]:
        """The arguments given. Raises GraphQLError or what a scalar raises."""
        return get_argument_values(self.definition, self.node, variables)


class Plan(NamedTuple):
    """A statement of raw placeholders, the parameter of each, and the JSON around its columns."""

    statement: bytes
    parameters: tuple[tuple[int, str], ...]
    groups: tuple[Group, ...]
    around: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return 4 * len(self.statement)


def clocks_of(given: Mapping[str, Any]) -> Clocks:
    """The clocks among the arguments of a field."""
    return Clocks(
        given.get("asOf"), given.get("knownAt"), given.get("recordedAt"), given.get("atPosition")
    )


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


def is_open(given: Mapping[str, Any] | None) -> bool:
    """Whether a field at the root is asked by all that is known and recorded."""
    return given is None or clocks_of(given)[1:] == (None, None, None)


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
    opened: Sequence[bool],
) -> Plan:
    """The plan of an operation's fields at the root; those of `opened` are asked at the head.

    Only directives look at the variables here. Raises NotCovered.
    """
    return _Compiler(document, operation, variables).plan(roots, opened)


class _Scope(Mapping[str, sql.Composable]):
    """The SQL of what fragments need: what is fixed, this group's parameters, what is around."""

    def __init__(
        self,
        compiler: _Compiler,
        group: int,
        names: frozenset[str],
        around: Mapping[str, sql.Composable] | None = None,
        fixed: Mapping[str, sql.Composable] | None = None,
    ) -> None:
        self._compiler, self._group, self._names = compiler, group, names
        self._around, self._fixed = around or {}, fixed or {}

    def __getitem__(self, name: str) -> sql.Composable:
        if name in self._fixed:
            return self._fixed[name]
        if name in self._names:
            return self._compiler.parameter(self._group, name)
        if name in self._around:
            return self._around[name]
        if name in ("entities", "sources"):
            return rows_at(name, self)
        if name == "cursor":
            return fragments.filled("cursor", {})
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({*self._fixed, *self._names, *self._around})

    def __len__(self) -> int:
        return len(set(self))


_POINT = frozenset({"first", "last"})
_PAGE = frozenset({"lang", "standings", "kind", "after_folded", "after_id", "limit"})


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
        self._parameters: dict[tuple[int, str], sql.Composable] = {}
        self._question: Question | None = None
        self._lists = 1
        self._within: list[tuple[sql.Composable, sql.Composable]] = []
        """The questions within `state`: their join, and their objects."""

    def plan(self, roots: Mapping[str, list[FieldDetails]], opened: Sequence[bool]) -> Plan:
        text = b'{"data":{'
        around: list[bytes] = []
        columns: list[sql.Composable] = []
        joins: list[sql.Composable] = []
        for number, ((key, details), at_head) in enumerate(zip(roots.items(), opened, strict=True)):
            text += b'%s"%s":' % (b"," if number else b"", key.encode())
            if details[0].node.name.value == "__typename":
                text += b'"Query"'
                continue
            around.append(text)
            text = b""
            name = sql.Identifier(f"f{len(joins)}")
            query = self._root(details, at_head)
            columns.append(fragments.filled("column", {"name": name}))
            joins.append(fragments.filled("field", {"name": name, "query": query}))
        if not joins:
            raise NotCovered("nothing to ask the record for")
        statement = fragments.filled(
            "statement",
            {"columns": fragments.listed(columns), "fields": fragments.joined(joins)},
        )
        return Plan(
            statement.as_bytes(),
            tuple(self._parameters),
            tuple(self._groups),
            (*around, text + b"}}"),
        )

    def parameter(self, group: int, name: str) -> sql.Composable:
        """The placeholder of a group's parameter."""
        place = sql.SQL(f"${len(self._parameters) + 1}")
        return self._parameters.setdefault((group, name), place)

    def _root(self, details: list[FieldDetails], at_head: bool) -> sql.Composable:
        node = details[0].node
        name = node.name.value
        question = ASKED.get(name)
        names = _POINT | {"id", "after"} | (frozenset() if at_head else {"k", "r"})
        group = len(self._groups)
        head = sql.SQL("progress.position")
        scope = _Scope(self, group, names | (_PAGE if question else frozenset({"limit"})))
        position = head if at_head else sql.SQL("{}::bigint").format(scope["r"])
        scope = _Scope(self, group, frozenset(), scope, {"position": position})
        self._add(GRAPHQL_SCHEMA.query_type, node, _reader(name), has_clocks=True)
        if question is not None and question.fluent is EXISTENCE:
            return self._connection(question, details, scope, None)
        if question is not None:
            asked = sql.SQL("asked.id")
            given = {
                "connection": self._connection(question, details, scope, asked),
                "asked": fragments.filled("asked", scope),
            }
            return fragments.filled("root", given)
        more: dict[str, sql.Composable] = {}
        if name not in ("source", LOG):
            more["asked"] = fragments.filled("asked", scope)
        context = name.capitalize()
        self._within = []
        return_type = get_named_type(GRAPHQL_SCHEMA.query_type.fields[name].type)  # type: ignore[union-attr]
        more[context] = self._object(context, return_type, details, scope)
        more["fields"] = fragments.joined(join for join, _ in self._within)
        more["objects"] = fragments.added(
            [sql.Literal(1), *(objects for _, objects in self._within)]
        )
        return fragments.filled(name, _Scope(self, group, frozenset(), scope, more))

    def _add(
        self,
        parent: Any,
        node: FieldNode,
        read: Callable[[Mapping[str, Any]], Values],
        *,
        has_clocks: bool = False,
    ) -> int:
        self._groups.append(Group(parent.fields[node.name.value], node, read, has_clocks))
        return len(self._groups) - 1

    def _connection(
        self,
        question: Question,
        details: list[FieldDetails],
        scope: Mapping[str, sql.Composable],
        asked: sql.Composable | None,
    ) -> sql.Composable:
        before = self._question, self._lists
        self._question, self._lists = question, 1
        fixed: dict[str, sql.Composable] = {
            "page": held_page(question.fluent, asked, _held(scope), inverse=question.inverse)
        }
        if asked is not None:
            fixed["reported"] = reported(asked, scope)
        scope = _Scope(self, -1, frozenset(), scope, fixed)
        kind = GRAPHQL_SCHEMA.get_type(f"{question.type_name}Connection")
        fixed["Connection"] = self._object("Connection", kind, details, scope)
        fixed["lists"] = sql.Literal(self._lists)
        self._question, self._lists = before
        return fragments.filled("connection", scope)

    def _object(
        self,
        context: str,
        kind: Any,
        details: list[FieldDetails],
        scope: Mapping[str, sql.Composable],
    ) -> sql.Composable:
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

    def _field(
        self,
        context: str,
        kind: GraphQLObjectType,
        details: list[FieldDetails],
        scope: Mapping[str, sql.Composable],
    ) -> sql.Composable | str:
        node = details[0].node
        name = node.name.value
        if name == "__typename":
            return f'"{kind.name}"'
        if context == "State" and name in ASKED:
            return self._question_of_state(kind, details, scope)
        question = self._question
        fragment = f"{context}_{name}"
        if context == "Held" and question is not None and name == question.answers:
            fragment = "Held_entity"
        elif context == "Count" and name == "reported" and not _is_reported(question):
            fragment = "Other_reported"
        if fragment not in fragments.FRAGMENTS:
            raise NotCovered(fragment)
        if name in ("sources", "reported"):
            self._lists += 1
        definition = kind.fields[name]
        if definition.args:
            scope = _Scope(self, self._add(kind, node, _lang), frozenset({"lang"}), scope)
        objects = {
            each: self._object(each, get_named_type(definition.type), details, scope)
            for each in fragments.needs(fragment)
            if each[0].isupper()
        }
        return fragments.filled(fragment, _Scope(self, -1, frozenset(), scope, objects))

    def _question_of_state(
        self,
        kind: GraphQLObjectType,
        details: list[FieldDetails],
        scope: Mapping[str, sql.Composable],
    ) -> sql.Composable:
        question = ASKED[details[0].node.name.value]
        group = self._add(kind, details[0].node, _page)
        within = _Scope(self, group, _PAGE, scope)
        name = sql.Identifier(f"q{len(self._within)}")
        query = self._connection(question, details, within, sql.SQL("this.id"))
        self._within.append(
            (
                fragments.filled("field", {"name": name, "query": query}),
                sql.SQL("{}.objects").format(name),
            )
        )
        return sql.SQL("{}.answer").format(name)


def _held(scope: Mapping[str, sql.Composable]) -> dict[str, sql.Composable]:
    """The parameters of the point and the page, `k` and `r` only where the scope has them."""
    names = [*sorted(_POINT), *sorted(_PAGE), *(name for name in ("k", "r") if name in scope)]
    return {name: scope[name] for name in names}


def _is_reported(question: Question | None) -> bool:
    return question is not None and question.fluent is MEMBERSHIP and not question.inverse


# Arguments into parameters. All are text: the statement says what they are, so that one prepared
# statement serves them all (a small number would else travel as int2).


def _reader(name: str) -> Callable[[Mapping[str, Any]], Values]:
    if name == LOG:
        return _log
    argument = BY_ID.get(name)
    if argument is not None:
        return lambda given: {"id": given[argument]}
    question = ASKED[name]
    if question.fluent is EXISTENCE:
        return _page
    return lambda given: {"id": given[question.asked], **_page(given)}


def _log(given: Mapping[str, Any]) -> Values:
    size, after = page_size(given.get("first")), position_after(given.get("after"))
    return {"after": str(after), "limit": str(size + 1)}


def _lang(given: Mapping[str, Any]) -> Values:
    return {"lang": given.get("lang") or "en"}


def _page(given: Mapping[str, Any]) -> Values:
    size = page_size(given.get("first"))
    after, standings, kind = (given.get(name) for name in ("after", "standings", "kind"))
    folded, last_id = (None, None) if after is None else read_cursor(after)
    shown = ALL_STANDINGS if standings is None else standings
    return {
        "limit": str(size + 1),
        "after_folded": folded,
        "after_id": last_id,
        "standings": f"{{{','.join(standing.value for standing in shown)}}}",
        "kind": None if kind is None else kind.value,
        **_lang(given),
    }
