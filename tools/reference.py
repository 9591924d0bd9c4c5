"""Makes docs/record-file.md and docs/roles.md from the code: `make docs-reference`.

The types, keys and rules are the domain's. What is written here is what types can't say: the
meaning of a key by its name, and an example of each entry. A key or type without one is an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import inspect

from domain.corrections import Correction
from domain.definitions import EffectDefined, KeyDefined
from domain.entities import Location
from domain.facts import FLUENTS, Fact
from domain.roles import Role, role_of
from domain.sources import Citation, Entry, Locator
from domain.stories import StoryView
from domain.vocabulary import CORE, CORRECTIONS, DEFINITIONS, STORIES

DOCS: Final = Path(__file__).parents[1] / "docs"
MADE: Final = "<!-- `make docs-reference` writes this page from the code: do not edit it. -->\n"

MEANINGS: Final = {
    "id": "The author's id of the entry. It stands for this entry for ever.",
    # Sources
    "title": "Its title.",
    "publisher": "Who published it.",
    "author": "Who wrote it.",
    "language": "Its language.",
    "url": "Where it is.",
    "published": "When it was published. From the latest day of that on, what it says is known.",
    "retrieved": "When it was fetched.",
    "observedThrough": "How far in the world's time it looked.",
    "sha256": "SHA-256 of the document.",
    "reliability": "Of the source as such: A is reliable, F can't be judged (the Admiralty code).",
    "credibility": "Of what it says: 1 is confirmed, 6 can't be judged.",
    # Entities
    "kind": "What it is. It is a label: no fact is refused for it.",
    "names": "Its name in each language. The first one is the author's own choice.",
    "aliases": "Other names in each language.",
    "identifiers": "What others call it, by scheme.",
    "iso3166": "ISO 3166 code of a country or a part of one.",
    "wikidata": "Its id at Wikidata.",
    "location": "Where it is.",
    "lat": "Degrees north (WGS 84).",
    "lon": "Degrees east (WGS 84).",
    "precisionM": "The radius in metres within which it lies.",
    # Definitions
    "scope": "What its scope is called: the argument of `question`.",
    "question": "The name of the question that asks a scope for its subjects.",
    "inverse": "The name of the question that asks a subject for its scopes.",
    "inverseNames": "What that is called in each language.",
    "scopeKinds": "The kinds expected of its scope.",
    "subjectKinds": "The kinds expected of its subject.",
    "single": "Whether at most one subject of a scope is expected at a time.",
    "keys": "Its keys beside those of every fact.",
    "effects": "What it starts or ends; a report has none.",
    "definition": "The id of what it extends.",
    "type": "What it may say.",
    "required": "Whether no such fact is without it.",
    "kinds": "The kinds expected of what it names; of the types ENTITY and ENTITIES.",
    "codes": "What may stand there; of the type CODE.",
    "starts": "The fluent that it starts.",
    "ends": "The fluent that it ends.",
    # Facts
    "when": "When it happened.",
    "modality": "ANNOUNCED for what a source says will happen.",
    "citations": "The sources: of a fact one that supports it, at least; of a story at least one.",
    "gist": "A note in the recorder's own words.",
    "episode": "A label of the author's: facts of one label are folded together and apart from "
    "all others, so that two spells whose dates overlap stay two.",
    "value": "The number.",
    "comparator": "How the real number relates to `value`; `~` is about.",
    "measure": "What is counted or measured, such as troops.",
    "unit": "The unit of `value`.",
    "venue": "Where it was said.",
    "at": "The base or the place.",
    "to": "Who takes it over; of a visit, who or what is visited.",
    "subject": "Whose it is; of a fluent, what its subject is called.",
    "parties": "Those who signed.",
    "from": "What was there before.",
    # Citations
    "source": "The source.",
    "stance": "DISPUTES for one that contradicts the fact; it makes nothing known.",
    "locator": "Where in the document.",
    "quoteSha256": "SHA-256 of the exact passage, in UTF-8.",
    "quote": "The passage.",
    "attributedTo": "Whom the source attributes it to.",
    "paragraph": "The paragraph, counted from 0.",
    "page": "The page, counted from 0.",
    "row": "The row, counted from 0.",
    "chars": "The first character, and the one after the last.",
    # Stories
    "titles": "Its title in each language.",
    "views": "Its views, in their order.",
    "asOf": "True on: a day, or a month or a year as a whole.",
    "knownAt": "Known by: up to the last day of that. Whatever was published so far if left out.",
    "atPosition": "A position of the log before the story's own. Left out, it is the story's own.",
    "show": "What the view begins with.",
    "texts": "Its paragraph in each language.",
    "story": "The story that is withdrawn.",
    # Facts about facts
    "reason": "Why.",
    "basis": "EVIDENCE takes effect from its sources' publication and must cite one; EDITORIAL "
    "repairs a slip of the record, or states a judgement, from its place in the log on.",
    "fact": "The fact that it speaks of.",
    "changes": "The new values by key; null takes an optional key away.",
    "over": "The facts that are set aside while `fact` counts.",
    "preference": "The id of the FactPreferred.",
    "entity": "The entity that it speaks of.",
    "on": "The day on which it still held.",
    "entities": "The entities that are merged.",
    "into": "The entity that stays; of a split the entities that are apart again; of a succession "
    "what came after.",
}
"""Meaning of a key. Keys of facts that name entities are described by the fact's effect."""

