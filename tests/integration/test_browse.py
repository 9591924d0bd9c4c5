"""Getting in: the home page says what the record holds, and links lead to all of it."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator
from random import Random
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import httpx
import pytest
from conftest import NewInstance, browsing
from selectolax.lexbor import LexborHTMLParser, LexborNode

from api.instance import Instance
from benchmarks.own_record import own_entries
from domain.codec import read

ENTITIES, FACTS, SOURCES = 500, 3_000, 150
HEAVIEST, HEAVIEST_CODE = 350_000, 80_000
"""Bytes of a page with all that it loads, and of its scripts and styles alone."""


@pytest.fixture(scope="module")
def own(new_instance: NewInstance) -> Iterator[httpx.Client]:
    """A client of a record that is not about coalitions."""
    with new_instance() as instance:
        instance.record.apply(own_entries(ENTITIES, FACTS, SOURCES), actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            client.headers["accept"] = "text/html"
            yield client


@pytest.fixture(scope="module")
def sample(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        client.headers["accept"] = "text/html"
        yield client


def links(client: httpx.Client, address: str) -> set[str]:
    """The addresses within this site that a page links to, without parts of it."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    found = LexborHTMLParser(answer.text).css("main a[href]")
    return {
        urlsplit(urljoin(address, each.attributes["href"] or ""))._replace(fragment="").geturl()
        for each in found
    }


def reached(client: httpx.Client) -> tuple[set[str], set[str]]:
    """The pages of lists that links lead to from the home page, and all that they link to."""
    pages, waiting, found = set[str](), ["/"], set[str]()
    while waiting:
        page = waiting.pop()
        pages.add(page)
        for link in links(client, page):
            found.add(link)
            of = urlsplit(link)
            is_list = of.path in ("/browse", "/entities", "/sources", "/facts")
            # Of what only narrows or orders the whole, a page is as good as any.
            if is_list and link not in pages and link not in waiting and _leads_on(of.query):
                waiting.append(link)
    return pages, found


@pytest.fixture(scope="module")
def crawled(own: httpx.Client) -> tuple[set[str], set[str]]:
    """What links lead to from the home page of the record of its own words."""
    return reached(own)


def _leads_on(query: str) -> bool:
    given = dict(each.partition("=")[::2] for each in query.split("&") if each)
    return given.keys() <= {"page"} or given.keys() in ({"kind"}, {"kind", "page"})


def test_every_entity_and_source_is_reached_from_the_home_page_by_links(
    crawled: tuple[set[str], set[str]],
) -> None:
    pages, found = crawled

    paths = {unquote(urlsplit(link).path).removesuffix("/state") for link in found}
    assert sum(re.fullmatch("/e/[^/]+", each) is not None for each in paths) == ENTITIES
    assert sum(re.fullmatch("/s/[^/]+", each) is not None for each in paths) == SOURCES
    assert len(pages) > 20


def test_each_page_is_light_with_all_that_it_loads(
    own: httpx.Client, crawled: tuple[set[str], set[str]]
) -> None:
    _, found = crawled
    others = sorted(link for link in found if link.startswith(("/e/", "/s/", "/f/")))
    kept: dict[str, int] = {}

    def weight(address: str) -> int:
        """Bytes of a file of the page, compressed, with the fonts that it names."""
        if address not in kept:
            content = own.get(address).raise_for_status().content
            is_font = address.endswith(".woff2")
            kept[address] = len(content) if is_font else len(gzip.compress(content, 9))
            if address.endswith(".css"):
                names = re.findall(r"url\([\"']?([^)\"']+)", content.decode())
                kept[address] += sum(weight(urljoin(address, name)) for name in names)
        return kept[address]

    for address in ["/", "/browse", "/entities", "/facts", *Random(2).sample(others, 12)]:
        html = own.get(address).text
        loaded = {
            each.attributes.get("href") or each.attributes.get("src") or ""
            for each in LexborHTMLParser(html).css(
                "link[rel=stylesheet], link[rel=modulepreload], script[src]"
            )
        }
        assert any(name.endswith("record.js") for name in loaded)
        code = sum(weight(name) for name in loaded if name.endswith(".js"))
        code += sum(
            len(gzip.compress(own.get(name).content, 9)) for name in loaded if name.endswith(".css")
        )
        assert len(gzip.compress(html.encode(), 9)) + sum(map(weight, loaded)) <= HEAVIEST, address
        assert code <= HEAVIEST_CODE, address


def test_the_home_page_says_what_a_record_of_any_vocabulary_holds(own: httpx.Client) -> None:
    page = LexborHTMLParser(own.get("/").text)
    arabic = own.get("/", params={"lang": "ar"}).text

    said = {
        each.css_first("a").text(): each.css_first(".quiet").text().strip()
        for each in page.css(".facets li")
        if each.css_first(".quiet") is not None
    }
    assert said["Treaty"] == "100"
    assert said["State"] == "400"
    assert said["Announced"] == "60"
    assert "معاهدة" in arabic
    assert "Parties" in page.text()


