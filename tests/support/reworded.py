"""A record told again in random words of its own: what it defines, and the way back.

Every core kind, fluent, type of fact and key gets another name; only `existence`, on which implied
ends rest, keeps its own.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterable
from typing import Any

import msgspec

from domain.definitions import RESERVED_KEYS
from domain.facts import EXISTENCE
from domain.vocabulary import CORE, RESERVED_QUESTIONS

EntryObject = dict[str, Any]
OF_EVERY_FACT = {"type", "id", "when", "modality", "citations", "gist", "episode"}


class Words:
    """Random names for all that the core has names for."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"words {seed}")
        self._taken = {
            *RESERVED_KEYS, *RESERVED_QUESTIONS, *CORE.types, *CORE.kinds, *CORE.fluents,
            *(name for name, _, _ in CORE.questions),
        }  # fmt: skip
        self.kinds = {name: self._name(string.ascii_uppercase) for name in CORE.kinds}
        self.fluents = {name: self._word() for name in CORE.fluents}
        self.fluents[EXISTENCE.name] = EXISTENCE.name
        self.questions = {name: self._word() for name, _, _ in CORE.questions}
        self.questions[EXISTENCE.question] = EXISTENCE.question
        self.sides = {
            name: (self._word(), self._word()) for name in CORE.fluents if name != EXISTENCE.name
        }
        self.types = {name: self._word().capitalize() for name in CORE.fact_types}
        self.keys = {
            name: {key: self._word() for key in found.keys}
            for name, found in CORE.fact_types.items()
        }

    def _word(self) -> str:
        return self._name(string.ascii_lowercase)

    def _name(self, letters: str) -> str:
        while True:
            length = self._rng.randint(3, 12)
            name = "".join(self._rng.choice(letters) for _ in range(length))
            if name not in self._taken and name.capitalize() not in self._taken:
                self._taken |= {name, name.capitalize()}
                return name

    def definitions(self) -> list[EntryObject]:
        """What the record defines, before it uses it."""
        kinds: list[EntryObject] = [
            {"type": "KindDefined", "id": name, "names": {"en": core.title()}}
            for core, name in self.kinds.items()
        ]
        fluents = [
            {
                "type": "FluentDefined",
                "id": self.fluents[name],
                "scope": self.sides[name][0],
                "subject": self.sides[name][1],
                "question": self.questions[fluent.question],
                "inverse": self.questions[fluent.inverse or ""],
            }
            for name, fluent in CORE.fluents.items()
            if name != EXISTENCE.name
        ]
        types = [self._fact_type(name) for name in CORE.fact_types]
        self._rng.shuffle(kinds)
        self._rng.shuffle(fluents)
        self._rng.shuffle(types)
        return [*kinds, *fluents, *types]

    def _fact_type(self, name: str) -> EntryObject:
        found, keys = CORE.fact_types[name], self.keys[name]
        effects = [
            {
                side: self.fluents[effect.fluent],
                "scope": keys[effect.scope],
                "subject": keys[effect.subject],
            }
            for effect in found.effects
            for side in ["starts" if effect.starts else "ends"]
        ]
        defined = {keys[key]: msgspec.to_builtins(each) for key, each in found.keys.items()}
        return {
            "type": "FactTypeDefined", "id": self.types[name], "keys": defined, "effects": effects
        }  # fmt: skip

    def retold(self, entries: Iterable[EntryObject]) -> list[EntryObject]:
        """The same entries in these words."""
        types = {each["id"]: each["type"] for each in entries if each["type"] in CORE.fact_types}
        return [self._retold(each, types) for each in entries]

    def _retold(self, entry: EntryObject, types: dict[str, str]) -> EntryObject:
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

    def _keyed(self, name: str, obj: EntryObject) -> EntryObject:
        keys = self.keys[name]
        if obj.get("comparator") == "=":  # which the core leaves out, as its default
            obj = {key: value for key, value in obj.items() if key != "comparator"}
        return {keys.get(key, key): value for key, value in obj.items()}

    def back(self, value: Any) -> Any:
        """A value of a row or of an answer in the core's words."""
        names = {
            **{own: core for core, own in self.kinds.items()},
            **{own: core for core, own in self.fluents.items()},
            **{own: core for core, own in self.questions.items()},
            **{own.upper(): core.upper() for core, own in self.questions.items()},
            **{own: core for core, own in self.types.items()},
            **{own: core for keys in self.keys.values() for core, own in keys.items()},
            **{own: CORE.fluents[name].scope for name, (own, _) in self.sides.items()},
            **{own: CORE.fluents[name].subject for name, (_, own) in self.sides.items()},
        }
        return _renamed(value, names)


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(each, names) for each in value]
    return value
