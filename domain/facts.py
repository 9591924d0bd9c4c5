"""The vocabulary: every type of fact, and the fluent that it starts or ends.

Each type declares its effect here and nothing else has a list of types. What facts make
together is in fluents.py; facts about facts are in corrections.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, ClassVar, NamedTuple, get_type_hints

from msgspec import Meta, defstruct, inspect

from domain.core_names import FLUENTS as FLUENT_NAMES
from domain.dates import Edtf
from domain.entities import EntityId
from domain.errors import Refused
from domain.sources import Citation, Entry, Short, Stance, Text


class Modality(StrEnum):
    """ANNOUNCED is what a source says will happen."""

    OCCURRED = "OCCURRED"
    ANNOUNCED = "ANNOUNCED"


class Fluent(NamedTuple):
    """Something that holds for a while between a scope and a subject (the event calculus).

    `scope` and `subject` name the two sides in answers; `question` asks a scope for its
    subjects, `inverse` a subject for its scopes; `names` and `inverse_names` are what the two are
    called by language. `scope_kinds` and `subject_kinds` are those expected; a `single` fluent
    expects one subject of a scope at a time. Forms do not offer a retired one.
    """

    name: str
    scope: str
    subject: str
    question: str
    inverse: str | None
    names: Mapping[str, str] = {}
    inverse_names: Mapping[str, str] = {}
    scope_kinds: tuple[str, ...] = ()
    subject_kinds: tuple[str, ...] = ()
    single: bool = False
    retired: bool = False


def _core(name: str, scope: str, subject: str, question: str, inverse: str | None) -> Fluent:
    return Fluent(name, scope, subject, question, inverse, *FLUENT_NAMES[name])


MEMBERSHIP = _core("membership", "coalition", "member", "members", "memberships")
BASE = _core("base", "operator", "base", "bases", "operators")
PARTNERSHIP = _core("partnership", "coalition", "partner", "partners", "partnerships")
DEPLOYMENT = _core("deployment", "at", "force", "deployments", "forceDeployments")
OBJECTIVE = _core("objective", "organisation", "objective", "objectives", "adopters")
LEADERSHIP = _core("leadership", "organisation", "leader", "leaders", "leaderships")
OFFICE = _core("office", "office", "holder", "holders", "offices")
INTEGRATION = _core("integration", "institution", "force", "integrations", "integratedInto")
EXISTENCE = _core("existence", "organisation", "organisation", "organisations", None)

FLUENTS: dict[str, Fluent] = {
    fluent.name: fluent
    for fluent in (
        MEMBERSHIP, BASE, PARTNERSHIP, DEPLOYMENT, OBJECTIVE, LEADERSHIP, OFFICE, INTEGRATION,
        EXISTENCE,
    )
}  # fmt: skip


MOST_TYPES = 5_000
"""Types whose keys are cached. A record may define any number of types."""
Label = Annotated[str, Meta(min_length=1, max_length=64)]
Successors = Annotated[tuple[EntityId, ...], Meta(min_length=1, max_length=1_000)]


class Effect(NamedTuple):
    """Which side of which fluent a fact speaks of; `scope` and `subject` are keys of the fact."""

    fluent: str
    is_start: bool
    scope: str
    subject: str


class Fact(Entry, frozen=True, kw_only=True):
    """A typed, dated, sourced event. `gist` is a note in the recorder's own words; `episode` a
    label of the author's: facts of one label are folded together and apart from all others."""

    effects: ClassVar[tuple[Effect, ...]] = ()
    shape: ClassVar[bytes | None] = None
    """Of a type that the record defines, what is stored of that with its facts."""

    when: Edtf
    citations: Annotated[tuple[Citation, ...], Meta(max_length=1_000)]
    modality: Modality = Modality.OCCURRED
    gist: Text | None = None
    episode: Label | None = None

    def check(self) -> None:
        if Stance.SUPPORTS not in [citation.stance for citation in self.citations]:
            raise Refused(
                "NO_CITATION",
                f"The fact {self.id} needs at least one citation that supports it: "
                'add {"source": …} to its citations.',
                field="citations",
            )
        for number, citation in enumerate(self.citations):
            citation.check(number)
        if self.when.is_interval and not all(effect.is_start for effect in self.effects):
            raise Refused(
                "INTERVAL_ON_END",
                f"{type(self).__name__} ends something, on one day: «{self.when.text}» is an "
                "interval. Write when it ended, such as 2019-03 or [2019-03..2019-06].",
                field="when",
            )


