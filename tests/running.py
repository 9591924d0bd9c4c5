"""Programs in processes of their own, as a user starts them."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

SIJILL = Path(sys.executable).with_name("sijill")


@contextmanager
def serving(*arguments: str, **more: str) -> Iterator[tuple[str, list[str], subprocess.Popen[str]]]:
    """A server: its address, what it said by then, and its process."""
    process = subprocess.Popen(
        [SIJILL, *arguments], env={**os.environ, **more}, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said: list[str] = []
    try:
        yield _address(process.stderr, said), said, process
    finally:
        process.kill()
        process.communicate()


def _address(words: IO[str], said: list[str]) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([words], [], [], 1)[0]:
            line = words.readline()
            assert line, said
            said.append(line)
            if found := re.match(r"Sijill is at (\S+)$", line):
                return found[1]
    raise AssertionError(said)


def is_running(pid: int) -> bool:
    """Whether there is such a process, and one that has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
