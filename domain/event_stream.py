"""The events of one id: what was registered or recorded under it, and what was said of it since."""

from __future__ import annotations

from collections.abc import Sequence

from domain.codec import Event
from domain.facts import Fact, subjects_in
from domain.sources import Citation


class EventStream:
    """What was registered or recorded under one id, and what was said of it since, in log order."""

    __slots__ = ("first", "later")

    def __init__(self, first: Event) -> None:
        self.first = first
        self.later: Sequence[Event] = ()  # most ids have none, and there may be very many ids

    def add(self, event: Event) -> None:
        """Take in what was said later."""
        if isinstance(self.later, list):
            self.later.append(event)
        else:
            self.later = [event]

    def fact_type(self) -> type[Fact]:
        """Of a fact, its type with every key that it has been given since."""
        found = type(self.first.entry)
        for event in self.later:
            if event.fact_type is not None:
                found = event.fact_type
        assert issubclass(found, Fact)
        return found


def changed_subjects(file: EventStream, event: Event) -> tuple[str, ...]:
    """The entities that a correction brings into a fact, none for most."""
    changes = getattr(event.entry, "changes", None)
    if not changes:
        return ()
    return subjects_in(file.fact_type(), changes)


def citations_of(entry: object) -> tuple[Citation, ...]:
    """The citations that an entry carries, none for a source or an entity."""
    return getattr(entry, "citations", ())
