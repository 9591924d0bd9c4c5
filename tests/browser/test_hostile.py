"""Two hundred hostile strings as names, titles, quotes, words and actors, on every kind of page in
both languages: nothing runs, nothing is lost, nothing is wider than the window or turns what stands
beside it, and no spreadsheet runs what a page offers to take along."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from conftest import NewInstance, serving
from hostile import QUOTES, REFUSED, STRINGS
from playwright.sync_api import Browser, BrowserContext, Page
from thorough import THOROUGH

from api.commands.source import take_in
from api.export.formats.csv import FORMULA
from api.instance import Instance
from domain.codec import read
from domain.roles import Role
from store.capture import capture
from store.keys import add_key

HOST = "host"
DISPUTED = 60
PLACED = 40
NAME = '"><img src=x onerror=alert(1)>مرحبا {{7*7}}'
QUOTED = [
    f"{text}{QUOTES[number % len(QUOTES)]}" if number % 3 == 0 else text
    for number, text in enumerate(STRINGS)
]
"""Every third with what the record takes in quotes alone."""
SOME = [
    STRINGS.index(text)
    for text in ("<script>alert(1)</script>", "a مرحبا b", "שלום", "W" * 300, "س" * 400)
]
WIDTHS = (1280, 390)
LANGUAGES = ("en", "ar")


def each_in(lang: str) -> pytest.MarkDecorator:
    """A test in one language in the usual suite, in both in the thorough one."""
    return pytest.mark.parametrize("lang", LANGUAGES if THOROUGH else (lang,))


WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (it) => broken.push(it.violatedDirective));
"""
SHOWN = """() => [...document.querySelectorAll("main :is(bdi, [dir], q, option, mark)")]
  .map((it) => it.value ?? it.textContent)"""
LOOSE = """(foreign) => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const apart = "bdi, [dir], svg, option, script, style, textarea, code, kbd, pre, .language";
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent;
    if (!new RegExp(foreign, "u").test(text)) continue;
    const holder = walker.currentNode.parentElement.closest(apart);
    if (holder === null || holder === document.documentElement) found.push(text.slice(0, 60));
  }
  return found;
}"""
FOREIGN = {
    # What would turn English words round it: letters from the right, and controls.
    "en": r"[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]",
    # What would turn Arabic words, or is markup, formula or template of ours.
    "ar": r"[\u200e\u202a-\u202e\u2066-\u2069{}<>$=@\\]|alert|onerror|long|user|HYPERLINK",
}


class Site(NamedTuple):
    """A served record of hostile strings."""

    address: str
    key: str


def entries() -> Iterator[dict[str, Any]]:
    """The record."""
    yield _entity(HOST, NAME, "COALITION")
    yield {
        "type": "CoalitionFounded", "id": "founded", "coalition": HOST, "when": "2014",
        "citations": [{"source": "document"}],
    }  # fmt: skip
    for number, text in enumerate(STRINGS):
        yield {
            "type": "SourceRegistered", "id": f"s{number}", "title": text, "publisher": text,
            "author": text, "published": "2020", "language": ("en", "ar")[number % 2],
        }  # fmt: skip
        yield _entity(f"e{number}", text, "COUNTRY")
        yield {
            "type": "MemberJoined", "id": f"f{number}", "coalition": HOST, "member": f"e{number}",
            "when": "2021-05", "gist": text,
            "citations": [{"source": f"s{number}", "locator": {"paragraph": 3},
                           "quote": QUOTED[number], "attributedTo": text}],
        }  # fmt: skip
        cited = [{"source": "document", "quote": QUOTED[number], "attributedTo": text}]
        yield {
            "type": "StatementMade", "id": f"g{number}", "speaker": HOST, "venue": text,
            "when": "2021", "gist": text, "citations": cited,
        }  # fmt: skip
        yield {
            "type": "QuantityReported", "id": f"q{number}", "subject": HOST, "measure": text,
            "unit": text, "value": number, "when": "2021", "citations": cited,
        }  # fmt: skip
    for number, text in enumerate(STRINGS[:PLACED]):
        place = {"lat": 30 + number / 10, "lon": 36 + number / 7, "precisionM": 2000}
        yield {**_entity(f"b{number}", text, "BASE"), "location": place}
        yield {
            "type": "BaseEstablished", "id": f"h{number}", "operator": HOST, "base": f"b{number}",
            "when": "2021", "citations": [{"source": f"s{number}"}],
        }  # fmt: skip
    for number in SOME:
        texts = {"en": STRINGS[number], "ar": STRINGS[number]}
        view = {"entity": f"e{number}", "asOf": "2022", "texts": texts}
        cited = [{"source": f"s{number}"}]
        yield {
            "type": "StoryTold", "id": f"t{number}", "titles": texts, "views": [view, view],
            "citations": cited,
        }  # fmt: skip
    yield {"type": "StoryWithdrawn", "id": "gone", "story": f"t{SOME[0]}", "reason": NAME}


