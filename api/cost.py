"""What a valid GraphQL document's operation costs, with its variables filled in.

The cost is multiplicative: the product of `first` along nested connections gives the rows, and
every list of objects in a row costs one more node a row. Lists of the introspection fields count
with the sizes below. What a document may have before it is valid is in api/limits.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    Undefined,
    get_named_type,
    get_operation_ast,
    is_composite_type,
    value_from_ast_untyped,
)

from api.limits import fragments_of, too_much

MOST_ROWS: Final = 5_000
"""Rows along one path of connections under a field at the root."""
MOST_NODES: Final = 50_000

CHEAP_NODES: Final = 100
"""Nodes that the resolvers answer within some 20 ms."""
COSTLY: Final = frozenset({"diff", "explain", "search", "warnings", "whatIf"})
"""Fields at the root whose nodes don't say what they cost."""

USUAL_FIRST: Final = 100
INTROSPECTION_LISTS: Final = {
    "fields": 10,
    "inputFields": 4,
    "enumValues": 10,
    "args": 4,
    "interfaces": 1,
    "possibleTypes": 4,
    "directives": 6,
}
"""About how many of each there are; `types` are counted."""

Variables = Mapping[str, Any]


class Cost(NamedTuple):
    """What an operation asks for."""

    rows: int
    nodes: int
    fields: frozenset[str] = frozenset()
    """Those at the root."""

    @property
    def is_high(self) -> bool:
        """Whether resolvers answer it apart from all others."""
        return self.nodes > CHEAP_NODES or not self.fields.isdisjoint(COSTLY)


def check(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, variables: Variables
) -> Cost:
    """The cost of a valid document's operation. Refused(TOO_COSTLY)."""
    operation = get_operation_ast(document, operation_name)
    if operation is None:  # none of that name, or several and no name: execution says so
        return Cost(0, 0)
    cost = _Count(schema, document, operation, variables).cost()
    if cost.rows > MOST_ROWS:
        raise too_much(
            "TOO_COSTLY", f"The document asks for {cost.rows:,} rows, more than {MOST_ROWS:,}"
        )
    if cost.nodes > MOST_NODES:
        raise too_much(
            "TOO_COSTLY", f"The document asks for {cost.nodes:,} nodes, more than {MOST_NODES:,}"
        )
    return cost


class _Count:
    """Counts along an operation whose shape is within its limits."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Variables,
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = fragments_of(document)
        defaults = {
            each.variable.name.value: value_from_ast_untyped(each.default_value)
            for each in operation.variable_definitions or ()
            if each.default_value is not None
        }
        self._variables = {**defaults, **variables}
        self._nodes = self._rows = 0

    def cost(self) -> Cost:
        root = self._schema.get_root_type(self._operation.operation)
        assert root is not None
        selections = self._operation.selection_set.selections
        self._walk(root, selections, times=1, rows=1)
        names = {node.name.value for _, node in self._spread(root, selections, frozenset())}
        return Cost(self._rows, self._nodes, frozenset(names))

    def _walk(
        self, parent: Any, selections: tuple[SelectionNode, ...], *, times: int, rows: int
    ) -> None:
        """Count what lies below fields whose parent is there `times` times, in so many rows."""
        for of, node in self._spread(parent, selections, frozenset()):
            field = self._schema.get_field(of, node.name.value)
            if field is None or node.selection_set is None:
                continue
            within, below = rows, times
            if "first" in field.args:
                within = rows * self._first(node)
                below = times * self._first(node)
                self._rows = max(self._rows, within)
                self._nodes += below
            elif (size := self._list_size(of, node, field)) is not None:
                below = times * size
                self._nodes += below
            self._walk(
                get_named_type(field.type),
                node.selection_set.selections,
                times=below,
                rows=within,
            )

    def _list_size(self, of: Any, node: FieldNode, field: GraphQLField) -> int | None:
        """What a list of objects counts: in introspection by its size, else one for its row.

        The edges of a connection are counted with its `first`.
        """
        kind = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if not isinstance(kind, GraphQLList) or not is_composite_type(get_named_type(kind)):
            return None
        if of.name.startswith("__"):
            if node.name.value == "types":
                return len(self._schema.type_map)
            return INTROSPECTION_LISTS.get(node.name.value, 1)
        return None if node.name.value == "edges" else 1

    def _first(self, node: FieldNode) -> int:
        """The rows that a connection is asked for; what is no such number is refused later."""
        value: Any = USUAL_FIRST
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value = value_from_ast_untyped(argument.value, self._variables)
        if value is None or value is Undefined:
            value = USUAL_FIRST
        if isinstance(value, bool) or not isinstance(value, int):
            return MOST_ROWS
        return min(max(value, 1), MOST_ROWS)

    def _spread(
        self, parent: Any, selections: tuple[SelectionNode, ...], seen: frozenset[str]
    ) -> Iterator[tuple[Any, FieldNode]]:
        """The fields of a selection, each with the type that it is of, its fragments spread."""
        for node in selections:
            if isinstance(node, FieldNode):
                yield parent, node
            elif isinstance(node, InlineFragmentNode):
                of = parent
                if node.type_condition is not None:
                    of = self._schema.get_type(node.type_condition.name.value)
                yield from self._spread(of, node.selection_set.selections, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                fragment = self._fragments[node.name.value]
                of = self._schema.get_type(fragment.type_condition.name.value)
                yield from self._spread(
                    of, fragment.selection_set.selections, seen | {node.name.value}
                )
