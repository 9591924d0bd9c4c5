"""Tags: what an event in the log can be found by.

| tag | on |
|---|---|
| `fact:ID` | the fact or correction of that id, and every correction that names it |
| `source:ID`, `entity:ID` | its registration and the corrections of it |
| `cites:ID`, `about:ID` | what cites the source, the facts about the entity |
| `fluent:NAME/SCOPE/SUBJECT` | the facts that ever started or ended it, by the ids written |
| `ends:ID` | the facts that may end the existence of the entity, and corrections that make one so |
| `identity:ID` | merges and splits that name the entity |
| `identity:` | all merges and splits, for who reads the whole log |
| `definition:NAME` | the definition of a kind, a fluent or a type of facts, and its extensions |
| `vocabulary:` | all definitions and extensions |
| `story:ID` | a story, or the withdrawal of one, and the withdrawal of that story |
| `story:` | all stories and their withdrawals |
| `type:NAME` | the facts of a type that the record defines |
| `request:ID` | all that one request recorded |

Hot tags (a source that 10,000 facts cite) are apart from those that a command must read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product, takewhile
from typing import Any

from domain.corrections import (
    EntitiesMerged,
    EntitiesSplit,
    EntityCorrected,
    EntityRenamed,
    FactCorrected,
    FactCorrection,
    FactPreferred,
    PreferenceWithdrawn,
    SourceCorrection,
)
from domain.definitions import Definition, DefinitionExtended
from domain.dossier import Dossier
from domain.entities import EntityRegistered
from domain.event_stream import citations_of
from domain.facts import EXISTENCE, Effect, Fact, subjects_in, subjects_of
from domain.kinship import identified
from domain.sources import Entry, SourceRegistered
from domain.stories import StoryEntry, StoryTold, StoryWithdrawn
from domain.vocabulary import CORE

IDENTITY = "identity:"
"""The tag of all merges and splits."""
VOCABULARY = "vocabulary:"
"""The tag of all definitions."""
STORIES = "story:"
"""The tag of all stories and their withdrawals."""


def tags_of(entry: Entry, dossier: Dossier) -> list[str]:
    """The tags of an entry that is recorded or about to be, given what it speaks of."""
    if isinstance(entry, Fact):  # most are
        tags = [f"fact:{entry.id}"]
        tags += [f"cites:{citation.source}" for citation in entry.citations]
        tags += [f"about:{subject}" for subject in subjects_of(entry)]
        tags += _fluents(entry, [])
        tags += _ended(entry, [])
        if entry.shape is not None:
            tags.append(f"type:{type(entry).__name__}")
    elif isinstance(entry, Definition):
        tags = [VOCABULARY, _definition_tag(entry)]
    elif isinstance(entry, StoryEntry):
        tags = [STORIES, *_named(entry)]  # no `cites:`, which leads to what makes something known
    else:
        tags = list(_tags_of(entry, dossier))
    return list(dict.fromkeys(tags))


def _tags_of(entry: Entry, dossier: Dossier) -> Iterator[str]:
    yield from _named(entry)
    for citation in citations_of(entry):
        yield f"cites:{citation.source}"
    if isinstance(entry, FactCorrected):
        file = dossier.facts[entry.fact]
        fact = file.first.entry
        assert isinstance(fact, Fact)
        kind = file.fact_type()
        yield from (f"about:{subject}" for subject in subjects_in(kind, entry.changes))
        keys = {key for effect in fact.effects for key in (effect.scope, effect.subject)}
        if fact.effects and {"when", *keys} & entry.changes.keys():
            earlier = takewhile(lambda event: event.entry is not entry, file.later)
            changes = [e.entry.changes for e in earlier if isinstance(e.entry, FactCorrected)]
            if keys & entry.changes.keys():
                yield from _fluents(fact, [*changes, entry.changes])
            yield from _ended(fact, [*changes, entry.changes])
    elif isinstance(entry, PreferenceWithdrawn):
        preferred = dossier.corrections[entry.preference].entry
        yield from _named(preferred)
    elif isinstance(entry, EntitiesMerged | EntitiesSplit):
        yield IDENTITY
        yield from (identity_tag(entity) for entity in sorted(identified(entry)))


def _definition_tag(entry: Definition) -> str:
    name = entry.definition if isinstance(entry, DefinitionExtended) else entry.id
    return f"definition:{name}"


def _named(entry: Entry) -> Iterator[str]:
    """The tags of the own id of an entry that is no fact, and of the ids that it names."""
    if isinstance(entry, SourceRegistered):
        yield f"source:{entry.id}"
        return
    if isinstance(entry, EntityRegistered):
        yield f"entity:{entry.id}"
        return
    if isinstance(entry, StoryEntry):
        yield f"{STORIES}{entry.id}"
        if isinstance(entry, StoryWithdrawn):
            yield f"{STORIES}{entry.story}"
        return
    yield f"fact:{entry.id}"
    if isinstance(entry, FactCorrection):
        yield f"fact:{entry.fact}"
        if isinstance(entry, FactPreferred):
            yield from (f"fact:{other}" for other in entry.over)
    elif isinstance(entry, PreferenceWithdrawn):
        yield f"fact:{entry.preference}"
    elif isinstance(entry, SourceCorrection):
        yield f"source:{entry.source}"
    elif isinstance(entry, EntityCorrected | EntityRenamed):
        yield f"entity:{entry.entity}"
    elif isinstance(entry, EntitiesMerged | EntitiesSplit):
        yield from (f"entity:{entity}" for entity in sorted(identified(entry)))


def _fluents(fact: Fact, changes: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Every fluent that the fact may be of, as changes take effect one by one along K."""
    for effect in fact.effects:
        yield from _fluents_of(fact, effect, changes)