def _entity(name: str, text: str, kind: str) -> dict[str, Any]:
    names = {"en": text, "ar": text, "fr": "hostilename"}
    return {"type": "EntityRegistered", "id": name, "kind": kind, "names": names}


@pytest.fixture(scope="module")
def site(new_instance: NewInstance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    document = tmp_path_factory.mktemp("held") / "document.txt"
    document.write_text("\n".join(QUOTED), encoding="utf-8")
    with new_instance() as instance:
        given = {"title": NAME, "published": "2020"}
        take_in(instance, "document", capture(str(document)), given, shown=True)
        instance.record.apply([read(entry) for entry in entries()], actor="someone")
        _dispute(instance)
        instance.catch_up()
        with instance.database.connect() as owner:
            _, key = add_key(owner, NAME, Role.ADMIN)
        with serving(instance) as address:
            yield Site(address, key)


def _dispute(instance: Instance) -> None:
    """The last events of the log: each by someone of a hostile name, for a hostile reason."""
    for number, text in enumerate(STRINGS[-DISPUTED:]):
        entry = {"type": "FactDisputed", "id": f"d{number}", "fact": f"f{number}", "reason": text}
        instance.record.apply([read(entry)], actor=text)


@pytest.fixture(scope="module")
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=site.address)
    opened.add_init_script(WATCH)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    """A page on which nothing of the record may run, fail, ask or be asked for."""
    wrong: list[str] = []
    opened = context.new_page()
    opened.on("dialog", lambda dialog: (wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda request: _ours(request.url, site.address, wrong))
    yield opened
    opened.close()
    assert wrong == []


def _ours(url: str, address: str, wrong: list[str]) -> None:
    known = (
        "/activity",
        "/e/",
        "/f/",
        "/s/",
        "/log",
        "/map",
        "/search",
        "/compare",
        "/stories",
        "/story/",
        "/embed/",
        "/static/",
        "/edit",
        "/graphql",
    )
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" != address or not (
        parts.path == "/" or parts.path.startswith(known)
    ):
        wrong.append(f"asked for {url}")


def _look(page: Page, path: str, lang: str) -> set[str]:
    """Open a page, hold it against what must be of each, and tell all that it shows of others."""
    page.set_viewport_size({"width": WIDTHS[0], "height": 844})
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    if page.locator("[data-rectangles]").count():
        page.locator(".slide input").first.wait_for()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    assert page.evaluate("broken") == []
    assert page.evaluate(LOOSE, FOREIGN[lang]) == []
    ours = "main img:not(.looks)"  # previews of pictures to embed
    assert page.locator(f"{ours}, main script, main [onload], main [onerror]").count() == 0
    return set(page.evaluate(SHOWN))


def _lines(text: str) -> str:
    """Text as a form field has it: of one line, where a browser takes line breaks out."""
    return text.replace("\n", "")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_entity_with_two_hundred_hostile_names_round_it(page: Page, lang: str) -> None:
    shown = _look(page, f"/e/{HOST}?asOf=2022", lang)
    names = page.locator("record-members tbody th bdi").all_text_contents()

    assert sorted(names) == sorted(STRINGS)
    assert {NAME, *STRINGS} <= shown
    assert _look(page, f"/e/{HOST}?asOf=2022&atPosition=900", lang)


