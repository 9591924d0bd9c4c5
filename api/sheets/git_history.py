"""The history of a file in a git repository: the commits of the main line, and the file at each."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from domain.errors import Refused

_FIELDS: Final = "%H%x00%an%x00%cs%x00%s"


class FileCommit(NamedTuple):
    """A commit that changed the file; its day in UTC's calendar as the committer has it."""

    id: str
    author: str
    day: str
    subject: str


class FileHistory:
    """The commits of a file, the oldest first. Refused where git or the file is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        folder = str(path.parent)
        self._git = ["git", "-C", folder, "-c", "core.fsmonitor=false", "--literal-pathspecs"]
        prefix = self._run("rev-parse", "--show-prefix").strip()
        self._inside = f"{prefix}{path.name}"
        text = self._run(
            "log", "--first-parent", "--reverse", f"--format={_FIELDS}", "--", path.name
        )
        self.commits = [FileCommit(*line.split("\0", 3)) for line in text.split("\n") if line]
        if not self.commits:
            words = "No commit has this file: check its name, and that the branch is checked out."
            raise Refused("NO_HISTORY", words, file=str(path))

    def contents(self, commits: Sequence[FileCommit]) -> Iterator[tuple[FileCommit, bytes | None]]:
        """The file at some commits, None where it was deleted."""
        with subprocess.Popen(
            [*self._git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for commit in commits:
                process.stdin.write(f"{commit.id}:{self._inside}\n".encode())
                process.stdin.flush()
                head = process.stdout.readline().split()
                if head[-1] == b"missing":
                    yield commit, None
                    continue
                content = process.stdout.read(int(head[2]))
                process.stdout.read(1)
                yield commit, content

    def _run(self, *words: str) -> str:
        try:
            done = subprocess.run([*self._git, *words], capture_output=True, check=False)
        except OSError as error:
            words_ = (
                f"--history needs git, which can't be run ({error.strerror or error}): install it. "
                "The container image has none: run the command where the repository is, with "
                "SIJILL_DATABASE_URL naming the database."
            )
            raise Refused("NO_GIT", words_, file=str(self.path)) from error
        if done.returncode:
            said = " ".join(done.stderr.decode(errors="replace").split())
            raise Refused("NO_HISTORY", f"git says: {said}.", file=str(self.path))
        return done.stdout.decode(errors="replace")
