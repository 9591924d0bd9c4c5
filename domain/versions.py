"""A fact as it counts over a stretch of publication time, and what it gives its fluents.

intervals.py makes episodes of versions; history.py finds the versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from domain.dates import AFTER_ALL, Days
from domain.facts import EXISTENCE, Fact, Modality
from domain.fluents import Mark

_EXISTENCE: Final = EXISTENCE.name


class FluentKey(NamedTuple):
    """A fluent: its name and the canonical ids of its two sides."""

    fluent: str
    scope: str
    subject: str


class FactRef:
    """A fact in an answer: id, type, date as written. `written` caches its text in a row."""

    __slots__ = ("id", "type", "when", "written")

    def __init__(self, id: str, type: str, when: str) -> None:  # noqa: A002
        self.id = id
        self.type = type
        self.when = when
        self.written: str | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FactRef)
            and self.id == other.id
            and self.type == other.type
            and self.when == other.when
        )


class Part:
    """What a fact gives one fluent."""

    __slots__ = ("key", "marks")

    def __init__(self, key: FluentKey, marks: list[Mark]) -> None:
        self.key = key
        self.marks = marks


class Version:
    """A fact over a stretch of K in which it counts or is set aside.

    `subjects` are canonical ids; `sources` those of its supporting citations that count;
    `set_aside_by` the facts preferred over it; `parts` what it gives the fluents of its effects, or
    what it announces for them, if it has not `occurred`; `ended` the entities whose existence it
    ends or is announced to end; `attested` the last day on which a source says that it still held;
    `label` is its episode's, if it has one; `ref` is how answers name it.
    """

    __slots__ = (
        "_alternatives", "attested", "disputed", "ended", "fact", "label", "occurred", "parts",
        "ref", "set_aside_by", "sources", "subjects",
    )  # fmt: skip

    def __init__(
        self,
        fact: Fact,
        keys: Sequence[FluentKey],
        subjects: tuple[str, ...],
        sources: tuple[str, ...],
        disputed: bool = False,
        set_aside_by: tuple[str, ...] = (),
        attested: int | None = None,
    ) -> None:
        self.fact = fact
        self.subjects = subjects
        self.sources = sources
        self.disputed = disputed
        self.set_aside_by = set_aside_by
        self.attested = attested
        self.ref = FactRef(fact.id, type(fact).__name__, fact.when.text)
        self.label = fact.episode
        self.occurred = fact.modality is Modality.OCCURRED
        self._alternatives: list[Alternative] = []
        self.parts: list[Part] = []
        self.ended: tuple[str, ...] = ()
        for number, effect in enumerate(fact.effects):
            marks = self._marks(effect.is_start)
            self.parts.append(Part(keys[number], marks))
            if keys[number].fluent == _EXISTENCE and marks and marks[-1].is_end:
                self.ended += (keys[number].scope,)

    def _marks(self, is_start: bool) -> list[Mark]:
        when, name, is_disputed = self.fact.when, self.ref.id, self.disputed
        text, end = self.ref.when, when.end
        earliest, latest = when.start
        started = Mark(
            earliest, latest, not is_start, name, text, is_disputed, when.uncertain_start
        )
        if end is None:
            return [started]
        found = [started] if when.has_start else []
        earliest, latest = end
        if earliest < AFTER_ALL:  # an open end is none
            found.append(Mark(earliest, latest, True, name, text, is_disputed, when.uncertain_end))
        return found

    def marks(self, key: FluentKey) -> list[Mark]:
        """What it gives a fluent, nothing where it is not one of its own."""
        parts = self.parts
        if len(parts) == 1:  # of nearly all facts
            part = parts[0]
            return part.marks if part.key is key or part.key == key else []
        return [mark for part in parts if part.key == key for mark in part.marks]

    def alternative(self, mark: Mark) -> Alternative:
        """One of its marks as a date that an episode does not go by; the same object each time."""
        for known in self._alternatives:
            if (known.until is not None) is mark.is_end:
                return known
        made = alternative_of(self, (mark,))
        self._alternatives.append(made)
        return made

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Version)
            and self.fact == other.fact
            and [part.key for part in self.parts] == [part.key for part in other.parts]
            and self.subjects == other.subjects
            and self.sources == other.sources
            and self.disputed == other.disputed
            and self.set_aside_by == other.set_aside_by
            and self.attested == other.attested
        )


class Alternative:
    """A date that an episode does not go by: contradicting, set aside, or announced for its end.

    A start, an end, or both where a fact's interval is `set_aside`; `text` is the date as written.
    `written` caches its text in a row.
    """

    __slots__ = ("fact", "set_aside", "since", "sources", "text", "until", "written")

    def __init__(
        self,
        since: Days | None,
        until: Days | None,
        text: str,
        fact: FactRef,
        sources: tuple[str, ...],
        set_aside: bool = False,
    ) -> None:
        self.set_aside = set_aside
        self.since = since
        self.until = until
        self.text = text
        self.fact = fact
        self.sources = sources
        self.written: str | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Alternative)
            and self.since == other.since
            and self.until == other.until
            and self.text == other.text
            and self.fact == other.fact
            and self.sources == other.sources
            and self.set_aside == other.set_aside
        )


def alternative_of(version: Version, marks: Iterable[Mark]) -> Alternative:
    since = until = None
    for mark in marks:
        days = Days(mark.earliest, mark.latest)
        if mark.is_end:
            until = days
        else:
            since = days
    set_aside = bool(version.set_aside_by)
    return Alternative(since, until, version.ref.when, version.ref, version.sources, set_aside)
