"""What a client says in headers and parameters is heard, and what is meant is said back."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import httpx
import pytest
from conftest import browsing

from api.instance import Instance

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/e/syria?asof=1980", "asOf"),
        ("/e/global-coalition/members.csv?asof=1980", "asOf"),
        ("/e/global-coalition/changes?fromasof=1980", "fromAsOf"),
        ("/e/syria/sources?knownat=2014", "knownAt"),
        ("/e/syria/log?atposition=3", "atPosition"),
        ("/e/syria/rectangles?At_Position=3", "atPosition"),
        ("/e/syria/density?spam=near", "span"),
        ("/f/syria-joins-2025-11-11?known_at=2014", "knownAt"),
        ("/s/article-2025-11-03?recordedat=2014", "recordedAt"),
        ("/search?kinds=fact", "kind"),
        ("/search.json?Q=syria", "q"),
        ("/log?befor=3", "before"),
        ("/map?entty=syria", "entity"),
        ("/?language=ar", "lang"),
        ("/log/proof/answer?question=members&subjct=global-coalition", "subject"),
        ("/edit/record?typ=MemberJoined", "type"),
        ("/import/recorded?reqest=1", "request"),
        ("/facts.csv?tpye=MemberJoined", "type"),
    ],
)
def test_a_mistyped_parameter_is_refused_with_the_nearest(
    client: httpx.Client, path: str, nearest: str
) -> None:
    answer = client.get(path, params=dict(httpx.URL(path).params))

    assert answer.status_code == 400
    assert f"did you mean {nearest}?" in answer.text


@pytest.mark.parametrize(
    "path", ["/log/checkpoint?x=1", "/log/vkey?x=1", "/log/proof/fact/syria?x=1", "/guide?x=1"]
)
def test_what_has_no_such_parameter_says_so(client: httpx.Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 400
    assert "There is no parameter" in answer.text


@pytest.mark.parametrize(
    ("header", "encoding"), [("gzip", "gzip"), ("gzip;q=0", None), ("x-notgzip", None)]
)
def test_a_page_is_compressed_for_those_who_take_it(
    client: httpx.Client, header: str, encoding: str | None
) -> None:
    answer = client.get("/guide", headers={"accept-encoding": header})

    assert answer.headers.get("content-encoding") == encoding


@pytest.mark.parametrize("tag", ["*", "W/{tag}", '"other", {tag}'])
def test_who_has_an_export_is_told_that_it_is_unchanged(client: httpx.Client, tag: str) -> None:
    had = client.get("/e/syria.json?asOf=2025").headers["etag"]

    answer = client.get(
        "/e/syria.json?asOf=2025", headers={"if-none-match": tag.replace("{tag}", had)}
    )

    assert (answer.status_code, answer.content) == (304, b"")


def test_the_ids_of_the_feed_are_the_same_at_whatever_address(client: httpx.Client) -> None:
    feeds = [
        ElementTree.fromstring(client.get("/log/feed.atom", headers={"host": host}).content)
        for host in ("127.0.0.1", f"localhost:{client.base_url.port}")
    ]

    ids = [[element.text for element in feed.iter(f"{ATOM}id")] for feed in feeds]
    links = [[link.attrib["href"] for link in feed.iter(f"{ATOM}link")] for feed in feeds]
    assert ids[0] == ids[1]
    assert links[0] != links[1]
    assert len(set(ids[0])) == len(ids[0]) == 51
    assert all(text and text.startswith("urn:uuid:") for text in ids[0])
