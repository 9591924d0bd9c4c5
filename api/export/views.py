"""What may be exported: each view by its name and address, and what its rows are."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, NamedTuple

from domain.vocabulary import CORE, Vocabulary


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
    STORY = auto()
    """a story, whole: its titles, its views in their order, what its paragraphs rest on"""
    VIEW = auto()
    """the view itself as something to cite: one row with the `name` of its subject"""


class ExportView(NamedTuple):
    """`of` is whom it is asked of; `takes` are the arguments beside the clocks that narrow it;
    where its rows are HELD it answers a `question`, or every question that the record has."""

    name: str
    kind: Kind
    of: str | None
    question: str | None = None
    takes: tuple[str, ...] = ()


def of_entity(vocabulary: Vocabulary) -> dict[str, ExportView]:
    """The views of an entity, by name: `state` is the entity's own page."""
    return {
        "state": ExportView("state", Kind.HELD, "entity"),
        **{
            name: ExportView(name, Kind.HELD, "entity", name) for name, _, _ in vocabulary.questions
        },
        "timeline": ExportView("timeline", Kind.FACT, "entity"),
        "facts": ExportView("facts", Kind.FACT, "entity", takes=("type",)),
        "sources": ExportView("sources", Kind.SOURCE, "entity"),
        "quantities": ExportView("quantities", Kind.QUANTITY, "entity", takes=("measure",)),
        "changes": ExportView("changes", Kind.CHANGE, "entity"),
        "log": ExportView("log", Kind.EVENT, "entity"),
    }


OF_ENTITY: Final = of_entity(CORE)
"""Those that an entity of every record has."""
OF_SOURCE: Final = {
    "source": ExportView("source", Kind.SOURCE, "source"),
    "facts": ExportView("facts", Kind.FACT, "source", takes=("type",)),
}
OF_FACT: Final = {"fact": ExportView("fact", Kind.FACT, "fact")}
OF_STORY: Final = {"story": ExportView("story", Kind.STORY, "story")}
OF_RECORD: Final = {
    view.name: view
    for view in (
        ExportView("record", Kind.EVENT, None),
        ExportView("log", Kind.EVENT, None),
        ExportView("facts", Kind.FACT, None, takes=("type", "year", "only")),
        ExportView("sources", Kind.SOURCE, None, takes=("publisher", "grade", "year")),
        ExportView("entities", Kind.ENTITY, None, takes=("search", "kind")),
        ExportView("organisations", Kind.HELD, None, "organisations", ("kind",)),
        ExportView("changes", Kind.CHANGE, None),
    )
}


def views_below(folder: str, vocabulary: Vocabulary) -> dict[str, ExportView]:
    """The views of what an address with this first step names."""
    return {"e": of_entity(vocabulary), "s": OF_SOURCE, "f": OF_FACT, "story": OF_STORY}[folder]


ALL_FACTS: Final = ExportView("record", Kind.FACT, None)
"""The whole record in the formats that speak of facts, not of the log."""
