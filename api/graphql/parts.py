"""The parts that a plan is compiled of: SQL and the parameters in it, and what is between the SQL.

Parts become pieces: what PostgreSQL writes is a column of the statement, or a text of each row, and
the rest is put in by pages.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import sql

from api.graphql import pages
from api.graphql.held import Question
from api.graphql.pages import Listing
from api.graphql.shelves import FIXED, Lookup
from projections import fragments
from projections.asof import rows_at, speaking


class Statement:
    """The parameters of a statement, as they come up."""

    def __init__(self) -> None:
        self.parameters: dict[tuple[int, str], sql.Composable] = {}

    def parameter(self, group: int, name: str) -> sql.Composable:
        """The placeholder of a group's parameter."""
        place = sql.SQL(f"${len(self.parameters) + 1}")
        return self.parameters.setdefault((group, name), place)


class Scope(Mapping[str, sql.Composable]):
    """The SQL of what fragments need: what is fixed, this group's parameters, what is around."""

    def __init__(
        self,
        statement: Statement,
        group: int,
        names: frozenset[str],
        around: Mapping[str, sql.Composable] | None = None,
        fixed: Mapping[str, sql.Composable] | None = None,
    ) -> None:
        self.statement = statement
        self._group, self._names = group, names
        self._around, self._fixed = around or {}, fixed or {}

    def __getitem__(self, name: str) -> sql.Composable:
        if name in self._fixed:
            return self._fixed[name]
        if name in self._names:
            return self.statement.parameter(self._group, name)
        if name in self._around:
            return self._around[name]
        if name in ("entities", "sources"):
            return rows_at(name, self)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({*self._fixed, *self._names, *self._around})

    def __len__(self) -> int:
        return len(set(self))

    def within(
        self,
        names: frozenset[str] = frozenset(),
        group: int = FIXED,
        fixed: Mapping[str, sql.Composable] | None = None,
    ) -> Scope:
        """This, and a group's parameters of these names, and what is fixed."""
        return Scope(self.statement, group, names, self, fixed)


class Alternatives(NamedTuple):
    """A text of a row that lists objects."""

    text: sql.Composable


class Connection(NamedTuple):
    """A question as it is compiled: what finds its rows, and the parts around them."""

    rows: sql.Composable
    listed: Listed
    point: int
    parts: Sequence[Part]

    def listing(self, columns: list[sql.Composable]) -> Listing:
        """The question, whose rows and texts are more columns."""
        listed = self.listed
        columns.append(self.rows)
        return Listing(
            len(columns) - 1,
            pages.CELLS + len(listed.cells),
            self.point,
            listed.page,
            listed.entities.lookup(),
            listed.sources.lookup() if listed.sources.texts else None,
            into_pieces(self.parts, columns, pages.Text),
        )


Part = pages.Piece | pages.RowPiece | Alternatives | Connection | sql.Composable | str
"""Text and SQL that writes some go into one column, where nothing else is between them."""


class Listed:
    """What the compiler gathers of a question: its rows' own texts, and what is looked up."""

    def __init__(
        self, question: Question, asked: sql.Composable | None, scope: Scope, page: int
    ) -> None:
        self.question, self.asked, self.page = question, asked, page
        self._scope = scope
        self.entities = Kept("kept_entities", page)
        self.sources = Kept("kept_sources", page)
        self.cells: list[sql.Composable] = []
        self.has_facts = False

    def cursor(self) -> int:
        """The number of the text of an entity's cursor."""
        return self.entities.text(fragments.filled("cursor", {}))

    def rows(self, *, on_a_day: bool) -> sql.Composable:
        """What finds the rows and writes them."""
        question = self.question
        none = fragments.filled("no_cell", {})
        cells = [
            sql.SQL("this.{}").format(sql.Identifier("scope" if question.inverse else "subject")),
            sql.SQL("this.standing"),
            fragments.filled("cell_sources", {}) if self.sources.texts else none,
            fragments.filled("cell_facts", {}) if self.has_facts else none,
            *self.cells,
        ]
        between: list[sql.Composable | str] = []
        for cell in cells:
            between += (pages.BETWEEN, cell)
        speaks = speaking(
            question.fluent, self.asked, self._scope, inverse=question.inverse, on_a_day=on_a_day
        )
        return fragments.filled(
            "rows", {"speaking": speaks, "line": fragments.concatenated(between[1:])}
        )


class Kept:
    """A lookup, and what it writes of each row."""

    def __init__(self, name: str, page: int) -> None:
        self._name, self._page = name, page
        self.scope = Scope(Statement(), FIXED, frozenset({"ids", "last", "k", "r"}))
        self.texts: list[sql.Composable] = []

    def text(self, text: sql.Composable) -> int:
        """The number of a text that is to be written."""
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text)

    def lookup(self) -> Lookup:
        """The lookup of all texts."""
        statement = self.scope.statement
        columns = [fragments.filled("column", {"value": text}) for text in self.texts]
        given: dict[str, sql.Composable] = {"columns": fragments.listed([sql.SQL(""), *columns])}
        if "order_lang" in fragments.needs(self._name):
            given["order_lang"] = statement.parameter(self._page, "lang")
        query = fragments.filled(self._name, self.scope.within(fixed=given))
        return Lookup(query.as_bytes(), tuple(statement.parameters))


def named(number: int) -> sql.Identifier:
    """The name of a column of a field at the root."""
    return sql.Identifier(f"c{number}")


def into_pieces(
    parts: Sequence[Part], columns: list[sql.Composable], piece: Callable[[int], Any]
) -> tuple[Any, ...]:
    """Parts as pieces of an answer: what is SQL goes into more columns, as far as nothing else is
    between it."""
    pieces: list[Any] = []
    run: list[sql.Composable | str] = []

    def add(text: sql.Composable, piece: Callable[[int], Any]) -> None:
        columns.append(text)
        pieces.append(piece(len(columns) - 1))

    def close() -> None:
        before = run.pop(0) if run and isinstance(run[0], str) else None
        after = run.pop() if run and isinstance(run[-1], str) else None
        if isinstance(before, str):
            pieces.append(before.encode())
        if run:
            add(fragments.concatenated(run), piece)
        if isinstance(after, str):
            pieces.append(after.encode())
        run.clear()

    for part in parts:
        if isinstance(part, str | sql.Composable):
            run.append(part)
            continue
        close()
        if isinstance(part, Alternatives):
            add(part.text, pages.Alternatives)
        elif isinstance(part, Connection):
            pieces.append(part.listing(columns))
        else:
            pieces.append(part)
    close()
    return tuple(pieces)
