"""The names of classes and modules mean one thing in the whole product."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "store", "projections", "api")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]

SAME_IN_GRAPHQL = {"Citation", "Fact", "Location", "Locator"}
"""Structs of the domain that GraphQL has a type of, by the same name and with the same meaning."""

SHARED_MODULES = {
    "administration": "events of running the record: their types; appending and auditing them",
    "audit": "the audit of what a package keeps: the log; the projections",
    "backup": "a backup of the database: its files; the command",
    "capture": "capturing a document: the entries it adds; fetching it; a sheet as one",
    "changes": "what changed between two points of the clocks: GraphQL, command, page",
    "check": "looking for likely slips: the command; the page",
    "density": "how many changes lie along a clock: the question; the page",
    "errors": "what is refused: the exception; GraphQL's form of it",
    "export": "an export: the command; the path",
    "facts": "facts: the vocabulary; GraphQL's types",
    "keys": "keys of those who write: the table; the command",
    "labels": "what a page calls things in its language: closed sets; the forms' fields",
    "log": "the log as it is read: the command; the page",
    "questions": "the as-of questions: GraphQL's fields; the commands",
    "recorder": "what a command needs of the log: the protocol; its implementation",
    "rectangles": "an entity's rectangles: the question; the page's data",
    "search": "search by words: the question; GraphQL's field; the page",
    "source": "one source: the command; the page",
    "sources": "sources: their structs; the page of an entity's",
    "stories": "stories: their entries; the question; GraphQL's types; the pages",
    "what_if": "the record as if without some of it: the question; GraphQL's field",
}
"""Names that modules of several packages share, and the one thing that they are about."""


def test_a_class_name_means_one_thing() -> None:
    places = defaultdict(list)
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path.relative_to(ROOT).as_posix())

    assert len(places) > 300
    assert {name: found for name, found in places.items() if len(found) > 1} == {
        name: places[name] for name in SAME_IN_GRAPHQL
    }
    for name in SAME_IN_GRAPHQL:
        assert [path.split("/")[:2][0] for path in sorted(places[name])] == ["api", "domain"]


def test_a_module_name_means_one_thing() -> None:
    places = defaultdict(list)
    for path in SOURCES:
        if not path.stem.startswith("__"):
            places[path.stem].append(path.relative_to(ROOT).as_posix())

    assert len(places) > 180
    assert {name for name, found in places.items() if len(found) > 1} == SHARED_MODULES.keys()
