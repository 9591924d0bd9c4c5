"""The naive oracle: docs/contract read word by word over a list of events.

It shares nothing with the product but `domain.dates`, keeps no index, and recomputes everything
for every question; the fast implementation must give the same answers. Nothing here may import
another module of the product, and nothing here is optimised beyond not repeating itself within
one (K, R).

Days are day numbers (1970-01-01 is 0) with BEFORE_ALL and AFTER_ALL as -∞ and ∞. X is an
inclusive pair of days; K is a day, or None for everything; R is a log position (0 is before all),
or None for the end of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from domain.dates import AFTER_ALL, BEFORE_ALL, Edtf, iso_of, parse

CERTAIN, POSSIBLE, ANNOUNCED = "CERTAIN", "POSSIBLE", "ANNOUNCED"
START, END = "start", "end"

# docs/contract/facts.md#fluents: fluent → (scope key, subject key, started by, ended by).
# An existence has its organisation as scope and as subject, under one key for each pair of types.
_FLUENTS = [
    ("existence", "coalition", "coalition", ["CoalitionFounded"], ["CoalitionDissolved"]),
    ("existence", "command", "command", ["CommandEstablished"], ["CommandDisbanded"]),
    ("existence", "fund", "fund", ["FundEstablished"], ["FundClosed"]),
    ("existence", "force", "force", ["ForceFormed"], ["ForceDisbanded"]),
    ("existence", "entity", "entity", ["EntityEstablished"], ["EntityAbolished"]),
    ("membership", "coalition", "member", ["MemberJoined"], ["MemberLeft"]),
    (
        "leadership",
        "organisation",
        "leader",
        ["LeadershipAssumed"],
        ["LeadershipRelinquished"],
    ),
    ("base", "operator", "base", ["BaseEstablished"], ["BaseClosed", "BaseHandedOver"]),
    ("deployment", "at", "force", ["ForceDeployed"], ["ForceWithdrawn"]),
    ("partnership", "coalition", "partner", ["PartnershipBegun"], ["PartnershipEnded"]),
    ("integration", "institution", "force", ["ForceIntegrated"], ["ForceSeparated"]),
    ("office", "office", "holder", ["OfficeAssumed"], ["OfficeVacated"]),
    ("objective", "organisation", "objective", ["ObjectiveAdopted"], ["ObjectiveDropped"]),
]


@dataclass(frozen=True)
class Effect:
    """What a fact type does: it starts or ends the fluent named by two of its subject keys."""

    fluent: str
    side: str
    scope_key: str
    subject_key: str


EFFECTS: dict[str, Effect] = {
    fact_type: Effect(fluent, side, scope_key, subject_key)
    for fluent, scope_key, subject_key, starts, ends in _FLUENTS
    for side, types in ((START, starts), (END, ends))
    for fact_type in types
}
"""The first effect of each type."""

SECOND_EFFECTS = {"BaseHandedOver": Effect("base", START, "to", "base")}
"""A handover also starts the base of the one that it is handed to."""


REPORT_SUBJECTS: dict[str, tuple[str, ...]] = {
    "MemberCountReported": ("coalition",),
    "QuantityReported": ("subject",),
    "StatementMade": ("speaker", "venue"),
    "VisitMade": ("visitor", "to"),
    "AgreementSigned": ("parties",),
    "OperationConducted": ("force", "at"),
    "EntitiesSucceeded": ("from", "into"),
}

FACT_TYPES = frozenset(EFFECTS) | frozenset(REPORT_SUBJECTS)

# docs/contract/names.md#graphql: field → (fluent, side asked); `organisations` by kind.
QUESTIONS: dict[str, tuple[str, str]] = {
    "members": ("membership", "scope"),
    "bases": ("base", "scope"),
    "partners": ("partnership", "scope"),
    "deployments": ("deployment", "scope"),
    "objectives": ("objective", "scope"),
    "leaders": ("leadership", "scope"),
    "holders": ("office", "scope"),
    "integrations": ("integration", "scope"),
    "organisations": ("existence", "kind"),
    "memberships": ("membership", "subject"),
    "operators": ("base", "subject"),
    "partnerships": ("partnership", "subject"),
    "forceDeployments": ("deployment", "subject"),
    "adopters": ("objective", "subject"),
    "leaderships": ("leadership", "subject"),
    "offices": ("office", "subject"),
    "integratedInto": ("integration", "subject"),
}

Fluent = tuple[str, str, str]  # kind, scope id, subject id; the ids canonical
Entry = Mapping[str, Any]


def subject_keys(fact_type: str) -> tuple[str, ...]:
    """The subject keys of a fact type (docs/record-file.md)."""
    if fact_type in REPORT_SUBJECTS:
        return REPORT_SUBJECTS[fact_type]
    effect = EFFECTS[fact_type]
    keys = dict.fromkeys((effect.scope_key, effect.subject_key))
    return (*keys, "to") if fact_type == "BaseHandedOver" else tuple(keys)


@dataclass(frozen=True)
class Words:
    """What a log speaks of: by types of facts their effects and the keys that name entities, and
    by questions their fluent and the side asked."""

    effects: dict[str, list[Effect]]
    subjects: dict[str, tuple[str, ...]]
    questions: dict[str, tuple[str, str]]

    def define(self, entry: Entry) -> None:
        """Definitions add to the core's words (docs/how-to/vocabulary.md)."""
        if entry["type"] == "FluentDefined":
            self.questions[entry["question"]] = (entry["id"], "scope")
            self.questions[entry["inverse"]] = (entry["id"], "subject")
        elif entry["type"] == "FactTypeDefined":
            self.effects[entry["id"]] = [
                Effect(fluent, side, effect["scope"], effect["subject"])
                for effect in entry.get("effects") or []
                for side, fluent in ((START, effect.get("starts")), (END, effect.get("ends")))
                if fluent is not None
            ]
            self._add_keys(entry["id"], entry["keys"])
        elif entry["type"] == "DefinitionExtended" and entry["definition"] in self.subjects:
            self._add_keys(entry["definition"], entry["changes"].get("keys") or {})

    def _add_keys(self, fact_type: str, keys: Mapping[str, Mapping[str, Any]]) -> None:
        named = [key for key, found in keys.items() if found["type"] in ("ENTITY", "ENTITIES")]
        there = self.subjects.get(fact_type, ())
        self.subjects[fact_type] = tuple(dict.fromkeys([*there, *named]))


