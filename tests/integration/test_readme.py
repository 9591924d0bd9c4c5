"""Every command that the README shows is run, on the sample record."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.forked_sijill import sijill_program

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md"]
COMMANDS = [
    line.split("#")[0].strip()
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
SIJILL = ".venv/bin/sijill "


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a record file of one's own, and the sample record in its data."""
    folder = Path(tempfile.mkdtemp(prefix="sijill-readme-", dir="/tmp"))
    folder.chmod(0o755)
    own = '{"type":"SourceRegistered","id":"mine","title":"A letter"}\n'
    (folder / "my-record.jsonl").write_text(own, encoding="utf-8")
    files = sorted(str(path) for path in (ROOT / "records" / "global-coalition").glob("*.jsonl"))
    run(folder, ["import", *files])
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def run(folder: Path, arguments: list[str]) -> str:
    done = subprocess.run(
        [sijill_program(), *arguments],
        cwd=folder,
        env={**os.environ, "SIJILL_DATA": str(folder / "data")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_readme_shows_the_two_commands() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for command in COMMANDS:
        if command.startswith("make "):
            assert f"\n{command.split()[1]}:" in makefile
    assert {"make demo", "make test"} <= set(COMMANDS)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith(SIJILL)])
def test_a_command_of_the_readme_runs(folder: Path, command: str) -> None:
    assert run(folder, shlex.split(command.removeprefix(SIJILL)))


def test_the_readme_has_no_command_that_is_not_run() -> None:
    assert [c for c in COMMANDS if not c.startswith((SIJILL, "make "))] == []
