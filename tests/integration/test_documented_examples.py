"""Every example of docs/ is run, in the order of its page: on an empty record or on the sample.

A block that can't be run here has a comment before it that says why: `<!-- not run: … -->`.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import NewInstance
from running import SIJILL
from support.forked_sijill import sijill_program

from api.graphql.execution import ask
from api.instance import Instance
from domain.strict_json import parse_json

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<why>[^\n]+) -->\n+)?^```(?P<kind>sh|json|graphql|toml|csv)"
    r"(?: title=\"(?P<file>[\w.-]+)\")?\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
TUTORIAL = "tutorial/own-record.md"
EMPTY = {
    TUTORIAL,
    "tutorial/spreadsheet.md",
    "how-to/vocabulary.md",
    "how-to/sheets/spells.md",
    "how-to/sheets/panels.md",
    "how-to/sheets/snapshots.md",
    "how-to/vocabularies/states-and-treaties.md",
    "how-to/vocabularies/parliaments-and-offices.md",
    "how-to/vocabularies/command-and-custody.md",
    "ar/vocabularies.md",
}
"""The pages that begin with an empty record; the others are run on the sample."""
ELSEWHERE = {
    "record-file.md": "tests/unit/test_reference.py",
    "how-to/own-server.md": "tests/integration/test_documented_server.py",
    "how-to/operations.md": "tests/integration/test_documented_server.py",
}
"""Pages whose examples another test runs."""
NOT_RUN = 12
"""So many blocks at most can't be run."""


class Block(NamedTuple):
    kind: str
    text: str
    file: str | None
    why_not: str | None


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(m["kind"], m["text"], m["file"], m["why"]) for m in BLOCK.finditer(text)]


EXAMPLES = {
    name: found
    for page in sorted(DOCS.rglob("*.md"))
    if (name := str(page.relative_to(DOCS))) not in {*ELSEWHERE, "ar/own-record.md"}
    and (found := blocks(page))
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the verifier and the pages are found as in a checkout."""
    for name in ("tools", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run(text: str, folder: Path, instance: Instance) -> str:
    """What a block of shell prints; each of its lines must succeed."""
    done = subprocess.run(
        ["sh", "-eu", "-c", text],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{sijill_program().parent}:{SIJILL.parent}:{os.environ['PATH']}",
            "SIJILL_DATABASE_URL": instance.database.url,
            "SIJILL_DATA": str(folder / "data"),
        },
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.timeout(400)
@pytest.mark.parametrize("page", EXAMPLES)
def test_the_examples_of_a_page_run_in_order(
    page: str, folder: Path, new_instance: NewInstance, new_sampled: NewInstance
) -> None:
    with new_instance() if page in EMPTY else new_sampled() as instance:
        for block in EXAMPLES[page]:
            if block.why_not:
                continue
            if block.kind == "sh":
                assert run(block.text, folder, instance)
            elif block.kind == "graphql":
                response = ask(instance, block.text)
                assert "errors" not in response, response
                assert all(response["data"].values()), response
            elif block.file:
                (folder / block.file).write_text(block.text, encoding="utf-8")
            else:
                assert [parse_json(line) for line in block.text.splitlines()]


def test_few_examples_are_not_run_and_each_says_why() -> None:
    reasons = [block.why_not for found in EXAMPLES.values() for block in found if block.why_not]

    assert len(reasons) <= NOT_RUN


def test_what_is_run_elsewhere_is_there() -> None:
    for page, test in ELSEWHERE.items():
        assert (DOCS / page).is_file()
        assert Path(page).name in (ROOT / test).read_text(encoding="utf-8")


def test_the_arabic_tutorial_has_the_examples_of_the_english_one() -> None:
    assert blocks(DOCS / "ar" / "own-record.md") == EXAMPLES[TUTORIAL]