def _starts(fluent: Fluent, scope: str | None = None, subject: str | None = None) -> Effect:
    return Effect(fluent.name, True, scope or fluent.scope, subject or fluent.subject)


def _ends(start: type[Fact]) -> tuple[Effect, ...]:
    return tuple(effect._replace(is_start=False) for effect in start.effects)


# Existence


class CoalitionFounded(Fact, frozen=True, kw_only=True):
    coalition: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(EXISTENCE, "coalition", "coalition"),)


class CoalitionDissolved(CoalitionFounded, frozen=True, kw_only=True):
    effects = _ends(CoalitionFounded)


class CommandEstablished(Fact, frozen=True, kw_only=True):
    command: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(EXISTENCE, "command", "command"),)


class CommandDisbanded(CommandEstablished, frozen=True, kw_only=True):
    effects = _ends(CommandEstablished)


class FundEstablished(Fact, frozen=True, kw_only=True):
    fund: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(EXISTENCE, "fund", "fund"),)


class FundClosed(FundEstablished, frozen=True, kw_only=True):
    effects = _ends(FundEstablished)


class ForceFormed(Fact, frozen=True, kw_only=True):
    force: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(EXISTENCE, "force", "force"),)


class ForceDisbanded(ForceFormed, frozen=True, kw_only=True):
    effects = _ends(ForceFormed)


class EntityEstablished(Fact, frozen=True, kw_only=True):
    """The beginning of an entity of any kind."""

    entity: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(EXISTENCE, "entity", "entity"),)


class EntityAbolished(EntityEstablished, frozen=True, kw_only=True):
    """The end of an entity of any kind."""

    effects = _ends(EntityEstablished)


# What holds between two


class MemberJoined(Fact, frozen=True, kw_only=True):
    coalition: EntityId
    member: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(MEMBERSHIP),)


class MemberLeft(MemberJoined, frozen=True, kw_only=True):
    effects = _ends(MemberJoined)


class LeadershipAssumed(Fact, frozen=True, kw_only=True):
    organisation: EntityId
    leader: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(LEADERSHIP),)


class LeadershipRelinquished(LeadershipAssumed, frozen=True, kw_only=True):
    effects = _ends(LeadershipAssumed)


class BaseEstablished(Fact, frozen=True, kw_only=True):
    operator: EntityId
    base: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(BASE),)


class BaseClosed(BaseEstablished, frozen=True, kw_only=True):
    effects = _ends(BaseEstablished)


class BaseHandedOver(BaseEstablished, frozen=True, kw_only=True):
    """Ends the old operator's base and starts that of `to`."""

    to: EntityId
    effects = (*_ends(BaseEstablished), _starts(BASE, "to"))


class ForceDeployed(Fact, frozen=True, kw_only=True):
    force: EntityId
    at: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(DEPLOYMENT),)


class ForceWithdrawn(ForceDeployed, frozen=True, kw_only=True):
    effects = _ends(ForceDeployed)


class PartnershipBegun(Fact, frozen=True, kw_only=True):
    coalition: EntityId
    partner: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(PARTNERSHIP),)


class PartnershipEnded(PartnershipBegun, frozen=True, kw_only=True):
    effects = _ends(PartnershipBegun)


class ForceIntegrated(Fact, frozen=True, kw_only=True):
    force: EntityId
    institution: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(INTEGRATION),)


class ForceSeparated(ForceIntegrated, frozen=True, kw_only=True):
    effects = _ends(ForceIntegrated)


class OfficeAssumed(Fact, frozen=True, kw_only=True):
    office: EntityId
    holder: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(OFFICE),)


class OfficeVacated(OfficeAssumed, frozen=True, kw_only=True):
    effects = _ends(OfficeAssumed)