ENTITIES: Final = {
    "league": ("COALITION", "League"),
    "freedonia": ("COUNTRY", "Freedonia"),
    "sylvania": ("COUNTRY", "Sylvania"),
    "fort": ("BASE", "Fort"),
    "guard": ("FORCE", "Guard"),
    "staff": ("COMMAND", "Joint Staff"),
    "purse": ("FUND", "Common Purse"),
    "chair": ("OFFICE", "Chair"),
    "firefly": ("PERSON", "Rufus Firefly"),
    "peace": ("OBJECTIVE", "Peace"),
    "mission": ("PLACE", "Mission"),
    "old-town": ("PLACE", "Old Town"),
    "new-town": ("PLACE", "New Town"),
    "mission-2": ("PLACE", "Mission"),
}
"""What the examples are about: kind and name by id."""

VALUES: Final[dict[str, Any]] = {
    "coalition": "league", "command": "staff", "fund": "purse", "force": "guard",
    "member": "freedonia", "organisation": "league", "leader": "firefly", "operator": "freedonia",
    "base": "fort", "to": "sylvania", "at": "fort", "partner": "sylvania", "institution": "staff",
    "office": "chair", "holder": "firefly", "objective": "peace", "value": 3, "subject": "league",
    "measure": "troops", "speaker": "firefly", "visitor": "firefly",
    "parties": ["freedonia", "sylvania"], "entity": "old-town", "from": ["old-town"],
    "into": ["new-town"],
}  # fmt: skip
"""Values of a fact's required keys in its example."""

