"""What can be done to the record by a form, and the fields that each act has.

A field has the name of its place in the entry, as the API names it when it refuses: so a refusal
finds its field. Types of facts and their keys are read off the domain's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from msgspec import inspect

from api.addresses import LANGUAGES
from domain.corrections import Basis, FactCorroborated, HoldingAttested
from domain.definitions import Definition
from domain.facts import Comparator, Effect, Fact, Modality
from domain.record import COMMANDS
from domain.roles import Role, role_of
from domain.sources import Entry, SourceRegistered, Stance
from domain.stories import StoryTold
from domain.vocabulary import Vocabulary
from projections.fact_status import FactState

ACTS: Final[dict[str, type[Entry]]] = {
    name: COMMANDS[name]
    for name in (
        *("record", "corroborate", "attest", "dispute", "correct", "retract", "call_off"),
        *("prefer", "reinstate", "withdraw_dispute", "withdraw_preference"),
        *("rename", "correct_entity", "merge", "split"),
        *("correct_source", "reassess_source", "withdraw_source"),
        "tell_story",
        *("define_kind", "define_fluent", "define_fact_type", "extend_definition"),
    )
}
"""The commands that have a form, with the type that they take."""
DEFINING: Final = {name for name, kind in ACTS.items() if issubclass(kind, Definition)}
"""The acts that define words of the record's own."""
EXTENDING: Final = "extend_definition"
TELLING: Final = "tell_story"
NEW: Final = "new"
"""In an address, the id of a definition or a story that does not exist yet."""
OF_ENTITY: Final = ("rename", "correct_entity", "merge", "split")
"""The acts that are about an entity."""
OF_SOURCE: Final = ("correct_source", "reassess_source", "withdraw_source")
"""The acts that are about a source; but for `record` and `tell_story`, the others are about a
fact."""
EDITORIAL: Final = ("correct_entity", "correct_source")
"""The acts that mend a slip of ours, and cite nothing."""
SUPPORTING: Final = Fact | FactCorroborated | HoldingAttested | StoryTold
"""Entries that need a supporting citation. They have no basis, or need none."""
NEW_ID: Final = "id-of-new"
"""The label of the optional field for the id of a new entity or source."""
NAMED_IN: Final = LANGUAGES
"""The languages that a form asks names in."""
PLACES: Final = ("paragraph", "page", "row", "chars")
CHANGES: Final = "changes."
DATES: Final = ("when", "published", "retrieved", "observedThrough")
"""The keys that are dates."""
MOST_CITATIONS: Final = 10
CONTROLS: Final = frozenset(
    ("step", "count", "take", "previewed", "requestId", "over", "key", "next")
)
"""Inputs that say what to do with a form. A field for a key of such a name gets a `_` at its end,
which no key has."""


class Field(NamedTuple):
    """One field: its name, what it is called, and how it is filled in.

    `kind` is one of line, area, date, number, entity, entities, source, choice, facts, check, list
    (texts with commas between them) and pairs (`scheme: text`, a line each).
    """

    name: str
    label: str
    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()
    usual: str = ""


class Block(NamedTuple):
    """The fields of one citation, and those of its source where the record does not have it yet."""

    number: int
    fields: tuple[Field, ...]
    source: tuple[Field, ...]


def allowed(role: Role | None) -> list[str]:
    """The acts that a role may do."""
    return [] if role is None else [name for name in ACTS if role.includes(role_of(ACTS[name]))]


def follow(fact: Mapping[str, Any], vocabulary: Vocabulary) -> set[str]:
    """The acts that make sense of a fact by everything known so far."""
    if fact["status"]["state"] == FactState.RETRACTED:
        return {"corroborate", "reinstate"}
    found = {"corroborate", "correct", "retract"}
    found.add("withdraw_dispute" if fact["disputed"] else "dispute")
    effects = effects_of(fact["type"], vocabulary)
    is_announced = fact["modality"] == Modality.ANNOUNCED
    if effects:
        found.add("prefer")
    if any(effect.is_start for effect in effects) and not is_announced:
        found.add("attest")
    if is_announced and fact["status"]["state"] != FactState.CALLED_OFF:
        found.add("call_off")
    if preferences_of(fact):
        found.add("withdraw_preference")
    return found


def preferences_of(fact: Mapping[str, Any]) -> list[str]:
    """The preferences of a fact that were not withdrawn, the one recorded last first."""
    withdrawn = {each["preference"] for each in fact["corrections"]}
    return [
        str(each["id"])
        for each in reversed(fact["corrections"])
        if each["type"] == "FactPreferred" and each["id"] not in withdrawn
    ]


def effects_of(fact_type: str, vocabulary: Vocabulary) -> tuple[Effect, ...]:
    """What facts of a type do."""
    found = vocabulary.fact_types.get(fact_type)
    return () if found is None else found.entry.effects


def fields_of_fact(kind: str, vocabulary: Vocabulary, prefix: str = "") -> list[Field]:
    """The fields for a fact of a type: whom it is about, when, how surely, what else."""
    subjects = vocabulary.subject_keys(kind)
    found = [
        _field(each, prefix, names_entity=each.encode_name in subjects)
        for each in _keys_of(vocabulary.fact_types[kind].entry, but=("id", "citations"))
    ]
    order = {"entity": 0, "entities": 0, "date": 1, "choice": 2, "number": 2, "line": 3, "area": 4}
    return sorted(found, key=lambda field: order[field.kind])


def _keys_of(kind: type[Entry], but: tuple[str, ...]) -> list[inspect.Field]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return [each for each in info.fields if each.encode_name not in but]


