"""Sources, facts and views are cited so that the citation opens elsewhere and stays true."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
import rispy
from conftest import NewInstance, browsing
from hostile import STRINGS
from pybtex.database import parse_string
from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

from api.cli import main
from api.export.formats.bibtex import bibtex
from api.export.formats.ris import ris
from api.export.formats.text import styled
from api.files import sample
from api.instance import Instance
from api.settings import Settings
from domain.codec import read
from domain.errors import Refused

POSITION = 500
AT = f"asOf=2025-11-10&knownAt=2025-11-03&atPosition={POSITION}"
ODD = [
    {"type": "EntityRegistered", "id": name, "kind": "PLACE", "names": {"en": f"Called {name}"}}
    for name in ("odd", "odd.json", "odd.prov", "odd.prov.json")
]


@pytest.fixture(scope="module")
def recorded(new_instance: NewInstance) -> Iterator[Instance]:
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        instance.record.apply([read(entry) for entry in ODD], actor="someone")
        instance.catch_up()
        yield instance


@pytest.fixture(scope="module")
def client(recorded: Instance) -> Iterator[httpx.Client]:
    with browsing(recorded) as client:
        yield client


def asked(client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    return response


def root_of(hashes: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, written once more."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(hashes[:half]) + root_of(hashes[half:])).digest()


def test_a_view_is_cited_with_its_question_position_root_and_lasting_link(
    client: httpx.Client, recorded: Instance
) -> None:
    path = f"/e/global-coalition/members.csl.json?{AT}&accessed=2026-11-28"
    with recorded.database.connect() as connection:
        rows = connection.execute(
            "SELECT hash FROM leaves WHERE position <= %s ORDER BY idx", [POSITION]
        ).fetchall()

    (item,) = asked(client, path).json()

    assert item["title"] == (
        "Global Coalition against Daesh: Members, true on 10 Nov 2025, according to sources "
        "published by 3 Nov 2025"
    )
    assert item["version"] == f"log position {POSITION}"
    assert (
        f"over {len(rows)} events is sha256:{root_of([row[0] for row in rows]).hex()}"
        in (item["note"])
    )
    assert item["accessed"] == {"date-parts": [[2026, 11, 28]]}
    page = asked(client, item["URL"], accept="text/html").text
    assert "according to sources published by" in page
    assert f"atPosition={POSITION}" in item["URL"]


def test_what_is_recorded_later_leaves_a_pinned_citation_as_it_was(
    new_instance: NewInstance,
) -> None:
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            paths = [f"/e/global-coalition.{x}?{AT}" for x in ("csl.json", "ris", "bib", "txt")]
            before = [asked(client, path) for path in paths]
            instance.record.apply([read(entry) for entry in ODD], actor="someone")
            instance.catch_up()
            after = [asked(client, path) for path in paths]

    assert [each.content for each in before] == [each.content for each in after]
    assert [each.headers["etag"] for each in before] == [each.headers["etag"] for each in after]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Member joined: Global Coalition against Daesh, Syria, 11 Nov 2025",
                "log position 500", "Available at: http", "(Accessed: 28 November 2026)"]),
        ("ar", ["انضمام عضو", "سوريا", "11 تشرين الثاني 2025", "موضع السجل 500", "موجود في: http",
                "28 تشرين الثاني 2026"]),
    ],
)  # fmt: skip
def test_a_fact_is_cited_in_words_in_both_languages(
    client: httpx.Client, lang: str, words: list[str]
) -> None:
    path = "/f/syria-joins-2025-11-11.txt?asOf=2025-11-28&atPosition=500&accessed=2026-11-28"

    text = asked(client, f"{path}&lang={lang}").text

    assert text.count("\n") == 1
    assert [each for each in words if each not in text] == []


def test_sources_come_as_bibtex_and_text_one_by_one(client: httpx.Client) -> None:
    items = asked(client, "/sources.csl.json").json()
    entries = parse_string(asked(client, "/sources.bib").text, "bibtex").entries
    lines = asked(client, "/sources.txt").text.splitlines()

    assert list(entries) == [item["id"] for item in items]
    assert len(lines) == len(items) > 50
    assert all(item["title"].split()[0] in line for item, line in zip(items, lines, strict=True))


def item(text: str, **more: Any) -> dict[str, Any]:
    return {"id": "x", "type": "document", "title": text, **more}


@pytest.mark.parametrize("text", STRINGS)
def test_every_string_survives_bibtex_ris_and_text(text: str) -> None:
    line = " ".join(text.split())
    given = item(text, author=[{"literal": text}], publisher=text)

    (entry,) = parse_string(bibtex(given), "bibtex").entries.values()
    record, *others = rispy.loads(ris(given))

    fields = [entry.fields[name] for name in ("title", "publisher")] if line else []
    assert [told(field) for field in fields] == [squeezed(line)] * len(fields)
    assert others == []
    assert " ".join(record.get("title", "").split()) == line
    assert "\n" not in styled(given, "en") + styled(given, "ar")


def told(field: str) -> str:
    """A field of BibTeX as LaTeX prints it."""
    names = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    known = get_default_latex_context_db()
    known.add_context_category(
        "signs", macros=[MacroTextSpec(name, sign) for name, sign in names.items()], prepend=True
    )
    return squeezed(LatexNodes2Text(latex_context=known).latex_to_text(field))


def squeezed(text: str) -> str:
    """Without blanks, and with what TeX has as ligatures: both readers are free in them."""
    for many, one in (
        ("---", "—"),
        ("--", "–"),
        ("''", "”"),
        ("``", "“"),
        ("!`", "¡"),
        ("?`", "¿"),
    ):
        text = text.replace(many, one)
    return "".join(text.split()).replace("'", "’").replace("`", "‘")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (item("A title"), "A title (no date)."),
        (item("A title", publisher="An agency"), "An agency (no date) ‘A title’."),
        (item("A title", author=[{"literal": "Someone"}], issued={"date-parts": [[2020, 1]]}),
         "Someone (2020) ‘A title’."),
        (item("A title", issued={"literal": "[..2014]"}), "A title ([..2014])."),
    ],
)  # fmt: skip
def test_who_has_no_author_is_cited_by_publisher_or_title(told: dict[str, Any], said: str) -> None:
    assert styled(told, "en") == said


class Head(HTMLParser):
    """The metas and the links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.metas: list[tuple[str, str]] = []
        self.links: list[dict[str, str]] = []
        self.hrefs: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta" and found.get("name", "").startswith("citation_"):
            self.metas.append((found["name"], found["content"]))
        if tag == "link" and found["rel"] == "alternate":
            self.links.append(found)
        if tag == "a" and "download" in found:
            self.hrefs.append(found["href"])