CORRECTIONS_SHOWN: Final[dict[str, dict[str, Any]]] = {
    "FactCorroborated": {
        "fact": "member-joined",
        "citations": [{"source": "gazette-12", "locator": {"page": 0}, "quote": "has joined"}],
    },
    "HoldingAttested": {
        "fact": "member-joined",
        "on": "2023-01-01",
        "citations": [{"source": "gazette-12"}],
        "reason": "It is on the list of that year.",
    },
    "AnnouncementCancelled": {"fact": "member-left-2", "reason": "The government fell."},
    "FactDisputed": {"fact": "visit-made", "reason": "Its only witness was elsewhere."},
    "DisputeWithdrawn": {"fact": "visit-made", "reason": "Another witness was found."},
    "FactCorrected": {
        "fact": "member-joined",
        "basis": "EVIDENCE",
        "citations": [{"source": "gazette-12"}],
        "changes": {"when": "2020-03-01", "gist": None},
        "reason": "The gazette gives the day.",
    },
    "FactRetracted": {"fact": "visit-made", "reason": "It was recorded twice."},
    "FactReinstated": {"fact": "visit-made", "reason": "The two were not the same."},
    "FactPreferred": {
        "fact": "member-joined",
        "over": ["member-joined-2"],
        "reason": "The gazette is official.",
    },
    "PreferenceWithdrawn": {"preference": "fact-preferred", "reason": "We do not know which."},
    "SourceWithdrawn": {"source": "pamphlet", "reason": "It is a forgery."},
    "SourceReassessed": {"source": "gazette-12", "reliability": "B", "reason": "It erred before."},
    "SourceCorrected": {
        "source": "gazette-12",
        "changes": {"publisher": "Gazette of the League"},
        "reason": "The name was incomplete.",
    },
    "EntityCorrected": {
        "entity": "freedonia",
        "changes": {"iso3166": None},
        "reason": "The code is not its own.",
    },
    "EntityRenamed": {
        "entity": "freedonia",
        "names": {"en": "Free Republic"},
        "when": "2021-05",
        "reason": "It changed its constitution.",
    },
    "EntitiesMerged": {"entities": ["mission-2"], "into": "mission", "reason": "They are one."},
    "EntitiesSplit": {"entity": "mission", "into": ["mission-2"], "reason": "They are two."},
}

STORIES_SHOWN: Final[dict[str, dict[str, Any]]] = {
    "StoryTold": {
        "titles": {"en": "How the League grew", "ar": "كيف كبرت العصبة"},
        "views": [
            {
                "entity": "league",
                "asOf": "2020-03-31",
                "knownAt": "2020-03-04",
                "show": "LIST",
                "texts": {"en": "In March Freedonia joins.", "ar": "تنضم فريدونيا في آذار."},
            },
            {"entity": "league", "asOf": "2020-12-31", "texts": {"en": "At the end of the year."}},
        ],
        "citations": [{"source": "gazette-12"}],
    },
    "StoryWithdrawn": {"story": "story-told", "reason": "It left out the second member."},
}

DEFINITIONS_SHOWN: Final[dict[str, dict[str, Any]]] = {
    "KindDefined": {"id": "TREATY", "names": {"en": "Treaty"}},
    "FluentDefined": {
        "id": "ratification",
        "scope": "treaty",
        "subject": "party",
        "question": "treatyParties",
        "inverse": "treatiesOf",
        "names": {"en": "Parties"},
        "inverseNames": {"en": "Party to"},
        "scopeKinds": ["TREATY"],
        "subjectKinds": ["COUNTRY"],
    },
    "FactTypeDefined": {
        "id": "TreatyRatified",
        "effects": [{"starts": "ratification", "scope": "treaty", "subject": "party"}],
        "keys": {
            "treaty": {"type": "ENTITY"},
            "party": {"type": "ENTITY"},
            "reservations": {"type": "TEXT", "required": False},
        },
        "names": {"en": "Treaty ratified"},
    },
    "DefinitionExtended": {
        "id": "instrument-added",
        "definition": "TreatyRatified",
        "changes": {
            "keys": {
                "instrument": {
                    "type": "CODE", "codes": ["RATIFICATION", "ACCESSION"], "required": False
                }
            }
        },
        "reason": "Some acceded.",
    },
}  # fmt: skip

OF_EVERY_FACT: Final = ("id", "when", "modality", "citations", "gist", "episode")
"""Keys that every fact has."""
ABOUT: Final = ("id", "reason", "basis", "citations")
"""Keys that every fact about a fact, a source or an entity has."""


def record_file() -> str:
    """The text of docs/record-file.md."""
    return "\n".join(_record_file())