def words_of(entries: Iterable[Entry]) -> Words:
    """The core's words and those that entries define."""
    words = Words(
        effects={
            name: [table[name] for table in (EFFECTS, SECOND_EFFECTS) if name in table]
            for name in FACT_TYPES
        },
        subjects={name: subject_keys(name) for name in FACT_TYPES},
        questions=dict(QUESTIONS),
    )
    for entry in entries:
        words.define(entry)
    return words


# ------------------------------------------------------------------------------------- folding


@dataclass(frozen=True)
class Mark:
    """A start or an end within a range of days: what docs/contract/folding.md calls a fact.

    An interval fact gives two of them, both under its own id.
    """

    side: str
    earliest: int
    latest: int
    fact: str
    edtf: str = ""
    disputed: bool = False
    uncertain: bool = False
    implied: bool = False

    @property
    def hard(self) -> bool:
        return not self.disputed and not self.uncertain

    @property
    def order(self) -> tuple[int, int, str]:
        """The order in which marks of one side are listed and speak."""
        return self.earliest, self.latest, self.fact

    def wholly_before(self, other: Mark) -> bool:
        return self.latest < other.earliest


@dataclass
class Side:
    """The start or the end of an episode, with every mark that joined it, in joining order."""

    marks: list[Mark] = field(default_factory=list)
    agreed: tuple[int, int] | None = None
    agreed_is_hard: bool = False
    soft: list[Mark] = field(default_factory=list)
    alternatives: list[Mark] = field(default_factory=list)

    def overlaps(self, mark: Mark) -> bool:
        """Whether the mark shares a day with the agreed range."""
        assert self.agreed is not None
        return max(self.agreed[0], mark.earliest) <= min(self.agreed[1], mark.latest)

    def join(self, mark: Mark) -> None:
        """docs/contract/folding.md#joining-a-side."""
        self.marks.append(mark)
        if not mark.hard:
            self.soft.append(mark)
            if self.agreed is None:
                self.agreed = (mark.earliest, mark.latest)
        elif not self.agreed_is_hard:
            self.agreed = (mark.earliest, mark.latest)
            self.agreed_is_hard = True
        elif self.overlaps(mark):
            assert self.agreed is not None
            self.agreed = max(self.agreed[0], mark.earliest), min(self.agreed[1], mark.latest)
        else:
            self.alternatives.append(mark)

    def hard_ranges(self) -> list[tuple[int, int]]:
        agreed = [self.agreed] if self.agreed is not None and self.agreed_is_hard else []
        return agreed + [(mark.earliest, mark.latest) for mark in self.alternatives]

    def ranges(self) -> list[tuple[int, int]]:
        """The agreed one if hard, the alternatives, the soft ones: folding.md#bounds."""
        return self.hard_ranges() + [(mark.earliest, mark.latest) for mark in self.soft]

    def edtf(self) -> str | None:
        """As written in the narrowest hard fact that agrees, else the narrowest soft one; the first
        that joined wins."""
        told_by = [
            mark for mark in self.marks if mark.hard and mark not in self.alternatives
        ] or self.marks
        if not told_by:
            return None
        return min(told_by, key=lambda mark: mark.latest - mark.earliest).edtf