def test_the_map_is_of_what_lies_somewhere_in_any_vocabulary(own: httpx.Client) -> None:
    page = own.get("/map?asOf=1999")

    assert page.status_code == 200
    assert 'data-question="treatyParties"' in page.text
    assert 'data-question="members"' not in page.text
    assert page.text.count('href="/map?asOf=1999&amp;entity=') > 3


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_latest_corrections_are_sentences_by_name(sample: httpx.Client, lang: str) -> None:
    page = LexborHTMLParser(sample.get("/", params={"lang": lang}).text).css_first("main").text()

    assert "prefer-syria" not in page
    assert ("An editor preferred" in page) if lang == "en" else ("فضّل محرّر" in page)
    assert ("Syria" in page) if lang == "en" else ("سوريا" in page)


def test_sources_and_facts_are_narrowed_ordered_and_counted(own: httpx.Client) -> None:
    graded = LexborHTMLParser(own.get("/sources?grade=B&sort=facts").text)
    counts = [int(each.css("td")[-1].text()) for each in graded.css(".scroll tbody tr")]
    year = own.get("/facts?type=TreatyRatified&year=1999").text

    assert len(counts) == SOURCES // 6
    assert counts == sorted(counts, reverse=True)
    assert "1999" in year
    assert own.get("/sources?publisher=Press%203").text.count("Press 3<") >= 8


@pytest.mark.parametrize(
    "address",
    [
        "/facts?only=announced",
        "/facts?only=single-source&type=TreatyDenounced",
        "/facts?year=2001",
        "/sources?publisher=Press%203",
        "/sources?grade=C3",
        "/sources?year=1960",
        "/entities?kind=TREATY",
        "/entities?search=maple",
    ],
)
def test_the_file_of_a_list_has_all_that_it_counts(own: httpx.Client, address: str) -> None:
    page = LexborHTMLParser(own.get(address).text).css_first(".heading .meta").text()
    path, _, query = address.partition("?")
    file = own.get(f"{path}.csv?{query}").text
    whole = own.get(f"{path}.json?{query}").json()

    number = int(page.split()[0].replace(",", ""))
    assert number > 0
    assert len(whole["rows"]) == number
    assert len(list(csv.reader(io.StringIO(file)))) - 1 == number


@pytest.mark.parametrize(
    ("address", "table", "column", "orders"),
    [
        ("/e/global-coalition?asOf=2025", "#list table", 1, ["newest", "date", "newest"]),
        ("/e/global-coalition?asOf=2025", "#list table", 2, ["standing"]),
        ("/e/syria?asOf=2025-12-01", ".rest table", 1, ["newest", "date"]),
        ("/map?entity=global-coalition&asOf=2017", ".rest table", 1, ["newest", "date"]),
        ("/facts?type=MemberJoined", "main table", 1, ["newest", "date"]),
        ("/sources", "main table", 0, ["name"]),
        ("/entities", "main table", 2, ["facts"]),
    ],
)
def test_a_heading_sorts_by_its_orders_in_turn(
    sample: httpx.Client, address: str, table: str, column: int, orders: list[str]
) -> None:
    for sort in orders:
        heading = _table(sample, address, table).css("thead th")[column]
        address = heading.css_first("a").attributes["href"] or ""
        path, _, query = address.partition("?")
        assert dict(parse_qsl(query)).get("sort", USUAL[path.split("/")[1]]) == sort

        sorted_by = [
            (place, each.attributes["aria-sort"])
            for place, each in enumerate(_table(sample, address, table).css("thead th"))
            if "aria-sort" in each.attributes
        ]
        falls = sort in ("newest", "standing", "facts")
        assert sorted_by == [(column, "descending" if falls else "ascending")]


USUAL = {"e": "name", "map": "name", "facts": "date", "sources": "published", "entities": "name"}
"""The order of a list whose address names none."""