def _record_file() -> Iterator[str]:
    yield MADE
    yield "# The record file\n"
    yield (
        "A record file is JSON Lines in UTF-8: one entry a line, a JSON object with its `type`,\n"
        "an `id` that its author chose, and the keys below. Keys may come in any order; a key\n"
        "that is null is as if left out; an unknown key is refused. `sijill import FILE…` reads\n"
        "the files as one, in the order given, and records all of it or nothing: what an entry\n"
        "names must come before it. Importing a file again changes nothing.\n\n"
        "An id is 1 to 128 ASCII letters, digits, `.`, `_`, `:` or `-`. A date is EDTF, such as\n"
        "`2014-09-10`, `2014-09`, `2014~` or `[2014..2016]`. Text is in Unicode's composed form\n"
        "(NFC), without control characters.\n\n"
        f"There are {len(CORE.types)} types: [sources](#sources), [entities](#entities),\n"
        "[facts](#facts) that start or end something, [reports](#reports),\n"
        "[facts about facts](#facts-about-facts), [stories](#stories) and\n"
        "[definitions](#definitions). All the examples together are a record file.\n"
    )
    yield "## Sources\n"
    yield from _section("SourceRegistered", ())
    yield "## Entities\n"
    yield from _section("EntityRegistered", ())
    yield "The keys of a `location`:\n"
    yield from _table(Location, ())
    yield "## Facts\n"
    yield (
        "Each fact has the keys of the next table, and those that its type adds. A fact starts\n"
        "or ends a *fluent*, something that holds for a while:\n"
    )
    for fluent in FLUENTS.values():
        sides = dict.fromkeys((fluent.scope, fluent.subject))
        questions = " and ".join(f"`{name}`" for name in (fluent.question, fluent.inverse) if name)
        yield f"- `{fluent.name}({', '.join(sides)})`, asked for by {questions}"
    yield ""
    yield from _table(Fact, ())
    yield "The keys of a citation:\n"
    yield from _table(Citation, ())
    yield "The keys of a `locator`, of which it has at least one:\n"
    yield from _table(Locator, ())
    for name, kind in ((name, each.entry) for name, each in CORE.fact_types.items()):
        if kind.effects:
            yield from _section(name, OF_EVERY_FACT)
    yield "## Reports\n"
    yield "These start and end nothing. Their keys are those of every fact, and:\n"
    for name, kind in ((name, each.entry) for name, each in CORE.fact_types.items()):
        if not kind.effects:
            yield from _section(name, OF_EVERY_FACT)
    yield "## Facts about facts\n"
    yield (
        "Nothing is ever edited: what turns out otherwise is corrected by a further entry. Each\n"
        "has these keys, and those that its type adds:\n"
    )
    yield from _table(Correction, ())
    for name in CORRECTIONS:
        yield from _section(name, ABOUT)
    yield "## Stories\n"
    yield (
        "A story goes through views of the record in an order, with a paragraph beside each. It\n"
        "makes nothing known and changes no answer. Its id stands for a story or for the\n"
        "withdrawal of one, apart from the ids of facts.\n"
    )
    for name in STORIES:
        yield from _section(name, ())
        if name == "StoryTold":
            yield "The keys of each of its `views`:\n"
            yield from _table(StoryView, ())
    yield "## Definitions\n"
    yield (
        "A record speaks of more than the core has words for by defining it first: kinds, fluents\n"
        "and types of facts. What is defined is used, asked for and exported as the core is. It\n"
        "is never undone, only extended. A kind is written in capitals, a fluent, its sides and\n"
        "questions and the keys of facts begin with a small letter, a type of facts with a\n"
        "capital; a name that every record or GraphQL has is refused as `RESERVED`. The kinds\n"
        "given and `single` refuse nothing.\n"
    )
    for name in DEFINITIONS:
        yield from _section(name, ())
        if name == "FactTypeDefined":
            yield "The keys of each of its `effects`, which has one of `starts` and `ends`:\n"
            yield from _table(EffectDefined, ())
            yield "The keys of what stands at each of its `keys`:\n"
            yield from _table(KeyDefined, ())