class ObjectiveAdopted(Fact, frozen=True, kw_only=True):
    organisation: EntityId
    objective: EntityId
    effects: ClassVar[tuple[Effect, ...]] = (_starts(OBJECTIVE),)


class ObjectiveDropped(ObjectiveAdopted, frozen=True, kw_only=True):
    effects = _ends(ObjectiveAdopted)


# Reports: no fluent


class Comparator(StrEnum):
    """How the reported value relates to the number given; ~ is about."""

    EQUAL = "="
    MORE = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    ABOUT = "~"


class MemberCountReported(Fact, frozen=True, kw_only=True):
    """A source gives the number of a coalition's members on a day."""

    coalition: EntityId
    value: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    comparator: Comparator = Comparator.EQUAL


class QuantityReported(Fact, frozen=True, kw_only=True):
    """A source gives a measure of something on a day, such as troops or money."""

    subject: EntityId
    measure: Short
    value: Annotated[int, Meta(gt=-(2**53), lt=2**53)] | Annotated[float, Meta(ge=-1e15, le=1e15)]
    comparator: Comparator = Comparator.EQUAL
    unit: Short | None = None


class StatementMade(Fact, frozen=True, kw_only=True):
    """Someone said something; `gist` says what."""

    speaker: EntityId
    venue: Short | None = None


class VisitMade(Fact, frozen=True, kw_only=True):
    """Someone visited another or a place."""

    visitor: EntityId
    to: EntityId


class AgreementSigned(Fact, frozen=True, kw_only=True):
    """Parties signed something; `gist` says what."""

    parties: Annotated[tuple[EntityId, ...], Meta(min_length=1, max_length=1_000)]


class OperationConducted(Fact, frozen=True, kw_only=True):
    """A force did something at a place; `gist` says what."""

    force: EntityId
    at: EntityId


EntitiesSucceeded = defstruct(
    "EntitiesSucceeded",
    [("from", Successors), ("into", Successors)],  # no class can be written with a key `from`
    bases=(Fact,),
    namespace={"__doc__": "What became of what, on a day: a merger, a split or a succession."},
    module=__name__,
    frozen=True,
    kw_only=True,
)


def fact_types() -> list[type[Fact]]:
    """Every core type of fact, in the order of this page."""
    found: list[type[Fact]] = []
    waiting = Fact.__subclasses__()
    while waiting:
        kind = waiting.pop(0)
        if kind.shape is None:
            found.append(kind)
            waiting = kind.__subclasses__() + waiting
    return found


@lru_cache(MOST_TYPES)
def subject_keys(kind: type[Fact]) -> tuple[str, ...]:
    """The keys of a type of fact that name entities: one id each, or a list of them."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return tuple(field.encode_name for field in info.fields if _names_entity(field.type))


def _names_entity(info: inspect.Type) -> bool:
    if isinstance(info, inspect.Metadata):
        return (info.extra or {}).get("names") == "entity" or _names_entity(info.type)
    if isinstance(info, inspect.UnionType):
        return any(map(_names_entity, info.types))
    return isinstance(info, inspect.VarTupleType) and _names_entity(info.item_type)


def subjects_in(kind: type[Fact], values: dict[str, Any]) -> tuple[str, ...]:
    """The entities named in values for a fact of a type."""
    return _ids_in([values.get(key) for key in subject_keys(kind)])


def subjects_of(fact: Fact) -> tuple[str, ...]:
    """The entities that a fact is about, as written."""
    return _subjects(type(fact))(fact)


@lru_cache(MOST_TYPES)
def _subjects(kind: type[Fact]) -> Callable[[Fact], tuple[str, ...]]:
    keys = subject_keys(kind)
    if len(keys) > 1 and all(get_type_hints(kind)[key] is str for key in keys):
        return attrgetter(*keys)  # which gives the tuple itself
    return lambda fact: _ids_in([getattr(fact, key) for key in keys])


def _ids_in(values: Iterable[Any]) -> tuple[str, ...]:
    """The ids of keys that have one each, a list of them, or none."""
    found: list[str] = []
    for value in values:
        if isinstance(value, str):
            found.append(value)
        else:
            found.extend(value or ())
    return tuple(found)