@dataclass(frozen=True)
class Bounds:
    """When an episode began and ended, each as earliest and latest day."""

    start_earliest: int
    start_latest: int
    end_earliest: int
    end_latest: int


@dataclass
class Episode:
    start: Side = field(default_factory=Side)
    end: Side = field(default_factory=Side)

    @property
    def contested(self) -> bool:
        return bool(self.start.alternatives or self.end.alternatives)

    @property
    def facts(self) -> list[str]:
        """The ids of every fact that joined either side: the start's first, each in join order."""
        return list(dict.fromkeys(mark.fact for mark in self.start.marks + self.end.marks))

    def bounds(self) -> Bounds:
        """docs/contract/folding.md#bounds, sentence by sentence."""
        if self.start.marks:
            start_earliest = min(earliest for earliest, _ in self.start.ranges())
            hard_starts = [latest for _, latest in self.start.hard_ranges()]
            start_latest = max(hard_starts) if hard_starts else AFTER_ALL
        else:
            start_earliest = BEFORE_ALL
            start_latest = max(latest for _, latest in self.end.ranges())
        if not self.end.marks:
            return Bounds(start_earliest, start_latest, AFTER_ALL, AFTER_ALL)
        end_earliest = max(start_earliest, min(earliest for earliest, _ in self.end.ranges()))
        hard_ends = [latest for _, latest in self.end.hard_ranges()]
        doubtful = [m.latest for m in self.end.marks if m.uncertain and not m.disputed]
        end_latest = max(hard_ends or doubtful or [AFTER_ALL])
        if hard_ends:
            start_latest = min(start_latest, end_latest)
        return Bounds(start_earliest, start_latest, end_earliest, end_latest)

    @property
    def own_end_stands(self) -> bool:
        """Whether an undisputed end of the fluent's own has joined it."""
        return any(not mark.implied and not mark.disputed for mark in self.end.marks)

    def certain_on(self, day: int) -> bool:
        bounds = self.bounds()
        return bounds.start_latest <= day < bounds.end_earliest

    def possible_on(self, day: int) -> bool:
        bounds = self.bounds()
        return bounds.start_earliest <= day <= bounds.end_latest


def fold(marks: Sequence[Mark]) -> list[Episode]:
    """The marks of one fluent and label, implied ends among them and announced ones left out → its
    episodes as they were opened."""
    remaining = list(marks)
    episodes: list[Episode] = []
    while remaining:
        mark = _next_mark(remaining, episodes)
        remaining.remove(mark)
        if mark.implied:
            if episodes and not episodes[-1].own_end_stands:
                episodes[-1].end.join(mark)
        elif mark.side == START:
            if not _inside(episodes):
                episodes.append(Episode())
            episodes[-1].start.join(mark)
        else:
            if not episodes:
                episodes.append(Episode())
            episodes[-1].end.join(mark)
    return episodes


def _inside(episodes: Sequence[Episode]) -> bool:
    return bool(episodes) and not episodes[-1].end.marks


def _next_mark(remaining: Sequence[Mark], episodes: Sequence[Episode]) -> Mark:
    """docs/contract/folding.md#order."""
    minimal = [
        mark for mark in remaining if not any(other.wholly_before(mark) for other in remaining)
    ]
    minimal.sort(key=lambda mark: (mark.earliest, mark.latest, mark.side != START, mark.fact))
    starts = [mark for mark in minimal if mark.side == START]
    ends = [mark for mark in minimal if mark.side == END]
    if _inside(episodes):
        agreeing = [mark for mark in starts if episodes[-1].start.overlaps(mark)]
        return (agreeing + ends + starts)[0]
    agreeing = [mark for mark in ends if episodes and episodes[-1].end.overlaps(mark)]
    return (agreeing + starts + ends)[0]


def standing(
    episodes: Sequence[Episode], announced: Sequence[Mark], first: int, last: int
) -> tuple[str, Episode | Mark] | None:
    """What holds on the days first..last and who speaks for it, or None.

    docs/contract/folding.md#standing.

    CERTAIN if certain on every day, else POSSIBLE if it may hold on any, else ANNOUNCED if
    announced on any. The first opened episode that is certain (possible) on some day speaks.
    """
    days = range(first, last + 1)
    if all(any(episode.certain_on(day) for episode in episodes) for day in days):
        return CERTAIN, next(e for e in episodes if any(e.certain_on(day) for day in days))
    for episode in episodes:
        if any(episode.possible_on(day) for day in days):
            return POSSIBLE, episode
    for mark in announced:
        held_later = any(episode.bounds().end_latest > mark.earliest for episode in episodes)
        if mark.earliest <= last and not held_later:
            return ANNOUNCED, mark
    return None


# ---------------------------------------------------------- what is known at (K, R)


@dataclass(frozen=True)
class Event:
    """An entry as our log took it in. `day` is the UTC day of its effective recorded time."""

    position: int
    day: int
    type: str
    id: str
    entry: Entry


