"""A link to a page shows its answer: the count as a range and the day, in words and a picture."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from conftest import NewInstance, browsing
from selectolax.lexbor import LexborHTMLParser

from api.instance import Instance
from api.web.pages import site_map
from domain.codec import read

COALITION = "/e/global-coalition"
POINT = "asOf=2014-10-15&knownAt=2025-12-01&atPosition=500"
DAY = {"en": "15 Oct 2014", "ar": "15 تشرين الأول 2014"}
KNOWN = {"en": "1 Dec 2025", "ar": "1 كانون الأول 2025"}
PAGES = [
    "/", "/browse", "/entities", "/sources", "/facts?only=contested", "/search?q=syria", "/check",
    "/vocabulary", "/map", COALITION, f"{COALITION}/changes?fromKnownAt=2014-10-20",
    f"{COALITION}/sources", f"{COALITION}/log", f"{COALITION}/members", f"{COALITION}/timeline",
    "/f/syria-joins-2025-11-11", "/s/article-2025-11-03", "/changes?fromAsOf=2014-09-01",
    "/story/the-week-syria-joined?step=2", "/compare?left=global-coalition&fromAsOf=2020-01-01",
    "/e/syria", "/organisations", "/e/syria/memberships",
]  # fmt: skip
SPELT = ("واحد", "مصدران")
"""How Arabic says one, and two sources, without a digit."""
BY_KNOWLEDGE = ("/f/", "/s/")
"""Pages of what does not vary by the day on which it is true."""


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        client.headers["accept"] = "text/html"
        yield client


@pytest.fixture(scope="module")
def titles() -> dict[str, str]:
    """Title → the page that has it, of those seen so far."""
    return {}


def told(page: LexborHTMLParser) -> dict[str, str]:
    """What meta elements say, by name or property."""
    return {
        (each.attributes.get("property") or each.attributes.get("name") or ""): (
            each.attributes.get("content") or ""
        )
        for each in page.css("meta[content]")
    }


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("path", PAGES)
def test_a_preview_has_a_title_of_its_own_the_answer_and_the_day(
    client: httpx.Client, titles: dict[str, str], path: str, lang: str
) -> None:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}{POINT}&lang={lang}")
    page = LexborHTMLParser(answer.text)
    metas, title = told(page), page.css_first("title")
    site = str(client.base_url).rstrip("/")
    day = KNOWN[lang] if path.startswith(BY_KNOWLEDGE) else DAY[lang]

    assert answer.status_code == 200
    assert title is not None
    assert metas["og:title"] == title.text().strip()
    assert titles.setdefault(metas["og:title"], path) == path
    assert metas["og:description"] == metas["description"]
    assert day in metas["description"]
    rest = metas["description"].replace(day, "")
    assert any(each.isdigit() for each in rest) or any(word in rest for word in SPELT)
    assert metas["twitter:card"] == "summary_large_image"
    canonical = page.css_first("link[rel=canonical]")
    assert canonical is not None
    assert metas["og:url"] == canonical.attributes["href"]
    assert metas["og:url"].startswith(f"{site}{path.partition('?')[0]}?")
    assert metas["robots"] == "noindex"
    picture = metas["og:image"]
    assert picture.startswith(f"{site}/")
    assert urlsplit(picture).path.endswith(".png")
    drawn = client.get(picture.replace(".png", ".svg", 1))
    assert drawn.status_code == 200
    texts = ElementTree.fromstring(drawn.content).itertext()
    said = " ".join(" ".join(text.strip("\u2067\u2069") for text in texts).split())
    assert day in said
    pinned = parse_qs(urlsplit(picture).query)
    assert pinned["atPosition"][0] in said


def test_the_preview_of_a_coalition_has_its_count_as_a_range(client: httpx.Client) -> None:
    page = LexborHTMLParser(client.get(f"{COALITION}?{POINT}&lang=en").text)
    metas = told(page)

    assert " to " in metas["og:title"]
    assert " to " in metas["og:description"]
    assert urlsplit(metas["og:image"]).path == f"{COALITION}/members/count.png"
    picture = client.get(metas["og:image"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_a_page_of_today_is_listed_and_its_canonical_address_has_no_clocks(
    client: httpx.Client,
) -> None:
    page = LexborHTMLParser(client.get("/facts?only=contested&lang=en&evidence=x").text)

    assert "robots" not in told(page)
    assert told(page)["og:url"].endswith("/facts?lang=en&only=contested")


@pytest.mark.parametrize("path", ["/edit", "/import", "/e/nobody"])
def test_forms_and_failures_have_no_picture_and_are_not_listed(
    client: httpx.Client, path: str
) -> None:
    metas = told(LexborHTMLParser(client.get(path).text))

    assert "og:image" not in metas
    assert metas["robots"] == "noindex"


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("/e/nobody", 404),
        ("/nothing", 404),
        ("/edit", 404),
        ("//evil.example/", 404),
        ("https://evil.example/", 404),
        ("/e/%00", 404),
        ("/embed/e/global-coalition/members", 404),
        ("/e/global-coalition/rectangles", 404),
        ("/card.svg", 404),
        ("/search?q=%ff%00&kind=x", 404),
        ("/facts?unknown=1", 404),
        ("/" + "a" * 5_000, 404),
        ("/facts?only=contested", 200),
        ("", 404),
    ],
)
def test_a_card_is_of_a_page_of_ours_or_refused(
    client: httpx.Client, page: str, status: int
) -> None:
    assert client.get("/card.svg", params={"page": page}).status_code == status


def test_search_engines_find_every_entity_and_source(client: httpx.Client) -> None:
    robots = client.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    address = next(
        line.removeprefix("Sitemap: ")
        for line in robots.text.splitlines()
        if line.startswith("Sitemap: ")
    )
    found = ElementTree.fromstring(client.get(address).content)
    listed = {urlsplit(each.text or "").path for each in found.iter() if each.tag.endswith("}loc")}

    for name, step in (("entities", "e"), ("sources", "s")):
        rows = client.get(f"/{name}.json").json()["rows"]
        assert len(rows) > 50
        assert {f"/{step}/{row['id']}" for row in rows} <= listed
    for path in sorted(listed)[::25]:
        assert client.get(path).status_code == 200


def test_the_sitemap_of_a_large_record_is_an_index_of_parts(
    new_instance: NewInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_map, "PART", 10)
    entries = [
        {"type": "EntityRegistered", "id": f"e{number:02}", "kind": "COUNTRY", "names": {"en": "E"}}
        for number in range(25)
    ]
    with new_instance() as instance:
        instance.record.apply([read(each) for each in entries], actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            index = ElementTree.fromstring(client.get("/sitemap.xml").content)
            parts = [each.text or "" for each in index.iter() if each.tag.endswith("}loc")]
            paths = [
                urlsplit(each.text or "").path
                for part in parts
                for each in ElementTree.fromstring(client.get(part).content).iter()
                if each.tag.endswith("}loc")
            ]
            statuses = [
                client.get(f"/sitemap.xml?part={part}").status_code for part in ("4", "0", "x")
            ]

    assert index.tag.endswith("}sitemapindex")
    assert len(parts) == 3
    assert [path for path in paths if path.startswith("/e/")] == [f"/e/e{n:02}" for n in range(25)]
    assert len(paths) == len(set(paths)) == 25 + len(site_map.FIXED)
    assert statuses == [404, 400, 400]
