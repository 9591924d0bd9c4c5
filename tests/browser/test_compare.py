"""Comparing in a browser: the maps of two coalitions move together."""

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


def test_compared_maps_are_zoomed_together(page: Page) -> None:
    page.goto("/compare?left=global-coalition&right=accord&asOf=2015&lang=en")
    first, second = page.locator(".pair svg.world").all()
    whole = second.get_attribute("viewBox") or ""

    page.locator(".pair [data-zoom=in]").first.click()

    expect(second).not_to_have_attribute("viewBox", whole)
    assert first.get_attribute("viewBox") == second.get_attribute("viewBox")
