"""What a GraphQL document may ask for, decided before any of it is executed.

The parser counts tokens and nesting. `shape` counts depth, aliases and fields right after parsing,
before validation, which takes the square of what it compares. `check` counts the cost of a valid
document, with variables filled in. The cost is multiplicative: the product of `first` along nested
connections gives the rows, and every list of objects in a row costs one more node a row. Lists of
the introspection fields count with the sizes below.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
    SelectionSetNode,
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
LONGEST_NUMBER: Final = 1_000
"""Characters of a number in a document: Python reads no integer of more than 4,300 digits."""
MOST_ROOT_FIELDS: Final = 40
MOST_FIELDS: Final = 2_000
"""Fields of a document with its fragments spread out."""
MOST_PAIRS: Final = 2_000
"""Fields of one response name, and fragments of one selection, taken two by two."""
MOST_ROWS: Final = 5_000
"""Rows along one path of connections under a field at the root."""
MOST_NODES: Final = 50_000

CHEAP_NODES: Final = 100
"""Nodes that the resolvers answer within some 20 ms."""
COSTLY: Final = frozenset({"diff", "explain", "search", "whatIf"})
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

WORD: Final = 600
"""Bytes that a word of a document takes once it is read, at the most about."""

Variables = Mapping[str, Any]


def read(text: str) -> DocumentNode:
    """The document of a text. Refused(TOO_MANY_TOKENS, TOO_DEEP, BAD_VALUE), GraphQLSyntaxError."""
    try:
        document = parse(
            text,
            max_lexical_tokens=MOST_TOKENS,
            max_comments=MOST_COMMENTS,
            max_source_length=LONGEST,
        )
    except GraphQLSyntaxError:
        _explain(text)
        raise
    if any(
        token.kind in _NUMBERS and token.end - token.start > LONGEST_NUMBER
        for token in _tokens(document)
    ):
        raise Refused("BAD_VALUE", "A number has too many digits.", field="query")
    return document


def size(document: DocumentNode) -> int:
    """Bytes that a document takes, about: any node of it holds all of its words and its text."""
    assert document.loc is not None
    words = sum(1 for _ in _tokens(document))
    return sys.getsizeof(document.loc.source.body) + WORD * words


def _tokens(document: DocumentNode) -> Iterator[Token]:
    assert document.loc is not None
    token: Token | None = document.loc.start_token
    while token is not None:
        yield token
        token = token.next


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


_NUMBERS = (TokenKind.INT, TokenKind.FLOAT)
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


class Shape(NamedTuple):
    """What a document has, fragments spread out, whatever the schema says."""

    depth: int
    aliases: int
    root_fields: int
    """Of the operation that has most."""
    fields: int
    pairs: int
    """Fields of one response name, and fragments, that validation compares with each other."""


def shape(document: DocumentNode) -> Shape:
    """Count what a document has before anything looks at it that takes longer than it is long.

    Validation compares every two fields of one name, so that it takes the square of their number.
    Refused(TOO_DEEP, TOO_MANY_ALIASES, TOO_COSTLY) as soon as a count is past its limit.
    """
    return _Shape(document).shape()


class _Shape:
    """Counts along a document's definitions."""

    def __init__(self, document: DocumentNode) -> None:
        self._definitions = [
            node
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
        ]
        self._fragments = {
            node.name.value: node
            for node in self._definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._reached = set[str]()
        self._depth = self._aliases = self._root_fields = self._fields = self._pairs = 0

    def shape(self) -> Shape:
        """The counts. A fragment that no operation reaches is validated too."""
        for node in sorted(self._definitions, key=lambda node: node.kind, reverse=True):
            if isinstance(node, OperationDefinitionNode) or node.name.value not in self._reached:
                self._walk([node.selection_set], depth=1)
        return Shape(self._depth, self._aliases, self._root_fields, self._fields, self._pairs)

    def _walk(self, merged: list[SelectionSetNode], depth: int) -> None:
        """Count the fields of selections that are merged, since their parents have one name."""
        by_name = defaultdict[str, list[FieldNode]](list)
        spreads = 0
        for node in merged:
            spreads += self._collect(node.selections, by_name, frozenset())
        self._pairs += _pairs(spreads) + sum(_pairs(len(nodes)) for nodes in by_name.values())
        if depth == 1:
            self._root_fields = max(self._root_fields, sum(map(len, by_name.values())))
        self._depth = max(self._depth, depth if by_name else 0)
        self._check()
        for nodes in by_name.values():
            below = [node.selection_set for node in nodes if node.selection_set is not None]
            if below:
                self._walk(below, depth + 1)

    def _collect(
        self,
        selections: Sequence[SelectionNode],
        by_name: defaultdict[str, list[FieldNode]],
        within: frozenset[str],
    ) -> int:
        """Put fields under their response names; how many fragments were spread for it."""
        spreads = 0
        for node in selections:
            self._fields += 1
            if self._fields > MOST_FIELDS:
                raise _refused("TOO_COSTLY", f"The document has more than {MOST_FIELDS} fields")
            if isinstance(node, FieldNode):
                self._aliases += node.alias is not None
                by_name[(node.alias or node.name).value].append(node)
            elif isinstance(node, InlineFragmentNode):
                spreads += self._collect(node.selection_set.selections, by_name, within)
            elif isinstance(node, FragmentSpreadNode) and (name := node.name.value) not in within:
                self._reached.add(name)
                spreads += 1
                if (fragment := self._fragments.get(name)) is not None:
                    below = fragment.selection_set.selections
                    spreads += self._collect(below, by_name, within | {name})
        return spreads

    def _check(self) -> None:
        if self._depth > DEEPEST:
            raise _refused("TOO_DEEP", f"The document is more than {DEEPEST} fields deep")
        if self._aliases > MOST_ALIASES:
            raise _refused("TOO_MANY_ALIASES", f"The document has more than {MOST_ALIASES} aliases")
        if self._root_fields > MOST_ROOT_FIELDS:
            raise _refused(
                "TOO_COSTLY", f"The document has more than {MOST_ROOT_FIELDS} root fields"
            )
        if self._pairs > MOST_PAIRS:
            raise _refused("TOO_COSTLY", "The document names the same fields too often")


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


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
        raise _refused(
            "TOO_COSTLY", f"The document asks for {cost.rows:,} rows, more than {MOST_ROWS:,}"
        )
    if cost.nodes > MOST_NODES:
        raise _refused(
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
