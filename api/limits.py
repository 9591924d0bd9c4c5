"""What a GraphQL document may ask for, decided before any of it is executed.

Tokens and nesting are the parser's to count. Depth, aliases, fields and cost are counted here,
with fragments spread out and variables filled in. The cost is multiplicative: the product of
`first` along nested connections gives the rows, and every list of objects in a row costs one more
node a row. Lists of the introspection fields count with the sizes below.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    Lexer,
    OperationDefinitionNode,
    SelectionNode,
    Source,
    Token,
    TokenKind,
    Undefined,
    VariableNode,
    get_named_type,
    get_operation_ast,
    is_composite_type,
    parse,
)

from domain.errors import Refused

BODY: Final = 256 * 1024
"""Bytes of a request's body."""
DEEPEST: Final = 18
"""Fields within fields. Introspection as GraphiQL asks it has 15."""
MOST_ALIASES: Final = 40
MOST_TOKENS: Final = 2_000
MOST_COMMENTS: Final = 500
LONGEST: Final = 100_000
"""Characters of a document, blanks and comments included."""
MOST_ROOT_FIELDS: Final = 40
MOST_FIELDS: Final = 2_000
"""Fields of a document with its fragments spread out."""
MOST_ROWS: Final = 5_000
"""Rows along one path of connections under a field at the root."""
MOST_NODES: Final = 50_000

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

WORD: Final = 600
"""Bytes that a word of a document takes once it is read, at the most about."""

Variables = Mapping[str, Any]


def read(text: str) -> DocumentNode:
    """The document of a text. Refused(TOO_MANY_TOKENS, TOO_DEEP), GraphQLSyntaxError."""
    try:
        return parse(
            text,
            max_lexical_tokens=MOST_TOKENS,
            max_comments=MOST_COMMENTS,
            max_source_length=LONGEST,
        )
    except GraphQLSyntaxError:
        _explain(text)
        raise


def size(document: DocumentNode) -> int:
    """Bytes that a document takes, about: any node of it holds all of its words and its text."""
    assert document.loc is not None
    words, token = 0, document.loc.start_token
    while token is not None:
        words, token = words + 1, token.next  # type: ignore[assignment]
    return sys.getsizeof(document.loc.source.body) + WORD * words


def _explain(text: str) -> None:
    """Refuse a text that is too large or too deep for the parser, which has one error for all."""
    if len(text) > LONGEST:
        raise _refused("TOO_MANY_TOKENS", f"The document has more than {LONGEST:,} characters")
    lexer, tokens, comments, depth = Lexer(Source(text)), 0, 0, 0
    try:
        while (token := lexer.advance()).kind is not TokenKind.EOF:
            tokens += 1
            depth += token.kind in _OPENING
            depth -= token.kind in _CLOSING
            if tokens > MOST_TOKENS:
                raise _refused("TOO_MANY_TOKENS", f"The document has more than {MOST_TOKENS} words")
            if depth > 4 * DEEPEST:
                raise _refused("TOO_DEEP", f"The document is nested more than {4 * DEEPEST} deep")
        comments = _comments(lexer)
    except GraphQLSyntaxError:
        return
    if comments > MOST_COMMENTS:
        raise _refused("TOO_MANY_TOKENS", f"The document has more than {MOST_COMMENTS} comments")


_OPENING = (TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L)
_CLOSING = (TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R)


def _comments(lexer: Lexer) -> int:
    count = 0
    token: Token | None = lexer.token
    while token is not None and token.kind is not TokenKind.SOF:
        count += token.kind is TokenKind.COMMENT
        token = token.prev
    return count


def _refused(code: str, what: str) -> Refused:
    return Refused(code, f"{what}: ask for less at a time.")


class Cost(NamedTuple):
    """What an operation asks for."""

    depth: int
    aliases: int
    root_fields: int
    fields: int
    rows: int
    nodes: int


def check(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, variables: Variables
) -> Cost:
    """The cost of a valid document's operation. Refused with a TOO_… code."""
    operation = get_operation_ast(document, operation_name)
    if operation is None:  # none of that name, or several and no name: execution says so
        return Cost(0, 0, 0, 0, 0, 0)
    cost = _Count(schema, document, operation, variables).cost()
    if cost.root_fields > MOST_ROOT_FIELDS:
        raise _refused("TOO_COSTLY", f"The document has more than {MOST_ROOT_FIELDS} root fields")
    if cost.rows > MOST_ROWS:
        raise _refused(
            "TOO_COSTLY", f"The document asks for {cost.rows:,} rows, more than {MOST_ROWS:,}"
        )
    if cost.nodes > MOST_NODES:
        raise _refused(
            "TOO_COSTLY", f"The document asks for {cost.nodes:,} nodes, more than {MOST_NODES:,}"
        )
    return cost


class _Count:
    """Counts along an operation, and refuses as soon as a count is past its limit."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Variables,
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        defaults = {
            each.variable.name.value: _literal(each.default_value, {})
            for each in operation.variable_definitions or ()
            if each.default_value is not None
        }
        self._variables = {**defaults, **variables}
        self._deepest = self._aliases = self._fields = self._nodes = self._rows = 0

    def cost(self) -> Cost:
        root = self._schema.get_root_type(self._operation.operation)
        assert root is not None
        selections = self._operation.selection_set.selections
        self._walk(root, selections, depth=1, times=1, rows=1)
        root_fields = sum(1 for _ in self._spread(root, selections, frozenset()))
        return Cost(
            self._deepest, self._aliases, root_fields, self._fields, self._rows, self._nodes
        )

    def _walk(
        self,
        parent: Any,
        selections: tuple[SelectionNode, ...],
        *,
        depth: int,
        times: int,
        rows: int,
    ) -> None:
        """Count fields `depth` deep whose parent is there `times` times, in so many rows."""
        for of, node in self._spread(parent, selections, frozenset()):
            self._fields += 1
            self._aliases += node.alias is not None
            self._deepest = max(self._deepest, depth)
            if depth > DEEPEST:
                raise _refused("TOO_DEEP", f"The document is more than {DEEPEST} fields deep")
            if self._aliases > MOST_ALIASES:
                raise _refused(
                    "TOO_MANY_ALIASES", f"The document has more than {MOST_ALIASES} aliases"
                )
            if self._fields > MOST_FIELDS:
                raise _refused("TOO_COSTLY", f"The document has more than {MOST_FIELDS} fields")
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
                depth=depth + 1,
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
                value = _literal(argument.value, self._variables)
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


def _literal(node: Any, variables: Variables) -> Any:
    if isinstance(node, VariableNode):
        return variables.get(node.name.value)
    if isinstance(node, IntValueNode):
        return int(node.value) if len(node.value) < 12 else MOST_ROWS
    return None if node.kind == "null_value" else node
