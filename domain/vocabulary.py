"""Vocabulary: every kind, fluent and type of entry that a record has words for.

The core's are listed here and nowhere else; a record's own definitions extend them, one by one. A
vocabulary never changes: the next definition makes another one, which reads all that this one does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from msgspec.structs import replace

from domain.administration import DocumentCaptured, KeyIssued, KeyRevoked
from domain.core_names import FACT_TYPES as FACT_TYPE_NAMES
from domain.core_names import KINDS as KIND_NAMES
from domain.corrections import Correction, EntityCorrected
from domain.defined_facts import effects_words, fact_type, keys_of
from domain.definitions import (
    Definition,
    DefinitionExtended,
    EffectDefined,
    FactTypeChanges,
    FactTypeDefined,
    FluentChanges,
    FluentDefined,
    KeyDefined,
    KindChanges,
    KindDefined,
    check_keys,
)
from domain.entities import EntityKind, EntityRegistered
from domain.errors import Refusals, Refused
from domain.extensions import (
    extended_key,
    extended_names,
    extended_values,
    read_changes,
    refused_changes,
)
from domain.facts import EXISTENCE, FLUENTS, Fact, Fluent, fact_types, subject_keys
from domain.sources import Entry, SourceRegistered
from domain.stories import StoryTold, StoryWithdrawn

_ROOT = (
    "state", "entity", "entities", "fact", "facts", "source", "sources", "timeline", "quantities",
    "log", "search", "diff", "why", "explain", "whatIf", "holding", "vocabulary", "check",
    "warnings", "story", "stories",
)  # fmt: skip
_PAGED = "found", "quantity", "rowChange"
_OF_STATE = ("position",)
_OF_ENTITY_PAGES = "changes", "rectangles", "density"
RESERVED_QUESTIONS: Final = frozenset((*_ROOT, *_PAGED, *_OF_STATE, *_OF_ENTITY_PAGES))
"""Names that no question has: GraphQL's other fields at the root, and those of which it has pages,
whose types would have the same names; what its `state` says beside the questions; and the pages of
an entity, whose addresses would be the same."""


class NamedKind(NamedTuple):
    """A kind of entities, with what it is called by language. Forms do not offer a retired one."""

    name: str
    names: Mapping[str, str] = {}
    retired: bool = False


class FactType(NamedTuple):
    """A type of facts: its keys but for those that every fact has, and its effects.

    What its keys are called stands in `key_names`, apart from `keys`, which facts are read by.
    """

    name: str
    entry: type[Fact]
    keys: Mapping[str, KeyDefined]
    effects: tuple[EffectDefined, ...]
    names: Mapping[str, str] = {}
    retired: bool = False
    key_names: Mapping[str, Mapping[str, str]] = {}


class Vocabulary(NamedTuple):
    """See the module. `types` are those of a record file's entries, facts among them.

    `definitions` and `extensions` are the entries that were taken in, by their ids. One that is not
    `is_whole` has some of a record's definitions, and does not look for what others define.
    """

    kinds: Mapping[str, NamedKind]
    fluents: Mapping[str, Fluent]
    fact_types: Mapping[str, FactType]
    types: Mapping[str, type[Entry]]
    definitions: Mapping[str, Definition] = {}
    extensions: Mapping[str, DefinitionExtended] = {}
    is_whole: bool = True

    @property
    def questions(self) -> Iterator[tuple[str, Fluent, bool]]:
        """Every question's name with its fluent, and whether it asks a subject for its scopes:
        those that ask a scope come first."""
        for fluent in self.fluents.values():
            yield fluent.question, fluent, False
        for fluent in self.fluents.values():
            if fluent.inverse:
                yield fluent.inverse, fluent, True

    def subject_keys(self, fact_type: str) -> tuple[str, ...]:
        """The keys of a type of facts that name entities; none of a type that is not there."""
        found = self.fact_types.get(fact_type)
        return () if found is None else subject_keys(found.entry)

    def expected_kinds(self, fact_type: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Keys of a type of facts with the kinds expected of what they name: a key's own come
        before those of the sides of fluents."""
        found = self.fact_types.get(fact_type)
        if found is None:
            return
        for key, defined in found.keys.items():
            if defined.kinds:
                yield key, defined.kinds
        for effect in found.entry.effects:
            fluent = self.fluents[effect.fluent]
            for key, kinds in (
                (effect.scope, fluent.scope_kinds),
                (effect.subject, fluent.subject_kinds),
            ):
                if kinds:
                    yield key, kinds

    def extended(self, definition: Definition, *, recorded: bool = False) -> Vocabulary:
        """The vocabulary with a definition more; itself where it has that already.

        The name of a question that is `recorded` already is not refused as RESERVED: a record stays
        readable when a later version reserves a name.
        Refused as RESERVED, NAME_TAKEN, UNKNOWN_FLUENT, UNKNOWN_KIND, UNKNOWN_DEFINITION,
        BAD_EFFECT, CHANGES_DEFINITION and what a change may be refused as.
        """
        if isinstance(definition, DefinitionExtended):
            return self._extended(definition)
        known = self.definitions.get(definition.id)
        if known == definition:
            return self
        if known is not None:
            raise Refused(
                "NAME_TAKEN",
                f"The record defines {definition.id} otherwise already: take another name, or "
                "extend what is there.",
                field="id",
            )
        added = self._replace(definitions={**self.definitions, definition.id: definition})
        if isinstance(definition, KindDefined):
            return added._with_kind(definition)
        if isinstance(definition, FluentDefined):
            return added._with_fluent(definition, recorded)
        assert isinstance(definition, FactTypeDefined)
        return added._with_fact_type(definition)

    def with_words_of(self, entry: Entry, kind: type[Fact] | None = None) -> Vocabulary:
        """The vocabulary with the words of a stored entry, which were checked when it was recorded.

        `kind` is the type that a correction's event has of its fact.
        """
        name = entry.kind if isinstance(entry, EntityRegistered) else None
        if isinstance(entry, EntityCorrected):
            name = entry.changes.get("kind")
        if name is not None and name not in self.kinds:
            return self._replace(kinds={**self.kinds, name: NamedKind(name)})
        if isinstance(entry, Fact):
            kind = type(entry)
        if kind is None or kind.shape is None or self.types.get(kind.__name__) is kind:
            return self
        return self._with(FactType(kind.__name__, kind, {}, ()))

    def with_all(self, definitions: Iterable[Definition]) -> Vocabulary:
        """The vocabulary with recorded definitions more, in their order. Refused as `extended`."""
        vocabulary = self
        for definition in definitions:
            vocabulary = vocabulary.extended(definition, recorded=True)
        return vocabulary

    def _with_kind(self, definition: KindDefined) -> Vocabulary:
        _free(definition.id, self.kinds, "kind")
        kind = NamedKind(definition.id, definition.names or {})
        return self._replace(kinds={**self.kinds, kind.name: kind})

    def _with_fluent(self, definition: FluentDefined, recorded: bool) -> Vocabulary:
        _free(definition.id, self.fluents, "fluent")
        asked = {name: fluent.name for name, fluent, _ in self.questions}
        for field in ("question", "inverse"):
            name = getattr(definition, field)
            if not recorded and (name in RESERVED_QUESTIONS or asked.get(name) in FLUENTS):
                raise _reserved(name, "question", field)
            if name in asked:
                raise Refused(
                    "NAME_TAKEN",
                    f"The question {name} is that of {asked[name]} already: take another name.",
                    field=field,
                )
        self._check_kinds(definition.scope_kinds, "scopeKinds")
        self._check_kinds(definition.subject_kinds, "subjectKinds")
        fluent = Fluent(
            definition.id,
            definition.scope,
            definition.subject,
            definition.question,
            definition.inverse,
            definition.names or {},
            definition.inverse_names or {},
            definition.scope_kinds or (),
            definition.subject_kinds or (),
            definition.single,
        )
        return self._replace(fluents={**self.fluents, fluent.name: fluent})

    def _with_fact_type(self, definition: FactTypeDefined) -> Vocabulary:
        if definition.id in ENTRIES:
            raise _reserved(definition.id, "type", "id")
        for number, effect in enumerate(definition.effects):
            self._check_effect(effect, f"effects[{number}]")
        for name, key in definition.keys.items():
            self._check_kinds(key.kinds, f"keys.{name}.kinds")
        keys = {name: replace(key, names=None) for name, key in definition.keys.items()}
        return self._with(
            FactType(
                definition.id,
                fact_type(replace(definition, keys=keys)),
                keys,
                definition.effects,
                definition.names or {},
                key_names={name: key.names for name, key in definition.keys.items() if key.names},
            )
        )

    def _with(self, found: FactType) -> Vocabulary:
        return self._replace(
            fact_types={**self.fact_types, found.name: found},
            types={**self.types, found.name: found.entry},
        )

    def _check_effect(self, effect: EffectDefined, field: str) -> None:
        side = "starts" if effect.starts else "ends"
        if self.is_whole and effect.fluent not in self.fluents:
            raise Refused(
                "UNKNOWN_FLUENT",
                f"Nothing defines the fluent {effect.fluent}: put its definition before this one.",
                field=f"{field}.{side}",
            )
        if effect.fluent == EXISTENCE.name and effect.scope != effect.subject:
            raise Refused(
                "BAD_EFFECT",
                "What exists is one entity: name one key as scope and as subject of existence.",
                field=f"{field}.subject",
            )

    def _check_kinds(self, kinds: Iterable[str] | None, field: str) -> None:
        for number, kind in enumerate(kinds or ()):
            if self.is_whole and kind not in self.kinds:
                raise Refused(
                    "UNKNOWN_KIND",
                    f"Nothing defines the kind {kind}: put its definition before this one.",
                    field=f"{field}[{number}]",
                )

    # Extensions

    def _extended(self, extension: DefinitionExtended) -> Vocabulary:
        known = self.extensions.get(extension.id)
        if known == extension:
            return self
        if known is not None:
            raise Refused(
                "ID_TAKEN",
                f"The id {extension.id} stands for another extension already: choose another id.",
                field="id",
            )
        try:
            changed = self._changed(extension)
        except Refused as refused:
            raise Refusals(*map(refused_changes, Refusals(refused).first)).joined() from refused
        if changed == self:
            return self
        return changed._replace(extensions={**self.extensions, extension.id: extension})

    def _changed(self, extension: DefinitionExtended) -> Vocabulary:
        definition, changes = self.definitions.get(extension.definition), extension.changes
        if isinstance(definition, KindDefined):
            return self._changed_kind(self.kinds[definition.id], read_changes(KindChanges, changes))
        if isinstance(definition, FluentDefined):
            return self._changed_fluent(
                self.fluents[definition.id], read_changes(FluentChanges, changes)
            )
        if isinstance(definition, FactTypeDefined):
            return self._changed_fact_type(definition, read_changes(FactTypeChanges, changes))
        raise Refused(
            "UNKNOWN_DEFINITION",
            f"The record defines no {extension.definition}: only what it defines itself is "
            "extended, after its definition.",
            field="definition",
        )

    def _changed_kind(self, kind: NamedKind, changes: KindChanges) -> Vocabulary:
        kind = kind._replace(
            names=extended_names(kind.names, changes.names, "names"),
            retired=kind.retired or bool(changes.retired),
        )
        return self._replace(kinds={**self.kinds, kind.name: kind})

    def _changed_fluent(self, fluent: Fluent, changes: FluentChanges) -> Vocabulary:
        self._check_kinds(changes.scope_kinds, "scopeKinds")
        self._check_kinds(changes.subject_kinds, "subjectKinds")
        fluent = fluent._replace(
            names=extended_names(fluent.names, changes.names, "names"),
            inverse_names=extended_names(
                fluent.inverse_names, changes.inverse_names, "inverseNames"
            ),
            scope_kinds=extended_values(fluent.scope_kinds, changes.scope_kinds),
            subject_kinds=extended_values(fluent.subject_kinds, changes.subject_kinds),
            retired=fluent.retired or bool(changes.retired),
        )
        return self._replace(fluents={**self.fluents, fluent.name: fluent})

    def _changed_fact_type(self, first: FactTypeDefined, changes: FactTypeChanges) -> Vocabulary:
        found = self.fact_types[first.id]
        keys, key_names = dict(found.keys), dict(found.key_names)
        for name, change in (changes.keys or {}).items():
            self._check_kinds(change.kinds, f"keys.{name}.kinds")
            keys[name] = extended_key(name, keys.get(name), change)
            if change.names:
                key_names[name] = extended_names(
                    key_names.get(name, {}), change.names, f"keys.{name}.names"
                )
        check_keys({name: keys[name] for name in changes.keys or {}}, "keys")
        return self._with(
            found._replace(
                entry=fact_type(replace(first, keys=keys)),
                keys=keys,
                key_names=key_names,
                names=extended_names(found.names, changes.names, "names"),
                retired=found.retired or bool(changes.retired),
            )
        )