def in_the_log(rows: Sequence[Mapping[str, Any]]) -> list[Event]:
    """Rows {position, recordedAt, actor, entry} → events, with effective recorded times."""
    events = []
    latest = datetime.min.replace(tzinfo=UTC)
    for row in rows:
        recorded = datetime.fromisoformat(row["recordedAt"])
        recorded = recorded.replace(tzinfo=recorded.tzinfo or UTC).astimezone(UTC)
        latest = max(latest, recorded)
        day = latest.date().toordinal() - datetime(1970, 1, 1).toordinal()
        entry = row["entry"]
        events.append(Event(row["position"], day, entry["type"], entry["id"], entry))
    return events


@dataclass(frozen=True)
class Fact:
    """A fact in its version at (K, R). `set_aside_by` are the facts preferred to it there."""

    id: str
    type: str
    position: int
    when: Edtf
    modality: str
    subjects: Mapping[str, Any]
    details: Mapping[str, Any]
    sources: tuple[str, ...]
    retracted: bool
    disputed: bool
    cancelled: bool
    set_aside_by: tuple[str, ...]
    label: str | None
    fluents: tuple[tuple[Effect, Fluent], ...]

    @property
    def known(self) -> bool:
        return bool(self.sources)

    @property
    def visible(self) -> bool:
        """Whether it counts, or would if nothing had been preferred to it: an announcement that
        was called off does not."""
        return self.known and not self.retracted and not (self.announced and self.cancelled)

    @property
    def counts(self) -> bool:
        return self.visible and not self.set_aside_by

    @property
    def announced(self) -> bool:
        return self.modality == "ANNOUNCED"

    def is_of(self, fluent: Fluent) -> bool:
        """Whether an effect of its own is on the fluent."""
        return any(own == fluent for _, own in self.fluents)

    def marks(self, fluent: Fluent) -> list[Mark]:
        """The starts and ends that it gives a fluent: both, when a start is an interval."""
        return [m for effect, own in self.fluents if own == fluent for m in self._marks(effect)]

    def _marks(self, effect: Effect) -> list[Mark]:
        def mark(side: str, earliest: int, latest: int, uncertain: bool) -> Mark:
            return Mark(side, earliest, latest, self.id, self.when.text, self.disputed, uncertain)

        if not self.when.is_interval:
            return [mark(effect.side, self.when.earliest, self.when.latest, self.when.uncertain)]
        assert effect.side == START, f"an end at an interval: {self.id}"
        left, right = self.when.text.split("/")
        marks = []
        if left not in ("", ".."):  # `../b` and `/b` give no start
            begun = parse(left)
            marks.append(mark(START, begun.earliest, begun.latest, begun.uncertain))
        if right == "":  # an end nobody knows: soft, any time from the earliest start on
            marks.append(mark(END, parse(left).earliest, AFTER_ALL, True))
        elif right != "..":  # an open end is none
            ended = parse(right)
            marks.append(mark(END, ended.earliest, ended.latest, ended.uncertain))
        return marks


def latest_day(when: Edtf) -> int:
    """The last day an expression may speak of; AFTER_ALL when there is none."""
    if when.is_interval:
        assert when.end is not None
        return when.end.latest
    return when.latest


