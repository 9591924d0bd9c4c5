"""The site that `make docs` builds: whole, asking nothing of another host, Arabic right to left."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASKS = re.compile(
    r"<(?:script|img|iframe|source)[^>]*\ssrc=[\"']?(?:https?:)?//"
    r"|<link[^>]*\srel=[\"']?(?:stylesheet|preconnect|preload|icon)[^>]*\shref=[\"']?(?:https?:)?//"
    r"|url\([\"']?(?:https?:)?//|@import[^;]*//",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, of a copy of what it is built from."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    for config in ("zensical.toml", "zensical.ar.toml"):
        shutil.copy(ROOT / config, folder)
        done = subprocess.run(
            [Path(sys.executable).with_name("zensical"), "build", "--strict", "-f", config],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


def test_every_page_of_docs_is_built_and_listed(site: Path) -> None:
    listed = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs")
        assert (site / name.with_suffix(".html")).is_file()
        if name.parts[0] not in {"ar", "decisions"}:
            assert f'"{name}"' in listed, f"{name} is not in the contents of zensical.toml"


def test_the_site_asks_nothing_of_another_host(site: Path) -> None:
    files = [*site.rglob("*.html"), *site.rglob("*.css")]

    asking = [
        f"{file.relative_to(site)}: {found[0][:120]}"
        for file in files
        for found in [ASKS.search(file.read_text(encoding="utf-8"))]
        if found
    ]

    assert len(files) > 30
    assert asking == []


def test_the_arabic_pages_run_from_right_to_left(site: Path) -> None:
    for name in ("index", "guide", "own-record"):
        page = (site / "ar" / f"{name}.html").read_text(encoding="utf-8")

        assert re.search(r'<html[^>]*lang="?ar', page)
        assert re.search(r'<body[^>]*dir="?rtl', page)
