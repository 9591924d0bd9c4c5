"""Opposites: the entries that undo an entry, or the reason why nothing does.

Undoing means: what is in effect at the head is what would be if the entry had never been recorded.
So what a later entry changed again stays as that one has it. Nothing is removed from the log. What
stays different is in docs/how-to/correct.md#undo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple, cast

import msgspec

from domain import corrections as c
from domain.administration import Administration
from domain.canonical import text_of_date
from domain.catalogue import (
    EntityVersion,
    corrected_entity,
    entity_versions,
    source_versions,
)
from domain.codec import Event
from domain.dates import AFTER_ALL, MAX_DAY
from domain.definitions import Definition
from domain.dossier import Dossier
from domain.entities import EntityRegistered
from domain.errors import Refused
from domain.event_stream import citations_of
from domain.fact_history import Life
from domain.facts import Fact, Modality
from domain.kinship import identified
from domain.sources import Citation, Entry, SourceRegistered
from domain.spans import holds
from domain.stories import StoryTold, StoryWithdrawn
from domain.stretches import item_at

NO_EFFECT: Final = "NO_EFFECT"
"""The code of the reason that an entry changes nothing, or nothing any more."""


class Undo(NamedTuple):
    """What is to be undone, in a log of which `events` has all that bears on it, in order. `id` is
    for the new entry: where there are several, the others have a number after it."""

    event: Event
    events: Sequence[Event]
    id: str
    reason: str

    @property
    def now(self) -> Dossier:
        """What the log says."""
        return _dossier(self.events)

    @property
    def without(self) -> Dossier:
        """What it would say without the entry. Not of an entry that later ones need."""
        return _dossier(event for event in self.events if event.position != self.event.position)

    def made(self, kind: type[c.Correction], **keys: Any) -> Entry:
        """The opposite of a correction: of the same basis and the same sources, so that it counts
        from the same day on."""
        entry = self.event.entry
        given: dict[str, Any] = {"id": self.id, "reason": self.reason, **keys}
        if isinstance(entry, c.Correction) and entry.basis is c.Basis.EVIDENCE:
            given |= {"basis": entry.basis, "citations": _usable(entry.citations, self.now)}
        return kind(**given)


def opposites(undo: Undo) -> list[Entry]:
    """The entries that undo an entry, one for nearly all types.

    Refused where there are none: NO_EFFECT, or a code that says why nothing undoes such an entry.
    """
    entry = undo.event.entry
    rule = next(rule for kind, rule in _RULES.items() if isinstance(entry, kind))
    if isinstance(rule, Refused):
        raise Refused(rule.code, rule.message)
    made = list(rule(undo))
    if not made:
        raise Refused(
            NO_EFFECT,
            "Nothing of this entry is in effect: it was undone, later entries say otherwise, or "
            "others say the same.",
        )
    return made


def _dossier(events: Sequence[Event] | Iterator[Event]) -> Dossier:
    found = Dossier(is_watching=False)
    for event in events:
        if not isinstance(event.entry, Definition):
            found.take(event)
    return found


def _usable(citations: Sequence[Citation], dossier: Dossier) -> tuple[Citation, ...]:
    """Those of sources that were not withdrawn: others can't be cited."""
    return tuple(it for it in citations if dossier.withdrawn_from(it.source) > MAX_DAY)


# Facts


def _recorded(undo: Undo) -> Iterator[Entry]:
    if not Life(undo.now, undo.event.entry.id).retracted(MAX_DAY):
        yield undo.made(c.FactRetracted, fact=undo.event.entry.id)


def _toggled(kind: type[c.FactCorrection], state: Callable[[Life], bool]) -> _Rule:
    """A state that one type gives a fact and another takes away."""

    def rule(undo: Undo) -> Iterator[Entry]:
        fact = cast(c.FactCorrection, undo.event.entry).fact
        if state(Life(undo.now, fact)) is not state(Life(undo.without, fact)):
            yield undo.made(kind, fact=fact)

    return rule


def _is_retracted(life: Life) -> bool:
    return life.retracted(MAX_DAY)


def _is_disputed(life: Life) -> bool:
    return life.disputed(MAX_DAY)


def _corrected(undo: Undo) -> Iterator[Entry]:
    entry = cast(c.FactCorrected, undo.event.entry)
    is_, was = (Life(it, entry.fact).version(MAX_DAY) for it in (undo.now, undo.without))
    if changes := _changes_back(entry.changes, is_, was):
        yield undo.made(c.FactCorrected, fact=entry.fact, changes=changes)