@each_in("ar")
def test_the_other_views_of_an_entity(page: Page, lang: str) -> None:
    changes = _look(page, f"/e/{HOST}/changes?asOf=2022&fromAsOf=2019", lang)
    sources = _look(page, f"/e/{HOST}/sources", lang)
    events = _look(page, f"/e/{HOST}/log", lang)

    embedded = _look(page, f"/embed/e/{HOST}/members?asOf=2022&atPosition=1100", lang)

    assert set(STRINGS) <= changes
    assert set(STRINGS) <= embedded
    assert set(STRINGS) <= sources
    assert set(STRINGS[-DISPUTED:]) <= events


@each_in("en")
def test_a_document_that_is_held_with_its_passages_marked(page: Page, lang: str) -> None:
    shown = _look(page, "/s/document", lang)
    marks = page.locator(".document mark").all_text_contents()

    assert set(STRINGS) <= shown
    assert set(QUOTED) <= shown
    assert len(marks) > 150
    assert page.locator("blockquote").count() == 2 * len(STRINGS)


@each_in("ar")
def test_pages_of_single_facts_sources_and_entities(page: Page, lang: str) -> None:
    for number in SOME:
        text = STRINGS[number]
        fact = _look(page, f"/f/f{number}", lang)
        source = _look(page, f"/s/s{number}", lang)
        entity = _look(page, f"/e/e{number}?asOf=2022", lang)

        assert {text, QUOTED[number]} <= fact
        assert {text, QUOTED[number]} <= source
        assert {text, NAME} <= entity


@each_in("en")
def test_the_home_page_the_search_the_map_and_the_log(page: Page, lang: str) -> None:
    home = _look(page, "/", lang)
    found = _look(page, "/search?q=hostilename", lang)
    found |= _look(page, "/search?q=hostilename&kind=entity", lang)
    while page.locator("link[rel=next]").count() and len(found) < 2_000:
        following = page.locator("link[rel=next]").get_attribute("href") or ""
        found |= _look(page, following.replace(f"&lang={lang}", ""), lang)
    _look(page, "/activity", lang)
    log = _look(page, "/log", lang)
    _look(page, f"/map?entity={HOST}&asOf=2022", lang)

    assert {NAME, STRINGS[-1]} <= home
    assert set(STRINGS) <= found
    assert set(STRINGS[-DISPUTED:]) <= log
    for text in (NAME, *(STRINGS[number][:200] for number in SOME)):
        assert text.strip() in _look(page, f"/search?q={quote(text)}", lang)


@each_in("ar")
def test_stories_and_their_list(page: Page, lang: str) -> None:
    listed = _look(page, "/stories", lang)

    assert {NAME, *(STRINGS[number] for number in SOME)} <= listed
    for number in SOME[:2]:
        shown = _look(page, f"/story/t{number}?step=2", lang)
        assert STRINGS[number] in shown
    assert NAME in _look(page, f"/story/t{SOME[0]}", lang)


@each_in("en")
def test_two_points_of_an_entity_compared(page: Page, lang: str) -> None:
    shown = _look(page, f"/compare?left={HOST}&right=e{SOME[0]}&asOf=2022&question=members", lang)
    places = _look(page, f"/compare?left={HOST}&question=bases&fromAsOf=2019&asOf=2022", lang)

    assert {NAME, *STRINGS} <= shown
    assert set(STRINGS[:PLACED]) <= places


@each_in("ar")
def test_the_drawer_and_the_forms_for_correcting(page: Page, site: Site, lang: str) -> None:
    _look(page, f"/e/{HOST}?asOf=2022", lang)
    page.locator("record-members a.evidence").first.click()
    page.locator("record-evidence h2").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[-1]
    assert page.evaluate(LOOSE, FOREIGN[lang]) == []

    page.context.clear_cookies()
    page.goto(f"/edit?lang={lang}")
    page.locator("#key").fill(site.key)
    page.locator("main button.primary").click()
    page.locator(".who").wait_for()
    for number in SOME[:3]:
        shown = _look(page, f"/edit/correct/g{number}", lang)
        assert {STRINGS[number].strip(), _lines(STRINGS[number]).strip()} <= shown
        _look(page, f"/edit/fact/f{number}", lang)
    _look(page, "/edit/prefer/f3", lang)