def _section(name: str, but: tuple[str, ...]) -> Iterator[str]:
    kind = CORE.types[name]
    yield f"### {name}\n"
    yield f"{_effect(kind)}\n"
    yield from _table(kind, but)
    lines = "\n".join(json.dumps(entry, ensure_ascii=False) for entry in examples(name))
    yield f"```json\n{lines}\n```\n"


def _effect(kind: type[Entry]) -> str:
    """What an entry does: by its effect, and by its docstring."""
    found = []
    for effect in kind.effects if issubclass(kind, Fact) else ():
        sides = ", ".join(dict.fromkeys((effect.scope, effect.subject)))
        found.append(f"{'Starts' if effect.is_start else 'Ends'} `{effect.fluent}({sides})`.")
    if words := kind.__dict__.get("__doc__"):
        found.append(" ".join(words.split()))
    assert found, f"{kind.__name__} needs a docstring that says what it does"
    return " ".join(found)


def _table(kind: type[Any], but: tuple[str, ...]) -> Iterator[str]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    rows = [_row(field, issubclass(kind, Fact)) for field in info.fields
            if field.encode_name not in but or _is_other(kind, field)]  # fmt: skip
    if rows:
        yield "| key | | value | meaning |\n|---|---|---|---|"
        yield from rows
        yield ""


def _is_other(kind: type[Any], field: inspect.Field) -> bool:
    """Whether a key that all of its sort have differs in this type."""
    of_all = {each.encode_name: each.required for each in _fields(Correction)}
    return issubclass(kind, Correction) and of_all.get(field.encode_name) != field.required