def _field(info: inspect.Field, prefix: str, *, names_entity: bool) -> Field:
    key, kind = info.encode_name, _plain(info.type)
    choices: tuple[str, ...] = ()
    if names_entity:
        widget = "entities" if isinstance(kind, inspect.VarTupleType) else "entity"
    elif key in DATES or isinstance(kind, inspect.CustomType):
        widget = "date"
    elif isinstance(kind, inspect.LiteralType):
        widget, choices = "choice", tuple(str(each) for each in kind.values)
    elif isinstance(kind, inspect.EnumType):
        widget, choices = "choice", tuple(str(each.value) for each in kind.cls)
    elif isinstance(kind, inspect.IntType | inspect.FloatType):
        widget = "number"
    else:
        widget = "area" if key == "gist" else "line"
    usual = {"modality": Modality.OCCURRED, "comparator": Comparator.EQUAL}.get(key, "")
    name = f"{key}_" if key in CONTROLS and not prefix else prefix + key
    return Field(name, key, widget, info.required, choices, str(usual))


def _plain(info: inspect.Type) -> inspect.Type:
    """A type without its bounds and without null; of several kinds of number, the first."""
    if isinstance(info, inspect.Metadata):
        return _plain(info.type)
    if isinstance(info, inspect.UnionType):
        return _plain(next(it for it in info.types if not isinstance(it, inspect.NoneType)))
    return info


def fields_of(act: str, kind: str, vocabulary: Vocabulary) -> list[Field]:
    """The fields of an act besides citations; `kind` is the type of the fact it is about."""
    if act == "record":
        return fields_of_fact(kind, vocabulary)
    found = []
    if act == "correct":
        found += fields_of_fact(kind, vocabulary, CHANGES)
    if act == "attest":
        found.append(Field("on", "on", "date", required=True))
    if act == "prefer":
        found.append(Field("over", "over", "facts", required=True))
    if act == "withdraw_preference":
        found.append(Field("preference", "preference", "line", required=True))
    found.append(Field("reason", "reason", "area", required=act != "corroborate"))
    if not issubclass(ACTS[act], SUPPORTING):
        found.append(basis_of(act))
    return found


def basis_of(act: str) -> Field:
    """The field of what a correction rests on."""
    bases = tuple(str(each) for each in Basis)
    # A preference is the editors' own judgement, even where a source moves them to it; a merge or a
    # split mends the record.
    is_own = "prefer" in act or act in ("merge", "split", "reassess_source")
    return Field("basis", "basis", "choice", True, bases, str(bases[is_own]))


def described_keys(prefix: str, but: tuple[str, ...] = ("id",)) -> list[Field]:
    """The fields for what a source is."""
    return [
        _field(each, prefix, names_entity=False) for each in _keys_of(SourceRegistered, but=but)
    ]


def names_of_entity() -> list[Field]:
    """The fields of a renaming."""
    return [
        Field("when", "when", "date", required=True),
        *(Field(f"names.{lang}", f"name-{lang}", "line") for lang in NAMED_IN),
        *(Field(f"aliases.{lang}", f"aliases-{lang}", "list") for lang in NAMED_IN),
        Field("identifiers", "identifiers", "pairs"),
    ]


def citation(number: int, act: str) -> Block:
    """The fields of a citation."""
    at = f"citations[{number}]."
    is_needed = issubclass(ACTS[act], SUPPORTING)
    found = [Field(at + "source", "source", "source", required=is_needed and number == 0)]
    if is_needed:
        stances = tuple(str(each) for each in Stance)
        found.append(Field(at + "stance", "stance", "choice", False, stances, stances[0]))
    found += [
        Field(at + "place", "place", "choice", False, ("", *PLACES), ""),
        Field(at + "locator", "locator", "line"),
        Field(at + "quote", "quote", "area"),
        Field(at + "hashOnly", "hashOnly", "check"),
        Field(at + "quoteSha256", "quoteSha256", "line"),
        Field(at + "attributedTo", "attributedTo", "line"),
    ]
    new = [
        each._replace(required=False)  # the title is, where any is filled in
        for each in described_keys(f"sources[{number}].", but=("id", "retrieved", "sha256"))
    ]
    new.append(Field(f"sources[{number}].id", NEW_ID, "line"))
    return Block(number, tuple(found), tuple(new))


def newcomer(field: Field, fact_type: str, vocabulary: Vocabulary) -> tuple[Field, ...]:
    """The fields of an entity that the record does not have yet, named in a field."""
    at = f"entities[{field.name}]."
    return (
        *(Field(f"{at}names.{lang}", f"name-{lang}", "line") for lang in NAMED_IN),
        Field(f"{at}kind", "kind", "choice", False, kinds_at(field, fact_type, vocabulary)),
        Field(f"{at}aliases", "aliases", "list"),
        Field(f"{at}identifiers", "identifiers", "pairs"),
        Field(f"{at}id", NEW_ID, "line"),
    )


def kinds_at(field: Field, fact_type: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The kinds that an entity named in a field may have, those that are expected there first."""
    known = (each.name for each in vocabulary.kinds.values() if not each.retired)
    expected = (
        kind
        for key, kinds in vocabulary.expected_kinds(fact_type)
        if key == field.label
        for kind in kinds
    )
    return tuple(dict.fromkeys(("", *expected, *known)))


def types_of_facts(vocabulary: Vocabulary) -> Iterable[tuple[str, bool]]:
    """The types of facts that forms offer, and whether each starts or ends something."""
    types = vocabulary.fact_types.items()
    return ((name, bool(each.effects)) for name, each in types if not each.retired)
