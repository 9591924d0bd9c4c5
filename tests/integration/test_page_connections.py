"""A page opens few connections to the database: each costs as much as several questions."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import psycopg
import pytest
from conftest import serving

from api.costly_pool import AT_ONCE
from api.instance import Instance
from api.session import Session

OPENED = {
    "/": 0,
    "/browse": 0,
    "/facts": 0,
    "/log": 0,
    "/check": 0,
    "/e/global-coalition": 0,
    "/e/global-coalition/changes?fromAsOf=2014": 1,  # the difference
    "/e/global-coalition/sources": 0,
    "/e/global-coalition/feed.atom": 0,
    "/f/syria-joins-2025-11-11": 1,  # the places in documents
    "/s/anews-2025-11-11": 0,
    "/stories": 0,
}
"""By page, how many sessions of its own it opens at the most, beside connections of the pools."""


@pytest.fixture(scope="module")
def address(sampled: Instance) -> Iterator[str]:
    with serving(sampled) as address:
        yield address


@pytest.mark.parametrize("path", OPENED)
def test_a_page_opens_few_sessions_of_its_own(
    address: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    opened = []
    connected = Session.connected
    monkeypatch.setattr(
        Session, "connected", lambda *a, **more: (opened.append(path), connected(*a, **more))[1]
    )

    assert httpx.get(address + path, timeout=60).status_code == 200

    assert len(opened) <= OPENED[path]


def test_pages_borrow_the_connections_of_those_before_them(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpx.get(f"{address}/log", timeout=60)
    opened = []
    connect = psycopg.Connection.connect
    monkeypatch.setattr(
        psycopg.Connection, "connect", lambda *a, **more: (opened.append(a), connect(*a, **more))[1]
    )

    for _ in range(2):
        for path in ("/log", "/facts", "/browse"):
            assert httpx.get(address + path, timeout=60).status_code == 200

    assert len(opened) <= AT_ONCE