def _fields(kind: type[Any]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _row(field: inspect.Field, of_fact: bool) -> str:
    key = field.encode_name
    value = _value(field.type)
    if field.default not in (msgspec.NODEFAULT, inspect.NODEFAULT, None, (), ""):
        value += f"; `{field.default}` if left out"
    if key in MEANINGS:
        meaning = MEANINGS[key]
    else:
        assert of_fact, f"say in MEANINGS what {key} means"
        assert key in VALUES, f"say in VALUES what {key} is in an example"
        meaning = f"The {key}."
    return f"| `{key}` | {'required' if field.required else ''} | {value} | {meaning} |"


def _value(info: inspect.Type, bounds: str = "") -> str:
    """What may stand at a key, in words."""
    if isinstance(info, inspect.Metadata):
        if names := (info.extra or {}).get("names"):
            return f"id of {'an' if names == 'entity' else 'a'} {names}"
        return (info.extra_json_schema or {}).get("description") or _value(info.type)
    if isinstance(info, inspect.UnionType):
        kinds = [_value(each) for each in info.types if not isinstance(each, inspect.NoneType)]
        return "a number" if len(kinds) > 1 else kinds[0]
    if isinstance(info, inspect.StrType) and info.max_length is None:
        return "text"
    if isinstance(info, inspect.StrType):
        return f"text, at most {info.max_length:,} characters"
    if isinstance(info, inspect.IntType | inspect.FloatType):
        words = "whole number" if isinstance(info, inspect.IntType) else "number"
        ends = (info.ge, info.le)
        return words if ends == (None, None) else f"{words}, {ends[0]} to {ends[1]:,}"
    if isinstance(info, inspect.EnumType):
        return ", ".join(f"`{each.value}`" for each in info.cls)
    if isinstance(info, inspect.BoolType):
        return "true or false"
    if isinstance(info, inspect.CustomType):
        return "EDTF date"
    if isinstance(info, inspect.VarTupleType):
        return f"list: {_value(info.item_type)}"
    if isinstance(info, inspect.TupleType):
        return "list of two whole numbers"
    if isinstance(info, inspect.StructType):
        return f"{info.cls.__name__.lower()}, an object"
    if isinstance(info, inspect.DictType) and isinstance(info.value_type, inspect.StructType):
        return "object: name → an object"
    if isinstance(info, inspect.DictType):
        return (
            "object"
            if isinstance(info.value_type, inspect.AnyType)
            else "object: language tag → name"
        )
    raise AssertionError(f"say how {info} reads")


def examples(name: str) -> Iterable[dict[str, Any]]:
    """The entries that the page shows for a type."""
    if name == "SourceRegistered":
        gazette = {"title": "Gazette, number 12", "publisher": "Gazette", "language": "en"}
        grade = {"reliability": "A", "credibility": 2}
        yield _entry(name, "gazette-12", **gazette, published="2020-03-04", **grade)
        yield _entry(name, "pamphlet", title="A pamphlet", published="2019")
    elif name == "EntityRegistered":
        for entity, (kind, word) in ENTITIES.items():
            more: dict[str, Any] = {}
            if entity == "freedonia":
                more = {
                    "iso3166": "XF",
                    "location": {"lat": 46.5, "lon": 9.8, "precisionM": 90_000},
                }
            yield _entry(name, entity, kind=kind, names={"en": word}, **more)
    elif name in CORE.fact_types:
        yield _fact(name, _kebab(name), "2020-03" if _starts(name) else "2024-06-30")
        if name == "MemberJoined":
            yield _fact(name, f"{_kebab(name)}-2", "[2019-11..2019-12]")
        if name == "MemberLeft":
            yield {**_fact(name, f"{_kebab(name)}-2", "2022-01-01"), "modality": "ANNOUNCED"}
    elif name in STORIES:
        yield _entry(name, _kebab(name), **STORIES_SHOWN[name])
    elif name in DEFINITIONS:
        yield {"type": name, **DEFINITIONS_SHOWN[name]}
    else:
        yield _entry(name, _kebab(name), **CORRECTIONS_SHOWN[name])


def _starts(name: str) -> bool:
    return all(effect.is_start for effect in CORE.fact_types[name].entry.effects)


def _fact(name: str, own: str, when: str) -> dict[str, Any]:
    keys = [field.encode_name for field in _fields(CORE.fact_types[name].entry) if field.required]
    subjects = {key: VALUES[key] for key in keys if key not in OF_EVERY_FACT}
    return _entry(name, own, **subjects, when=when, citations=[{"source": "gazette-12"}])


def _entry(name: str, own: str, **keys: Any) -> dict[str, Any]:
    return {"type": name, "id": own, **keys}


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def roles() -> str:
    """The text of docs/roles.md."""
    return "\n".join(_roles())


def _roles() -> Iterator[str]:
    yield MADE
    yield "# Roles\n"
    yield (
        "Reading needs no key. Whoever writes over HTTP, on the pages or by GraphQL, sends a key,\n"
        "and each key has a role; a role may do what those before it may. The local command line\n"
        "needs no key: it writes as the account that runs it. Nobody rewrites an event.\n\n"
        "`sijill keys add NAME --role ROLE` makes a key, as the database's owner. A token of an\n"
        "OpenID Connect issuer names its role in a claim (SIJILL_OIDC_ROLE_CLAIM).\n"
    )
    shown = list(Role)
    yield f"| entry | {' | '.join(shown)} |\n|---{'|---' * len(shown)}|"
    for name, kind in CORE.types.items():
        marks = ["yes" if role.includes(role_of(kind)) else "" for role in shown]
        yield f"| {name} | {' | '.join(marks)} |"
    yield ""
    yield (
        "So a contributor adds sources, entities, facts and further citations. A reviewer also\n"
        "corrects, disputes, retracts, prefers and defines. An admin may do what a reviewer may.\n"
    )


PAGES: Final = {"record-file.md": record_file, "roles.md": roles}


def main() -> None:
    """Write the pages."""
    for name, text in PAGES.items():
        (DOCS / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