def test_what_stands_after_a_hostile_name_stays_after_it(page: Page) -> None:
    for number in SOME[:3]:
        _look(page, f"/f/f{number}", "en")
        page.set_viewport_size({"width": 1280, "height": 844})
        placed = page.locator(".source p.published").first.evaluate(
            """(line) => {
              const publisher = line.querySelector("bdi").getBoundingClientRect();
              const rest = document.createRange();
              rest.selectNode(line.querySelector(".quiet").lastChild);
              const after = rest.getBoundingClientRect();
              return [rest.toString(), after.left >= publisher.right - 1];
            }"""
        )

        assert "para. 3" in placed[0]
        assert placed[1], STRINGS[number]


def test_no_spreadsheet_runs_what_pages_offer_to_take_along(page: Page, site: Site) -> None:
    offered: set[str] = set()
    for path in (
        "/",
        f"/e/{HOST}?asOf=2022",
        "/s/document",
        "/f/f3",
        "/log",
        f"/map?entity={HOST}",
    ):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang=en")
        offered |= set(
            page.evaluate(
                """[...document.querySelectorAll('a[href*=".csv"]')].map((a) => a.href)"""
            )
        )
    offered = {address for address in offered if "manifest" not in address}
    assert len(offered) >= 4
    cells = 0
    for address in offered:
        text = httpx.get(address, timeout=60).raise_for_status().text
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                cells += 1
                assert not re.match(rf"[\s\"]*[{FORMULA}]", cell), (address, cell)
    assert cells > 5_000


def test_the_feed_is_well_formed(site: Site) -> None:
    feed = ElementTree.fromstring(httpx.get(f"{site.address}/log/feed.atom").content)
    name = "{http://www.w3.org/2005/Atom}author/{http://www.w3.org/2005/Atom}name"

    told = {entry.findtext(name) for entry in feed.iter("{http://www.w3.org/2005/Atom}entry")}

    assert set(STRINGS[-49:]) | {"local"} == told, "the key is an entry of its own"
    for path in (f"/e/{HOST}/feed.atom", "/s/document/feed.atom"):
        assert len(ElementTree.fromstring(httpx.get(f"{site.address}{path}").content)) > 5


@pytest.mark.parametrize("text", REFUSED)
@pytest.mark.parametrize(
    ("place", "entry"),
    [
        ("title", {"type": "SourceRegistered"}),
        ("publisher", {"type": "SourceRegistered", "title": "x"}),
        ("names.en", {"type": "EntityRegistered", "kind": "OTHER"}),
        ("citations[0].quote", {
            "type": "CoalitionFounded", "coalition": HOST, "when": "2020",
        }),
    ],
)  # fmt: skip
def test_what_no_page_could_show_is_refused_with_its_place(
    site: Site, text: str, place: str, entry: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"id": "new", **entry}
    if place == "names.en":
        given["names"] = {"en": text}
    elif place == "citations[0].quote":
        given["citations"] = [{"source": "s0", "quote": text}]
    else:
        given[place] = text
    query = """mutation($it: [JSON!]!) { apply(entries: $it, requestId: "r") { position } }"""
    answer = httpx.post(
        f"{site.address}/graphql",
        content=json.dumps({"query": query, "variables": {"it": [given]}}),  # in ASCII
        headers={"authorization": f"Bearer {site.key}", "content-type": "application/json"},
    ).json()

    if text in ("\u202e",) and place == "citations[0].quote":  # which the record takes there
        assert "errors" not in answer
        return
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_TEXT"
    assert error["extensions"]["field"].endswith(place)
    assert f"U+{next(ord(c) for c in text if not c.isalpha() or c > '~'):04X}" in error["message"]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//x.example", " http://x", "HTTP//x", "file:///x"],
)
def test_an_address_that_is_none_of_a_page_is_refused(site: Site, url: str) -> None:
    entry = {"type": "SourceRegistered", "id": "linked", "title": "x", "url": url}
    query = """mutation($it: [JSON!]!) { apply(entries: $it, requestId: "u") { position } }"""
    answer = httpx.post(
        f"{site.address}/graphql",
        json={"query": query, "variables": {"it": [entry]}},
        headers={"authorization": f"Bearer {site.key}"},
    ).json()

    assert answer["errors"][0]["extensions"]["field"] == "entries[0].url"
    assert httpx.get(f"{site.address}/s/linked").status_code == 404


def test_there_are_two_hundred() -> None:
    assert len(STRINGS) == len(set(STRINGS)) == 200