PAGES = [
    "/", "/log", "/map", "/f/syria-joins-2025-11-11", "/s/article-2025-11-03",
    "/e/global-coalition?asOf=2025-11-10&knownAt=2025-11", "/e/global-coalition/sources",
    "/e/global-coalition/changes?asOf=2025-11-10&fromAsOf=2014-09-15&fromKnownAt=2014",
    "/e/syria/log?recordedAt=2999-01-01",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_links_to_its_files_and_each_is_pinned(client: httpx.Client, path: str) -> None:
    page = asked(client, path, accept="text/html").text

    head = Head(page)
    files = [link["href"] for link in head.links if "title" in link and "atom" not in link["type"]]

    assert len(files) == len(set(files)) >= 8
    assert set(files) <= set(head.hrefs)
    some = [each for each in head.hrefs if re.search(r"\.(jsonl|csv|txt|geojson|ttl)\?", each)]
    for href in some[:8]:
        answer = asked(client, href)
        manifest = asked(client, f"{href}&manifest").json()
        assert answer.headers["cache-control"].endswith("immutable")
        assert manifest["sha256"] == hashlib.sha256(answer.content).hexdigest()
        assert manifest["address"] == href


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_pages_have_the_metas_that_zotero_reads(client: httpx.Client, lang: str) -> None:
    found = {
        path: dict(Head(asked(client, f"{path}?lang={lang}", accept="text/html").text).metas)
        for path in ("/f/syria-joins-2025-11-11", "/s/article-2025-11-03", "/e/global-coalition")
    }

    fact, source, entity = found.values()
    assert fact["citation_language"] == entity["citation_language"] == lang
    assert "citation_title" in fact
    assert fact["citation_public_url"].startswith("http://127.0.0.1")
    assert source["citation_publication_date"] == "2025/11/03"
    assert source["citation_title"].startswith("Arabic article of 3 November 2025")
    assert "atPosition=" in entity["citation_public_url"]


def test_an_id_that_ends_like_a_file_has_a_page_and_files_of_its_own(client: httpx.Client) -> None:
    exported = asked(client, "/e/odd.json?manifest").json()
    page = asked(client, "/e/odd.json/state", accept="text/html").text
    name = {"/e/odd.json/state.csl.json": "odd.json", "/e/odd.prov/state.csl.json": "odd.prov",
            "/e/odd.csl.json": "odd", "/e/odd.prov.json/state.csl.json": "odd.prov.json",
            "/e/odd.json.csl.json": "odd.json"}  # fmt: skip

    assert exported["subject"] == "odd"
    assert "Called odd.json" in page
    assert 'href="/e/odd.json/state.csv?' in page
    for path, id_ in name.items():
        (item,) = asked(client, path).json()
        assert item["title"].startswith(f"Called {id_},")
        address = item["URL"].removeprefix(str(client.base_url).rstrip("/"))
        assert f"Called {id_}</bdi></h1>" in asked(client, address, accept="text/html").text
    links = Head(asked(client, "/log?lang=en", accept="text/html").text)
    assert links.metas
    assert 'href="/e/odd.json/state?' in asked(client, "/log?lang=en", accept="text/html").text


@pytest.mark.parametrize(
    "host", ["[", "a b", 'evil.example"><script>', "x" * 300, "", "a:b:c", "éé", "[::1]:80"]
)
def test_no_host_that_a_client_names_breaks_a_page(client: httpx.Client, host: str) -> None:
    headers = {b"host": host.encode(), b"accept": b"text/html"}
    for path in ("/f/syria-joins-2025-11-11", "/log/feed.atom", "/nothing", "/e/syria.txt"):
        answer = client.get(path, headers=headers)

        assert answer.status_code in (200, 400, 404)
        assert "<script>" not in answer.text


def test_links_lead_to_the_public_address_where_one_is_set(
    recorded: Instance, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    public = "https://record.example"
    settings = replace(recorded.settings, public_url=public)
    instance = Instance(settings, recorded.database, recorded.record)
    with browsing(instance) as client:
        served = asked(client, f"/e/syria.bib?{AT}").content
        page = asked(client, f"/e/syria?{AT}", accept="text/html").text
    monkeypatch.setenv("SIJILL_DATABASE_URL", recorded.database.url)
    monkeypatch.setenv("SIJILL_PUBLIC_URL", public)
    given = ("--as-of", "2025-11-10", "--known-at", "2025-11-03", "--at-position", str(POSITION))

    status = main(["export", "syria", "--format", "bib", *given])

    assert f"url = {{{public}/e/syria?".encode() in served
    assert f'content="{public}/e/syria?' in page
    assert f"src=&#34;{public}/embed/e/syria/" in page
    assert (status, capfdbinary.readouterr().out) == (0, served)


def test_a_public_address_that_is_none_is_refused() -> None:
    found = Settings.read({"SIJILL_PUBLIC_URL": "https://record.example/"})

    assert found.public_url == "https://record.example"
    assert Settings.read({"SIJILL_PUBLIC_URL": "http://[::1]:80"}).public_url == "http://[::1]:80"
    for wrong in (
        *("record.example", "https://x y", "javascript:alert(1)", 'https://x"', "http://[::::]"),
        *("http://[::1", "http://a]b", "http://x:99999", "http://x:0", "http://x:"),
        *("https://record.example/below", "https://record.example/a/"),
    ):
        with pytest.raises(Refused, match="SIJILL_PUBLIC_URL"):
            Settings.read({"SIJILL_PUBLIC_URL": wrong})


@pytest.mark.parametrize("given", ["tomorrow", "2025-02-30", "%00", "2025"])
def test_a_day_of_access_that_is_none_is_refused(client: httpx.Client, given: str) -> None:
    answer = client.get(f"/e/syria.txt?accessed={given}")

    assert answer.status_code == 400
    assert json.loads(answer.text)["errors"][0]["extensions"]["code"] in ("BAD_DATE", "BAD_TEXT")


@pytest.mark.parametrize("extension", ["csl.json", "ris", "bib", "txt"])
def test_a_day_of_access_before_the_common_era_is_written_as_given(
    client: httpx.Client, extension: str
) -> None:
    answer = client.get(f"/e/syria.{extension}?accessed=-0044-03-15")

    assert answer.status_code == 200
    assert "-0044-03-15" in answer.text


@pytest.mark.parametrize(
    ("extension", "said"),
    [
        ("ris", ["\nY2  - 0476/09/04"]),
        ("bib", ["urldate = {0476-09-04}"]),
        ("txt", ["4 September 476"]),
        ("txt?lang=ar", ["أيلول 476"]),
    ],
)
def test_a_day_of_access_in_an_early_year_keeps_its_zeros(
    client: httpx.Client, extension: str, said: list[str]
) -> None:
    url = httpx.URL(f"/e/syria.{extension}").copy_merge_params({"accessed": "0476-09-04"})
    answer = client.get(url)

    assert answer.status_code == 200
    assert [words for words in said if words not in answer.text] == []


def test_a_source_of_an_early_year_keeps_its_zeros() -> None:
    early = item("A title", issued={"date-parts": [[476, 9]]})

    assert "date = {0476-09}" in bibtex(early)
    assert "\nDA  - 0476/09" in ris(early)
    assert "\nPY  - 0476" in ris(early)
