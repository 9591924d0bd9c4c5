"""What may be exported: each view by its name and address, and the GraphQL document that asks it.

A view is asked page by page, pinned to a position, by the same fields as anyone asks it by: there
is no second as-of logic here. Rows are the nodes of the answers; what kinds of them there are says
`Kind`.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, NamedTuple

from api.graphql.held import QUESTIONS


class Kind(Enum):
    """What the rows of a view are."""

    HELD = auto()
    """something that holds: `question`, `entity` and the fields of the episode"""
    FACT = auto()
    SOURCE = auto()
    ENTITY = auto()
    QUANTITY = auto()
    CHANGE = auto()
    EVENT = auto()
    """an event of the log with its entry; asked of the log, not by GraphQL"""
    VIEW = auto()
    """the view itself, in one row, as something to cite: `name` of whom it is asked of"""


class View(NamedTuple):
    """`fields` are those asked one after another, each a connection; `of` is whom it is asked of.

    `takes` are the arguments beside the clocks that narrow it.
    """

    name: str
    kind: Kind
    of: str | None
    fields: tuple[str, ...]
    takes: tuple[str, ...] = ()


STATE: Final = tuple(question.name for question in QUESTIONS)
_ANSWERS: Final = {question.name: question.answers for question in QUESTIONS}

OF_ENTITY: Final = {
    view.name: view
    for view in (
        View("state", Kind.HELD, "entity", STATE),
        *(View(name, Kind.HELD, "entity", (name,)) for name in STATE),
        View("timeline", Kind.FACT, "entity", ("timeline",)),
        View("facts", Kind.FACT, "entity", ("facts",), ("type",)),
        View("sources", Kind.SOURCE, "entity", ("facts",)),
        View("quantities", Kind.QUANTITY, "entity", ("quantities",), ("measure",)),
        View("changes", Kind.CHANGE, "entity", ("diff",)),
        View("log", Kind.EVENT, "entity", ()),
    )
}
"""Of an entity, by name: `state` is the entity's own page."""
OF_SOURCE: Final = {
    "source": View("source", Kind.SOURCE, "source", ("source",)),
    "facts": View("facts", Kind.FACT, "source", ("facts",), ("type",)),
}
OF_FACT: Final = {"fact": View("fact", Kind.FACT, "fact", ("fact",))}
OF_RECORD: Final = {
    view.name: view
    for view in (
        View("record", Kind.EVENT, None, ()),
        View("log", Kind.EVENT, None, ()),
        View("facts", Kind.FACT, None, ("facts",), ("type",)),
        View("sources", Kind.SOURCE, None, ("sources",)),
        View("entities", Kind.ENTITY, None, ("entities",), ("search", "kind")),
        View("organisations", Kind.HELD, None, ("organisations",), ("kind",)),
        View("changes", Kind.CHANGE, None, ("diff",)),
    )
}
FOLDERS: Final = {
    "e": (OF_ENTITY, "state"),
    "s": (OF_SOURCE, "source"),
    "f": (OF_FACT, "fact"),
}
"""First step of an address → the views below it, and the one that needs no name."""

ALL_FACTS: Final = View("record", Kind.FACT, None, ("facts",))
"""The whole record in the formats that speak of facts, not of the log."""


# Documents

