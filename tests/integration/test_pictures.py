"""Pictures are answers: the same for the same address, with what they rest on within them."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import httpx
import pytest
from conftest import browsing

from api.instance import Instance

COALITION = "/e/global-coalition"
FACT = "/f/syria-joins-2025-11-11"
PICTURES = [
    f"{COALITION}/members/count",
    f"{COALITION}/members/map",
    f"{COALITION}/bases/map",
    f"{COALITION}/timeline",
    f"{FACT}/claims",
    f"{FACT}/knowledge",
]
POINT = {"asOf": "2025-11-12", "knownAt": "2025-12-01", "atPosition": "500"}
DAYS = {"en": ("12 Nov 2025", "1 Dec 2025"), "ar": ("12 تشرين الثاني 2025", "1 كانون الأول 2025")}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        yield client


@pytest.fixture(scope="module")
def other(sampled: Instance) -> Iterator[httpx.Client]:
    """A second server of the same record."""
    with browsing(sampled) as client:
        yield client


@pytest.mark.parametrize("path", PICTURES)
def test_the_same_address_has_the_same_bytes_of_two_servers(
    client: httpx.Client, other: httpx.Client, path: str
) -> None:
    kinds = {"svg": "image/svg+xml; charset=utf-8", "png": "image/png"}
    for extension, lang in (("svg", "en"), ("svg", "ar"), ("png", "ar")):
        asked = {**POINT, "lang": lang}
        first, second = (each.get(f"{path}.{extension}", params=asked) for each in (client, other))

        assert first.status_code == 200
        assert first.headers["content-type"] == kinds[extension]
        assert first.content == second.content
        assert len(first.content) < 350_000


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("path", PICTURES)
def test_title_day_position_and_sources_are_in_the_picture(
    client: httpx.Client, path: str, lang: str
) -> None:
    drawn = ElementTree.fromstring(
        client.get(f"{path}.svg", params={**POINT, "lang": lang}).content
    )
    texts = [each.text or "" for each in drawn.findall(f"{SVG}text")]
    told = " ".join(text.strip("\u2067\u2069") for text in texts)
    day, known = DAYS[lang]

    assert drawn.findtext(f"{SVG}title")
    assert "500" in texts[-1] or any("500" in text for text in texts)
    assert known in told
    if path.startswith(COALITION):
        assert day in told
    assert ("Sources: " if lang == "en" else "المصادر: ") in told
    assert all(text.startswith("\u2067") for text in texts if lang == "ar" and not text.isdigit())


def test_a_count_that_is_not_certain_is_a_range(client: httpx.Client) -> None:
    asked = {"asOf": "2014-10-15", "knownAt": "2025-12-01", "atPosition": "500", "lang": "en"}
    for shape in ("map", "count"):
        drawn = client.get(f"{COALITION}/members/{shape}.svg", params=asked).text
        title = drawn.split("<title>")[1].split("</title>")[0]
        assert " to " in title
        assert title.endswith(" members") or " members, " in title


def test_a_pinned_picture_may_be_kept_and_shown_by_others(client: httpx.Client) -> None:
    pinned = client.get(f"{COALITION}/members/count.png", params=POINT).headers
    latest = client.get(f"{COALITION}/members/count.png").headers

    assert pinned["cache-control"] == "public, max-age=3600"
    assert pinned["cross-origin-resource-policy"] == "cross-origin"
    assert latest["cache-control"] == "no-cache"
    assert latest.get("cross-origin-resource-policy") != "cross-origin"


@pytest.mark.parametrize("extension", ["svg", "png"])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{COALITION}/planets/map", 404),
        (f"{COALITION}/objectives/map", 404),
        ("/e/nobody/members/map", 404),
        ("/e/nobody/timeline", 404),
        ("/e/A%00b/members/count", 400),
        ("/f/nothing/claims", 404),
        (f"{FACT}/claims", 200),
    ],
)
def test_what_can_t_be_drawn_is_refused_in_words(
    client: httpx.Client, path: str, status: int, extension: str
) -> None:
    assert client.get(f"{path}.{extension}").status_code == status


@pytest.mark.parametrize("path", PICTURES)
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("asOf=never", 400),
        ("atPosition=x", 400),
        ("knownAt=1990&lang=ar", 200),
        ("asOf=-9999", 200),
        ("asOf=9999-12-31&lang=xx", 200),
        ("width=99999", 400),
    ],
)
def test_no_address_of_a_picture_is_our_failure(
    client: httpx.Client, path: str, query: str, status: int
) -> None:
    found = client.get(f"{path}.svg?{query}").status_code

    assert found == status or (status == 200 and found == 404)
