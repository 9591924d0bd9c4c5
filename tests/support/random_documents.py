"""GraphQL documents at random, of what the schema has, for a record with awkward texts."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from api.graphql.as_of_rows import QUESTIONS
from api.graphql.schema import schema_of
from domain.facts import EXISTENCE
from domain.vocabulary import CORE

NASTY = [
    'quote " and \\ back', "line\nbreak\ttab", "سوريا", "😀👩‍👩‍👧",
    "\u2028\u2029", "</script>", "Åland ﷽", "ẞtraße", "İstanbul", "{} % %s $1 {x}", "🇸🇾" * 40,
]  # fmt: skip


def nasty(entries: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    """The record with hard names, titles and places."""
    for entry in entries:
        if entry["type"] == "EntityRegistered":
            languages = rng.sample(["en", "ar", "fr", "de"], rng.randint(1, 3))
            entry["names"] = {
                each: rng.choice(NASTY) + str(rng.randint(0, 9)) for each in languages
            }
            if rng.random() < 0.5:
                entry["location"] = {
                    "lat": rng.choice([5, -0.0, 33.5, 1.2e-5, 3e-6, 4.5e-7, 0.0001, -89.123456789]),
                    "lon": rng.uniform(-180, 180),
                }
                if rng.random() < 0.5:
                    entry["location"]["precisionM"] = rng.choice([1, 1e-9, 5e5, 20100000])
        elif entry["type"] == "SourceRegistered":
            entry["title"] = rng.choice(NASTY)
            for key in ("publisher", "author"):
                if rng.random() < 0.5:
                    entry[key] = rng.choice(NASTY)
    return entries


class DocumentAuthor:
    """Writes documents at random, of what the schema has."""

    def __init__(self, rng: random.Random, ids: list[str], sources: list[str], head: int) -> None:
        self.rng, self.ids, self.sources, self.head = rng, ids, sources, head
        self.uncovered = rng.random() < 0.1
        self.aliases = 0
        self.fragments: list[str] = []
        self.variables: dict[str, tuple[str, Any]] = {}

    def document(self) -> tuple[str, dict[str, Any]]:
        fields = " ".join(self.root() for _ in range(self.rng.randint(1, 3)))
        if self.rng.random() < 0.2:
            fields += " __typename"
        text = " ".join([f"{{ {fields} }}", *self.fragments])
        used = {name: self.variables[name] for name in set(re.findall(r"\$(v\d+)", text))}
        declared = " ".join(f"${name}: {kind}" for name, (kind, _) in used.items())
        head = f"query Q({declared})" if declared else "query Q"
        return f"{head} {text}", {name: value for name, (_, value) in used.items()}

    def alias(self) -> str:
        self.aliases += 1
        return f"a{self.aliases}{'x' * self.rng.choice([0, 0, 70])}: "

    def value(self, kind: str, value: Any) -> str:
        """An argument's value, as a literal or a variable."""
        if self.rng.random() < 0.4:
            name = f"v{len(self.variables)}"
            self.variables[name] = kind, value
            return f"${name}"
        if kind.startswith(("[", "EntityKind")):
            return json.dumps(value, ensure_ascii=False).replace('"', "")
        return json.dumps(value, ensure_ascii=False)

    def clocks(self) -> dict[str, str]:
        rng, found = self.rng, {}
        if rng.random() < 0.7:
            when = rng.choice(
                ["2014-09-10", "2014-09", "2016", "2025-11-10", "-0044-03-15", "2020"]
            )
            found["asOf"] = self.value("EDTFDate", when)
        if rng.random() < 0.3:
            found["knownAt"] = self.value("Date", rng.choice(["2014-10-01", "2025-11-03", None]))
        if rng.random() < 0.3:
            beyond = 1_000 if rng.random() < 0.05 else 0
            found["atPosition"] = self.value("Int", rng.randint(0, self.head) + beyond)
        elif rng.random() < 0.1:
            found["recordedAt"] = self.value("DateTime", "2030-01-01T00:00:00Z")
        return found

    def page(self) -> dict[str, str]:
        rng, found = self.rng, {}
        if rng.random() < 0.4:
            found["first"] = self.value(
                "Int", rng.choice([1, 2, 3, 50, None, 0 if rng.random() < 0.1 else 5])
            )
        if rng.random() < 0.3:
            found["lang"] = self.value("String", rng.choice(["ar", "fr", "", None, "zz"]))
        if rng.random() < 0.2:
            some = rng.sample(["CERTAIN", "POSSIBLE", "ANNOUNCED"], rng.randint(0, 3))
            found["standings"] = self.value("[Standing!]", some)
        if rng.random() < 0.2:
            after = rng.choice(
                [
                    "WyIiLCJhIl0=",
                    "WyJtIiwiYiJd",
                    "nonsense" if rng.random() < 0.1 else "WyIiLCIiXQ==",
                ]
            )
            found["after"] = self.value("String", after)
        return found

    def root(self) -> str:
        rng = self.rng
        name = rng.choice(
            [q.name for q in QUESTIONS] + ["members", "members", "state", "entity", "source", "log"]
        )
        given = {} if name == "log" else self.clocks()
        ids = self.sources if name == "source" else self.ids
        who = self.value("ID!", "nobody" if rng.random() < 0.03 else rng.choice(ids))
        question = next((q for q in QUESTIONS if q.name == name), None)
        if name == "log":
            if rng.random() < 0.5:
                given["after"] = self.value("Int", rng.choice([0, 3, self.head, None, -1]))
            if rng.random() < 0.5:
                given["first"] = self.value("Int", rng.choice([1, 5, None]))
        elif question is None:
            given |= {"entity" if name == "state" else "id": who}
        elif question.fluent is EXISTENCE:
            given |= self.page()
            if rng.random() < 0.5:
                given["kind"] = self.value(
                    "EntityKind", rng.choice(["COALITION", "COUNTRY", "FORCE"])
                )
        else:
            given |= {question.asked: who, **self.page()}
        assert schema_of(CORE).graphql.query_type is not None
        kind = get_named_type(schema_of(CORE).graphql.query_type.fields[name].type)
        return f"{self.alias()}{name}{self.arguments(given)}{self.selection(kind, 0)}"

    def arguments(self, given: Mapping[str, str]) -> str:
        return f"({', '.join(f'{key}: {value}' for key, value in given.items())})" if given else ""

    def directive(self) -> str:
        if self.rng.random() < 0.9:
            return ""
        which, flag = self.rng.choice(["include", "skip"]), self.rng.random() < 0.5
        return f" @{which}(if: {self.value('Boolean!', flag)})"

    def selection(self, kind: Any, depth: int, parent: str = "") -> str:
        assert isinstance(kind, GraphQLObjectType)
        rng, parts = self.rng, ["__typename"] if self.rng.random() < 0.1 else []
        for name, field in rng.sample(list(kind.fields.items()), len(kind.fields)):
            of = get_named_type(field.type)
            is_list_of_facts = of.name == "Fact" and kind.name != "Alternative"
            if rng.random() < (0.85 if kind.name == "State" else 0.3) and not is_list_of_facts:
                continue
            if not self.uncovered and not _is_covered(parent, kind.name, name):
                continue
            if depth > 7:
                continue
            given: dict[str, str] = {}
            if "first" in field.args:
                given = self.page()
            elif "lang" in field.args and rng.random() < 0.5:
                given["lang"] = self.value("String", rng.choice(["ar", "fr", "", None]))
            alias = self.alias() if (given or rng.random() < 0.1) and self.aliases < 38 else ""
            if given and not alias:
                given = {}
            below = "" if is_leaf_type(of) else self.selection(of, depth + 1, kind.name)
            parts.append(f"{alias}{name}{self.arguments(given)}{self.directive()}{below}")
        parts = parts or ["__typename"]
        if rng.random() < 0.2:
            return f" {{ {self.fragment(kind.name, parts)} {rng.choice(parts)} }}"
        return f" {{ {' '.join(parts)} }}"

    def fragment(self, kind: str, parts: list[str]) -> str:
        body = f"{{ {' '.join(parts)} }}"
        if self.rng.random() < 0.5:
            return f"... on {kind}{self.directive()} {body}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {kind} {body}")
        return f"...{name}{self.directive()}"


def _is_covered(parent: str, kind: str, name: str) -> bool:
    if kind == "Fact":
        return name in ("id", "type", "when")
    return not (kind == "DateRange" and parent in ("Fact", "Source")) or name == "edtf"
