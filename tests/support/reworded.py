"""A record told again in random words of its own: what it defines, and the way back.

Every core kind, fluent, type of fact and key gets another name; only `existence`, on which implied
ends rest, keeps its own. A fluent may have its sides the other way round. Names are shared as the
core's are: a key and a side that are called alike there may be called alike here. Definitions stand
anywhere before what uses them, and a part of some comes later, as an extension.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from domain.definitions import RESERVED_KEYS
from domain.facts import EXISTENCE
from domain.vocabulary import CORE, RESERVED_QUESTIONS, question_value

EntryObject = dict[str, Any]
KINDS, FLUENTS, TYPES, EXTENSIONS, ENTRIES = range(5)
"""What stands at one place of a record stands there in this order."""


class Retold(NamedTuple):
    """A record in other words; `places[n]` is the position that its nth entry has there."""

    objects: list[EntryObject]
    places: list[int]


class Words:
    """Random names for all that the core has names for."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"words {seed}")
        self._taken = {
            *RESERVED_KEYS, *RESERVED_QUESTIONS, *CORE.types, *CORE.kinds,
            *CORE.fluents, *(name for name, _, _ in CORE.questions),
        }  # fmt: skip
        self.kinds = {name: self._name(string.ascii_uppercase) for name in CORE.kinds}
        self.fluents = {name: self._word() for name in CORE.fluents}
        self.fluents[EXISTENCE.name] = EXISTENCE.name
        self.questions = {name: self._word() for name, _, _ in CORE.questions}
        self.questions[EXISTENCE.question] = EXISTENCE.question
        self.types = {name: self._word().capitalize() for name in CORE.fact_types}
        self._shared: dict[str, list[str]] = {}
        self.sides = {
            name: (self._shared_word(fluent.scope), self._shared_word(fluent.subject))
            for name, fluent in CORE.fluents.items()
            if name != EXISTENCE.name
        }
        self.keys = {
            name: {key: self._shared_word(key) for key in found.keys}
            for name, found in CORE.fact_types.items()
        }
        self.turned = {name for name in self.sides if self._rng.random() < 0.4}
        """The fluents whose scope is the core's subject."""

    def _word(self) -> str:
        return self._name(string.ascii_lowercase)

    def _shared_word(self, core: str) -> str:
        """One of two words for a side or a key."""
        words = self._shared.setdefault(core, [self._word(), self._word()])
        return self._rng.choice(words)

    def _name(self, letters: str) -> str:
        while True:
            length = self._rng.randint(3, 12)
            name = "".join(self._rng.choice(letters) for _ in range(length))
            if name not in self._taken and name.capitalize() not in self._taken:
                self._taken |= {name, name.capitalize()}
                return name

    # What it defines

    def _some(self, names: Sequence[str]) -> list[str]:
        return self._rng.sample(names, self._rng.choice([1, 2]))

    def _kind(self, name: str) -> EntryObject:
        return {"type": "KindDefined", "id": self.kinds[name], "names": {"en": name.title()}}

    def _fluent(self, name: str) -> EntryObject:
        fluent, sides = CORE.fluents[name], self.sides[name]
        asked = self.questions[fluent.question], self.questions[fluent.inverse or ""]
        if name in self.turned:
            sides, asked = sides[::-1], asked[::-1]
        hints = {  # what breaks them is a warning, and no answer is another one
            "scopeKinds": self._some([*CORE.kinds]),
            "subjectKinds": self._some([*CORE.kinds]),
            "single": True,
        }
        return {
            "type": "FluentDefined", "id": self.fluents[name], "scope": sides[0],
            "subject": sides[1], "question": asked[0], "inverse": asked[1],
            **{key: hint for key, hint in hints.items() if self._rng.random() < 0.3},
        }  # fmt: skip

    def _fact_type(self, name: str, later: Iterable[str]) -> EntryObject:
        found, keys = CORE.fact_types[name], self.keys[name]
        effects = []
        for effect in found.effects:
            sides = [keys[effect.scope], keys[effect.subject]]
            if effect.fluent in self.turned:
                sides.reverse()
            side = "starts" if effect.starts else "ends"
            fluent = self.fluents[effect.fluent]
            effects.append({side: fluent, "scope": sides[0], "subject": sides[1]})
        defined = {
            keys[key]: msgspec.to_builtins(each)
            for key, each in found.keys.items()
            if key not in later
        }
        return {
            "type": "FactTypeDefined", "id": self.types[name], "keys": defined, "effects": effects
        }  # fmt: skip

    def _extension(self, name: str, later: Iterable[str]) -> EntryObject:
        keys = {
            self.keys[name][key]: msgspec.to_builtins(CORE.fact_types[name].keys[key])
            for key in later
        }
        return {
            "type": "DefinitionExtended", "id": f"extended-{name}", "definition": self.types[name],
            "changes": {"keys": keys}, "reason": "It says more.",
        }  # fmt: skip

    # A record in these words

    def retold(self, entries: Sequence[EntryObject]) -> Retold:
        """The same entries, and before each whatever defines its words."""
        rng, end = self._rng, len(entries)
        types = {each["id"]: each["type"] for each in entries if each["type"] in CORE.fact_types}
        used = _first_uses(entries, types)
        at: list[tuple[int, int, EntryObject]] = [
            (number, ENTRIES, self._retold(each, types)) for number, each in enumerate(entries)
        ]
        fluents_by = dict.fromkeys(self.sides, end)
        for name, found in CORE.fact_types.items():
            optional = [key for key, each in found.keys.items() if not each.required]
            later = [key for key in optional if rng.random() < 0.5]
            place = rng.randint(0, min(used.get((name, key), end) for key in ("", *found.keys)))
            at.append((place, TYPES, self._fact_type(name, later)))
            if later:
                last = min(used.get((name, key), end) for key in later)
                at.append((rng.randint(place, last), EXTENSIONS, self._extension(name, later)))
            for effect in found.effects:
                if effect.fluent in fluents_by:
                    fluents_by[effect.fluent] = min(fluents_by[effect.fluent], place)
        kinds_by = {name: used.get((name, ""), end) for name in CORE.kinds}
        for name, last in fluents_by.items():
            place, fluent = rng.randint(0, last), self._fluent(name)
            for key in {"scopeKinds", "subjectKinds"} & fluent.keys():
                for kind in fluent[key]:
                    kinds_by[kind] = min(kinds_by[kind], place)
                fluent[key] = [self.kinds[kind] for kind in fluent[key]]
            at.append((place, FLUENTS, fluent))
        at += [(rng.randint(0, last), KINDS, self._kind(name)) for name, last in kinds_by.items()]
        at.sort(key=lambda each: each[:2])
        places = [n for n, (_, what, _) in enumerate(at, 1) if what == ENTRIES]
        return Retold([each for _, _, each in at], [0, *places])

    def _retold(self, entry: EntryObject, types: Mapping[str, str]) -> EntryObject:
        name = entry["type"]
        if name in CORE.fact_types:
            return {**self._keyed(name, entry), "type": self.types[name]}
        if name == "FactCorrected":
            return {**entry, "changes": self._keyed(types[entry["fact"]], entry["changes"])}
        if name == "EntityRegistered":
            return {**entry, "kind": self.kinds[entry["kind"]]}
        if name == "EntityCorrected" and "kind" in entry["changes"]:
            changes = {**entry["changes"], "kind": self.kinds[entry["changes"]["kind"]]}
            return {**entry, "changes": changes}
        return entry

    def supposed(self, entries: Iterable[EntryObject]) -> list[EntryObject]:
        """Facts more, in the words that the record has by then."""
        return [self._retold(each, {}) for each in entries]

    def _keyed(self, name: str, obj: EntryObject) -> EntryObject:
        keys = self.keys[name]
        if obj.get("comparator") == "=":  # which the core leaves out, as its default
            obj = {key: value for key, value in obj.items() if key != "comparator"}
        return {keys.get(key, key): value for key, value in obj.items()}

    # The way back

    def place(self, fluent: str, scope: str, subject: str) -> tuple[str, str, str]:
        """A fluent's question, as a value of the enum, and its sides, in these words."""
        question = CORE.fluents[fluent].question
        if fluent not in self.turned:
            return question_value(self.questions[question]), scope, subject
        return question_value(self.questions[CORE.fluents[fluent].inverse or ""]), subject, scope

    def back(self, value: Any) -> Any:
        """A value of a row or of an answer in the core's words."""
        names = {
            **{own: core for core, own in self.kinds.items()},
            **{own: core for core, own in self.fluents.items()},
            **{own: core for core, own in self.questions.items()},
            **{own: core for core, own in self.types.items()},
            **{own: core for core, words in self._shared.items() for own in words},
        }
        turned = set[str]()
        for name in self.sides:
            question, *_ = self.place(name, "", "")
            names[question] = question_value(CORE.fluents[name].question)
            if name in self.turned:
                turned |= {self.fluents[name], question}
        return _renamed(value, names, turned)


def _first_uses(
    entries: Sequence[EntryObject], types: Mapping[str, str]
) -> dict[tuple[str, str], int]:
    """Where kinds, types of facts and their keys are first used: by name, and key or ""."""
    found: dict[tuple[str, str], int] = {}
    for number, entry in enumerate(entries):
        changes = entry.get("changes", {})
        name = types.get(entry["fact"]) if entry["type"] == "FactCorrected" else entry["type"]
        keys = [*(changes if entry["type"] == "FactCorrected" else entry), ""]
        uses = [(name, key) for key in keys] if name in CORE.fact_types else []
        uses += [(kind, "") for kind in (entry.get("kind"), changes.get("kind")) if kind]
        for use in uses:
            found.setdefault(use, number)
    return found


def _renamed(value: Any, names: Mapping[str, str], turned: set[str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        if value.get("fluent") in turned or value.get("question") in turned:
            value = {**value, "scope": value["subject"], "subject": value["scope"]}
        return {names.get(key, key): _renamed(each, names, turned) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(each, names, turned) for each in value]
    return value