def _fluents_of(fact: Fact, effect: Effect, changes: Sequence[dict[str, Any]]) -> Iterator[str]:
    scope, subject = getattr(fact, effect.scope), getattr(fact, effect.subject)
    if not changes:
        yield fluent_tag(effect.fluent, scope, subject)
        return
    scopes = {scope} | {x[effect.scope] for x in changes if effect.scope in x}
    if effect.scope == effect.subject:
        pairs = {(scope, scope) for scope in scopes}
    else:
        subjects = {subject} | {x[effect.subject] for x in changes if effect.subject in x}
        pairs = set(product(scopes, subjects))
    yield from (fluent_tag(effect.fluent, *pair) for pair in sorted(pairs))


def _ended(fact: Fact, changes: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The entities whose existence the fact may end, as changes take effect one by one along K."""
    for effect in fact.effects:
        if effect.fluent == EXISTENCE.name and (
            not effect.is_start
            or fact.when.end is not None
            or any("/" in change.get("when", "") for change in changes)
        ):
            entities = [change[effect.scope] for change in changes if effect.scope in change]
            yield from (ends_tag(each) for each in [getattr(fact, effect.scope), *entities])


def ends_tag(entity: str) -> str:
    """The tag of what may end the existence of an entity."""
    return f"ends:{entity}"


def fluent_tag(fluent: str, scope: str, subject: str) -> str:
    """The tag of a fluent by the ids as written."""
    return f"fluent:{fluent}/{scope}/{subject}"


def identity_tag(entity: str) -> str:
    """The tag of the merges and splits that name an entity."""
    return f"identity:{entity}"


def tags_read(entries: Iterable[Entry]) -> set[str]:
    """What a command must know of the log to decide on entries."""
    facts, sources, entities, others = set[str](), set[str](), set[str](), set[str]()
    for entry in entries:
        sources.update([citation.source for citation in citations_of(entry)])
        if isinstance(entry, Fact):  # most are
            facts.add(entry.id)
            entities.update(subjects_of(entry))
            if entry.shape is not None:
                others.add(f"definition:{type(entry).__name__}")
        elif isinstance(entry, Definition):
            others.add(VOCABULARY)
        else:
            others.update(_tags_read(entry))
    others.update([f"fact:{fact}" for fact in facts])
    others.update([f"source:{source}" for source in sources])
    others.update([f"entity:{entity}" for entity in entities])
    return others


def _tags_read(entry: Entry) -> Iterator[str]:
    yield from _named(entry)
    if isinstance(entry, EntityRegistered) and entry.kind not in CORE.kinds:
        yield f"definition:{entry.kind}"
    elif isinstance(entry, EntityCorrected):
        yield f"definition:{entry.changes.get('kind')}"
    elif isinstance(entry, StoryTold):
        yield from (f"entity:{view.entity}" for view in entry.views)
    if isinstance(entry, FactCorrected):
        # Which keys name entities depends on the fact's type, read only now: any id will do.
        for value in entry.changes.values():
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and len(text) <= 128:
                    yield f"entity:{text}"


def followed(tags: Iterable[str]) -> Iterator[str]:
    """The tags to read next, of an event that a command has read: what it names and cites, whom the
    entities mean that it is about, and what defines its type."""
    for tag in tags:
        kind, _, name = tag.partition(":")
        if kind in ("fact", "source", "entity"):
            yield tag
        elif kind == "cites":
            yield f"source:{name}"
        elif kind == "about":
            yield identity_tag(name)
        elif kind == "type":
            yield f"definition:{name}"
