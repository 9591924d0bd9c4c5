"""What an entry must find in the record to be taken: ids that exist, states that allow it.

All of it is on the record clock: by what the log holds, whatever had been published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from domain.canonical import canonical
from domain.codec import changed, check_kind, read, write
from domain.corrections import (
    AnnouncementCancelled,
    Basis,
    Correction,
    DisputeWithdrawn,
    EntitiesMerged,
    EntitiesSplit,
    EntityCorrected,
    EntityRenamed,
    FactCorrected,
    FactCorrection,
    FactPreferred,
    FactReinstated,
    HoldingAttested,
    PreferenceWithdrawn,
    SourceCorrected,
    SourceCorrection,
)
from domain.dates import MAX_DAY
from domain.definitions import Definition, DefinitionExtended
from domain.dossier import Dossier
from domain.entities import EntityRegistered
from domain.errors import Refusals, Refused
from domain.event_stream import citations_of
from domain.fact_history import Life, Lives
from domain.facts import Fact, Modality, subject_keys, subjects_in, subjects_of
from domain.handovers import check_handover
from domain.preferences import check_preference
from domain.sources import Entry, SourceRegistered
from domain.stories import StoryEntry, StoryTold, StoryWithdrawn
from domain.validation_errors import cut
from domain.vocabulary import Vocabulary

LONGEST = 60
"""Characters of a key's value in a message about two entries of one id."""


class Doubts(NamedTuple):
    """What can't be decided of later entries because earlier ones were refused."""

    ids: set[str]
    """Ids of refused entries: an entry that names one is neither called unknown nor taken."""
    facts: set[str]
    """The facts that refused entries name: their state is not judged."""

    @classmethod
    def none(cls) -> Doubts:
        return cls(set(), set())

    def add(self, refused: Entry) -> None:
        """An entry was refused."""
        self.ids.add(refused.id)
        if isinstance(refused, FactCorrection):
            self.facts.add(refused.fact)


class Undecided(Exception):
    """An entry names one that was refused, so that nothing can be said of it."""


def check(entry: Entry, lives: Lives, doubts: Doubts | None = None) -> bool:
    """Whether the entry is new to the record, False if it has it already. Refused if neither.

    The lives are of the dossier that has what the record says of all that the entry names.
    Raises Undecided as well, where there are doubts.
    """
    dossier = lives.dossier
    if isinstance(entry, Definition):
        if isinstance(entry, DefinitionExtended):
            _check_defined(entry.definition, dossier.vocabulary.definitions, doubts)
        return dossier.vocabulary.extended(entry) is not dossier.vocabulary
    if (known := _known(entry, dossier)) is not None:
        if known == entry or _is_same(known, entry):
            return False
        raise Refused(
            "ID_TAKEN",
            f"The id {entry.id} stands for another entry already: {_words(known, entry)}, not "
            f"{_words(entry, known)}. Choose another id, or record a correction.",
            field="id",
            recorded=write(known),
        )
    doubts = doubts or Doubts.none()
    _check_words(entry, dossier.vocabulary, doubts)
    _check_known(_unknown_to(entry, dossier), doubts)
    for number, citation in enumerate(citations_of(entry)):
        if (
            dossier.sources[citation.source].later
            and dossier.withdrawn_from(citation.source) <= MAX_DAY
        ):
            raise Refused(
                "SOURCE_WITHDRAWN",
                f"The source {citation.source} has been withdrawn: cite another.",
                field=f"citations[{number}].source",
            )
    check_handover(entry, "")
    if isinstance(entry, FactCorrection):
        if entry.fact not in doubts.facts:
            _check_fact(entry, lives, doubts)
    elif isinstance(entry, SourceCorrected | EntityCorrected):
        _corrected(entry, dossier)
    elif isinstance(entry, EntitiesSplit):
        for number, entity in enumerate(entry.into):
            if entry.entity not in dossier.merged_into(entity, MAX_DAY):
                raise Refused(
                    "NOT_MERGED",
                    f"{entity} is not merged into {entry.entity}, so there is nothing to split: "
                    "what divided in the world is an EntitiesSucceeded.",
                    field=f"into[{number}]",
                )
    elif isinstance(entry, StoryTold):
        _check_views(entry, dossier)
    elif isinstance(entry, StoryWithdrawn) and entry.story in dossier.withdrawn_stories:
        raise Refused(
            "ALREADY_WITHDRAWN", f"The story {entry.story} is withdrawn already.", field="story"
        )
    elif (
        isinstance(entry, EntitiesMerged)
        and dossier.canonical(entry.into, MAX_DAY) in entry.entities
    ):
        raise Refused(
            "MERGED_INTO_ITSELF",
            f"{entry.into} is itself one of {', '.join(entry.entities)}, or merged into one: "
            "merge into the one that stays.",
            field="into",
        )
    return True


