"""Plans: a document as one SQL statement that writes the whole response.

A plan covers the as-of questions, `state`, `entity`, `source` and `log`, as far as each field
selected has a fragment in projections/fragments.sql. Whatever it does not cover, or can't answer as
it was asked, the resolvers answer or refuse in their own words: both give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
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

from api.graphql import statement_parameters
from api.graphql.as_of_rows import Question
from api.graphql.schema import RecordSchema
from api.graphql.statement_parameters import BY_ID, LOG, Reader, clocks_of
from api.limits import fragments_of
from domain.facts import EXISTENCE, MEMBERSHIP
from projections import fragments
from projections.asof import reported, sides, speaking
from projections.fragments import Parameters, Scope


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


class RootForm(NamedTuple):
    """How a field at the root is asked: by which clocks, and whether on a single day."""

    names_publication: bool
    names_record: bool
    on_a_day: bool


class QueryPlan(NamedTuple):
    """A statement of raw placeholders, and the parameter of each: its group and its name.

    `source_texts` are the statements that fill the gaps, each with the group of its clocks.
    """

    digest: bytes
    statement: bytes
    parameters: tuple[tuple[int, str], ...]
    groups: tuple[Group, ...]
    source_texts: tuple[tuple[bytes, int], ...]

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return 8 * (len(self.statement) + sum(len(each) for each, _ in self.source_texts))


def root_fields(
    schema: RecordSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
) -> dict[str, list[FieldDetails]]:
    """The fields at the root by their names in the answer. Raises NotCovered."""
    if operation.operation is not OperationType.QUERY:
        raise NotCovered(operation.operation.value)
    collected = collect_fields(
        schema.graphql, _fragments(document), variables, schema.query, operation
    )
    if collected.new_defer_usages:
        raise NotCovered("defer")
    return collected.grouped_field_set


def root_arguments(
    schema: RecordSchema, details: Sequence[FieldDetails], variables: VariableValues
) -> dict[str, Any] | None:
    """The arguments of a field at the root, None of __typename. Raises NotCovered."""
    name = details[0].node.name.value
    if name == "__typename":
        return None
    if name not in schema.questions and name not in BY_ID and name != LOG:
        raise NotCovered(name)
    definition = schema.query.fields[name]
    return get_argument_values(definition, details[0].node, variables)


def form_of(given: Mapping[str, Any] | None) -> RootForm:
    """How a field at the root is asked by its arguments."""
    clocks = clocks_of(given or {})
    day = clocks.as_of
    return RootForm(
        clocks.known_at is not None,
        clocks.recorded_at is not None or clocks.at_position is not None,
        day is None or day.earliest == day.latest,
    )


def _fragments(document: DocumentNode) -> dict[str, FragmentDetails]:
    return {name: FragmentDetails(node) for name, node in fragments_of(document).items()}


ROOT: Final = frozenset({"as_of_earliest", "as_of_latest", "id", "after"})
PAGE: Final = frozenset({"limit", "after_folded", "after_id", "standings", "kind", "lang"})
LANG: Final = frozenset({"lang"})
SOURCE_TEXTS: Final = "known_at", "position", "ids"
"""The parameters of the statements that write sources."""

WRITTEN_AS: Final = {"AnnouncedEnd": ("Side", "Alternative")}
"""Objects whose fields are written by the fragments of others."""

STORED_FACT: Final = fragments.json_object(
    [
        ("id", fragments.filled("Fact_id", {})),
        ("type", fragments.filled("Fact_type", {})),
        ("when", fragments.json_object([("edtf", fragments.filled("When_edtf", {}))])),
    ]
).as_string()
"""A fact of a row with the fields that the row stores, in their order."""


class PlanCompiler:
    """Makes the plan of an operation. Only directives look at the variables here."""

    def __init__(
        self,
        schema: RecordSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self._schema, self._operation, self._variables = schema, operation, variables
        self._fragments = _fragments(document)
        self._groups: list[Group] = []
        self._parameters = Parameters()
        self._source_texts: list[tuple[bytes, int]] = []
        self._root_group = 0
        """The group of the clocks of the field at the root."""
        self._on_a_day = False
        """Whether the field at the root is asked on a single day."""
        self._question: Question | None = None
        """Whose nodes are compiled."""
        self._asked: sql.Composable | None = None
        """Whom the question is asked about; None for all."""

    def plan(self, roots: Mapping[str, list[FieldDetails]], forms: Sequence[RootForm]) -> QueryPlan:
        """Of the fields at the root, asked in these forms. Raises NotCovered."""
        parts: list[sql.Composable | str] = []
        joins: list[sql.Composable] = []
        text = '{"data":{'
        for number, ((key, details), form) in enumerate(zip(roots.items(), forms, strict=True)):
            text += f'{"," if number else ""}"{key}":'
            if details[0].node.name.value == "__typename":
                text += '"Query"'
                continue
            name = sql.Identifier(f"f{len(joins)}")
            parts += [sql.Literal(text), sql.SQL("{}.text").format(name)]
            query = self._root(details, form)
            joins.append(fragments.filled("field", {"name": name, "query": query}))
            text = ""
        if not joins:
            raise NotCovered("nothing to ask the record for")
        # Unlike concat, || is null where a field is: then the resolvers answer.
        response = sql.SQL(" || ").join([*parts, sql.Literal(text + "}}")])
        statement = fragments.filled(
            "statement", {"response": response, "fields": sql.SQL(" ").join(joins)}
        ).as_bytes()
        return QueryPlan(
            hashlib.sha256(statement + repr(self._source_texts).encode()).digest(),
            statement,
            tuple(self._parameters.places),
            tuple(self._groups),
            tuple(self._source_texts),
        )

    def _root(self, details: list[FieldDetails], form: RootForm) -> sql.Composable:
        """The query of a field at the root: its text, or no row where there is no such thing."""
        node = details[0].node
        name = node.name.value
        self._on_a_day = form.on_a_day
        group = self._add(
            self._schema.query,
            node,
            statement_parameters.reader(name, self._schema.questions),
            has_clocks=True,
        )
        self._root_group = group
        names = ROOT | PAGE
        if form.names_publication or form.names_record:
            names |= {"known_at"}
        if form.names_record:
            names |= {"position"}
        around = {"position": sql.SQL("progress.position")}
        scope = Scope(self._parameters, group, names, around)
        question = self._schema.questions.get(name)
        if question is not None:
            is_of_all = question.fluent.name == EXISTENCE.name
            asked = None if is_of_all else sql.SQL("asked.id")
            text = self._connection(question, details, scope, asked)
            fragment = "root_of_all" if is_of_all else "root"
        else:
            kind = get_named_type(self._schema.query.fields[name].type)
            text = self._object(name.capitalize(), kind, details, scope)
            fragment = "entity" if name == "state" else name
        given = {"text": text}
        if "asked" in fragments.needs(fragment):
            given["asked"] = fragments.filled("asked", scope)
        return fragments.filled(fragment, scope.fixing(given))

    def _add(self, parent: Any, node: FieldNode, read: Reader, *, has_clocks: bool = False) -> int:
        self._groups.append(Group(parent.fields[node.name.value], node, read, has_clocks))
        return len(self._groups) - 1

    def _connection(
        self,
        question: Question,
        details: list[FieldDetails],
        scope: Scope,
        asked: sql.Composable | None,
    ) -> sql.Composable:
        """A question's answer: `asked` is whom it is asked about, None for all."""
        before = self._question, self._asked
        self._question, self._asked = question, asked
        kind = self._schema.graphql.get_type(f"{question.type_name}Connection")
        text = self._object("Connection", kind, details, scope)
        self._question, self._asked = before
        speaks = speaking(
            question.fluent, asked, scope, inverse=question.inverse, on_a_day=self._on_a_day
        )
        _, other = sides(inverse=question.inverse)
        given = {"Connection": text, "speaking": speaks, "other": other}
        return fragments.filled("connection", scope.fixing(given))

    def _object(
        self, context: str, kind: Any, details: list[FieldDetails], scope: Scope
    ) -> sql.Composable:
        """The expression that writes an object of the fields selected."""
        assert isinstance(kind, GraphQLObjectType)
        collected = collect_subfields(
            self._schema.graphql, self._fragments, self._variables, self._operation, kind, details
        )
        if collected.new_defer_usages:
            raise NotCovered("defer")
        return fragments.json_object(
            (key, self._field(context, kind, inner, scope))
            for key, inner in collected.grouped_field_set.items()
        )

    def _field(
        self, context: str, kind: GraphQLObjectType, details: list[FieldDetails], scope: Scope
    ) -> sql.Composable:
        node = details[0].node
        name = node.name.value
        if name == "__typename":
            return sql.Literal(f'"{kind.name}"')
        definition = kind.fields[name]
        if context == "State" and name in self._schema.questions:
            group = self._add(kind, node, statement_parameters.page)
            within = scope.within(group, PAGE)
            return self._connection(
                self._schema.questions[name], details, within, sql.SQL("asked.id")
            )
        fragment = self._fragment(context, name)
        of = get_named_type(definition.type)
        if definition.args:
            scope = scope.within(self._add(kind, node, statement_parameters.lang), LANG)
        if fragment == "Held_sources":
            return self._sources(of, details)
        objects = {
            each: self._object(each, of, details, scope)
            for each in fragments.needs(fragment)
            if each[0].isupper()
        }
        if fragment == "Held_facts" and objects["Fact"].as_string() == STORED_FACT:
            fragment = "Held_facts_stored"
        if "reported" in fragments.needs(fragment):
            assert self._asked is not None
            objects["reported"] = reported(self._asked, scope)
        if "cursor" in fragments.needs(fragment):
            objects["cursor"] = fragments.filled("cursor", {})
        return fragments.filled(fragment, scope.fixing(objects))

    def _sources(self, of: Any, details: list[FieldDetails]) -> sql.Composable:
        """The gap of the sources of a row."""
        places = {name: sql.SQL(f"${place}") for place, name in enumerate(SOURCE_TEXTS, 1)}
        scope = Scope(Parameters(), 0, frozenset(), places)
        text = {"Source": self._object("Source", of, details, scope)}
        statement = fragments.filled("source_texts", scope.fixing(text)).as_bytes()
        self._source_texts.append((statement, self._root_group))
        number = sql.Literal(str(len(self._source_texts) - 1))
        return fragments.filled("Held_sources", {"number": number})

    def _fragment(self, context: str, name: str) -> str:
        """The name of the fragment that writes a field. Raises NotCovered."""
        names = [f"{each}_{name}" for each in WRITTEN_AS.get(context, (context,))]
        fragment = next((each for each in names if each in fragments.FRAGMENTS), names[0])
        question = self._question
        if question is not None and fragment == f"Held_{question.answers}":
            return "Held_entity"
        if fragment == "Count_reported" and not (
            question is not None
            and question.fluent.name == MEMBERSHIP.name
            and not question.inverse
        ):
            return "Other_reported"
        if fragment not in fragments.FRAGMENTS:
            raise NotCovered(fragment)
        return fragment