def _table(client: httpx.Client, address: str, table: str) -> LexborNode:
    """The first table of a part of a page."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    found: LexborNode = LexborHTMLParser(answer.text).css_first(table)
    return found


def test_members_are_listed_by_when_they_joined_the_newest_first(sample: httpx.Client) -> None:
    told = sample.get("/e/global-coalition/members.json?asOf=2025-11-10").json()["rows"]
    latest = {row["entity"]["id"]: row["since"]["latest"] for row in told}
    rows = _table(sample, "/e/global-coalition?asOf=2025-11-10&sort=newest", "#list").css(
        "[data-id]"
    )

    days = [latest[row.attributes["data-id"]] for row in rows]
    assert len(days) == len(latest) > 80
    assert days == sorted(days, reverse=True)
    assert len(set(days)) > 5


def test_of_too_many_members_for_a_page_the_first_by_name_are_listed(
    new_instance: NewInstance,
) -> None:
    names = [f"m{number:04}" for number in range(1_001)]
    entries = [
        {"type": "SourceRegistered", "id": "s", "title": "S", "published": "2020"},
        {"type": "EntityRegistered", "id": "c", "kind": "COALITION", "names": {"en": "C"}},
        *(
            {"type": "EntityRegistered", "id": name, "kind": "COUNTRY", "names": {"en": name}}
            for name in names
        ),
        *(
            {"type": "MemberJoined", "id": f"j-{name}", "coalition": "c", "member": name,
             "when": f"20{10 + number % 9}", "citations": [{"source": "s"}]}
            for number, name in enumerate(names)
        ),
    ]  # fmt: skip
    with new_instance() as instance:
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            page = _table(client, "/e/c?lang=en&sort=newest", "#list")

    listed = [row.attributes["data-id"] for row in page.css("[data-id]")]
    assert listed == names[:1_000]
    assert page.css("thead a") == []
    assert "the first 1,000 by name" in page.text()


@pytest.mark.parametrize("only", ["contested", "disputed", "announced", "unattested"])
def test_each_doubt_is_a_list_with_the_number_that_the_home_page_says(
    sample: httpx.Client, only: str
) -> None:
    home = LexborHTMLParser(sample.get("/").text)
    link = next(each for each in home.css(".facets li") if f"only={only}" in (each.html or ""))
    number = int(link.css_first(".quiet").text())

    rows = sample.get(f"/facts.json?only={only}").json()["rows"]

    assert len(rows) == number > 0
    if only == "announced":
        assert {row["modality"] for row in rows} == {"ANNOUNCED"}
    if only == "disputed":
        assert all(row["disputed"] for row in rows)


def test_a_page_of_what_was_known_counts_what_was_known(sample: httpx.Client) -> None:
    now = LexborHTMLParser(sample.get("/facts").text).css_first(".meta").text()
    then = LexborHTMLParser(sample.get("/facts?knownAt=2015").text).css_first(".meta").text()

    assert 0 < int(then.split()[0]) < int(now.split()[0])


def test_the_crumbs_of_a_page_lead_to_the_list_that_it_is_in(sample: httpx.Client) -> None:
    for page, listed in [
        ("/e/syria", "/entities?kind=COUNTRY"),
        ("/s/article-2025-11-03", "/sources"),
        ("/f/syria-joins-2025-11-11", "/facts?type=MemberJoined"),
    ]:
        crumbs = LexborHTMLParser(sample.get(page).text).css(".crumbs a")
        assert [each.attributes["href"] for each in crumbs][:2] == ["/browse", listed]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/browse", 200), ("/browse?lang=ar&knownAt=2015", 200), ("/browse?atPosition=0", 200),
        ("/entities?letter=x&page=3", 200), ("/entities?letter=%25", 200), ("/facts?only=x", 400),
        ("/facts?page=0", 400), ("/facts?page=1001", 400), ("/facts?page=²", 400),
        ("/facts?page=99999999999999999999", 400), ("/facts?year=20", 400),
        ("/facts?year=-0044&sort=newest", 200), ("/facts?year=9999", 200),
        ("/facts?sort=name", 400),
        ("/e/global-coalition?sort=facts", 400),
        ("/sources?grade=%00", 400), ("/sources?publisher=%27%22%3Cb%3E", 200),
        ("/entities?kind=PLANET", 400), ("/entities?search=%25", 200),
        ("/sources.csv?sort=name", 400),
        ("/sources?grade=Z", 400), ("/sources?grade=b", 400), ("/sources?grade=B7", 400),
        ("/sources.csv?grade=Z", 400), ("/sources?grade=2", 200), ("/sources?year=xyz", 400),
        ("/sources.csv?year=20", 400), ("/sources?year=-0044", 200), ("/sources?year=201X", 200),
        ("/sources?year=19XX", 200),
    ],
)  # fmt: skip
def test_whatever_is_asked_of_a_list_is_answered(
    sample: httpx.Client, address: str, status: int
) -> None:
    assert sample.get(address).status_code == status


def test_a_list_says_which_grades_there_are(sample: httpx.Client) -> None:
    page = LexborHTMLParser(sample.get("/sources?grade=Z").text).body

    assert page is not None
    assert "'Z' is not a grade: write a reliability A, B, C, D, E or F" in page.text()


def test_a_fact_that_a_newer_source_confirms_is_no_newer_knowledge(sample: httpx.Client) -> None:
    home = LexborHTMLParser(sample.get("/?lang=en").text)
    (newest,) = (
        card
        for card in home.css("section.card")
        if (heading := card.css_first("h2")) is not None and heading.text() == "Newest knowledge"
    )

    told = [each.text() for each in newest.css("li")]
    assert any("known since" in text for text in told)
    assert not [text for text in told if "(digest)" in text and "30 Nov 2026" in text]