_DATE = "{ edtf earliest latest }"
_PLACE = "location { lat lon precisionM }"
_ENTITY = f"id kind names {{ lang name }} name(lang: $lang) iso3166 wikidata {_PLACE}"
_SOURCE = (
    f"id title publisher author language url published {_DATE} retrieved {_DATE} sha256 "
    "reliability credibility withdrawn"
)
_NAMED = "id title publisher url published { edtf }"
_FACT = f"""
  id type when {_DATE} modality details disputed counts setAsideBy position recordedAt actor
  subjects {{ key entity {{ id kind name(lang: $lang) {_PLACE} }} }}
  citations {{
    source {{ {_NAMED} }} stance locator {{ paragraph page chars }} quoteSha256 quote attributedTo
  }}
  sources {{ {_NAMED} }}
"""
_SIDE = f"since {_DATE} until {_DATE}"
_ROW_STATE = f"{{ standing contested {_SIDE} }}"
_NODES: Final = {
    Kind.FACT: _FACT,
    Kind.SOURCE: _SOURCE,
    Kind.ENTITY: _ENTITY,
    Kind.QUANTITY: f"measure value comparator unit when {_DATE} fact {{ id }} sources {{ id }}",
    Kind.CHANGE: f"question scope {{ {_ENTITY} }} subject {{ {_ENTITY} }} change causes "
    f"before {_ROW_STATE} after {_ROW_STATE} events {{ id type position }} sources {{ id }}",
}
_CLOCKS = "asOf: $asOf, knownAt: $knownAt, atPosition: $atPosition"
_PAGE = "first: $first, after: $after"
_VARIABLES: Final = {
    "asOf": "EDTFDate", "knownAt": "Date", "atPosition": "Int", "lang": "String", "first": "Int",
    "after": "String", "subject": "ID!", "type": "String", "search": "String", "kind": "EntityKind",
    "measure": "String", "from": "AsOf!", "to": "AsOf!",
}  # fmt: skip


def document(view: View, field: str, *, with_facts: bool) -> str:
    """The document that asks for a page of one field of a view.

    With `with_facts` what is held comes with its facts whole, else with their names and dates.
    """
    match view.kind:
        case Kind.HELD:
            return _held(view, field, with_facts=with_facts)
        case Kind.CHANGE:
            of = "entity: $subject, " if view.of else ""
            asked = f"diff({of}from: $from, to: $to, {_PAGE})"
            return _query(f"{asked} {_edges(_NODES[view.kind])}")
    if field in ("fact", "source"):
        return _query(f"{field}(id: $subject, {_CLOCKS}) {{ {_NODES[view.kind]} }}")
    key = "subject" if field == "quantities" else view.of
    narrowing = [f"{key}: $subject"] if key else []
    narrowing += [f"{name}: ${name}" for name in view.takes]
    narrowing += ["lang: $lang"] if field == "entities" else []
    node = f"sources {{ {_SOURCE} }}" if view.kind is Kind.SOURCE and view.of else ""
    asked = f"{field}({', '.join([*narrowing, _CLOCKS, _PAGE])})"
    return _query(f"{asked} {_edges(node or _NODES[view.kind])}")


def naming() -> str:
    """The document that asks what an entity is called, as `name`."""
    return _query(f"entity(id: $subject, {_CLOCKS}) {{ name(lang: $lang) }}")


def _held(view: View, field: str, *, with_facts: bool) -> str:
    fact = _FACT if with_facts else f"id type when {_DATE}"
    node = f"""
      entity: {_ANSWERS[field]} {{ {_ENTITY} }} standing contested disputed {_SIDE}
      alternatives {{ {_SIDE} facts {{ id }} sources {{ id }} }}
      facts {{ {fact} }} sources {{ {_NAMED} }}
    """
    count = "count { certain possible announced reported { value comparator source { id } } }"
    asked = f"lang: $lang, {_PAGE}"
    if view.of is None:
        return _query(f"{field}(kind: $kind, {_CLOCKS}, {asked}) {_edges(node, count)}")
    inner = f"{field}({asked}) {_edges(node, count)}"
    return _query(f"state(entity: $subject, {_CLOCKS}) {{ {inner} }}")


def _edges(node: str, more: str = "") -> str:
    return f"{{ {more} pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {node} }} }} }}"


def _query(body: str) -> str:
    """A query of the variables that its body has."""
    used = [f"${name}: {kind}" for name, kind in _VARIABLES.items() if f"${name}" in _words(body)]
    return f"query ({', '.join(used)}) {{ {body} }}"


def _words(body: str) -> set[str]:
    return {word.rstrip(",)") for word in body.replace("(", " ").split()}
