"""The page of an entity: what is its own, when it began and ended, and where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import NewInstance, serving
from playwright.sync_api import Browser, Page, expect
from support.windows import WINDOWS

from api.instance import Instance
from domain.codec import read

PUBLISHED = {"pact": "1956-01-01", "end": "1991-08-01"}
CITED = {name: {"citations": [{"source": name, "quote": name}]} for name in PUBLISHED}


def _entity(name: str, kind: str) -> dict[str, Any]:
    return {"type": "EntityRegistered", "id": name, "kind": kind, "names": {"en": name.title()}}


@pytest.fixture(scope="module")
def address(new_instance: NewInstance) -> Iterator[str]:
    """A pact that was founded and dissolved, beside a command of others."""
    entries: list[dict[str, Any]] = [
        *({"type": "SourceRegistered", "id": name, "title": f"Of the {name}", "published": day}
          for name, day in PUBLISHED.items()),
        _entity("pact", "COALITION"), _entity("poland", "COUNTRY"), _entity("other-hq", "COMMAND"),
        {"type": "CoalitionFounded", "id": "founded", "coalition": "pact", "when": "1955-05",
         **CITED["pact"]},
        {"type": "MemberJoined", "id": "joined", "coalition": "pact", "member": "poland",
         "when": "1955-05-14", **CITED["pact"]},
        {"type": "CoalitionDissolved", "id": "dissolved", "coalition": "pact",
         "when": "1991-07-01", **CITED["end"]},
        {"type": "CommandEstablished", "id": "hq", "command": "other-hq", "when": "1950",
         **CITED["pact"]},
    ]  # fmt: skip
    with new_instance() as instance:
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        with serving(instance) as served:
            yield served


@pytest.fixture(scope="module")
def sample(sampled: Instance) -> Iterator[str]:
    """A server of the sample record."""
    with serving(sampled) as served:
        yield served


def test_a_page_lists_only_what_is_its_own(page: Page) -> None:
    page.goto("/e/pact?asOf=1970&lang=en")

    expect(page.locator("main")).to_contain_text("Poland")
    expect(page.locator("main")).not_to_contain_text("Other-Hq")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("lang", "began", "ended"),
    [("en", "Founded May 1955", "Dissolved 1 Jul 1991"), ("ar", "أيار 1955", "1 تموز 1991")],
)
def test_a_page_says_when_its_entity_was_founded_and_ended(
    browser: Browser, address: str, lang: str, began: str, ended: str, scripts: bool
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"/e/pact?asOf=1970&lang={lang}")
    meta = page.locator(".heading .meta")

    expect(meta).to_contain_text(began)
    expect(meta).to_contain_text(ended)
    page.goto(f"/e/pact?asOf=1970&knownAt=1960-01-01&lang={lang}")
    expect(meta).to_contain_text(began)
    expect(meta).not_to_contain_text(ended)
    context.close()


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_point_at_which_nothing_holds_is_told(page: Page, lang: str) -> None:
    page.goto(f"/e/pact?asOf=1940-01-01&lang={lang}")
    empty = page.locator("[data-follow=empty]")
    words = {
        "en": "Founded May 1955; nothing holds on 1 Jan 1940.",
        "ar": "1 كانون الثاني 1940",
    }

    expect(empty).to_contain_text(words[lang])
    page.locator(".slide input").first.wait_for()
    page.locator(".asof input[name=asOf]").fill("1970")
    page.locator(".asof input[name=asOf]").press("Enter")
    expect(empty).to_be_empty()
    expect(page.locator("#list")).to_contain_text("Poland")


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "No source published by 31 Dec 1950 speaks of it."), ("ar", "31 كانون الأول 1950")],
)
def test_a_day_by_which_nothing_was_published_is_told(page: Page, lang: str, words: str) -> None:
    page.goto(f"/e/pact?asOf=1970&knownAt=1950-12-31&lang={lang}")

    expect(page.locator("[data-follow=empty]")).to_contain_text(words)


@pytest.mark.parametrize(("lang", "width", "scripts"), WINDOWS)
def test_the_page_of_a_base_has_a_map_with_its_marker_on(
    browser: Browser, sample: str, lang: str, width: int, scripts: bool
) -> None:
    context = browser.new_context(
        base_url=sample,
        viewport={"width": width, "height": 844},
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.goto(f"/e/al-tanf?asOf=2025-11-10&lang={lang}")
    marker = page.locator(".region .place[data-id=al-tanf]")

    expect(marker.locator(".dot")).to_be_visible()
    if scripts:
        page.locator(".slide input").first.wait_for()
        expect(marker).to_have_class("place certain")
        page.locator(".asof input[name=asOf]").fill("2016")
        page.locator(".asof input[name=asOf]").press("Enter")
        expect(marker).to_have_class("place possible")
        page.locator(".asof input[name=asOf]").fill("1990")
        page.locator(".asof input[name=asOf]").press("Enter")
        expect(marker).to_have_class("place here")
        expect(marker.locator(".dot")).to_be_visible()
    context.close()