def _called_off(undo: Undo) -> Iterator[Entry]:
    """What is called off stays so: the same is announced anew, by a fact of its own."""
    entry = cast(c.AnnouncementCancelled, undo.event.entry)
    now = undo.now
    life, file = Life(now, entry.fact), now.facts[entry.fact]
    fact = life.version(MAX_DAY)
    cited = [it for event in (file.first, *file.later) for it in _making_known(event.entry)]
    citations = _usable(cited, now)
    is_off = life.cancelled(MAX_DAY) and not Life(undo.without, entry.fact).cancelled(MAX_DAY)
    counts = fact.modality is Modality.ANNOUNCED and citations and not life.retracted(MAX_DAY)
    if is_off and counts:
        yield msgspec.structs.replace(fact, id=undo.id, citations=citations)


def _making_known(entry: Entry) -> tuple[Citation, ...]:
    is_one = isinstance(entry, Fact | c.FactCorroborated)
    return citations_of(entry) if is_one else ()


def _preferred(undo: Undo) -> Iterator[Entry]:
    now = undo.now
    if _stands(undo.event, now):
        yield undo.made(c.PreferenceWithdrawn, preference=undo.event.entry.id)


def _stands(preference: Event, dossier: Dossier) -> bool:
    """Whether a preference is in effect by all that is known."""
    withdrawn = dossier.withdrawals[preference.entry.id]
    return holds(dossier.effect_spans(preference), MAX_DAY) and not any(
        holds(dossier.effect_spans(each), MAX_DAY) for each in withdrawn
    )


def _not_preferred(undo: Undo) -> Iterator[Entry]:
    """The preference is recorded anew: one that was withdrawn stays so."""
    entry = cast(c.PreferenceWithdrawn, undo.event.entry)
    now = undo.now
    first = now.corrections[entry.preference]
    preference = cast(c.FactPreferred, first.entry)
    alike = (
        event
        for event in now.preferring[preference.fact]
        if cast(c.FactPreferred, event.entry).over == preference.over
    )
    if _stands(first, undo.without) and not any(_stands(event, now) for event in alike):
        cited = _usable(preference.citations, now)
        keys = {"id": undo.id, "reason": undo.reason, "citations": cited}
        yield msgspec.structs.replace(preference, **keys)


# Sources and entities


def _registered(undo: Undo) -> Iterator[Entry]:
    source = undo.event.entry.id
    if undo.now.withdrawn_from(source) > MAX_DAY:
        yield undo.made(c.SourceWithdrawn, source=source)


def _reassessed(undo: Undo) -> Iterator[Entry]:
    entry = cast(c.SourceReassessed, undo.event.entry)
    is_, was = (_source(it, entry.source) for it in (undo.now, undo.without))
    changes = _changes_back(("reliability", "credibility"), is_, was)
    if changes and None in changes.values():  # no reassessment takes a grade away
        yield c.SourceCorrected(
            id=undo.id, reason=undo.reason, source=entry.source, changes=changes
        )
    elif changes:
        grades = {key: getattr(was, key) for key in changes}
        yield undo.made(c.SourceReassessed, source=entry.source, **grades)


def _source_corrected(undo: Undo) -> Iterator[Entry]:
    entry = cast(c.SourceCorrected, undo.event.entry)
    is_, was = (_source(it, entry.source) for it in (undo.now, undo.without))
    if changes := _changes_back(entry.changes, is_, was):
        yield undo.made(c.SourceCorrected, source=entry.source, changes=changes)


def _source(dossier: Dossier, source: str) -> SourceRegistered:
    """The source by all that is known."""
    version = item_at(source_versions(dossier, source), MAX_DAY)
    assert version is not None
    return version.source


def _entity_corrected(undo: Undo) -> Iterator[Entry]:
    entry = cast(c.EntityCorrected, undo.event.entry)
    is_, was = (corrected_entity(it.entities[entry.entity]) for it in (undo.now, undo.without))
    if changes := _changes_back(entry.changes, is_, was):
        yield undo.made(c.EntityCorrected, entity=entry.entity, changes=changes)


_NAME_STAYS: Final = Refused(
    "NAME_STAYS",
    "It gave a name, other names or an identifier where there were none, and no entry takes one "
    "away again: rename the entity with what is right.",
)


def _renamed(undo: Undo) -> Iterator[Entry]:
    entry = cast(c.EntityRenamed, undo.event.entry)
    if entry.when.latest == AFTER_ALL:
        return
    is_, was = (_called(it, entry) for it in (undo.now, undo.without))
    back: dict[str, dict[str, Any]] = {}
    for key in ("names", "aliases", "identifiers"):
        before, after = dict(getattr(was, key)), dict(getattr(is_, key))
        for each in getattr(entry, key) or ():
            if before.get(each) != after.get(each):
                if each not in before:
                    raise Refused(_NAME_STAYS.code, _NAME_STAYS.message)
                back.setdefault(key, {})[each] = before[each]
    if back:
        yield undo.made(c.EntityRenamed, entity=entry.entity, when=entry.when, **back)


