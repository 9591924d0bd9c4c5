"""What may be exported: each view by its name and address, and what its rows are."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, NamedTuple

from domain.facts import FLUENTS, Fluent


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
    """an event of the log with its entry"""
    VIEW = auto()
    """the view itself, in one row, as something to cite: `name` of whom it is asked of"""


class View(NamedTuple):
    """`of` is whom it is asked of; `takes` are the arguments beside the clocks that narrow it;
    `questions` are those that it answers, one after another, where its rows are HELD."""

    name: str
    kind: Kind
    of: str | None
    questions: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


QUESTIONS: Final[dict[str, tuple[Fluent, bool]]] = {
    **{fluent.question: (fluent, False) for fluent in FLUENTS.values()},
    **{fluent.inverse: (fluent, True) for fluent in FLUENTS.values() if fluent.inverse},
}
"""Question → its fluent, and whether it is asked from the subject's side."""
STATE: Final = tuple(QUESTIONS)

OF_ENTITY: Final = {
    view.name: view
    for view in (
        View("state", Kind.HELD, "entity", STATE),
        *(View(name, Kind.HELD, "entity", (name,)) for name in STATE),
        View("timeline", Kind.FACT, "entity"),
        View("facts", Kind.FACT, "entity", takes=("type",)),
        View("sources", Kind.SOURCE, "entity"),
        View("quantities", Kind.QUANTITY, "entity", takes=("measure",)),
        View("changes", Kind.CHANGE, "entity"),
        View("log", Kind.EVENT, "entity"),
    )
}
"""Of an entity, by name: `state` is the entity's own page."""
OF_SOURCE: Final = {
    "source": View("source", Kind.SOURCE, "source"),
    "facts": View("facts", Kind.FACT, "source", takes=("type",)),
}
OF_FACT: Final = {"fact": View("fact", Kind.FACT, "fact")}
OF_RECORD: Final = {
    view.name: view
    for view in (
        View("record", Kind.EVENT, None),
        View("log", Kind.EVENT, None),
        View("facts", Kind.FACT, None, takes=("type",)),
        View("sources", Kind.SOURCE, None),
        View("entities", Kind.ENTITY, None, takes=("search", "kind")),
        View("organisations", Kind.HELD, None, ("organisations",), ("kind",)),
        View("changes", Kind.CHANGE, None),
    )
}
FOLDERS: Final = {
    "e": (OF_ENTITY, "state"),
    "s": (OF_SOURCE, "source"),
    "f": (OF_FACT, "fact"),
}
"""First step of an address → the views below it, and the one that needs no name."""

ALL_FACTS: Final = View("record", Kind.FACT, None)
"""The whole record in the formats that speak of facts, not of the log."""
