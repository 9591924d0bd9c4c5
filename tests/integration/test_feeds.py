"""Feeds of entities, questions and sources, and the page of activity: who recorded what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree

import httpx
import pytest
from conftest import browsing
from selectolax.lexbor import LexborHTMLParser

from api.instance import Instance
from domain.codec import read

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = (
    "/e/global-coalition/feed.atom",
    "/e/global-coalition/members/feed.atom",
    "/e/syria/memberships/feed.atom",
    "/s/anews-2025-11-11/feed.atom",
    "/log/feed.atom",
)


class Site(NamedTuple):
    """A served sample record."""

    instance: Instance
    http: httpx.Client

    def feed(self, path: str, **headers: str) -> ElementTree.Element:
        answer = self.http.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/atom+xml")
        return ElementTree.fromstring(answer.content)

    def record(self, *entries: dict[str, Any], actor: str = "someone") -> None:
        """Have entries recorded, and wait until the server has heard of them."""
        self.instance.record.apply([read(entry) for entry in entries], actor=actor)
        head, asked = self.instance.catch_up(), {"query": "{ log(first: 1) { position } }"}
        while self.http.post("/graphql", json=asked).json()["data"]["log"]["position"] < head:
            pass


@pytest.fixture(scope="module")
def site(sampled: Instance) -> Iterator[Site]:
    with browsing(sampled) as http:
        yield Site(sampled, http)


def _ids(feed: ElementTree.Element) -> list[str]:
    return [str(each.text) for each in feed.iter(f"{ATOM}id")]


def _entries(feed: ElementTree.Element) -> list[str]:
    return [str(each.text) for each in feed.iter(f"{ATOM}content")]


@pytest.mark.parametrize("path", FEEDS)
def test_ids_of_a_feed_depend_on_neither_host_nor_language_nor_what_comes_later(
    site: Site, path: str
) -> None:
    first = site.feed(path)
    elsewhere = site.feed(f"{path}?lang=ar", host=f"localhost:{site.http.base_url.port}")
    entry = {
        "type": "MemberJoined", "id": f"again-{abs(hash(path))}", "coalition": "global-coalition",
        "member": "syria", "when": "2025-11-10", "citations": [{"source": "anews-2025-11-11"}],
    }  # fmt: skip
    site.record(entry)
    later = site.feed(path)

    assert _ids(first) == _ids(elsewhere)
    assert all(re.fullmatch("urn:uuid:[0-9a-f-]{36}", each) for each in _ids(first))
    feed, *entries = _ids(first)
    new_feed, newest, *rest = _ids(later)
    assert (new_feed, rest[: len(entries) - 1]) == (feed, entries[: len(rest)][: len(entries) - 1])
    assert newest not in entries
    assert len(set(_ids(first))) == len(_ids(first))
    assert entry["id"] in _entries(later)[0]


def test_each_feed_is_another_one(site: Site) -> None:
    assert len({_ids(site.feed(path))[0] for path in FEEDS}) == len(FEEDS)


def test_an_event_has_one_id_in_all_feeds(site: Site) -> None:
    said = {}
    for path in FEEDS:
        for id_, text in zip(_ids(site.feed(path))[1:], _entries(site.feed(path)), strict=True):
            assert said.setdefault(text, id_) == id_


def test_a_feed_has_what_was_said_of_the_facts_and_only_what_it_is_of(site: Site) -> None:
    entries = [
        {"type": "FactDisputed", "id": "doubt", "fact": "syria-joins-2025-11-11", "reason": "x"},
        {"type": "SourceReassessed", "id": "graded", "source": "anews-2025-11-11", "reason": "x",
         "reliability": "D"},
        {"type": "EntityRenamed", "id": "called", "entity": "syria", "when": "2026", "reason": "x",
         "names": {"en": "Syria!"}},
    ]  # fmt: skip
    site.record(*entries)

    def has(path: str) -> set[str]:
        told = " ".join(_entries(site.feed(path))).split()
        return {entry["id"] for entry in entries} & set(told)

    assert has("/e/syria/feed.atom") == {"doubt", "called"}
    assert has("/e/global-coalition/members/feed.atom") == {"doubt"}
    assert "graded" in has("/s/anews-2025-11-11/feed.atom")
    assert has("/e/panama/feed.atom") == set()
    title = next(site.feed("/e/syria/feed.atom").iter(f"{ATOM}entry")).findtext(f"{ATOM}title")
    assert title == "Syria is called Syria! from 2026 on"


def _titles(site: Site, path: str) -> list[str]:
    entries = site.feed(path).iter(f"{ATOM}entry")
    return [str(each.findtext(f"{ATOM}title")) for each in entries]


def test_a_renaming_is_told_by_the_name_before_it_in_every_feed(site: Site) -> None:
    renaming = {"type": "EntityRenamed", "entity": "roma", "reason": "x"}
    site.record(
        {"type": "EntityRegistered", "id": "roma", "kind": "PLACE",
         "names": {"en": "Rome", "ar": "روما"}},
        {**renaming, "id": "r-1", "when": "1950", "names": {"en": "Roma"}},
        {**renaming, "id": "r-2", "when": "1960-05", "names": {"en": "Roma Nova"}},
    )  # fmt: skip
    told = [
        "Roma is called Roma Nova from May 1960 on",
        "Rome is called Roma from 1950 on",
        "Entity registered: Roma Nova",
    ]

    assert _titles(site, "/e/roma/feed.atom") == told
    assert _titles(site, "/log/feed.atom")[:3] == told


def test_feeds_name_others_as_they_are_called_now(site: Site) -> None:
    site.record(
        *({"type": "EntityRegistered", "id": name, "kind": kind, "names": {"en": name.title()}}
          for name, kind in (("pact", "COALITION"), ("ostia", "PLACE"))),
        {"type": "MemberJoined", "id": "ostia-joins", "coalition": "pact", "member": "ostia",
         "when": "1970", "citations": [{"source": "anews-2025-11-11"}]},
    )  # fmt: skip
    site.record({"type": "EntityRenamed", "id": "r-3", "entity": "ostia", "when": "1980",
                 "names": {"en": "Ostia Antica"}, "reason": "x"})  # fmt: skip

    (title, *_) = _titles(site, "/e/pact/feed.atom")

    assert "Ostia Antica" in title
    assert title in _titles(site, "/log/feed.atom")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/e/nobody/feed.atom", 404),
        ("/s/nothing/feed.atom", 404),
        ("/e/syria/nothing/feed.atom", 404),
        ("/activity?before=x", 400),
        ("/activity?kind=%00&actor=%27&day=never", 200),
        ("/activity?lang=ar", 200),
    ],
)
def test_what_is_not_there_has_no_feed(site: Site, path: str, status: int) -> None:
    assert site.http.get(path).status_code == status


@pytest.mark.parametrize(
    "page", ["/e/syria", "/e/global-coalition/members", "/s/anews-2025-11-11", "/e/syria/log"]
)
def test_a_page_leads_to_its_feed(site: Site, page: str) -> None:
    shown = LexborHTMLParser(site.http.get(page).text)
    feed = page.removesuffix("/log") + "/feed.atom?lang=en"
    assert shown.css(f'link[rel=alternate][type="application/atom+xml"][href="{feed}"]')
    assert page == "/e/syria" or shown.css(f'main a[href="{feed}"]')


def test_activity_says_who_did_what_by_day_actor_and_kind(site: Site) -> None:
    entry = {"type": "FactDisputed", "id": "doubted", "fact": "syria-joins-2025-11-11",
             "reason": "x"}  # fmt: skip
    site.record(entry, actor="Amal")
    page = LexborHTMLParser(site.http.get("/activity?lang=en").text)
    first = page.css_first("main section li")
    assert "Amal" in first.text()
    assert "This is disputed" in first.css_first("ul li").text()
    assert page.css_first("option[value=Amal]").text() == "Amal (1)"

    narrowed = LexborHTMLParser(site.http.get("/activity?actor=Amal&kind=FactDisputed").text)
    assert len(narrowed.css("main section li ul li")) == 1
    nothing = site.http.get("/activity?actor=Amal&kind=FactRetracted&lang=en").text
    assert "Nothing of this was recorded" in nothing
    assert 'href="/activity"' in site.http.get("/").text