class View:
    """Everything that was known by K of what our log held at R (docs/contract/knowledge.md)."""

    def __init__(self, log: Sequence[Event], known_at: int | None, at_position: int | None) -> None:
        self.known_at = known_at
        self.events = [e for e in log if at_position is None or e.position <= at_position]
        self.words = words_of(event.entry for event in self.events)
        self._folded: dict[Fluent, dict[str | None, list[Episode]]] = {}

    # Sources and what rests on them

    def _of_type(self, *types: str) -> list[Event]:
        return [event for event in self.events if event.type in types]

    def source(self, source: str) -> dict[str, Any]:
        """The source as registered and then mended, by R only."""
        return self._registered("SourceRegistered", "SourceCorrected", "source", source)

    def entity(self, entity: str) -> dict[str, Any]:
        return self._registered("EntityRegistered", "EntityCorrected", "entity", entity)

    def _registered(self, registration: str, mending: str, key: str, of: str) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for event in self.events:
            if event.type == registration and event.id == of:
                known.update(event.entry)
            elif event.type == mending and event.entry[key] == of:
                known.update(event.entry["changes"])
        return known

    @cached_property
    def published(self) -> dict[str, int]:
        """Source → the day its citations are known from; AFTER_ALL for never."""
        days = {}
        for event in self._of_type("SourceRegistered"):
            written = self.source(event.id).get("published")
            days[event.id] = event.day if written is None else latest_day(parse(written))
        return days

    def is_published(self, source: str) -> bool:
        day = self.published[source]
        return day != AFTER_ALL and (self.known_at is None or day <= self.known_at)

    @cached_property
    def withdrawn(self) -> set[str]:
        """The sources withdrawn at (K, R). A withdrawal looks at all its citations, for ever."""
        return {
            event.entry["source"]
            for event in self._of_type("SourceWithdrawn")
            if not _by_evidence(event)
            or any(self.is_published(citation["source"]) for citation in _citations(event))
        }

    def is_cited(self, source: str) -> bool:
        """Whether a citation of the source counts at (K, R)."""
        return source not in self.withdrawn and self.is_published(source)

    @cached_property
    def in_effect(self) -> list[Event]:
        """The record-keeping events in effect at (K, R), the newest last: by day, then by
        position. The day of evidence is that from which it takes effect, of an editorial event the
        day on which it was recorded."""
        effective = [event for event in self.events if self._effect_day(event) != AFTER_ALL]
        return sorted(effective, key=lambda event: (self._effect_day(event), event.position))

    def _effect_day(self, event: Event) -> int:
        """The day that counts for *newest*; AFTER_ALL of evidence that has no effect at (K, R)."""
        if not _by_evidence(event):
            return event.day
        cited = [citation["source"] for citation in _citations(event)]
        days = [self.published[source] for source in cited if self.is_cited(source)]
        return min(days, default=AFTER_ALL)

    # Identity

    @cached_property
    def parents(self) -> dict[str, str]:
        """Entity → the one it was merged into: what the newest merge or split of each says, but for
        merges that would close a circle with newer ones."""
        said: dict[str, tuple[int, str | None]] = {}
        for order, event in enumerate(self.in_effect):
            if event.type == "EntitiesMerged":
                into = event.entry["into"]
                said |= {each: (order, into) for each in event.entry["entities"] if each != into}
            elif event.type == "EntitiesSplit":
                said |= dict.fromkeys(event.entry["into"], (order, None))
        parents: dict[str, str] = {}
        for entity, (_, into) in sorted(said.items(), key=lambda it: it[1][0], reverse=True):
            line = [into]
            while line[-1] in parents:
                line.append(parents[line[-1]])
            if into is not None and entity not in line:
                parents[entity] = into
        return parents

    def canonical(self, entity: str) -> str:
        while entity in self.parents:
            entity = self.parents[entity]
        return entity

    def name(self, entity: str, lang: str, last_day: int) -> str:
        """The entity's name on a day: registered, mended, then renamed."""
        names = dict(self.entity(entity).get("names", {}))
        for changed in self._renamed(entity, "names", last_day):
            names.update(changed)
        return str(names.get(lang) or names.get("en") or next(iter(names.values()), entity))

    def _renamed(self, entity: str, key: str, last_day: int) -> list[dict[str, Any]]:
        """What renamings gave the entity under a key by a day, the one that speaks last: by the
        day of the world, then the newest."""
        renamings = [
            (latest_day(parse(event.entry["when"])), order, event.entry[key])
            for order, event in enumerate(self.in_effect)
            if event.type == "EntityRenamed"
            and event.entry["entity"] == entity
            and event.entry.get(key)
        ]
        return [
            changed for day, _, changed in sorted(renamings, key=lambda r: r[:2]) if day <= last_day
        ]

    # Facts

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """Every fact recorded by R, counted or not, in its version at (K, R), in log order."""
        return {event.id: self._fact(event) for event in self._recorded()}

    def _recorded(self) -> list[Event]:
        return self._of_type(*self.words.effects)

    def _fact(self, event: Event) -> Fact:
        entry = self._version(event)
        keys = self.words.subjects[event.type]
        named = {"type", "id", "when", "modality", "citations", "episode"}
        fluents = tuple(
            (
                effect,
                (
                    effect.fluent,
                    self.canonical(entry[effect.scope_key]),
                    self.canonical(entry[effect.subject_key]),
                ),
            )
            for effect in self.words.effects[event.type]
        )
        return Fact(
            id=event.id,
            type=event.type,
            position=event.position,
            when=parse(entry["when"]),
            modality=entry.get("modality") or "OCCURRED",
            subjects={key: entry[key] for key in keys if key in entry},
            details={key: entry[key] for key in entry if key not in named and key not in keys},
            sources=self._supporting(event),
            retracted=self._last_word(event.id, "FactRetracted", "FactReinstated"),
            disputed=self._last_word(event.id, "FactDisputed", "DisputeWithdrawn"),
            set_aside_by=tuple(self.set_aside.get(event.id, ())),
            cancelled=bool(self._about(event.id, "AnnouncementCancelled")),
            label=entry.get("episode"),
            fluents=fluents,
        )

    def _about(self, fact: str, *types: str) -> list[Event]:
        """The events of these types about the fact that are in effect at (K, R), newest last."""
        return [event for event in self._of_fact.get(fact, []) if event.type in types]

    @cached_property
    def _of_fact(self) -> dict[str, list[Event]]:
        facts: dict[str, list[Event]] = {}
        for event in self.in_effect:
            if "fact" in event.entry:
                facts.setdefault(event.entry["fact"], []).append(event)
        return facts

    def _version(self, fact: Event) -> dict[str, Any]:
        """Key by key, the newest correction in effect that names the key."""
        entry = dict(fact.entry)
        for event in self._about(fact.id, "FactCorrected"):
            entry.update(event.entry["changes"])
        return entry

    def _supporting(self, fact: Event) -> tuple[str, ...]:
        """The sources of its supporting citations that count at (K, R), corroborations included."""
        citations = list(_citations(fact))
        for event in self._about(fact.id, "FactCorroborated"):
            citations += _citations(event)
        return tuple(
            sorted(
                {
                    citation["source"]
                    for citation in citations
                    if (citation.get("stance") or "SUPPORTS") == "SUPPORTS"
                    and self.is_cited(citation["source"])
                }
            )
        )

    def _last_word(self, fact: str, marking: str, unmarking: str) -> bool:
        """Of the two kinds of event in effect the newest wins."""
        marked = False
        for event in self._about(fact, marking, unmarking):
            marked = event.type == marking
        return marked

    @cached_property
    def set_aside(self) -> dict[str, list[str]]:
        """Fact set aside → the facts preferred to it, preferences applied newest first."""
        undone = {e.entry["preference"] for e in self.in_effect if e.type == "PreferenceWithdrawn"}
        recorded = {event.id: event for event in self._recorded()}
        aside: dict[str, list[str]] = {}
        for event in reversed(self.in_effect):
            if event.type != "FactPreferred" or event.id in undone:
                continue
            preferred = event.entry["fact"]
            if preferred in aside or not self._would_count(recorded[preferred]):
                continue
            for other in event.entry["over"]:
                aside.setdefault(other, []).append(preferred)
        return aside

    def _would_count(self, fact: Event) -> bool:
        """Whether a fact counts, preferences left out of account."""
        retracted = self._last_word(fact.id, "FactRetracted", "FactReinstated")
        announced = self._version(fact).get("modality") == "ANNOUNCED"
        called_off = announced and bool(self._about(fact.id, "AnnouncementCancelled"))
        return bool(self._supporting(fact)) and not retracted and not called_off

    def fluents(self) -> list[Fluent]:
        return sorted(self._by_fluent)

    def facts_about(self, fluent: Fluent) -> list[Fact]:
        """Every fact of the fluent recorded by R, counted or not; implied ends are not of it."""
        return self._by_fluent.get(fluent, [])

    @cached_property
    def _by_fluent(self) -> dict[Fluent, list[Fact]]:
        fluents: dict[Fluent, list[Fact]] = {}
        for fact in self.facts.values():
            for own in dict.fromkeys(own for _, own in fact.fluents):
                fluents.setdefault(own, []).append(fact)
        return fluents

    def counting(self, fluent: Fluent, *, announced: bool) -> list[Fact]:
        facts = [fact for fact in self.facts_about(fluent) if fact.counts]
        return [fact for fact in facts if fact.announced == announced]

    def implied_ends(self, fluent: Fluent, *, announced: bool) -> list[Mark]:
        """The ends that the end of either side's existence implies."""
        kind, *sides = fluent
        if kind == "existence":
            return []
        return [
            replace(mark, implied=True)
            for side in dict.fromkeys(sides)
            for fact in self.counting(("existence", side, side), announced=announced)
            for mark in fact.marks(("existence", side, side))
            if mark.side == END
        ]

    def episodes(self, fluent: Fluent) -> list[Episode]:
        """The fluent's history at (K, R): label by label, none first, then by code point."""
        return [episode for label in self._by_label(fluent).values() for episode in label]

    def _by_label(self, fluent: Fluent) -> dict[str | None, list[Episode]]:
        if fluent not in self._folded:
            self._folded[fluent] = self._fold(fluent)
        return self._folded[fluent]

    def _fold(self, fluent: Fluent) -> dict[str | None, list[Episode]]:
        facts = self.counting(fluent, announced=False)
        implied = self.implied_ends(fluent, announced=False)
        labels = sorted(
            {fact.label for fact in facts}, key=lambda label: (label is not None, label or "")
        )
        return {
            label: fold([m for f in facts if f.label == label for m in f.marks(fluent)] + implied)
            for label in labels
        }

    def announcements(self, fluent: Fluent) -> list[Mark]:
        """The announced starts, the one that speaks first."""
        facts = self.counting(fluent, announced=True)
        starts = [m for fact in facts for m in fact.marks(fluent) if m.side == START]
        return sorted(starts, key=lambda mark: mark.order)

    def announced_ends(self, fluent: Fluent, row: Episode | Mark) -> list[Mark]:
        """The announced ends that bear on a row, in their order."""
        facts = self.counting(fluent, announced=True)
        own = [m for fact in facts for m in fact.marks(fluent) if m.side == END]
        implied = self.implied_ends(fluent, announced=True)
        if isinstance(row, Mark):
            bearing = [mark for mark in own + implied if mark.latest >= row.earliest]
        else:
            bounds = row.bounds()
            last_ones = [episodes[-1] for episodes in self._by_label(fluent).values() if episodes]
            could_join = any(row is episode for episode in last_ones) and not row.own_end_stands
            bearing = [
                mark
                for mark in own + (implied if could_join else [])
                if mark.latest >= bounds.start_earliest and mark.earliest < bounds.end_latest
            ]
        return sorted(bearing, key=lambda mark: mark.order)

    def attested(self, row: Episode | Mark) -> int | None:
        """The latest day that a source says, or can be taken to say, that it still held."""
        if isinstance(row, Mark) or row.end.marks:
            return None
        days = [m.latest for m in row.start.marks if m.earliest == BEFORE_ALL and not m.disputed]
        for name in row.facts:
            fact = self.facts[name]
            days += [
                parse(event.entry["on"]).latest
                for event in self._about(name, "HoldingAttested")
                if self._counting_support(event)
            ]
            for source in fact.sources:
                seen = self.source(source).get("observedThrough")
                days += [] if seen is None else [latest_day(parse(seen))]
        return max((day for day in days if day != AFTER_ALL), default=None)

    def _counting_support(self, event: Event) -> bool:
        return any(
            (citation.get("stance") or "SUPPORTS") == "SUPPORTS"
            and self.is_cited(citation["source"])
            for citation in _citations(event)
        )


