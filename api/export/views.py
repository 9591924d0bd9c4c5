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


class ExportView(NamedTuple):
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
        ExportView("state", Kind.HELD, "entity", STATE),
        *(ExportView(name, Kind.HELD, "entity", (name,)) for name in STATE),
        ExportView("timeline", Kind.FACT, "entity"),
        ExportView("facts", Kind.FACT, "entity", takes=("type",)),
        ExportView("sources", Kind.SOURCE, "entity"),
        ExportView("quantities", Kind.QUANTITY, "entity", takes=("measure",)),
        ExportView("changes", Kind.CHANGE, "entity"),
        ExportView("log", Kind.EVENT, "entity"),
    )
}
"""Of an entity, by name: `state` is the entity's own page."""
OF_SOURCE: Final = {
    "source": ExportView("source", Kind.SOURCE, "source"),
    "facts": ExportView("facts", Kind.FACT, "source", takes=("type",)),
}
OF_FACT: Final = {"fact": ExportView("fact", Kind.FACT, "fact")}
OF_RECORD: Final = {
    view.name: view
    for view in (
        ExportView("record", Kind.EVENT, None),
        ExportView("log", Kind.EVENT, None),
        ExportView("facts", Kind.FACT, None, takes=("type",)),
        ExportView("sources", Kind.SOURCE, None),
        ExportView("entities", Kind.ENTITY, None, takes=("search", "kind")),
        ExportView("organisations", Kind.HELD, None, ("organisations",), ("kind",)),
        ExportView("changes", Kind.CHANGE, None),
    )
}
FOLDERS: Final = {
    "e": (OF_ENTITY, "state"),
    "s": (OF_SOURCE, "source"),
    "f": (OF_FACT, "fact"),
}
"""First step of an address → the views below it, and the one that needs no name."""

ALL_FACTS: Final = ExportView("record", Kind.FACT, None)
"""The whole record in the formats that speak of facts, not of the log."""