def _is_same(known: Entry, entry: Entry) -> bool:
    """Whether two facts of a type that the record defines, as it was then and as it is, are one."""
    return isinstance(known, Fact) and known.shape is not None and write(known) == write(entry)


def _check_words(entry: Entry, vocabulary: Vocabulary, doubts: Doubts) -> None:
    """Refuse a type or a kind that the record does not define, or defines otherwise."""
    if isinstance(entry, Fact) and entry.shape is not None:
        name = type(entry).__name__
        _check_defined(name, vocabulary.fact_types, doubts)
        found = vocabulary.fact_types.get(name)
        if found is None or found.entry is not type(entry):
            read(write(entry), vocabulary)
    elif isinstance(entry, EntityRegistered):
        _check_defined(entry.kind, vocabulary.kinds, doubts)
        check_kind(entry, vocabulary)


def _check_defined(name: str, defined: Mapping[str, object], doubts: Doubts | None) -> None:
    """Leave alone what uses a definition that was itself refused."""
    if doubts is not None and name not in defined and name in doubts.ids:
        raise Undecided


def _check_known(unknown: Iterable[tuple[str, str, str]], doubts: Doubts) -> None:
    """Refuse kind, id and field of what the record does not have, unless it was itself refused."""
    refusals, is_doubtful = Refusals(), False
    for kind, name, field in unknown:
        if name in doubts.ids:
            is_doubtful = True
            continue
        refusals.add(
            Refused(
                f"UNKNOWN_{kind.upper()}",
                f"The record has no {kind} {name}: check the id, or put its entry before this one.",
                field=field,
            )
        )
    if refusals:
        raise refusals.joined()
    if is_doubtful:
        raise Undecided


def _unknown_to(entry: Entry, dossier: Dossier) -> Iterator[tuple[str, str, str]]:
    """Kind, id and field of whatever the entry names that the dossier does not have."""
    for number, citation in enumerate(citations_of(entry)):
        if citation.source not in dossier.sources:
            yield "source", citation.source, f"citations[{number}].source"
    if isinstance(entry, Fact):
        if not dossier.entities.keys() >= set(subjects_of(entry)):
            for key in subject_keys(type(entry)):
                subjects = subjects_in(type(entry), {key: getattr(entry, key)})
                yield from _entities(subjects, key, dossier)
    elif isinstance(entry, PreferenceWithdrawn):
        preference = dossier.corrections.get(entry.preference)
        if preference is None or not isinstance(preference.entry, FactPreferred):
            yield "preference", entry.preference, "preference"
    elif isinstance(entry, FactCorrection):
        if entry.fact not in dossier.facts:
            yield "fact", entry.fact, "fact"
        if isinstance(entry, FactPreferred):
            for number, other in enumerate(entry.over):
                if other not in dossier.facts:
                    yield "fact", other, f"over[{number}]"
    elif isinstance(entry, SourceCorrection):
        if entry.source not in dossier.sources:
            yield "source", entry.source, "source"
    elif isinstance(entry, EntityCorrected | EntityRenamed):
        yield from _entities([entry.entity], "entity", dossier)
    elif isinstance(entry, StoryTold):
        for number, view in enumerate(entry.views):
            yield from _entities([view.entity], f"views[{number}].entity", dossier)
    elif isinstance(entry, StoryWithdrawn):
        if not isinstance(dossier.stories.get(entry.story), StoryTold):
            yield "story", entry.story, "story"
    elif isinstance(entry, EntitiesMerged):
        yield from _entities(entry.entities, "entities", dossier)
        yield from _entities([entry.into], "into", dossier)
    elif isinstance(entry, EntitiesSplit):
        yield from _entities([entry.entity], "entity", dossier)
        yield from _entities(entry.into, "into", dossier)


def _entities(
    entities: Iterable[str], field: str, dossier: Dossier
) -> Iterator[tuple[str, str, str]]:
    return (("entity", entity, field) for entity in entities if entity not in dossier.entities)


def _check_views(entry: StoryTold, dossier: Dossier) -> None:
    """Refuse a view of an entity at a position where the record did not have it yet."""
    for number, view in enumerate(entry.views):
        first = dossier.entities[view.entity].first.position
        if view.at_position is not None and view.at_position < first:
            raise Refused(
                "BAD_POSITION",
                f"The record has no entity {view.entity} yet at position {view.at_position}: it "
                f"was registered at {first}.",
                field=f"views[{number}].atPosition",
            )


