"""SQL is in the .sql files of store/ and projections/, each statement named and described."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.sql import naming, queries

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "store", "projections", "api")
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.sql")
    if path.parent.name in PACKAGES
)
STATEMENT = re.compile(
    r"\s*("
    "SELECT|INSERT|UPDATE|DELETE|MERGE|COPY|VALUES|WITH|LOCK|SET|RESET|SHOW|LISTEN|UNLISTEN|NOTIFY"
    "|CREATE|ALTER|DROP|TRUNCATE|ANALYZE|VACUUM|REINDEX|CLUSTER|GRANT|REVOKE|COMMENT|CALL|DO"
    "|EXPLAIN|DECLARE|FETCH|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|PREPARE|EXECUTE|DEALLOCATE|CHECKPOINT"
    r")\b(?!:)\W+\w"
)


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string in Python source; docstrings and their like left out."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    within = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(p.value) if isinstance(p, ast.Constant) else "x" for p in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and id(node) not in alone | within:
            if isinstance(node.value, str):
                yield node.lineno, node.value
            elif isinstance(node.value, bytes):
                yield node.lineno, node.value.decode("latin-1")


@pytest.mark.parametrize(
    "source",
    [
        'run("SELECT 1")',
        'run(f"LISTEN {channel}")',
        'run(b"ANALYZE grouped")',
        'run("""\n    SELECT {position} AS position\n""")',
        'run("COPY supposed_ids (kind, id) FROM STDIN")',
        "run(f'DROP INDEX \"{name}\"')",
    ],
)
def test_a_statement_in_python_is_found(source: str) -> None:
    assert [line for line, text in texts(source) if STATEMENT.match(text)] == [1]


@pytest.mark.parametrize(
    "source", ['"""SELECT 1"""', 'methods = {"DELETE", "PUT"}', 'run("Set it")']
)
def test_a_docstring_a_method_and_a_sentence_are_no_statements(source: str) -> None:
    assert not [line for line, text in texts(source) if STATEMENT.match(text)]


def test_no_statement_is_in_python() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.strip()[:60]}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, text in texts(path.read_text(encoding="utf-8"))
        if STATEMENT.match(text)
    ]

    assert not found


@pytest.mark.parametrize("file", FILES)
def test_each_statement_of_a_file_has_a_name_of_its_own(file: str) -> None:
    package, _, name = file.rpartition("/")
    text = (ROOT / file).read_text(encoding="utf-8")
    names = re.findall(r"^-- name: (.*)$", text, re.MULTILINE)

    if name != "roles.sql":  # one script, run whole
        assert names
    assert len(set(names)) == len(names)
    assert queries(package, name).keys() == set(names)
    assert all(queries(package, name).values())


def test_a_name_is_quoted_where_a_statement_takes_one() -> None:
    assert naming("DROP INDEX {index}", index='a"b').as_string() == 'DROP INDEX "a""b"'
