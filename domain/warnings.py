"""Warnings: what the record takes although it is likely a slip, by all that is known at its head.

docs/contract/warnings.md has the rules. Here a dossier is read that has all that bears on some
facts; which facts to look at, and which entities look alike, is asked elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from domain.corrections import FactCorrected, FactCorrection
from domain.dates import MAX_DAY
from domain.dossier import Dossier
from domain.facts import EXISTENCE
from domain.fluents import Episode, Mark, fold
from domain.history import History
from domain.sources import Entry
from domain.spans import EPOCH
from domain.versions import FluentKey, Version
from domain.vocabulary import CORE, Vocabulary


class WarningCode(StrEnum):
    """What is likely wrong, in the order in which warnings are listed."""

    END_BEFORE_START = "END_BEFORE_START"
    END_WITHOUT_START = "END_WITHOUT_START"
    STARTS_WITHOUT_END = "STARTS_WITHOUT_END"
    SWALLOWED_START = "SWALLOWED_START"
    BEYOND_EXISTENCE = "BEYOND_EXISTENCE"
    OF_ITSELF = "OF_ITSELF"
    IN_THE_FUTURE = "IN_THE_FUTURE"
    KIND = "KIND"
    SINGLE = "SINGLE"
    LOOKALIKE = "LOOKALIKE"


class RecordWarning(NamedTuple):
    """A likely slip. `events` are the ids of the facts, or entities, that make it: first the one to
    look at, which each warning is found by."""

    code: WarningCode
    message: str
    events: tuple[str, ...]


class _CertainStretch(NamedTuple):
    """The days, first and last, on which a fluent is CERTAIN, and the fact that starts it."""

    first: int
    last: int
    key: FluentKey
    fact: str


class WarningReader:
    """The warnings about the facts of a dossier.

    The dossier has whatever bears on them: all facts of their fluents, and of the existence of the
    two sides of each; of a fluent with one subject at a time, also those of the scope's others.
    `kinds` has the kinds of the entities that they name.
    """

    def __init__(
        self,
        dossier: Dossier,
        vocabulary: Vocabulary = CORE,
        kinds: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._dossier, self._vocabulary, self._kinds = dossier, vocabulary, kinds
        history = History(dossier)
        self._versions: dict[str, Version] = {}
        self._of: defaultdict[FluentKey, list[Version]] = defaultdict(list)
        self._lives: dict[str, list[Episode]] = {}
        for fact in dossier.facts:
            version = history.version(fact, MAX_DAY)
            if version is not None and not version.set_aside_by:
                self._versions[fact] = version
                if version.occurred:
                    for key in dict.fromkeys(part.key for part in version.parts):
                        self._of[key].append(version)

    def warnings(self, facts: Iterable[str]) -> Iterator[RecordWarning]:
        """Those whose first event is one of these facts, in the order of the codes."""
        wanted = set(facts)
        found = [
            *self._of_fluents(wanted),
            *self._of_scopes(wanted),
            *(each for fact in wanted for each in self._of_fact(fact)),
        ]
        order = list(WarningCode)
        found.sort(key=lambda each: (order.index(each.code), each.events))
        return iter(found)

    def _of_fluents(self, wanted: set[str]) -> Iterator[RecordWarning]:
        keys = {
            part.key
            for fact in wanted
            if (version := self._versions.get(fact)) is not None and version.occurred
            for part in version.parts
        }
        for key in keys:
            implied = self._implied(key)
            for marks in self._marks(key).values():
                for warning in self._of_marks(key, marks, implied):
                    if warning.events[0] in wanted:
                        yield warning

    def _marks(self, key: FluentKey) -> dict[str | None, list[Mark]]:
        """What the facts of a fluent give it, by label."""
        found: defaultdict[str | None, list[Mark]] = defaultdict(list)
        for version in self._of.get(key, ()):
            found[version.fact.episode] += version.marks(key)
        return found

    def _implied(self, key: FluentKey) -> list[Mark]:
        if key.fluent == EXISTENCE.name:
            return []
        return [
            mark.implying()
            for side in set(key[1:])
            for marks in self._marks(_existence(side)).values()
            for mark in marks
            if mark.is_end
        ]

    def _of_marks(
        self, key: FluentKey, marks: Sequence[Mark], implied: Sequence[Mark]
    ) -> Iterator[RecordWarning]:
        """Of the facts of one fluent and label."""
        starts = [mark for mark in marks if not mark.is_end]
        yield from self._ends(key, starts, marks)
        if len(starts) > 1:
            ends = [mark for mark in [*marks, *implied] if mark.is_end]
            for episode in fold([*marks, *implied]):
                yield from self._contesting(key, episode)
                yield from self._swallowed(key, episode, ends)

    def _ends(
        self, key: FluentKey, starts: Sequence[Mark], marks: Iterable[Mark]
    ) -> Iterator[RecordWarning]:
        first = min(starts, key=lambda mark: mark.earliest, default=None)
        for mark in marks:
            # An interval says itself that its start is open or unknown.
            if not mark.is_end or self._versions[mark.fact].fact.when.is_interval:
                continue
            if first is None:
                yield RecordWarning(
                    WarningCode.END_WITHOUT_START,
                    f"{self._named(mark)} ends {_words(key)}, which nothing in the record "
                    "starts: record its start, or give both the same episode.",
                    (mark.fact,),
                )
            elif mark.latest < first.earliest:
                yield RecordWarning(
                    WarningCode.END_BEFORE_START,
                    f"{self._named(mark)} ends {_words(key)} before its first start, "
                    f"{self._named(first)}: check both dates, or record the earlier start.",
                    (mark.fact, first.fact),
                )

    def _contesting(self, key: FluentKey, episode: Episode) -> Iterator[RecordWarning]:
        starts = episode.start
        for mark in starts.alternatives:
            other = next(
                each for each in starts.marks if not each.soft and not _share_a_day(each, mark)
            )
            yield RecordWarning(
                WarningCode.STARTS_WITHOUT_END,
                f"{self._named(mark)} and {self._named(other)} start {_words(key)} on days that "
                "differ, and nothing ends it in between: record the end, correct a date, or "
                "prefer one of them.",
                (mark.fact, other.fact),
            )

    def _swallowed(
        self, key: FluentKey, episode: Episode, ends: Iterable[Mark]
    ) -> Iterator[RecordWarning]:
        starts = [
            mark
            for mark in episode.start.marks
            if not mark.soft and mark not in episode.start.alternatives
        ]
        for mark in starts:
            for earlier in starts:
                end = next(
                    (each for each in ends if earlier.earliest < each.earliest <= mark.earliest),
                    None,
                )
                if end is not None and _share_a_day(earlier, mark):
                    yield RecordWarning(
                        WarningCode.SWALLOWED_START,
                        f"{self._named(mark)} counts as the start that {self._named(earlier)} "
                        f"tells of {_words(key)}, although {self._named(end)} may end it before: "
                        "if it started again, give the two starts different episodes.",
                        (mark.fact, earlier.fact, end.fact),
                    )
                    break

    def _of_scopes(self, wanted: set[str]) -> Iterator[RecordWarning]:
        """Of fluents that are expected to have one subject at a time."""
        of_scope: defaultdict[tuple[str, str], list[FluentKey]] = defaultdict(list)
        for key in self._of:
            fluent = self._vocabulary.fluents.get(key.fluent)
            if fluent is not None and fluent.single:
                of_scope[key.fluent, key.scope].append(key)
        for keys in of_scope.values():
            stretches = sorted(each for key in keys for each in self._certain(key))
            for number, later in enumerate(stretches):
                earlier = next(
                    (
                        each
                        for each in stretches[:number]
                        if each.last >= later.first and each.key.subject != later.key.subject
                    ),
                    None,
                )
                if earlier is not None and later.fact in wanted:
                    yield RecordWarning(
                        WarningCode.SINGLE,
                        f"{_shown(self._versions[later.fact])} starts {_words(later.key)}, where "
                        f"one at a time is expected, and {_words(earlier.key)} holds on that day, "
                        f"by {_shown(self._versions[earlier.fact])}: record the end of the "
                        "earlier one, or correct a date.",
                        (later.fact, earlier.fact),
                    )

    def _certain(self, key: FluentKey) -> Iterator[_CertainStretch]:
        implied = self._implied(key)
        for marks in self._marks(key).values():
            for episode in fold([*marks, *implied]):
                _, first, until, _ = episode.bounds()
                if first < until:
                    yield _CertainStretch(first, until - 1, key, episode.start.marks[0].fact)

    def _of_kinds(self, version: Version) -> Iterator[RecordWarning]:
        expected = self._vocabulary.expected_kinds(type(version.fact).__name__)
        told = set()
        for key, kinds in expected:
            value = getattr(version.fact, key)
            for name in (value,) if isinstance(value, str) else value or ():
                kind = self._kinds.get(name)
                if kind is not None and kind not in kinds and (key, name) not in told:
                    told.add((key, name))
                    yield RecordWarning(
                        WarningCode.KIND,
                        f"{_shown(version)} names {name}, of the kind {kind}, as its {key}, where "
                        f"{', '.join(kinds)} is expected: name another one, or correct its kind.",
                        (version.ref.id, name),
                    )

    def _of_fact(self, fact: str) -> Iterator[RecordWarning]:
        version = self._versions.get(fact)
        if version is None:
            return
        yield from self._of_kinds(version)
        for key in dict.fromkeys(part.key for part in version.parts):
            if key.fluent == EXISTENCE.name:
                continue
            if key.scope == key.subject:
                yield RecordWarning(
                    WarningCode.OF_ITSELF,
                    f"{_shown(version)} says {_words(key)}: of {key.scope} and itself. Name "
                    "another one.",
                    (fact,),
                )
            if version.occurred:
                for side in dict.fromkeys(key[1:]):
                    yield from self._beyond(version, key, side)
        if version.occurred and version.fact.when.earliest > self._recorded_on(fact):
            yield RecordWarning(
                WarningCode.IN_THE_FUTURE,
                f"{_shown(version)} is told as having happened, but begins after the day on which "
                "it was recorded: correct its date, or its modality to ANNOUNCED.",
                (fact,),
            )

    def _beyond(self, version: Version, key: FluentKey, side: str) -> Iterator[RecordWarning]:
        lives = [(episode, episode.bounds()) for episode in self._existence(side)]
        for mark in version.marks(key):
            if mark.is_end or any(
                first <= mark.latest and mark.earliest <= last for _, (first, _, _, last) in lives
            ):
                continue
            ended = [life for life, bounds in lives if bounds[3] < mark.earliest]
            if ended and (end := ended[-1].end) is not None:
                last = end.marks[0]
                yield RecordWarning(
                    WarningCode.BEYOND_EXISTENCE,
                    f"{_shown(version)} starts {_words(key)} after the existence of {side} has "
                    f"ended by {self._named(last)}: check both dates, or record that {side} was "
                    "established again.",
                    (mark.fact, last.fact),
                )

    def _existence(self, entity: str) -> list[Episode]:
        """The episodes of its existence, of all labels."""
        found = self._lives.get(entity)
        if found is None:
            by_label = self._marks(_existence(entity)).values()
            found = self._lives[entity] = [each for marks in by_label for each in fold(marks)]
        return found

    def _recorded_on(self, fact: str) -> int:
        """The day on which its date and its modality were last recorded."""
        file = self._dossier.facts[fact]
        told = [
            event
            for event in file.later
            if isinstance(event.entry, FactCorrected)
            and not event.entry.changes.keys().isdisjoint(("when", "modality"))
        ]
        return max((event.recorded_at - EPOCH).days for event in [file.first, *told])

    def _named(self, mark: Mark) -> str:
        return _shown(self._versions[mark.fact])


def bringing(
    warnings: Iterable[RecordWarning], entries: Iterable[Entry]
) -> Iterator[tuple[RecordWarning, int | None]]:
    """Each warning with the number, from 0, of the last entry that it names, or that speaks of what
    it names; None where that is none."""
    numbers: dict[str, int] = {}
    for number, entry in enumerate(entries):
        numbers[entry.id] = number
        if isinstance(entry, FactCorrection):
            numbers[entry.fact] = number
    for warning in warnings:
        named = [numbers[event] for event in warning.events if event in numbers]
        yield warning, max(named, default=None)


def lookalike(entity: str, name: str, other: str, others_name: str) -> RecordWarning:
    """Two entities of a kind whose names look alike; the first is the later one."""
    return RecordWarning(
        WarningCode.LOOKALIKE,
        f"{entity} is called «{name}», which looks like «{others_name}», the name of {other}, of "
        "the same kind: if they are one, merge them; else give one a name that tells them apart.",
        (entity, other),
    )


def _shown(version: Version) -> str:
    return f"{version.ref.id} ({version.ref.type}, {version.ref.when})"


def _words(key: FluentKey) -> str:
    sides = dict.fromkeys(key[1:]) if key.fluent == EXISTENCE.name else key[1:]
    return f"{key.fluent}({', '.join(sides)})"


def _existence(entity: str) -> FluentKey:
    return FluentKey(EXISTENCE.name, entity, entity)


def _share_a_day(one: Mark, other: Mark) -> bool:
    return one.earliest <= other.latest and other.earliest <= one.latest
