"""The entries of the sample record as plain JSON, and what tests of it name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "records" / "global-coalition"
ARTICLE_SOURCE = "article-2025-11-03"
COALITION = "global-coalition"
BEFORE_PREFERENCE = 549
"""The position before the editor's preference: what was pinned there stays."""

Entry = dict[str, Any]


def in_files() -> Iterator[tuple[Path, Entry]]:
    for path in sorted(RECORD.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path, json.loads(line)


@cache
def entries() -> tuple[Entry, ...]:
    return tuple(entry for _, entry in in_files())


def of_type(*types: str) -> list[Entry]:
    return [entry for entry in entries() if entry["type"] in types]
