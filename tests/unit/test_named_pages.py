"""No file of the project names a page or a module that is not in the repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
READ = {".py", ".sql", ".md", ".html", ".js", ".css", ".yaml", ".toml", ".conf", ".sh", ".graphql"}
TOP = "domain|store|projections|api|tests|docs|deploy|tools|benchmarks|records"
PATH = re.compile(
    rf"(?<![\w/.:-])((?:{TOP})/[\w./-]*\.(?:py|md|sql|html|js|css|ya?ml|sh|conf|lock))\b"
)
ALONE = re.compile(r"(?<![\w/.*{}<>$%-])([\w-]+\.(?:py|md))\b")
RUN = re.compile(r"python -m (\w+(?:\.\w+)*)")
ELSEWHERE = {"sitecustomize.py"}
"""Names of files that Python gives a meaning."""
OTHERS = {"pip", "pytest", "venv", "http.server"}
"""Programs that are run and are none of ours."""


def tracked() -> list[str]:
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return found.stdout.split()


FILES = [name for name in tracked() if (ROOT / name).is_file()]
PATHS = set(FILES)
NAMES = {PurePosixPath(name).name for name in FILES}


def lost(text: str) -> Iterator[str]:
    """What a text names that is not there."""
    for path in PATH.findall(text):
        if path not in PATHS:
            yield path
    for name in ALONE.findall(text):
        if name not in NAMES | ELSEWHERE:
            yield name
    for module in RUN.findall(text):
        path = module.replace(".", "/")
        there = {f"{path}.py", f"{path}/__main__.py", f"tests/{path}.py"} & PATHS
        if not there and module not in OTHERS:
            yield module


@pytest.mark.parametrize(
    "text", ["see docs/none.md", "as `NOWHERE.md` says", "what none.py does", "python -m api.none"]
)
def test_a_page_that_is_not_there_is_found(text: str) -> None:
    assert len(list(lost(text))) == 1


def test_no_file_names_a_page_that_is_not_in_the_repository() -> None:
    found = [
        f"{name}: {each}"
        for name in FILES
        if PurePosixPath(name).suffix in READ or name == "Makefile"
        if not name.startswith(("tests/vendor/", "tests/golden/")) and name != "CHANGELOG.md"
        if name != Path(__file__).relative_to(ROOT).as_posix()
        for each in lost((ROOT / name).read_text(encoding="utf-8"))
    ]

    assert found == []
