"""SQL files: each query named by a `-- name:` line, read once."""

from __future__ import annotations

import re
from importlib import resources
from typing import LiteralString

_NAMED = re.compile(r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)


def queries(package: str, file: str) -> dict[str, LiteralString]:
    """The queries of a file beside a package's modules, by name, without their comments.

    They are ours and constant, which is what LiteralString stands for.
    """
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return {
        name: re.sub(r"^\s*--.*\n", "", body, flags=re.MULTILINE).strip()
        for name, body in _NAMED.findall(text)
    }
