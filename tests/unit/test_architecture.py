"""docs/architecture.md: what it names is there, and the ways are as short as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part.partition("\n")[2] for part in PAGE.split("\n## ")[1:]}
FILE = re.compile(r"`((?:[\w-]+/)+[\w.-]+\.\w+)`(?: \(`([\w.]+)`\))?")
QUESTIONS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SECTIONS["Where to look"].splitlines()
    if line.startswith("| ") and "?" in line
]


def steps(section: str) -> list[str]:
    """The files of a way, one for each of its numbered steps."""
    return [
        FILE.findall(step)[0][0]
        for step in re.findall(r"^\d+\. (?:.+\n?)(?:   .+\n?)*", SECTIONS[section], re.MULTILINE)
    ]


@pytest.mark.parametrize("path", sorted({path for path, _ in FILE.findall(PAGE)}))
def test_a_file_that_the_architecture_names_exists(path: str) -> None:
    assert (ROOT / path).is_file()


def test_what_is_named_within_a_file_is_defined_in_it() -> None:
    for path, name in FILE.findall(PAGE):
        if name:
            text = (ROOT / path).read_text(encoding="utf-8")
            for part in name.split("."):
                assert re.search(rf"\b(def|class) {part}\b", text), (path, part)


@pytest.mark.parametrize(
    ("way", "most"), [("The way of a question", 9), ("The way of an event", 8)]
)
def test_a_way_passes_no_more_modules_than_promised(way: str, most: int) -> None:
    files = steps(way)

    assert 4 < len(files) <= most
    assert len(set(files)) == len(files)


@pytest.mark.parametrize(("question", "files"), QUESTIONS, ids=[each[0] for each in QUESTIONS])
def test_a_strangers_question_is_answered_within_three_files(question: str, files: str) -> None:
    assert 1 <= len(FILE.findall(files)) <= 3


def test_all_the_strangers_questions_are_there() -> None:
    assert len(QUESTIONS) == 7