def question_value(question: str) -> str:
    """The value of the enum of questions that stands for one: treatyParties is TREATY_PARTIES."""
    return re.sub(r"(?=[A-Z])", "_", question).upper()


def _free(name: str, there: Mapping[str, object], what: str) -> None:
    if name in there:
        raise _reserved(name, what, "id")


def _reserved(name: str, what: str, field: str) -> Refused:
    return Refused(
        "RESERVED", f"There is a {what} {name} in every record: take another name.", field=field
    )


# The core


def _core_fact_type(kind: type[Fact], keys: Mapping[str, KeyDefined]) -> FactType:
    effects = (EffectDefined(**each) for each in effects_words(kind.effects))
    name = kind.__name__
    return FactType(name, kind, keys, tuple(effects), FACT_TYPE_NAMES[name])


def _leaves(kind: type[Entry]) -> list[type[Entry]]:
    found = [kind] if kind.__doc__ and not kind.__subclasses__() else []
    return found + [leaf for sub in kind.__subclasses__() for leaf in _leaves(sub)]


def _named(kinds: Iterable[type[Entry]]) -> dict[str, type[Entry]]:
    return {kind.__name__: kind for kind in kinds}


_FACTS = fact_types()
CORRECTIONS: Final = _named(_leaves(Correction))
DEFINITIONS: Final = _named((KindDefined, FluentDefined, FactTypeDefined, DefinitionExtended))
STORIES: Final = _named((StoryTold, StoryWithdrawn))
ADMINISTRATION: Final = _named((KeyIssued, KeyRevoked, DocumentCaptured))
"""What the log has beside the entries of record files."""

CORE: Final = Vocabulary(
    kinds={kind.value: NamedKind(kind.value, KIND_NAMES[kind.value]) for kind in EntityKind},
    fluents=FLUENTS,
    fact_types={
        kind.__name__: _core_fact_type(kind, keys)
        for kind, keys in zip(_FACTS, keys_of(_FACTS), strict=True)
    },
    types={
        **_named((SourceRegistered, EntityRegistered)),
        **_named(_FACTS),
        **CORRECTIONS,
        **STORIES,
        **DEFINITIONS,
    },
)
"""The words that every record has."""
ENTRIES: Final = frozenset({*CORE.types, *ADMINISTRATION})
"""The types of entries that every record has."""
