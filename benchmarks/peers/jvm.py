"""XTDB and Datomic, each in a process of its own, in memory, from its published jars.

Maven fetches the jars by pom.xml into a folder that is not committed; their SHA-256 are pinned in
jars.lock. The scripts time their bare query themselves: what is measured has no HTTP in it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.figures import Way
from benchmarks.ground import Ground, Loaded
from benchmarks.peers import Absent, Asked, export

HERE = Path(__file__).parent
JARS = HERE / ".jars"
LOCK = HERE / "jars.lock"
FETCHES_WITHIN, LOADS_WITHIN = 300, 600
"""Seconds."""


def jars(profile: str) -> list[Path]:
    """The jars of a peer, fetched if need be, each the one that is pinned. Raises Absent."""
    folder = JARS / profile
    if not folder.is_dir():
        if shutil.which("java") is None or shutil.which("mvn") is None:
            raise Absent("it needs a JDK and Maven")
        command = [
            *("mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "-P", profile),
            *("dependency:copy-dependencies", "-DincludeScope=runtime"),
            f"-DoutputDirectory={folder}",
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=FETCHES_WITHIN, check=False
            )
        except subprocess.TimeoutExpired:
            raise Absent(f"its jars did not come within {FETCHES_WITHIN} s") from None
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            words = [line for line in done.stdout.splitlines() if "ERROR" in line]
            raise Absent(f"its jars can't be had: {' '.join(words)[:300]}")
    pinned = {}
    for line in LOCK.read_text().splitlines():
        digest, name = line.split()
        pinned[name] = digest
    found = sorted(folder.glob("*.jar"))
    for jar in found:
        if pinned.get(f"{profile}/{jar.name}") != hashlib.sha256(jar.read_bytes()).hexdigest():
            raise Absent(f"{jar.name} is not the one that jars.lock pins")
    return found


@contextmanager
def _running(profile: str, ground: Ground, loaded: Loaded, asked: Asked) -> Iterator[Way]:
    path = export(loaded, ground.folder / f"{profile}.jsonl")
    classes = os.pathsep.join(map(str, jars(profile)))
    command = [
        *("java", "-Xmx2g", "-cp", classes, "clojure.main", str(HERE / f"{profile}.clj")),
        *(str(path), asked.coalition, str(asked.day)),
    ]
    with (ground.folder / f"{profile}.log").open("w+") as words:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, text=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        sent, answers = process.stdin, process.stdout
        try:
            members = answers.readline().strip()
            if members != str(asked.members):
                words.seek(0)
                raise Absent(
                    f"it found {members or 'no'} members of {asked.members}: {words.read()[-500:]}"
                )

            def ask() -> list[float]:
                print(asked.times, file=sent, flush=True)
                return [float(taken) for taken in json.loads(answers.readline())]

            for _ in range(20):  # let the JVM compile what is hot
                ask()
            yield ask
        finally:
            sent.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


xtdb = partial(_running, "xtdb")
datomic = partial(_running, "datomic")


def main() -> None:
    """Pin the jars that are there: `python -m benchmarks.peers.jvm`."""
    words = main.__doc__
    argparse.ArgumentParser(prog="python -m benchmarks.peers.jvm", description=words).parse_args()
    LOCK.write_text(
        "".join(
            f"{hashlib.sha256(jar.read_bytes()).hexdigest()} {jar.parent.name}/{jar.name}\n"
            for jar in sorted(JARS.glob("*/*.jar"))
        )
    )


if __name__ == "__main__":
    main()
