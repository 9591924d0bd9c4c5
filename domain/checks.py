"""What an entry must find in the record to be taken: ids that exist, states that allow it.

All of it on the record clock: by what the log holds, whatever had been published (DESIGN §5).
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.canonical import canonical
from domain.codec import changed, write
from domain.corrections import (
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
    PreferenceWithdrawn,
    SourceCorrected,
    SourceCorrection,
)
from domain.dates import MAX_DAY
from domain.dossier import Dossier, citations_of
from domain.entities import EntityRegistered
from domain.errors import Refused
from domain.facts import Fact, subject_keys, subjects_in, subjects_of
from domain.life import Lives
from domain.sources import Entry, SourceRegistered


def check(entry: Entry, lives: Lives) -> bool:
    """Whether the entry is new to the record, False if it has it already. Refused if neither.

    The lives are of the dossier that has what the record says of all that the entry names.
    """
    dossier = lives.dossier
    if (known := _known(entry, dossier)) is not None:
        if known == entry:
            return False
        raise Refused(
            "ID_TAKEN",
            f"The id {entry.id} stands for another entry already: {_words(known, entry)}, not "
            f"{_words(entry, known)}. Choose another id, or record a correction.",
            field="id",
            recorded=write(known),
        )
    _check_citations(entry, dossier)
    if isinstance(entry, Fact):
        if not dossier.entities.keys() >= set(subjects_of(entry)):
            for key in subject_keys(type(entry)):
                _check_entities(subjects_in(entry, {key: getattr(entry, key)}), key, dossier)
    elif isinstance(entry, PreferenceWithdrawn):
        preference = dossier.corrections.get(entry.preference)
        if preference is None or not isinstance(preference.entry, FactPreferred):
            raise _unknown("preference", entry.preference, "preference")
    elif isinstance(entry, FactCorrection):
        _check_fact(entry, lives)
    elif isinstance(entry, SourceCorrection):
        if entry.source not in dossier.sources:
            raise _unknown("source", entry.source, "source")
        if isinstance(entry, SourceCorrected):
            _corrected(entry, dossier)
    elif isinstance(entry, EntityCorrected | EntityRenamed):
        _check_entities([entry.entity], "entity", dossier)
        if isinstance(entry, EntityCorrected):
            _corrected(entry, dossier)
    elif isinstance(entry, EntitiesMerged):
        _check_entities(entry.entities, "entities", dossier)
        _check_entities([entry.into], "into", dossier)
        if dossier.canonical(entry.into, MAX_DAY) in entry.entities:
            raise Refused(
                "MERGED_INTO_ITSELF",
                f"{entry.into} is itself one of {', '.join(entry.entities)}, or merged into one: "
                "merge into the one that stays.",
                field="into",
            )
    elif isinstance(entry, EntitiesSplit):
        _check_entities([entry.entity], "entity", dossier)
        _check_entities(entry.into, "into", dossier)
    return True


def _known(entry: Entry, dossier: Dossier) -> Entry | None:
    """The entry that the record has under this id, of its kind: source, entity, or fact."""
    if isinstance(entry, SourceRegistered):
        file = dossier.sources.get(entry.id)
    elif isinstance(entry, EntityRegistered):
        file = dossier.entities.get(entry.id)
    elif entry.id in dossier.corrections:
        return dossier.corrections[entry.id].entry
    else:
        file = dossier.facts.get(entry.id)
    return file.first.entry if file else None


def _words(entry: Entry, unlike: Entry) -> str:
    """An entry's content for a message: in what it differs from the other one comes first."""
    obj, other = write(entry), write(unlike)
    keys = sorted(obj.keys() - {"type", "id"}, key=lambda key: (obj[key] == other.get(key), key))
    text = ", ".join(f"{key} {canonical(obj[key]).decode()}" for key in keys)
    return f"{obj['type']} ({text if len(text) <= 400 else text[:400] + '…'})"


def _unknown(kind: str, name: str, field: str) -> Refused:
    return Refused(
        f"UNKNOWN_{kind.upper()}",
        f"The record has no {kind} {name}: check the id, or put its entry before this one.",
        field=field,
    )


def _check_entities(entities: Iterable[str], field: str, dossier: Dossier) -> None:
    for entity in entities:
        if entity not in dossier.entities:
            raise _unknown("entity", entity, field)


def _check_citations(entry: Entry, dossier: Dossier) -> None:
    for number, citation in enumerate(citations_of(entry)):
        file = dossier.sources.get(citation.source)
        if file is None:
            raise _unknown("source", citation.source, f"citations[{number}].source")
        if file.later and dossier.withdrawn_from(citation.source) <= MAX_DAY:
            raise Refused(
                "SOURCE_WITHDRAWN",
                f"The source {citation.source} has been withdrawn: cite another.",
                field=f"citations[{number}].source",
            )


def _check_fact(entry: FactCorrection, lives: Lives) -> None:
    if entry.fact not in lives.dossier.facts:
        raise _unknown("fact", entry.fact, "fact")
    life = lives.of(entry.fact)
    if isinstance(entry, FactCorrected | FactPreferred) and life.retracted(MAX_DAY):
        raise Refused(
            "FACT_RETRACTED",
            f"The fact {entry.fact} is retracted: reinstate it first.",
            field="fact",
        )
    if isinstance(entry, FactReinstated) and not life.retracted(MAX_DAY):
        raise Refused("NOT_RETRACTED", f"The fact {entry.fact} is not retracted.", field="fact")
    if isinstance(entry, DisputeWithdrawn) and not life.disputed(MAX_DAY):
        raise Refused("NOT_DISPUTED", f"The fact {entry.fact} is not disputed.", field="fact")
    if isinstance(entry, FactCorrected):
        fact = life.entry
        changed(life.version(MAX_DAY), entry.changes)
        for key in subject_keys(type(fact)):
            subjects = subjects_in(fact, {key: entry.changes.get(key)})
            _check_entities(subjects, f"changes.{key}", lives.dossier)
    if isinstance(entry, FactPreferred):
        _check_preference(entry, lives)


def _check_preference(entry: FactPreferred, lives: Lives) -> None:
    fluent = _fluent(entry.fact, lives)
    if fluent is None:
        raise Refused(
            "NO_FLUENT",
            f"The fact {entry.fact} is a report: it starts or ends nothing, so there is nothing to "
            "prefer it for. Dispute or retract the other instead.",
            field="fact",
        )
    for number, other in enumerate(entry.over):
        field = f"over[{number}]"
        if other not in lives.dossier.facts:
            raise _unknown("fact", other, field)
        if _fluent(other, lives) != fluent:
            raise Refused(
                "OTHER_FLUENT",
                f"The fact {other} does not speak of {' '.join(fluent)}, as {entry.fact} does: a "
                "preference chooses between dates of the same thing.",
                field=field,
            )


def _fluent(fact: str, lives: Lives) -> tuple[str, str, str] | None:
    version = lives.of(fact).version(MAX_DAY)
    effect = version.effect
    if effect is None:
        return None
    scope, subject = getattr(version, effect.scope), getattr(version, effect.subject)
    return (
        effect.fluent.name,
        lives.dossier.canonical(scope, MAX_DAY),
        lives.dossier.canonical(subject, MAX_DAY),
    )


def _corrected(entry: Correction, dossier: Dossier) -> None:
    """Refuse a correction of a source or an entity that would make it no such thing."""
    if isinstance(entry, SourceCorrected):
        file = dossier.sources[entry.source]
        changed(file.first.entry, entry.changes)
    elif isinstance(entry, EntityCorrected):
        file = dossier.entities[entry.entity]
        changed(file.first.entry, entry.changes)