def _by_evidence(event: Event) -> bool:
    """Whether it waits for its evidence. A mending never does; a corroboration is in the log
    or not, whatever its basis, and its citations then have each its own date."""
    if event.type in ("SourceCorrected", "EntityCorrected", "FactCorroborated", "HoldingAttested"):
        return False
    return bool(event.entry.get("basis") == "EVIDENCE")


def _citations(event: Event) -> list[Mapping[str, Any]]:
    return event.entry.get("citations") or []


# -------------------------------------------------------------------------- the questions


class Oracle:
    """Answers over a log given as rows {position, recordedAt, actor, entry}, in log order."""

    def __init__(self, events: Sequence[Mapping[str, Any]]) -> None:
        self.log = in_the_log(events)
        self.words = words_of(event.entry for event in self.log)
        self._views: dict[tuple[int | None, int | None], View] = {}

    def view(self, known_at: int | None = None, at_position: int | None = None) -> View:
        key = (known_at, at_position)
        if key not in self._views:
            self._views[key] = View(self.log, known_at, at_position)
        return self._views[key]

    def visible_facts(
        self, known_at: int | None = None, at_position: int | None = None
    ) -> dict[str, Fact]:
        """Every fact recorded by R, in its version at (K, R): `counts` says whether it counts."""
        return self.view(known_at, at_position).facts

    def answer(
        self,
        question: str,
        scope: str | None,
        as_of: tuple[int, int],
        known_at: int | None = None,
        at_position: int | None = None,
        lang: str = "en",
        standings: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """One question, by field name (`members`) or enum value (`MEMBERS`).

        `scope` is the entity asked about, or for `organisations` a kind, or None for any.
        → {"count": {…}, "nodes": [{"subject", "standing", …}]} as GraphQL has them, with sources
        as ids and days as ISO text (null when unbounded).
        """
        view, known = self.view(known_at, at_position), self.words.questions
        field_name = question if question in known else question.lower()
        kind, asked_from = known[field_name]
        nodes = []
        for fluent in view.fluents():
            if fluent[0] != kind:
                continue
            if asked_from == "kind":
                other = fluent[2]
                asked = scope is None or view.entity(other).get("kind") == scope
            elif asked_from == "scope":
                other = fluent[2]
                asked = scope is not None and fluent[1] == view.canonical(scope)
            else:
                other = fluent[1]
                asked = scope is not None and fluent[2] == view.canonical(scope)
            node = _node(view, fluent, other, as_of, lang) if asked else None
            if node is not None and (standings is None or node["standing"] in standings):
                nodes.append(node)
        nodes.sort(key=lambda node: (node["subject"]["name"].casefold(), node["subject"]["id"]))
        count: dict[str, Any] = {
            asked_for.lower(): sum(node["standing"] == asked_for for node in nodes)
            for asked_for in (CERTAIN, POSSIBLE, ANNOUNCED)
        }
        count["reported"] = []
        if field_name == "members" and scope is not None:
            count["reported"] = _reported(view, view.canonical(scope), as_of[1])
        return {"count": count, "nodes": nodes}


def _node(
    view: View, fluent: Fluent, other: str, as_of: tuple[int, int], lang: str
) -> dict[str, Any] | None:
    """What an answer says of one fluent, or None when it does not hold."""
    episodes, announced = view.episodes(fluent), view.announcements(fluent)
    held = standing(episodes, announced, *as_of)
    if held is None:
        return None
    holds, speaker = held
    if isinstance(speaker, Mark):
        facts = [speaker.fact]
        contested = False
        opening = [speaker.fact]
        since = {"edtf": speaker.edtf, "earliest": None, "latest": None}
        until = None
        contradicting: list[dict[str, Any]] = []
    else:
        facts = speaker.facts
        contested = speaker.contested
        opening = [mark.fact for mark in speaker.start.marks]
        bounds = speaker.bounds()
        since = _range(speaker.start.edtf(), bounds.start_earliest, bounds.start_latest)
        until = None
        if speaker.end.marks:
            until = _range(speaker.end.edtf(), bounds.end_earliest, bounds.end_latest)
        contradicting = [
            _alternative(view, mark.fact, [mark])
            for mark in speaker.start.alternatives + speaker.end.alternatives
        ]
    aside = [
        _alternative(view, fact.id, fact.marks(fluent))
        for fact in sorted(view.facts_about(fluent), key=lambda fact: fact.id)
        if fact.visible
        and fact.set_aside_by
        and _is_listed_with(fact.set_aside_by, facts, episodes, announced)
    ]
    attested = view.attested(speaker)
    return {
        "subject": {
            "id": other,
            "kind": view.entity(other).get("kind"),
            "name": view.name(other, lang, as_of[1]),
        },
        "standing": holds,
        "contested": contested,
        "disputed": bool(opening) and all(view.facts[fact].disputed for fact in opening),
        "alternatives": contradicting + aside,
        "announcedEnds": [
            {
                **_range(mark.edtf, mark.earliest, mark.latest),
                "facts": [mark.fact],
                "sources": list(view.facts[mark.fact].sources),
            }
            for mark in view.announced_ends(fluent, speaker)
        ],
        "attested": None if attested is None else _iso(attested),
        "since": since,
        "until": until,
        "facts": [
            {
                "id": fact,
                "type": view.facts[fact].type,
                "when": {"edtf": view.facts[fact].when.text},
            }
            for fact in facts
        ],
        "sources": sorted({source for fact in facts for source in view.facts[fact].sources}),
    }


def _is_listed_with(
    preferred: Sequence[str],
    facts: Sequence[str],
    episodes: Sequence[Episode],
    announced: Sequence[Mark],
) -> bool:
    """Whether what `preferred` set aside is listed with the episode or announcement of `facts`:
    with those that a preferred fact is in, or with every one when they are in none that is shown
    on any day, so that no date is ever lost."""
    shown = {
        fact
        for episode in episodes
        if episode.bounds().start_earliest <= episode.bounds().end_latest
        for fact in episode.facts
    }
    for mark in announced:
        if not any(episode.bounds().end_latest > mark.earliest for episode in episodes):
            shown.add(mark.fact)
            break
    return bool(set(preferred) & set(facts)) or not set(preferred) & shown


def _alternative(view: View, fact: str, marks: Sequence[Mark]) -> dict[str, Any]:
    sides = {mark.side: _range(mark.edtf, mark.earliest, mark.latest) for mark in marks}
    return {
        "since": sides.get(START),
        "until": sides.get(END),
        "facts": [fact],
        "sources": list(view.facts[fact].sources),
        "setAside": bool(view.facts[fact].set_aside_by),
    }


def _range(edtf: str | None, earliest: int, latest: int) -> dict[str, Any]:
    return {"edtf": edtf, "earliest": _iso(earliest), "latest": _iso(latest)}


def _iso(day: int) -> str | None:
    return None if day in (BEFORE_ALL, AFTER_ALL) else iso_of(day)


def _reported(view: View, coalition: str, last_day: int) -> list[dict[str, Any]]:
    """The counts reported for the latest day on or before X, one for each source."""
    reports = [
        fact
        for fact in view.facts.values()
        if fact.type == "MemberCountReported"
        and fact.counts
        and not fact.announced
        and view.canonical(fact.subjects["coalition"]) == coalition
        and latest_day(fact.when) <= last_day
    ]
    latest = max((latest_day(fact.when) for fact in reports), default=None)
    counts: dict[tuple[str, Any, str], str] = {}
    for fact in reports:
        if latest_day(fact.when) == latest:
            for source in fact.sources:
                count = source, fact.details["value"], fact.details.get("comparator", "=")
                counts[count] = min(counts.get(count, fact.when.text), fact.when.text)
    return [
        {"value": value, "comparator": comparator, "source": {"id": source}, "when": {"edtf": when}}
        for (source, value, comparator), when in sorted(counts.items())
    ]
