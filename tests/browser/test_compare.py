"""Comparing in a browser: two coalitions on one day in four actions; their maps move together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import NewInstance, serving
from playwright.sync_api import Page, expect

from api.files import sample
from domain.codec import read

CITED = [{"source": "general-knowledge"}]
ACCORD = [
    {"type": "EntityRegistered", "id": "accord", "kind": "COALITION",
     "names": {"en": "Accord of the Coast", "ar": "ميثاق الساحل"}},
    {"type": "MemberJoined", "id": "accord-egypt", "coalition": "accord", "member": "egypt",
     "when": "2013-05", "citations": CITED},
]  # fmt: skip


@pytest.fixture(scope="module")
def address(new_instance: NewInstance) -> Iterator[str]:
    """A server of the sample record with a second coalition."""
    with new_instance() as instance:
        entries = [*sample().entries, *(read(each) for each in ACCORD)]
        instance.record.apply(entries, actor="someone")
        instance.catch_up()
        with serving(instance) as served:
            yield served


@pytest.mark.parametrize(
    ("lang", "one", "other", "button"),
    [
        ("en", "Global Coalition against Daesh", "Accord of the Coast", "Compare"),
        ("ar", "التحالف الدولي ضد داعش", "ميثاق الساحل", "قارن"),
    ],
)
def test_two_coalitions_are_side_by_side_on_a_day_in_four_actions(
    page: Page, lang: str, one: str, other: str, button: str
) -> None:
    page.goto(f"/?lang={lang}")

    page.locator("main").get_by_role("link", name=one).first.click()
    page.locator(".heading .actions").get_by_role("link", name=button, exact=True).click()
    page.locator("#others").get_by_role("link", name=other).click()
    expect(page.locator("h1")).to_contain_text(other)
    page.locator("#sides [name=asOf]").fill("2015-01-01")
    page.locator("#sides [name=asOf]").press("Enter")
    page.wait_for_url("**asOf=2015-01-01**")

    expect(page.locator("#both tbody")).to_contain_text("2013")
    expect(page.locator(".pair h2")).to_have_count(2)


def test_compared_maps_are_zoomed_together(page: Page) -> None:
    page.goto("/compare?left=global-coalition&right=accord&asOf=2015&lang=en")
    first, second = page.locator(".pair svg.world").all()
    whole = second.get_attribute("viewBox") or ""

    page.locator(".pair [data-zoom=in]").first.click()

    expect(second).not_to_have_attribute("viewBox", whole)
    assert first.get_attribute("viewBox") == second.get_attribute("viewBox")