def _known(entry: Entry, dossier: Dossier) -> Entry | None:
    """The entry that the record has under this id, of its kind: source, entity, story, or fact."""
    if isinstance(entry, SourceRegistered):
        file = dossier.sources.get(entry.id)
    elif isinstance(entry, EntityRegistered):
        file = dossier.entities.get(entry.id)
    elif isinstance(entry, StoryEntry):
        return dossier.stories.get(entry.id)
    elif entry.id in dossier.corrections:
        return dossier.corrections[entry.id].entry
    else:
        file = dossier.facts.get(entry.id)
    return file.first.entry if file else None


def _words(entry: Entry, unlike: Entry) -> str:
    """An entry's type for a message, with what the keys say in which it differs from another."""
    obj, other = write(entry), write(unlike)
    if obj["type"] != other["type"]:
        return str(obj["type"])
    keys = sorted(key for key in obj.keys() | other.keys() if obj.get(key) != other.get(key))
    text = ", ".join(f"{key} {cut(canonical(obj.get(key)).decode(), LONGEST)}" for key in keys)
    return f"{obj['type']} ({text})"


def _check_fact(entry: FactCorrection, lives: Lives, doubts: Doubts) -> None:
    life = lives.of(entry.fact)
    is_editorial = isinstance(entry, FactCorrected) and entry.basis is Basis.EDITORIAL
    if (is_editorial or isinstance(entry, FactPreferred)) and life.retracted(MAX_DAY):
        raise Refused(
            "FACT_RETRACTED",
            f"The fact {entry.fact} is retracted: reinstate it first.",
            field="fact",
        )
    if isinstance(entry, FactReinstated) and not life.retracted(MAX_DAY):
        raise Refused("NOT_RETRACTED", f"The fact {entry.fact} is not retracted.", field="fact")
    if isinstance(entry, DisputeWithdrawn) and not life.disputed(MAX_DAY):
        raise Refused("NOT_DISPUTED", f"The fact {entry.fact} is not disputed.", field="fact")
    if isinstance(entry, HoldingAttested) and not any(e.is_start for e in life.entry.effects):
        raise Refused(
            "NOT_A_START",
            f"The fact {entry.fact} starts nothing that could still hold: name the fact that "
            "started it.",
            field="fact",
        )
    if isinstance(entry, AnnouncementCancelled):
        _check_announcement(entry, life)
    if isinstance(entry, FactCorrected):
        kind = _newest(type(life.entry), lives.dossier)
        check_handover(changed(life.version(MAX_DAY), entry.changes, kind), "changes.")
        for key in subject_keys(kind):
            subjects = subjects_in(kind, {key: entry.changes.get(key)})
            _check_known(_entities(subjects, f"changes.{key}", lives.dossier), doubts)
    if isinstance(entry, FactPreferred):
        check_preference(entry, lives)


def _check_announcement(entry: AnnouncementCancelled, life: Life) -> None:
    if life.version(MAX_DAY).modality is not Modality.ANNOUNCED:
        raise Refused(
            "NOT_ANNOUNCED",
            f"The fact {entry.fact} is not announced but told as having happened: retract or "
            "correct it instead.",
            field="fact",
        )
    if life.cancelled(MAX_DAY):
        raise Refused(
            "ALREADY_CANCELLED",
            f"The announcement {entry.fact} is called off already.",
            field="fact",
        )


def _newest(kind: type[Fact], dossier: Dossier) -> type[Fact]:
    """A type as it is now: the record may have given its own types more keys."""
    return kind if kind.shape is None else dossier.vocabulary.fact_types[kind.__name__].entry


def fact_type_of(entry: Entry, dossier: Dossier) -> type[Fact] | None:
    """The type of a fact with the keys that a correction is the first to give it, else None."""
    if not isinstance(entry, FactCorrected):
        return None
    has = dossier.facts[entry.fact].fact_type()
    if has.shape is None or entry.changes.keys() <= set(has.__struct_encode_fields__):
        return None
    return _newest(has, dossier)


def _corrected(entry: Correction, dossier: Dossier) -> None:
    """Refuse a correction of a source or an entity that would make it no such thing."""
    if isinstance(entry, SourceCorrected):
        file = dossier.sources[entry.source]
        changed(file.first.entry, entry.changes)
    elif isinstance(entry, EntityCorrected):
        file = dossier.entities[entry.entity]
        try:
            mended = changed(file.first.entry, entry.changes)
            if "kind" in entry.changes:  # what defines the one that it has was not read
                check_kind(mended, dossier.vocabulary)
        except Refused as refused:
            if refused.field == "kind":
                refused.field = "changes.kind"
            raise
