"""Stories as entries of the record: recorded, asked for, exported, proved, and shown as pages."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from conftest import NewInstance, browsing
from projected import tables
from selectolax.lexbor import LexborHTMLParser
from support.proof_verifier import parse_proof, verify_proof

from api.addresses import whole
from api.files import RecordFiles, sample
from api.instance import Instance
from api.web.editing.editor_session import COOKIE
from domain.checkpoint import VerifierKey
from domain.codec import read
from domain.roles import Role
from domain.stories import StoryTold
from projections.rebuild import rebuild
from store.keys import add_key

WEEK = "/story/the-week-syria-joined"
VIEWS = next(entry.views for entry in sample().entries if isinstance(entry, StoryTold))
OLD = {
    "type": "StoryTold",
    "id": "old-story",
    "titles": {"en": "Before <it>", "fr": "Avant"},
    "views": [
        {"entity": "syria", "asOf": "2014", "atPosition": 300, "texts": {"fr": "Rien & rien."}},
        {"entity": "al-tanf", "asOf": "2017-06", "show": "MAP", "texts": {"en": "A base."}},
    ],
    "citations": [{"source": "afp-2016-11-06"}],
}
OLD_AT = len(sample().entries) + 1
"""Its position, the first after the sample."""
GONE = {
    "type": "StoryWithdrawn",
    "id": "gone",
    "story": "old-story",
    "reason": "It says too little.",
}


class Site(NamedTuple):
    """A served sample record with a second story, which is withdrawn."""

    instance: Instance
    http: httpx.Client
    keys: dict[Role, str]

    def page(self, path: str, status: int = 200) -> LexborHTMLParser:
        answer = self.http.get(path, headers={"accept": "text/html"})
        assert answer.status_code == status, answer.text
        return LexborHTMLParser(answer.text)

    def ask(self, query: str, role: Role | None = None, **variables: Any) -> Any:
        headers = {} if role is None else {"authorization": f"Bearer {self.keys[role]}"}
        body = {"query": query, "variables": variables}
        return self.http.post("/graphql", json=body, headers=headers).json()

    def send(self, role: Role | None, lang: str = "en", **said: str) -> httpx.Response:
        """The form that tells a story, as a browser sends it."""
        key = {} if role is None else {"cookie": f"{COOKIE}={self.keys[role]}"}
        fields = {name.replace("__", "."): text for name, text in said.items()}
        return self.http.post(
            f"/edit/tell_story/new?lang={lang}",
            data=fields,
            headers={"sec-fetch-site": "same-origin", **key},
        )


@pytest.fixture(scope="module")
def site(new_instance: NewInstance) -> Iterator[Site]:
    with new_instance() as instance:
        instance.record.apply(sample().entries, actor="someone")
        instance.catch_up()
        before = tables(instance)
        instance.record.apply([read(OLD), read(GONE)], actor="someone")
        instance.catch_up()
        after = tables(instance)
        assert {name for name in after if after[name] != before[name]} == {"events"}
        with instance.database.connect() as owner:
            keys = {role: add_key(owner, f"Amal the {role}", role)[1] for role in Role}
        with browsing(instance) as http:
            yield Site(instance, http, keys)


def words(page: LexborHTMLParser, selector: str) -> str:
    found = page.css_first(selector)
    return " ".join(found.text().split())


def test_a_rebuild_gives_the_same_rows_with_stories(new_instance: NewInstance) -> None:
    with new_instance() as instance:
        instance.record.apply([*sample().entries, read(OLD), read(GONE)], actor="someone")
        instance.catch_up()
        live = tables(instance)

        rebuild(instance.database, batch=50)

        assert tables(instance) == live


def test_stories_are_asked_for_the_newest_first_page_by_page(site: Site) -> None:
    query = """query ($after: String, $at: Int) {
      stories(first: 1, after: $after, atPosition: $at) {
        pageInfo { hasNextPage endCursor }
        edges { node { id title titles { lang name } withdrawn { reason } views { show text } } }
      }
    }"""

    first = site.ask(query)["data"]["stories"]
    second = site.ask(query, after=first["pageInfo"]["endCursor"])["data"]["stories"]

    node = first["edges"][0]["node"]
    assert (node["id"], node["title"]) == ("old-story", "Before <it>")
    assert node["withdrawn"] == {"reason": "It says too little."}
    assert node["views"][0] == {"show": "OVERVIEW", "text": "Rien & rien."}
    assert second["edges"][0]["node"]["id"] == "the-week-syria-joined"
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    earlier = site.ask(query, at=OLD_AT)["data"]["stories"]["edges"][0]["node"]
    assert (earlier["id"], earlier["withdrawn"]) == ("old-story", None)
    assert site.ask(query, at=585)["data"]["stories"]["edges"] == []


def test_a_story_s_views_are_pinned_to_a_position(site: Site) -> None:
    query = """query ($id: ID!) { story(id: $id) { position recordedAt citations { source { id } }
        views { atPosition asOf { edtf latest } knownAt { edtf } entity { id name(lang: "ar") } }
    } }"""

    week = site.ask(query, id="the-week-syria-joined")["data"]["story"]
    old = site.ask(query, id="old-story")["data"]["story"]

    assert {view["atPosition"] for view in week["views"]} == {week["position"]} == {586}
    assert week["views"][3]["entity"] == {"id": "syria", "name": "سوريا"}
    assert [view["atPosition"] for view in old["views"]] == [300, OLD_AT]
    assert old["views"][0]["asOf"] == {"edtf": "2014", "latest": "2014-12-31"}
    assert old["citations"] == [{"source": {"id": "afp-2016-11-06"}}]


@pytest.mark.parametrize("name", ["nothing", "gone", "", "a b", "x" * 200])
def test_what_is_no_story_is_unknown(site: Site, name: str) -> None:
    error = site.ask("query ($id: ID!) { story(id: $id) { id } }", id=name)["errors"][0]

    assert error["extensions"]["code"] == "UNKNOWN_STORY"


def test_a_cursor_of_nothing_is_refused(site: Site) -> None:
    error = site.ask('{ stories(after: "x") { position } }')["errors"][0]

    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_CURSOR", "after")


def test_who_contributes_tells_and_who_reviews_withdraws(site: Site) -> None:
    tell = """mutation ($entries: [JSON!]!, $id: ID!) {
        tellStory(entries: $entries, requestId: $id, dryRun: true) {
            recorded diff { edges { node { change } } } warnings { code }
        } }"""
    withdraw = """mutation ($entries: [JSON!]!, $id: ID!) {
        withdrawStory(entries: $entries, requestId: $id, dryRun: true) { recorded } }"""
    story = {**OLD, "id": "another"}
    again = [{"type": "StoryWithdrawn", "id": "b", "story": "the-week-syria-joined", "reason": "R"}]

    told = site.ask(tell, Role.CONTRIBUTOR, entries=[story], id="1")
    refused = site.ask(withdraw, Role.CONTRIBUTOR, entries=again, id="2")
    withdrawn = site.ask(withdraw, Role.REVIEWER, entries=again, id="3")

    assert told["data"]["tellStory"] == {"recorded": 1, "diff": {"edges": []}, "warnings": []}
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert withdrawn["data"]["withdrawStory"] == {"recorded": 1}


def test_an_export_of_the_record_is_imported_again(site: Site, new_instance: NewInstance) -> None:
    files = RecordFiles()
    files.take("record.jsonl", io.BytesIO(site.http.get("/record.jsonl").content))
    table = site.http.get("/log.csv").text

    with new_instance() as other:
        outcome = other.record.apply(files.entries, actor="someone")

    assert outcome.recorded == OLD_AT + 1
    assert "StoryTold,the-week-syria-joined" in table
    assert "StoryWithdrawn,gone" in table


def test_a_story_is_proved_under_the_signed_log(site: Site) -> None:
    deadline = time.monotonic() + 30
    while (answer := site.http.get("/log/proof/story/old-story")).status_code == 404:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)
    key = VerifierKey.parse(site.http.get("/log/vkey").text.strip())

    proved = verify_proof(parse_proof(answer.text), key)

    assert proved.event.stored_type == "StoryTold/1"
    assert '"id":"old-story"' in proved.event.data.decode()
    unknown = site.http.get("/log/proof/story/nothing")
    assert (unknown.status_code, unknown.json()["errors"][0]["extensions"]["code"]) == (
        404, "UNKNOWN_STORY",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["A story was told: Before <it>", "A story was withdrawn: Before <it>"]),
        ("ar", ["رُويت قصة: Before <it>", "سُحبت قصة: Before <it>"]),
    ],
)
def test_the_log_tells_of_stories_by_title(site: Site, lang: str, said: list[str]) -> None:
    log = site.page(f"/log?lang={lang}")

    assert all(text in words(log, "main") for text in said)


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_story_leads_from_home_to_its_end_and_on(site: Site, lang: str) -> None:
    link = site.page(f"/?lang={lang}").css_first("#stories li a").attributes["href"]
    seen = []

    while link is not None:
        page = site.page(link)
        seen.append(words(page, ".paragraph"))
        following = page.css_first(".telling a[rel=next]")
        link = following.attributes["href"] if following else None

    assert seen == [view.texts[lang] for view in VIEWS]
    onwards = page.css_first(".onwards").attributes["href"]
    assert (
        onwards
        == f"/e/global-coalition?asOf=2026-02-10&knownAt=2026-02-10&atPosition=586&lang={lang}"
    )
    assert site.page(onwards)


def test_what_the_story_says_is_what_the_record_shows(site: Site) -> None:
    before, day, after = (site.page(f"{WEEK}?step={step}&lang=en") for step in (1, 2, 3))

    assert "85 members" in words(before, ".shown h2")
    assert "Syria" not in words(before, "record-members")
    assert words(day, ".shown [data-standing=ANNOUNCED]") == "1"
    assert after.css_first("use[data-id=syria]").attributes["class"] == "certain"
    assert "set aside" in words(site.page(f"{WEEK}?step=4&lang=en"), ".shown")
    assert site.page(f"{WEEK}?step=5&lang=en").css_first(".shown record-count svg")


def test_moved_clocks_stay_in_the_story_and_lead_back(site: Site) -> None:
    told, moved = site.page(f"{WEEK}?step=2&lang=en"), site.page(f"{WEEK}?step=2&asOf=2015&lang=en")

    assert words(told, ".back") == ""
    assert "The clocks were moved." in words(moved, ".back")
    assert moved.css_first(".back a").attributes["href"] == f"{WEEK}?lang=en&step=2"
    assert "2015" in words(moved, ".sentence")


def test_a_withdrawn_story_says_so_and_stays_readable(site: Site) -> None:
    page, listed = site.page("/story/old-story?lang=en"), site.page("/stories?lang=en")

    assert words(page, "#withdrawn").startswith("This story was withdrawn: It says too little.")
    assert page.css_first(".paragraph").attributes["lang"] == "fr"
    assert words(page, "h1") == "Before <it>"
    assert "Withdrawn: It says too little." in words(listed, "main")
    assert "Before" not in words(site.page("/?lang=en"), "#stories")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/story/nothing", 404),
        ("/story/gone", 404),
        (f"{WEEK}?step=0", 400),
        (f"{WEEK}?step=7", 400),
        (f"{WEEK}?step=two", 400),
        (f"{WEEK}?view=2", 400),
        ("/stories?after=x", 400),
        (f"/stories?after={OLD_AT}", 200),
        ("/stories?atPosition=100", 200),
        ("/story/old-story?step=2&lang=ar", 200),
        (f"{WEEK}?step=2&asOf=never", 200),
    ],
)
def test_a_page_of_stories_answers_or_says_what_is_wrong(
    site: Site, path: str, status: int
) -> None:
    assert site.page(path, status).css_first("main")


TOLD = {
    "titles.en": "Two days", "titles.ar": "يومان", "views": "3",
    "views[0].address": "https://elsewhere/e/syria?asOf=2025-11-10&atPosition=500&lang=en",
    "views[0].texts.en": "The second.",
    "views[2].address": "/map?entity=al-tanf&asOf=2017-06", "views[2].show": "MAP",
    "views[2].texts.en": "The first.", "views[2].texts.ar": "الأول.",
    "citations[0].source": "afp-2016-11-06", "citations[0].place": "paragraph",
    "citations[0].locator": "2",
}  # fmt: skip


def _sent(page: LexborHTMLParser) -> dict[str, str]:
    """What a form has, as it is sent again."""
    found = page.css("form[data-form] :is(input, textarea, select)[name]")
    texts = {str(it.attributes["name"]): it.attributes.get("value") or "" for it in found}
    for it in page.css("form[data-form] textarea"):
        texts[str(it.attributes["name"])] = it.text().removeprefix("\n")
    for it in page.css("form[data-form] select"):
        chosen = it.css_first("[selected]")
        texts[str(it.attributes["name"])] = chosen.attributes["value"] or "" if chosen else ""
    return texts


def test_a_contributor_tells_a_story_by_a_form(site: Site) -> None:
    moved = site.send(Role.CONTRIBUTOR, **TOLD, step="up-2")
    assert moved.status_code == 200
    sent = _sent(LexborHTMLParser(moved.text))
    assert sent["views[1].address"] == TOLD["views[2].address"]
    moved = site.send(Role.CONTRIBUTOR, **{**sent, "step": "up-1"})
    sent = _sent(LexborHTMLParser(moved.text))

    previewed = site.send(Role.CONTRIBUTOR, **{**sent, "step": "preview"})
    page = LexborHTMLParser(previewed.text)
    shown = [" ".join(it.text().split()) for it in page.css("#preview .said")]
    assert shown == ["al-Tanf Garrison, Jun 2017: The first.", "Syria, 10 Nov 2025: The second."]
    assert site.http.get("/story/two-days").status_code == 404
    done = site.send(Role.CONTRIBUTOR, **{**_sent(page), "step": "send"})

    assert (done.status_code, done.headers["location"]) == (303, "/story/two-days?lang=en")
    first, second = (site.page(f"/story/two-days?step={step}&lang=ar") for step in (1, 2))
    assert words(first, "h1") == "يومان"
    assert words(first, ".paragraph") == "الأول."
    assert words(second, ".paragraph") == "The second."
    assert "#500" in words(second, ".sentence")


def test_what_a_story_lacks_stands_at_its_fields(site: Site) -> None:
    lacking = {
        "views": "2", "views[0].address": "/stories", "views[1].texts.en": "A text alone.",
        "step": "preview",
    }  # fmt: skip
    page = LexborHTMLParser(site.send(Role.CONTRIBUTOR, **lacking).text)
    other = {**TOLD, "titles.en": "Other days", "step": "preview"}
    unknown = {**other, "views[0].address": "/e/nobody?asOf=2025"}
    late = {**other, "views[2].address": "/e/syria?asOf=2025&atPosition=99999"}

    wrong = {it.attributes["id"] for it in page.css("p.wrong")}
    assert wrong == {
        "titles.en-wrong", "views[0].address-wrong", "views[0].texts.en-wrong",
        "views[1].address-wrong", "citations[0].source-wrong",
    }  # fmt: skip
    for sent, field in ((unknown, "views[0].address"), (late, "views[2].address")):
        answer = site.send(Role.CONTRIBUTOR, **sent)
        page = LexborHTMLParser(answer.text)
        assert answer.status_code == 400
        assert [it.attributes["id"] for it in page.css("p.wrong")] == [f"{field}-wrong"]
    assert site.send(Role.READER, **TOLD, step="preview").status_code == 403


def test_a_page_of_an_entity_leads_to_a_story_that_begins_with_it(site: Site) -> None:
    page = site.page("/e/syria?asOf=2025-11-10&lang=en")
    link = page.css_first('details.take a[href^="/edit/tell_story/new"]')
    assert "hidden" in link.parent.attributes
    answer = site.http.get(
        link.attributes["href"], headers={"cookie": f"{COOKIE}={site.keys[Role.CONTRIBUTOR]}"}
    )

    address = _sent(LexborHTMLParser(answer.text))["views[0].address"]
    assert address.startswith("/e/syria?asOf=2025-11-10&")
    assert "atPosition=" in address


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_story_is_cited_as_told(site: Site, lang: str) -> None:
    page = site.page(f"{WEEK}?step=3&asOf=2015&lang={lang}")
    title = words(page, "h1")
    metas = {it.attributes["name"]: it.attributes["content"] for it in page.css("meta[name]")}
    address = f"{WEEK}?lang={lang}"

    assert title in words(page, "details.take .citation")
    assert "586" in words(page, "details.take .citation")
    assert f"{address}" in page.css_first("#bibtex").text().replace("{\\_}", "_")
    assert metas["citation_title"] == title
    assert metas["citation_public_url"].endswith(address)
    assert "moved" not in words(site.page(address), ".back")


WHOLE = """query ($id: ID!) { story(id: $id) {
  id title titles { lang name } position recordedAt withdrawn { reason position recordedAt }
  views {
    asOf { edtf earliest latest } knownAt { edtf earliest latest } atPosition show text
    texts { lang text } entity { id kind name }
  }
  citations { stance quote source { id title } }
} }"""


@pytest.mark.parametrize("name", ["the-week-syria-joined", "old-story"])
def test_a_story_s_file_says_what_graphql_answers(site: Site, name: str) -> None:
    told = site.ask(WHOLE, id=name)["data"]["story"]

    [row] = site.http.get(f"/story/{name}.json").json()["rows"]

    for view, other in zip(row["views"], told["views"], strict=True):
        assert {**view, "entity": {key: view["entity"][key] for key in other["entity"]}} == other
    for citation, other in zip(row["citations"], told["citations"], strict=True):
        assert citation["source"] | other["source"] == citation["source"]
        assert (citation["stance"], citation["quote"]) == (other["stance"], other["quote"])
    rest = told.keys() - {"views", "citations"}
    assert {key: row[key] for key in rest} == {key: told[key] for key in rest}


def test_a_story_s_page_links_its_files_and_citations(site: Site) -> None:
    page = site.page(f"{WEEK}?step=3&lang=en")

    linked = [it.attributes["href"] or "" for it in page.css("link[rel=alternate][type]")]
    files = [address for address in linked if address.startswith(f"{WEEK}.")]
    assert [address.partition("?")[0].removeprefix(f"{WEEK}.") for address in files] == [
        *("json", "jsonl", "csv", "parquet", "csl.json", "ris", "bib", "txt")
    ]
    for address in files:
        answer = site.http.get(address)
        assert answer.status_code == 200, answer.text
        assert "immutable" in answer.headers["cache-control"]
    cited = site.http.get(next(address for address in files if ".bib" in address)).text
    assert cited.strip() == page.css_first("#bibtex").text().strip()


def test_a_file_of_no_story_is_refused(site: Site) -> None:
    for path, code in (
        ("/story/nothing.json", "UNKNOWN_STORY"),
        (f"/story/old-story.bib?atPosition={OLD_AT - 1}", "UNKNOWN_STORY"),
        (f"{WEEK}.ttl", "UNKNOWN_FORMAT"),
        (f"{WEEK}/members.json", "UNKNOWN_VIEW"),
    ):
        answer = site.http.get(path)

        assert answer.status_code in (400, 404)
        assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_a_story_whose_id_has_a_dot_has_its_page_beside_its_files(site: Site) -> None:
    assert whole("/story/a.json") == "/story/a.json/story"
    assert site.page(f"{WEEK}/story").css_first("h1").text() == "The week Syria joined"
