"""The names of classes mean one thing in the whole product."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "store", "projections", "api")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]

SAME_IN_GRAPHQL = {"Citation", "Fact", "Location", "Locator"}
"""Structs of the domain that GraphQL has a type of, by the same name and with the same meaning."""


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
