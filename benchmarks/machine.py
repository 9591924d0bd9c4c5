"""What a run was made on: the machine, and what of it matters that is installed."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from domain import compilation

PACKAGES = (
    "eventsourcing", "psycopg", "strawberry-graphql", "graphql-core", "starlette", "uvicorn",
    "msgspec",
)  # fmt: skip


def described(postgresql: str) -> dict[str, Any]:
    """For the JSON."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _said("git", "rev-parse", "--short", "HEAD"),
        "changed": bool(_said("git", "status", "--porcelain", "--untracked-files=no")),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "memory": _memory(),
        "load": os.getloadavg(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "compiled": compilation.folder().exists(),
        "postgresql": postgresql,
        "packages": {name: version(name) for name in PACKAGES},
    }


def _said(*command: str) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
