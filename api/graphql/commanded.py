"""Answering a command without the resolvers: what is the same for each request is found out once.

It covers a single command whose counts are asked for, not its diff; the resolvers answer the rest.
Both give the same bytes, and the same errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    located_error,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from graphql.type.scalars import GRAPHQL_MAX_INT

from api.graphql.bounded import Bounded
from api.graphql.context import Operation
from api.graphql.errors import tell
from api.graphql.planned import Written
from api.graphql.schema import GRAPHQL_SCHEMA
from api.graphql.writing import KINDS, write
from domain.sources import Entry

COUNTS: Final = {"position", "recorded", "unchanged"}
FORMS: Final = 4 * 1024 * 1024
"""Bytes of forms that are kept."""


class Form(NamedTuple):
    """A document's command, and its answer with places for the counts that are asked for."""

    name: str
    nodes: list[FieldNode]
    definition: GraphQLField
    kind: type[Entry] | None
    answer: str
    counts: tuple[str, ...]


_forms = Bounded(FORMS)


async def commanded(
    operation: Operation,
    key: tuple[Any, ...],
    document: DocumentNode,
    definition: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Written | dict[str, Any] | None:
    """The response of a command, in JSON where nothing went wrong; None leaves it to the resolvers.

    `key` tells the document, its operation and the variables that its directives look at.
    """
    values = get_variable_values(
        GRAPHQL_SCHEMA, definition.variable_definitions or (), dict(variables)
    )
    if not isinstance(values, VariableValues):
        return None
    form: Form | bool | None = _forms.get(key)
    if form is None:
        form = _form_of(document, definition, values) or False
        _forms.put(key, form, 8 * len(str(key)))
    if not isinstance(form, Form):
        return None
    try:
        given = get_argument_values(form.definition, form.nodes[0], values)
    except GraphQLError:
        return None  # the resolvers say it with its place
    try:
        applied = await write(
            operation, given["entries"], given["requestId"], given.get("dryRun"), form.kind
        )
    except Exception as error:
        located = located_error(error, form.nodes, [form.name])
        return {"data": {form.name: None}, "errors": [tell(located)]}
    if applied.position > GRAPHQL_MAX_INT:
        return None  # the same request again, which says that GraphQL has no such number
    counts = (getattr(applied, count) for count in form.counts)
    return Written((form.answer % (*counts,)).encode())


def _form_of(
    document: DocumentNode, operation: OperationDefinitionNode, values: VariableValues
) -> Form | None:
    """The form of a document, None if it is not covered. Only directives look at the variables."""
    kind = GRAPHQL_SCHEMA.mutation_type
    if kind is None or operation.operation is not OperationType.MUTATION:
        return None
    fragments = {
        node.name.value: FragmentDetails(node)
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    roots = collect_fields(GRAPHQL_SCHEMA, fragments, values, kind, operation)
    if len(roots.grouped_field_set) != 1 or roots.new_defer_usages:
        return None
    ((name, details),) = roots.grouped_field_set.items()
    command = details[0].node.name.value
    if command not in KINDS:
        return None
    definition = kind.fields[command]
    of = definition.type
    assert isinstance(of, GraphQLObjectType)
    found = collect_subfields(GRAPHQL_SCHEMA, fragments, values, operation, of, details)
    if found.new_defer_usages:
        return None
    parts, counts = [], []
    for key, (first, *_) in found.grouped_field_set.items():
        field = first.node.name.value
        if field in COUNTS:
            parts.append(f'"{key}":%d')
            counts.append(field)
        elif field == "__typename":
            parts.append(f'"{key}":"{of.name}"')
        else:
            return None
    answer = f'{{"data":{{"{name}":{{{",".join(parts)}}}}}}}'
    nodes = [each.node for each in details]
    return Form(name, nodes, definition, KINDS[command], answer, (*counts,))