def _called(dossier: Dossier, rename: c.EntityRenamed) -> EntityVersion:
    """The entity as it is called on the day from which a renaming counts."""
    return next(
        stretch.item
        for stretch in entity_versions(dossier, rename.entity)
        if stretch.first <= MAX_DAY < stretch.until
        and stretch.item.valid.first <= rename.when.latest < stretch.item.valid.until
    )


def _identified(undo: Undo) -> Iterator[Entry]:
    """Of a merge a split, of a split a merge, as far as they made a difference."""
    now, without = undo.now, undo.without
    moved: dict[tuple[str | None, str], list[str]] = {}
    for entity in sorted(now.relatives(identified(undo.event.entry))):
        is_, was = (next(iter(it.merged_into(entity, MAX_DAY)), None) for it in (now, without))
        if is_ != was:
            moved.setdefault((was, "" if was is not None else is_ or ""), []).append(entity)
    for number, ((into, of), entities) in enumerate(moved.items(), 1):
        more = {} if number == 1 else {"id": f"{undo.id}-{number}"}
        if into is not None:
            yield undo.made(c.EntitiesMerged, entities=tuple(entities), into=into, **more)
        else:
            yield undo.made(c.EntitiesSplit, entity=of, into=tuple(entities), **more)


def _told(undo: Undo) -> Iterator[Entry]:
    story = undo.event.entry.id
    if story not in undo.now.withdrawn_stories:
        yield StoryWithdrawn(id=undo.id, reason=undo.reason, story=story)


def _changes_back(keys: Sequence[str] | dict[str, Any], is_: Entry, was: Entry) -> dict[str, Any]:
    """The values that some keys had, of those that differ; null where there was none."""
    return {key: _value(was, key) for key in keys if _value(is_, key) != _value(was, key)}


def _value(entry: Entry, key: str) -> Any:
    """What an entry has under a key of a record file, null where it has nothing."""
    fields = type(entry).__struct_encode_fields__
    if key not in fields:
        return None  # of a fact whose type got the key later
    value = getattr(entry, type(entry).__struct_fields__[fields.index(key)])
    return msgspec.to_builtins(value, enc_hook=text_of_date)


_Rule = Callable[[Undo], Iterator[Entry]]
_CITATION_STAYS: Final = Refused(
    "CITATION_STAYS",
    "It adds citations to a fact, and no entry takes one away again: withdraw its source if that "
    "is worth nothing, or dispute the fact.",
)
_RULES: Final[dict[type[Entry], _Rule | Refused]] = {
    Fact: _recorded,
    c.FactRetracted: _toggled(c.FactReinstated, _is_retracted),
    c.FactReinstated: _toggled(c.FactRetracted, _is_retracted),
    c.FactDisputed: _toggled(c.DisputeWithdrawn, _is_disputed),
    c.DisputeWithdrawn: _toggled(c.FactDisputed, _is_disputed),
    c.FactCorrected: _corrected,
    c.FactPreferred: _preferred,
    c.PreferenceWithdrawn: _not_preferred,
    c.AnnouncementCancelled: _called_off,
    c.FactCorroborated: _CITATION_STAYS,
    c.HoldingAttested: _CITATION_STAYS,
    SourceRegistered: _registered,
    c.SourceReassessed: _reassessed,
    c.SourceCorrected: _source_corrected,
    c.SourceWithdrawn: Refused(
        "WITHDRAWN_FOR_GOOD",
        "A source is withdrawn for good: register it anew under another id, and record what rests "
        "on it once more.",
    ),
    EntityRegistered: Refused(
        "ENTITY_STAYS",
        "An entity stays in the record: merge it into the one that it doubles, or retract the "
        "facts about it.",
    ),
    c.EntityCorrected: _entity_corrected,
    c.EntityRenamed: _renamed,
    c.EntitiesMerged: _identified,
    c.EntitiesSplit: _identified,
    StoryTold: _told,
    StoryWithdrawn: Refused(
        "STORY_WITHDRAWN_FOR_GOOD",
        "A story is withdrawn for good: tell it anew under another id.",
    ),
    Definition: Refused(
        "ONLY_EXTENDED",
        "Entries may use what the record defines, so it is only ever extended: retire it, and "
        "forms no longer offer it.",
    ),
    Administration: Refused(
        "OF_ADMINISTRATION",
        "This is an event of running the record: keys and documents are managed on its server.",
    ),
}
"""By type, what undoes an entry, or why nothing does."""
