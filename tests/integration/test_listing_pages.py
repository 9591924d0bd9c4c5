"""The address of a file without its extension is a page: each view has one."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from conftest import browsing

from api.export.formats import formats_of
from api.export.views import OF_ENTITY, OF_FACT, OF_RECORD, OF_SOURCE, Kind, views_below
from api.instance import Instance
from domain.vocabulary import CORE

OF = {"e": "global-coalition", "s": "article-2025-11-03", "f": "syria-joins-2025-11-11"}
PATHS = [
    *(f"/{name}" for name in OF_RECORD),
    *(f"/{folder}/{OF[folder]}/{name}" for folder in OF for name in views_below(folder, CORE)),
]
VIEWS = [*OF_RECORD.values(), *OF_ENTITY.values(), *OF_SOURCE.values(), *OF_FACT.values()]


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        yield client


@pytest.mark.parametrize(("path", "view"), list(zip(PATHS, VIEWS, strict=True)), ids=str)
def test_each_view_has_a_page_that_links_its_files(
    client: httpx.Client, path: str, view: object
) -> None:
    page = client.get(path, headers={"accept": "text/html"}, params={"asOf": "2025-11-10"})

    assert page.status_code == 200
    assert page.text.count("download>") >= len(formats_of(view))  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_list_names_what_its_file_has(client: httpx.Client, lang: str) -> None:
    asked = {"asOf": "2025-11-10", "lang": lang}
    rows = client.get("/e/global-coalition/members.json", params=asked).json()["rows"]

    page = client.get("/e/global-coalition/members", params=asked).text

    assert len(rows) > 80
    assert all(row["entity"]["name"].replace("'", "&#39;") in page for row in rows)


def test_what_changed_in_the_whole_record_is_a_page(client: httpx.Client) -> None:
    asked = {"asOf": "2025-11-10", "fromAsOf": "2014-09"}
    rows = client.get("/changes.json", params=asked).json()["rows"]

    page = client.get("/changes", params=asked).text

    assert OF_RECORD["changes"].kind is Kind.CHANGE
    assert f">{min(len(rows), 500)}{'+' if len(rows) > 500 else ''}</span>" in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/e/atlantis/members", 404),
        ("/s/atlantis/facts", 404),
        ("/facts?type=Nonsense", 404),
        ("/facts?kind=x", 400),
        ("/organisations?kind=PLANET", 400),
        ("/e/syria/planets", 404),
        ("/facts?asOf=tomorrow", 400),
    ],
)
def test_what_is_not_there_is_refused(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path, headers={"accept": "text/html"}).status_code == status


@pytest.mark.parametrize("path", ["/facts", "/record", "/e/global-coalition/members"])
def test_a_citation_leads_to_the_page_of_its_view(client: httpx.Client, path: str) -> None:
    [item] = client.get("/e/global-coalition/members.csl.json?asOf=2025-11-10").json()

    page = client.get(item["URL"])

    assert page.status_code == 200
    assert item["title"].split(",")[0] in page.text
    assert client.get(path).status_code == 200
