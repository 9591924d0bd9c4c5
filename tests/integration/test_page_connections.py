"""A page opens few connections to the database: each costs as much as several questions."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from conftest import serving

from api.instance import Instance
from api.session import Session

OPENED = {
    "/": 1,
    "/browse": 1,
    "/facts": 1,
    "/log": 1,
    "/check": 1,
    "/e/global-coalition": 1,
    "/e/global-coalition/changes?fromAsOf=2014": 2,  # the difference, and who its events name
    "/e/global-coalition/sources": 0,
    "/e/global-coalition/feed.atom": 2,  # its events, and who they name
    "/f/syria-joins-2025-11-11": 2,  # the places in documents, and who its corrections name
    "/s/anews-2025-11-11": 1,
    "/stories": 0,
}
"""By page, how many sessions of its own it opens at the most, beside connections of the pool."""


@pytest.fixture(scope="module")
def address(sampled: Instance) -> Iterator[str]:
    with serving(sampled) as address:
        yield address


@pytest.mark.parametrize("path", OPENED)
def test_a_page_opens_few_sessions_of_its_own(
    address: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    opened = []
    begin = Session.begin
    monkeypatch.setattr(Session, "begin", lambda *given: (opened.append(path), begin(*given))[1])

    assert httpx.get(address + path, timeout=60).status_code == 200

    assert len(opened) <= OPENED[path]
