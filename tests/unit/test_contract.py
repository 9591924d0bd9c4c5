"""docs/contract: each rule has an example and tests that exist, and what cites a rule finds it."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from strategies import FOLD_TABLE
from support.markdown import anchors, slug

from domain.corrections import Correction
from domain.facts import FLUENTS, fact_types

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "docs" / "contract"
CODE = ["domain", "store", "projections", "api", "tests", "tools", "benchmarks", "deploy"]
CITED = re.compile(r"docs/contract/([\w-]+\.md)(?:#([\w-]+))?")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")

RULES = {
    f"{page.stem}#{slug(rule.partition(chr(10))[0])}": rule
    for page in sorted(CONTRACT.glob("*.md"))
    for rule in page.read_text(encoding="utf-8").split("\n## ")[1:]
}


def files_of_the_code() -> list[Path]:
    return [
        path
        for folder in CODE
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".sql", ".js", ".html", ".yaml"} and "vendor" not in path.parts
    ]


def test_every_rule_that_the_code_cites_is_in_the_contract() -> None:
    lost = []
    for path in files_of_the_code():
        for page, anchor in CITED.findall(path.read_text(encoding="utf-8")):
            target = CONTRACT / page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                lost.append(f"{path.relative_to(ROOT)}: {page}#{anchor}")

    assert lost == []


def test_the_fold_and_the_knowledge_of_facts_cite_their_rules() -> None:
    cited = {
        page
        for path in (ROOT / "domain").glob("*.py")
        for page, _ in CITED.findall(path.read_text(encoding="utf-8"))
    }

    assert {"folding.md", "knowledge.md"} <= cited


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_an_example_and_tests_that_exist(rule: str) -> None:
    text = RULES[rule]
    named = TEST.findall(text)

    assert "\nExample: " in text or rule == "folding#examples"
    assert named
    for path, test in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        name = test or "test_[a-z_]+"
        assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), (path, test)


def rows(rule: str) -> list[list[str]]:
    """The cells of a rule's table, without its head."""
    lines = [line for line in RULES[rule].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_table_of_fluents_is_that_of_the_code() -> None:
    effects: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for kind in fact_types():
        for effect in kind.effects:
            effects[effect.fluent, effect.is_start].append(kind.__name__)

    table = {
        fluent.partition("(")[0]: (starts.split(", "), ends.split(", "))
        for fluent, starts, ends in rows("facts#fluents")
    }

    assert table == {name: (effects[name, True], effects[name, False]) for name in FLUENTS}


def test_the_table_of_corrections_is_that_of_the_code() -> None:
    def leaves(kind: type[Correction]) -> set[str]:
        below = kind.__subclasses__()
        return set().union(*map(leaves, below)) if below else {kind.__name__}

    named = {name for row in rows("knowledge#corrections") for name in row[0].split(", ")}

    assert named == leaves(Correction)


def test_the_table_of_examples_is_the_one_that_is_run() -> None:
    assert [facts for facts, _ in rows("folding#examples")] == [case.row for case in FOLD_TABLE]
