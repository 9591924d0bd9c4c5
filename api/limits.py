"""What a GraphQL document may have, counted before anything looks at it that takes longer.

The parser counts tokens and nesting. `shape` counts depth, aliases and fields right after parsing,
before validation, which takes the square of what it compares. What a valid document's operation
costs is counted in api/cost.py.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Lexer,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Source,
    Token,
    TokenKind,
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
WORD: Final = 600
"""Bytes that a word of a document takes once it is read, at the most about."""


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


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments that a document defines, by name."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def _tokens(document: DocumentNode) -> Iterator[Token]:
    assert document.loc is not None
    token: Token | None = document.loc.start_token
    while token is not None:
        yield token
        token = token.next


def _explain(text: str) -> None:
    """Refuse a text that is too large or too deep for the parser, which has one error for all."""
    if len(text) > LONGEST:
        raise too_much("TOO_MANY_TOKENS", f"The document has more than {LONGEST:,} characters")
    lexer, tokens, comments, depth = Lexer(Source(text)), 0, 0, 0
    try:
        while (token := lexer.advance()).kind is not TokenKind.EOF:
            tokens += 1
            depth += token.kind in _OPENING
            depth -= token.kind in _CLOSING
            if tokens > MOST_TOKENS:
                raise too_much("TOO_MANY_TOKENS", f"The document has more than {MOST_TOKENS} words")
            if depth > 4 * DEEPEST:
                raise too_much("TOO_DEEP", f"The document is nested more than {4 * DEEPEST} deep")
        comments = _comments(lexer)
    except GraphQLSyntaxError:
        return
    if comments > MOST_COMMENTS:
        raise too_much("TOO_MANY_TOKENS", f"The document has more than {MOST_COMMENTS} comments")


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


def too_much(code: str, what: str) -> Refused:
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
    """Count what a document has, in a time that grows with its length.

    Validation comes later: it compares every two fields of one name, which takes the square of
    their number.
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
        self._fragments = fragments_of(document)
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
                raise too_much("TOO_COSTLY", f"The document has more than {MOST_FIELDS} fields")
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
            raise too_much("TOO_DEEP", f"The document is more than {DEEPEST} fields deep")
        if self._aliases > MOST_ALIASES:
            raise too_much("TOO_MANY_ALIASES", f"The document has more than {MOST_ALIASES} aliases")
        if self._root_fields > MOST_ROOT_FIELDS:
            raise too_much(
                "TOO_COSTLY", f"The document has more than {MOST_ROOT_FIELDS} root fields"
            )
        if self._pairs > MOST_PAIRS:
            raise too_much("TOO_COSTLY", "The document names the same fields too often")


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
