"""Every template that is named is there, and what they are compiled to is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from api.web.render import CompiledTemplates, environment

WEB = Path(__file__).parents[2] / "api" / "web"
TEMPLATES = WEB / "templates"
NAMED = re.compile(r"""["'](\w+\.(?:html|atom|svg|txt|xml))["']""")


def test_every_template_that_is_named_is_there_and_every_one_is_named() -> None:
    pages = [*WEB.parent.rglob("*.py"), *TEMPLATES.iterdir()]
    named = {name for page in pages for name in NAMED.findall(page.read_text("utf-8"))}
    there = {page.name for page in TEMPLATES.iterdir()}
    beside = {page.name for page in WEB.glob("*.html")}  # sent as they are

    assert {name for name in named if name.endswith(".html")} <= there | beside
    assert there <= named


class Compiling(Environment):
    """Notes what it compiles."""

    def __init__(self, folder: Path, kept: Path) -> None:
        cache = CompiledTemplates()
        cache.directory = str(kept)
        super().__init__(loader=FileSystemLoader(folder), bytecode_cache=cache)
        self.compiled: list[str | None] = []

    def compile(self, source, name=None, *more, **named):  # type: ignore[no-untyped-def]
        self.compiled.append(name)
        return super().compile(source, name, *more, **named)


def test_a_template_is_compiled_once_and_again_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    page = tmp_path / "page.html"
    page.write_text("one {{ 1 + 1 }}")

    def rendered() -> tuple[str, int]:
        environment = Compiling(tmp_path, tmp_path)
        return environment.get_template("page.html").render(), len(environment.compiled)

    assert [rendered(), rendered()] == [("one 2", 1), ("one 2", 0)]
    page.write_text("two {{ 1 + 1 }}")
    assert rendered() == ("two 2", 1)


def test_no_result_of_a_filter_is_compiled_in() -> None:
    used = environment("ar").overlay()
    used.filters = {**used.filters}
    called: list[str] = []
    for name in ("day", "edtf", "iso", "span", "xml"):
        used.filters[name] = lambda *given, name=name: called.append(name) or ""

    for each in TEMPLATES.iterdir():
        used.compile(each.read_text("utf-8"), each.name)
    assert called == []
    used.compile("{{ '2025'|edtf }}")
    assert called == ["edtf"]


@pytest.mark.parametrize("forbidden", [True, False])
def test_templates_are_compiled_where_nothing_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forbidden: bool
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", forbidden)
    (tmp_path / "page.html").write_text("{{ 1 + 1 }}")
    kept = tmp_path if forbidden else tmp_path / "none"

    for _ in range(2):
        assert Compiling(tmp_path, kept).get_template("page.html").render() == "2"

    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
