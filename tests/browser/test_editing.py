"""Correcting in place, in a real Chromium: each act from a fact to the log, by those who may, on
the sample record; by keyboard, without scripts, in both languages, on a phone."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from conftest import NewInstance, serving
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from domain.roles import Role
from store.keys import add_key

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
FACT = "syria-joins-2025-11-11"
OTHER = "syria-joins-2025-11-10"
SOURCE = '[id="citations[0].source"]'
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DEFINED = [
    {"type": "KindDefined", "id": "TREATY", "names": {"en": "treaty"}},
    {"type": "FluentDefined", "id": "ratification", "scope": "treaty", "subject": "party",
     "question": "treatyParties", "inverse": "treatiesOf", "names": {"en": "Parties"}},
    {"type": "FactTypeDefined", "id": "TreatyRatified", "names": {"en": "Treaty ratified"},
     "keys": {"treaty": {"type": "ENTITY"}, "party": {"type": "ENTITY"},
              "mode": {"type": "CODE", "codes": ["vote", "decree"], "required": False}},
     "effects": [{"starts": "ratification", "scope": "treaty", "subject": "party"}]},
]  # fmt: skip
LOG = """query($after: Int!) { log(after: $after, first: 100) {
    position events { position type id actor } } }"""
MEMBER = """query { members(coalition: "global-coalition", asOf: "2025-11-30", first: 500) {
    edges { node { standing since { edtf } member { id } disputed } } } }"""


class Site(NamedTuple):
    """A served sample record, and keys of all roles."""

    address: str
    keys: dict[Role, str]

    def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        return httpx.post(f"{self.address}/graphql", json=body, timeout=30).json()["data"]

    def head(self) -> int:
        return int(self.ask(LOG, after=0)["log"]["position"])

    def apply(self, entries: list[dict[str, Any]]) -> None:
        """Have entries recorded."""
        asked = """mutation($entries: [JSON!]!) {
            apply(entries: $entries, requestId: "entries") { recorded } }"""
        body = {"query": asked, "variables": {"entries": entries}}
        headers = {"authorization": f"Bearer {self.keys[Role.REVIEWER]}"}
        answer = httpx.post(f"{self.address}/graphql", json=body, headers=headers, timeout=30)
        assert answer.json()["data"]["apply"]["recorded"] == len(entries)

    def since(self, position: int) -> list[dict[str, Any]]:
        """The events after a position."""
        return list(self.ask(LOG, after=position)["log"]["events"])


@pytest.fixture
def site(new_sampled: NewInstance) -> Iterator[Site]:
    """Of each test's own, since each adds to it."""
    with new_sampled() as instance:
        with instance.database.connect() as owner:
            keys = {role: add_key(owner, f"Amal the {role}", role)[1] for role in Role}
        with serving(instance) as address:
            yield Site(address, keys)


SignedIn = Callable[..., Page]


@pytest.fixture
def signed_in(browser: Browser, site: Site) -> Iterator[SignedIn]:
    """Opens pages that are signed in; their scripts must not fail nor the policy be broken."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(role: Role | None = Role.REVIEWER, path: str = "/edit", **more: Any) -> Page:
        context = browser.new_context(base_url=site.address, locale="en", **more)
        contexts.append(context)
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: _note(said.type, said.text, wrong))
        page.goto(path)
        if role is not None:
            page.locator("#key").fill(site.keys[role])
            page.locator("main button.primary").click()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def _note(kind: str, text: str, wrong: list[str]) -> None:
    # A form that comes back has the status of what was refused, which the console tells.
    if kind == "error" and "the server responded with a status of 4" not in text:
        wrong.append(text)


def _preview(page: Page) -> None:
    page.locator("form footer").get_by_role("button", name="Preview").click()


def _send(page: Page) -> None:
    page.get_by_role("button", name="Record it").click()
    page.wait_for_url("**/edit/recorded?**")


def _cite(page: Page, source: str = "anews-2025-11-11", quote: str = "") -> None:
    page.locator(SOURCE).fill(source)
    page.locator('[id="citations[0].quote"]').fill(quote)


def _choose(page: Page, act: str, fact: str = FACT) -> None:
    """From the page of a fact, as a reader comes."""
    page.goto(f"/f/{fact}")
    page.get_by_role("link", name="Correct it").click()
    page.get_by_role("link", name=act, exact=True).click()


def _syria(site: Site) -> list[tuple[str, str | None]]:
    edges = site.ask(MEMBER)["members"]["edges"]
    return [
        (edge["node"]["standing"], edge["node"]["since"]["edtf"])
        for edge in edges
        if edge["node"]["member"]["id"] == "syria"
    ]


def test_recording(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(Role.CONTRIBUTOR)
    head = site.head()
    page.goto("/e/global-coalition")
    page.get_by_role("link", name="Record a fact").click()
    page.get_by_label("What kind of fact").select_option("PartnershipBegun")
    page.get_by_role("button", name="Go on").click()
    coalition = page.locator("#coalition").input_value()
    assert coalition == "Global Coalition against Daesh"
    page.get_by_label("Partner").fill("Jordan")
    page.get_by_role("textbox", name="When").fill("2025-12")
    _cite(page, quote="A partner from December on.")
    page.locator('[id="citations[0].place"]').select_option("paragraph")
    page.locator('[id="citations[0].locator"]').fill("3")
    _preview(page)

    preview = page.locator(".preview")
    expect(preview).to_contain_text("Nothing is recorded yet")
    expect(preview.locator("tbody tr")).to_have_count(1)
    expect(preview).to_contain_text("Jordan")
    expect(preview).to_contain_text("newly recorded")
    assert site.head() == head
    _send(page)

    (event,) = site.since(head)
    assert event["type"] == "PartnershipBegun"
    assert event["actor"].startswith("Amal the contributor (key ")
    page.get_by_role("link", name="The fact at that position").click()
    assert f"atPosition={event['position']}" in page.url
    expect(page.locator("main")).to_contain_text("A partner from December on.")
    expect(page.locator("main")).to_contain_text("para. 3")
    page.go_back()
    page.get_by_role("link", name="The event in the log").click()
    expect(page.locator(f"#p{event['position']} a[href*='{event['id']}']").first).to_be_visible()


def test_a_date_in_a_form_is_read_as_people_write_it(signed_in: SignedIn) -> None:
    page = signed_in(Role.CONTRIBUTOR)
    page.goto("/edit/record?type=PartnershipBegun&about=global-coalition&lang=en")
    page.get_by_label("Partner").fill("jordan")
    page.get_by_role("textbox", name="When").fill("١٠/١١/٢٠٢٥")
    _cite(page, quote="A partner from November on.")
    _preview(page)

    expect(page.get_by_role("textbox", name="When")).to_have_value("2025-11-10")
    expect(page.locator(".fields .reading")).to_contain_text("= 10 Nov 2025")
    expect(page.locator(".preview")).to_contain_text("10 Nov 2025")
    page.get_by_role("button", name="or 11 Oct 2025?").click()
    expect(page.get_by_role("textbox", name="When")).to_have_value("2025-10-11")


def test_recording_from_a_source_that_is_new(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(Role.CONTRIBUTOR, "/edit/record?type=MemberLeft&about=global-coalition")
    head = site.head()
    page.get_by_label("Member").fill("Panama")
    page.get_by_role("textbox", name="When").fill("2025-12-02")
    page.locator("[data-new='citations[0].source'] > summary").click()
    page.get_by_label("Title").fill("Notice of withdrawal")
    page.get_by_label("Published").fill("2025-12-01")
    _preview(page)
    expect(page.locator(".preview")).to_contain_text("Panama")
    expect(page.get_by_label("Title")).to_be_visible()
    _send(page)

    assert [event["type"] for event in site.since(head)] == ["SourceRegistered", "MemberLeft"]
    page.get_by_role("link", name="The fact at that position").click()
    expect(page.locator("main")).to_contain_text("Notice of withdrawal")


@pytest.mark.parametrize(("lang", "width", "scripts"), [("en", 1280, True), ("ar", 390, False)])
def test_a_new_fact_on_a_new_entity_from_a_new_source_takes_24_actions_and_no_refusal(
    signed_in: SignedIn, site: Site, lang: str, width: int, scripts: bool
) -> None:
    page = signed_in(None, f"/?lang={lang}", java_script_enabled=scripts)
    page.set_viewport_size({"width": width, "height": 844})
    head, actions = site.head(), 0
    refused: list[str] = []
    page.on("response", lambda it: refused.append(it.url) if it.status >= 400 else None)

    def act(what: str, text: str | None = None) -> None:
        nonlocal actions
        actions += 1
        found = page.locator(f"{what} >> visible=true")
        if text is None:
            found.click()
        elif found.evaluate("it => it.tagName") == "SELECT":
            found.select_option(text)
        else:
            found.fill(text)

    act(".doors a[href^='/edit']")
    act("#key", site.keys[Role.CONTRIBUTOR])
    act("main button.primary")
    act("#type" if page.url.split("?")[0].endswith("/edit") else "main", "MemberJoined")
    act("main button.primary")
    act("#coalition", "Global Coalition against Daesh")
    act("#member", {"en": "Atlantis", "ar": "أطلانطس"}[lang])
    act("[data-new=member] > summary")
    if lang == "en":
        act('[name="entities[member].names.ar"]', "أطلانطس")
    else:
        act('[name="entities[member].names.ar"]', "أطلانطس")
        act('[name="entities[member].names.en"]', "Atlantis")
    act('[name="entities[member].kind"]', "COUNTRY")
    act("#when", "10 Nov 2025")
    act(SOURCE, "The accession of Atlantis")
    act("[data-new='citations[0].source'] > summary")
    act('[name="sources[0].publisher"]', "Atlantis Gazette")
    act('[name="sources[0].published"]', "11/11/2025")
    act('[name="citations[0].place"]', "paragraph")
    act('[name="citations[0].locator"]', "2")
    act('[name="citations[0].quote"]', "أعلنت أطلانطس انضمامها.")
    act("form footer button[value=preview]")
    expect(page.locator(".preview tbody tr")).to_have_count(1)
    act("form footer button[value=send]")
    page.wait_for_url("**/edit/recorded?**")

    assert actions <= 24
    assert refused == []
    assert [(it["type"], it["id"]) for it in site.since(head)][:2] == [
        ("EntityRegistered", "atlantis"),
        ("SourceRegistered", "atlantis-gazette-2025-11-11"),
    ]
    page.goto("/e/atlantis?lang=ar")
    expect(page.locator("h1")).to_have_text("أطلانطس")


def test_corroborating(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(Role.CONTRIBUTOR)
    head = site.head()
    _choose(page, "Corroborate")
    _cite(page, "ap-2025-11-11", "has joined")
    _preview(page)
    expect(page.locator(".preview")).to_contain_text("No answer of today changes")
    _send(page)

    assert [event["type"] for event in site.since(head)] == ["FactCorroborated"]
    page.get_by_role("link", name="The fact at that position").click()
    expect(page.locator("main")).to_contain_text("3 citations")
    expect(page.locator("blockquote").first).to_have_text("has joined")


def test_disputing(signed_in: SignedIn, site: Site) -> None:
    page = signed_in()
    head = site.head()
    _choose(page, "Dispute", "syria-confirmed-by-centcom")
    page.get_by_label("Reason").fill("The report gives no day.")
    page.get_by_label("It rests on").select_option("EDITORIAL")
    _preview(page)
    expect(page.locator(".preview")).to_contain_text("Nothing is recorded yet")
    _send(page)

    assert [event["type"] for event in site.since(head)] == ["FactDisputed"]
    page.get_by_role("link", name="The fact at that position").click()
    expect(page.locator("main .state")).to_contain_text("Disputed")
    expect(page.locator("main")).to_contain_text("The report gives no day.")


def test_correcting(signed_in: SignedIn, site: Site) -> None:
    page = signed_in()
    head, before = site.head(), _syria(site)
    _choose(page, "Correct", OTHER)
    assert page.get_by_role("textbox", name="When").input_value() == "2025-11-10"
    page.get_by_role("textbox", name="When").fill("2025-11-09")
    page.get_by_label("Reason").fill("A slip in copying.")
    page.get_by_label("It rests on").select_option("EDITORIAL")
    _preview(page)
    row = page.locator(".preview tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("a correction")
    expect(row.locator(".side.added")).to_contain_text("9 Nov 2025")
    assert _syria(site) == before
    _send(page)

    assert [event["type"] for event in site.since(head)] == ["FactCorrected"]
    assert _syria(site) == [("CERTAIN", "2025-11-09")]
    page.get_by_role("link", name="Global Coalition against Daesh at that position").click()
    assert f"atPosition={head + 1}" in page.url

    # What was recorded is undone from where it says so: from there by two clicks.
    page.goto(f"/f/{OTHER}")
    page.locator(f".corrections a.undo[href*='/edit/undo/{head + 1}']").click()
    row = page.locator(".preview tbody tr")
    expect(row.locator(".side.added")).to_contain_text("10 Nov 2025")
    expect(page.get_by_label("Reason")).to_have_value(f"Undoes entry {head + 1} of the log.")
    page.get_by_role("button", name="Undo it").click()
    page.wait_for_url("**/edit/recorded?**")
    assert _syria(site) == before
    expect(page.get_by_role("link", name="Undo", exact=True)).to_be_visible()


def test_the_log_and_the_drawer_offer_to_undo_to_those_who_may(signed_in: SignedIn) -> None:
    reader = signed_in(None, f"/e/global-coalition/log?evidence={FACT}")
    expect(reader.locator("main a.undo").first).to_be_hidden()
    expect(reader.locator("record-evidence a.undo").first).to_be_hidden()
    reviewer = signed_in()
    reviewer.goto("/e/global-coalition")
    reviewer.locator("record-members a.evidence").first.click()
    expect(reviewer.locator("record-evidence a.undo").first).to_be_visible()
    for path in ("/log", "/e/global-coalition/log"):
        reviewer.goto(path)
        expect(reviewer.locator("main a.undo").first).to_be_visible()


def test_retracting(signed_in: SignedIn, site: Site) -> None:
    page = signed_in()
    head = site.head()
    _choose(page, "Retract", OTHER)
    page.get_by_label("Reason").fill("The minister took it back.")
    _cite(page, "lebanon24-2025-11-12")
    _preview(page)
    expect(page.locator(".preview .cause")).to_have_text("retracted")
    _send(page)

    assert [event["type"] for event in site.since(head)] == ["FactRetracted"]
    page.get_by_role("link", name="The fact at that position").click()
    expect(page.locator("main .state")).to_contain_text("Retracted")


def test_preferring(signed_in: SignedIn, site: Site) -> None:
    page = signed_in()
    head = site.head()
    _choose(page, "Prefer", FACT)
    page.get_by_role("checkbox", name=OTHER).check()
    page.get_by_label("Reason").fill("The embassy names the day.")
    _cite(page, "shafaq-2025-11-11")
    # As evidence it would be of 2025, and the editors' preference of today is newer.
    page.get_by_label("It rests on").select_option("EDITORIAL")
    _preview(page)
    row = page.locator(".preview tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("editorial")
    _send(page)

    assert [event["type"] for event in site.since(head)] == ["FactPreferred"]
    assert _syria(site) == [("CERTAIN", "2025-11-11")]


def test_what_was_done_is_undone_by_what_can_follow(signed_in: SignedIn, site: Site) -> None:
    page = signed_in()
    head, before = site.head(), _syria(site)
    steps = [
        ("Retract", "FactRetracted"), ("Reinstate", "FactReinstated"),
        ("Dispute", "FactDisputed"), ("Withdraw the dispute", "DisputeWithdrawn"),
        ("Withdraw the preference", "PreferenceWithdrawn"),
    ]  # fmt: skip
    for act, _ in steps:
        page.goto(f"/edit/fact/{OTHER}")
        offered = page.locator(".acts .button").all_inner_texts()
        assert ("Reinstate" in offered) is (act == "Reinstate")
        assert ("Withdraw the dispute" in offered) is (act == "Withdraw the dispute")
        page.get_by_role("link", name=act, exact=True).click()
        page.get_by_label("Reason").fill("To see that it can be undone.")
        page.get_by_label("It rests on").select_option("EDITORIAL")
        _preview(page)
        expect(page.locator(".preview")).to_be_visible()
        _send(page)
        if act in ("Reinstate", "Withdraw the dispute"):
            assert _syria(site) == before

    assert [event["type"] for event in site.since(head)] == [kind for _, kind in steps]
    page.goto(f"/edit/fact/{OTHER}")
    assert "Withdraw the preference" not in page.locator(".acts .button").all_inner_texts()


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.READER, []),
        (Role.CONTRIBUTOR, ["Corroborate", "Still held"]),
        (
            Role.REVIEWER,
            [
                *("Corroborate", "Still held", "Dispute", "Correct", "Retract", "Prefer"),
                "Withdraw the preference",
            ],
        ),
    ],
)
def test_a_role_is_offered_what_it_may_and_refused_the_rest(
    signed_in: SignedIn, role: Role, offered: list[str]
) -> None:
    page = signed_in(role, f"/edit/fact/{FACT}")
    assert page.locator(".acts .button").all_inner_texts() == offered
    for act in ("record", "corroborate", "dispute", "correct", "retract", "prefer"):
        page.goto(f"/edit/{act}/{FACT}" if act != "record" else "/edit/record?type=MemberLeft")
        may = act.capitalize() in offered or (act == "record" and bool(offered))
        assert (page.locator("[data-form]").count() == 1) is may, act
        assert page.get_by_role("alert").count() == (0 if may else 1)


def test_who_is_not_signed_in_is_asked_to_and_comes_where_they_wanted(
    signed_in: SignedIn, site: Site
) -> None:
    page = signed_in(None, f"/f/{FACT}")
    page.get_by_role("link", name="Correct it").click()
    page.get_by_label("Key").fill("sijill_" + "x" * 43)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("no key that is good now")
    assert page.get_by_label("Key").input_value() == ""
    page.get_by_label("Key").fill(site.keys[Role.REVIEWER])
    page.get_by_role("button", name="Sign in").click()

    assert page.url.endswith(f"/edit/fact/{FACT}")
    assert page.evaluate("document.cookie") == "sijill_role=reviewer", "the key is out of reach"
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#key")).to_be_visible()


def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(signed_in: SignedIn) -> None:
    page = signed_in(Role.CONTRIBUTOR, "/edit/record?type=QuantityReported")
    typed = {"subject": "global-coalition", "measure": "aircraft & ‹drones›", "value": "many"}
    for name, text in typed.items():
        page.locator(f"#{name}").fill(text)
    page.locator("#gist").fill("\nTwo\nlines")
    page.locator("#when").fill("sometime")
    page.locator('[id="citations[0].quote"]').fill("  as it stands ")
    _preview(page)
    links = page.locator("#wrong li a")
    wrong = ["when", "value", "citations[0].source"]
    expect(links).to_have_count(len(wrong))
    for name in wrong:
        expect(page.locator(f'[id="{name}"]')).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f'[id="{name}-wrong"]')).to_be_visible()
    expect(page.locator("#when")).to_have_value("sometime")
    expect(page.locator("#wrong")).to_be_focused()
    page.get_by_role("link", name="When").click()
    expect(page.locator("#when")).to_be_focused()
    page.locator("#when").fill("2015")
    page.locator("#value").fill("12")
    _preview(page)
    expect(page.locator("[aria-invalid]")).to_have_attribute("name", "citations[0].source")

    assert page.locator("#measure").input_value() == typed["measure"]
    assert page.locator("#gist").input_value() == "Two\nlines"
    assert page.locator('[id="citations[0].quote"]').input_value() == "  as it stands "


def test_the_citation_is_required_by_the_form(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(Role.REVIEWER, f"/edit/corroborate/{FACT}")
    head = site.head()
    assert page.locator(SOURCE).get_attribute("required") is not None
    _preview(page)
    expect(page.locator(SOURCE)).to_have_attribute("aria-invalid", "true")

    page.goto(f"/edit/retract/{FACT}")
    page.get_by_label("Reason").fill("No.")
    _preview(page)
    expect(page.locator(SOURCE)).to_have_attribute("aria-invalid", "true")
    assert page.get_by_role("button", name="Record it").count() == 0
    assert site.head() == head


def test_a_double_click_records_once(signed_in: SignedIn, site: Site) -> None:
    page = signed_in()
    head = site.head()
    _choose(page, "Dispute")
    page.get_by_label("Reason").fill("Twice.")
    page.get_by_label("It rests on").select_option("EDITORIAL")
    _preview(page)
    page.get_by_role("button", name="Record it").dblclick(no_wait_after=True)
    # The first navigation may be aborted by the second.
    expect(page).to_have_url(re.compile(r"/edit/recorded\?"))

    assert [event["type"] for event in site.since(head)] == ["FactDisputed"]


def test_a_reply_that_was_lost_and_a_form_sent_again_record_once(
    signed_in: SignedIn, site: Site
) -> None:
    page = signed_in()
    head = site.head()
    _choose(page, "Dispute")
    page.get_by_label("Reason").fill("Lost.")
    page.get_by_label("It rests on").select_option("EDITORIAL")
    _preview(page)
    form = page.locator("[data-form]").evaluate("it => [...new FormData(it)]")
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    answer = httpx.post(
        page.url,
        data={**dict(form), "step": "send"},
        cookies=cookies,
        headers={"sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 303  # which the browser never hears
    assert len(site.since(head)) == 1

    page.get_by_role("button", name="Record it").click()
    page.wait_for_url("**/edit/recorded?**")
    page.reload()

    assert len(site.since(head)) == 1
    expect(page.locator("main")).to_contain_text(f"at position {head + 1}")


def _violations(page: Page, kind: str, *values: str) -> list[tuple[str, list[str]]]:
    """What axe finds by rules of tags (`kind` is tag) or by these rules."""
    options = {"resultTypes": ["violations"], "runOnly": {"type": kind, "values": values}}
    found = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [(it["id"], [node["html"][:200] for node in it["nodes"]][:3]) for it in found]


@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("ar", 390)])
def test_every_page_of_it_is_accessible_and_as_wide_as_the_window(
    signed_in: SignedIn, site: Site, lang: str, width: int
) -> None:
    site.apply(DEFINED)
    page = signed_in(Role.REVIEWER, f"/edit?lang={lang}", bypass_csp=True)
    page.set_viewport_size({"width": width, "height": 844})

    def check(what: str, *, axe: bool = True) -> None:
        assert page.locator("html").get_attribute("lang") == lang
        assert page.evaluate("document.documentElement.scrollWidth") <= width, what
        if not axe:
            return
        page.add_script_tag(path=AXE)
        assert _violations(page, "tag", *TAGS) == [], what

    def check_dark_and_at_the_other_width(what: str) -> None:
        page.emulate_media(color_scheme="dark")
        assert _violations(page, "rule", "color-contrast") == [], f"{what}, dark"
        page.emulate_media(color_scheme="light")
        other = {1280: 390, 390: 1280}[width]
        page.set_viewport_size({"width": other, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= other, what
        assert _violations(page, "tag", *TAGS) == [], f"{what}, {other} pixels wide"
        page.set_viewport_size({"width": width, "height": 844})

    def preview() -> None:
        page.locator("form footer button[value=preview]").click()

    check("start")
    page.goto(f"/edit/fact/{FACT}?lang={lang}")
    check("fact")
    # Each form as it comes in one language, and with what was refused in the other.
    acts = ("corroborate", "dispute", "correct", "retract", "prefer", "withdraw_preference")
    for number, act in enumerate(acts):
        as_it_comes = (number % 2 == 0) == (lang == "en")
        page.goto(f"/edit/{act}/{OTHER}?lang={lang}")
        page.locator("details.new > summary").click()
        check(act, axe=as_it_comes)
        preview()
        expect(page.locator("[aria-invalid]").first).to_be_visible()
        check(f"{act} refused", axe=not as_it_comes)
    for path in ("entity/syria", "correct_entity/syria", "source/ap-2025-11-11"):
        page.goto(f"/edit/{path}?lang={lang}")
        check(path)
    page.goto(f"/edit/vocabulary?lang={lang}")
    check("vocabulary")
    for number, act in enumerate(("define_kind/new", "define_fluent/new", "define_fact_type/new")):
        as_it_comes = (number % 2 == 0) == (lang == "en")
        page.goto(f"/edit/{act}?lang={lang}")
        check(act, axe=as_it_comes)
        preview()
        expect(page.locator("[aria-invalid]").first).to_be_visible()
        check(f"{act} refused", axe=not as_it_comes)
    page.goto(f"/edit/tell_story/new?lang={lang}&about=/e/syria")
    page.locator("button[value=view]").click()
    expect(page.locator("#view-1")).to_be_visible()
    check("a story")
    preview()
    expect(page.locator("[aria-invalid]").first).to_be_visible()
    check("a story refused")
    for about in (each["id"] for each in DEFINED):
        page.goto(f"/edit/extend_definition/{about}?lang={lang}")
        check(f"extending {about}")
        preview()
        expect(page.locator("[aria-invalid]").first).to_be_visible()
        check(f"extending {about} refused")
        check_dark_and_at_the_other_width(f"extending {about} refused")
    page.goto(f"/edit/correct/{OTHER}?lang={lang}")
    page.locator('[name="changes.when"]').fill("2025-11-09")
    page.locator("#reason").fill("A slip.")
    page.locator("#basis").select_option("EDITORIAL")
    preview()
    expect(page.locator(".preview")).to_be_visible()
    check("preview")
    page.locator("button[value=send]").click()
    page.wait_for_url("**/edit/recorded?**")
    check("recorded")
    page.locator("main a[href*='/edit/undo/']").click()
    check("undo")
    page.locator(".who button").click()
    expect(page.locator("#key")).to_be_visible()
    check("signing in")


def test_everything_goes_by_keyboard(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(None, f"/edit/dispute/{FACT}")
    head = site.head()

    def tab_to(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name || document.activeElement.value") == name:
                return
        raise AssertionError(f"no way to {name} by keyboard")

    tab_to("key")
    page.keyboard.type(site.keys[Role.REVIEWER])
    page.keyboard.press("Enter")
    page.locator("[data-form]").wait_for()
    tab_to("reason")
    page.keyboard.type("By keyboard.")
    tab_to("basis")
    page.keyboard.press("End")
    tab_to("citations[0].source")
    page.keyboard.press("Enter")  # which previews, and never sends
    page.locator(".preview").wait_for()
    assert page.evaluate("document.activeElement.id") == "preview"
    assert site.head() == head
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "send":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/recorded?**")

    assert [event["type"] for event in site.since(head)] == ["FactDisputed"]


def test_it_goes_without_scripts_in_arabic(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(Role.REVIEWER, f"/edit/fact/{OTHER}?lang=ar", java_script_enabled=False)
    head = site.head()
    page.get_by_role("link", name="تصحيح", exact=True).click()
    page.get_by_role("textbox", name="متى").fill("لا أدري")
    page.locator("form footer button[value=preview]").click()
    page.get_by_label("السبب").fill("سهو في النقل.")
    page.get_by_label("يستند إلى").select_option("EDITORIAL")
    page.locator("form footer button[value=preview]").click()
    expect(page.locator(".wrong-words").last).to_contain_text("لا يمكن قراءة هذا تاريخاً")
    page.get_by_role("textbox", name="متى").fill("2025-11-09")
    page.locator("form footer button[value=preview]").click()
    expect(page.locator(".preview")).to_contain_text("9 تشرين الثاني 2025")
    page.get_by_role("button", name="سجّلها").click()

    expect(page.locator("h1")).to_have_text("تم التسجيل")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert [event["type"] for event in site.since(head)] == ["FactCorrected"]


def test_names_are_offered_as_one_types(signed_in: SignedIn) -> None:
    page = signed_in(Role.CONTRIBUTOR, "/edit/record?type=MemberJoined")
    page.locator("#member").press_sequentially("سوري")

    expect(
        page.locator("#member-list option[value='سوريا']").or_(
            page.locator("#member-list option[value='Syria']")
        )
    ).to_be_attached()


def test_nobody_leaves_a_form_half_filled_in_by_mistake(signed_in: SignedIn) -> None:
    page = signed_in(Role.CONTRIBUTOR, "/edit/record?type=MemberJoined")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#member").press_sequentially("x")
    with page.expect_event("dialog"):
        page.locator(".brand").click(no_wait_after=True)

    assert asked == ["beforeunload"]
    assert page.locator("#member").input_value() == "x"
    page.locator("#member").fill("")
    _preview(page)
    expect(page.locator("#member")).to_have_attribute("aria-invalid", "true")
    assert asked == ["beforeunload"]


def test_what_is_typed_goes_along_into_the_other_language(signed_in: SignedIn) -> None:
    page = signed_in(Role.CONTRIBUTOR, "/edit/record?type=MemberJoined&lang=en")
    page.locator("#member").press_sequentially("Panama")
    page.locator(SOURCE).press_sequentially("ap-2025-11-11")
    page.locator(".language").click()
    page.wait_for_url("**lang=ar**")

    assert page.locator("html").get_attribute("lang") == "ar"
    assert page.locator("#member").input_value() == "بنما"  # what it is called there
    assert page.locator('[name="chosen[citations[0].source]"]').input_value() == "ap-2025-11-11"
    assert page.locator("[aria-invalid]").count() == 0


def test_a_form_is_light(signed_in: SignedIn) -> None:
    page = signed_in(Role.REVIEWER)
    sizes: dict[str, int] = {}

    def weigh(response: Response) -> None:
        kind = response.headers.get("content-type", "").split(";")[0]
        body = response.body()
        sizes[kind] = sizes.get(kind, 0) + (
            len(body) if kind == "font/woff2" else len(gzip.compress(body, 9))
        )

    fresh = page.context.new_page()
    fresh.on("response", weigh)
    fresh.goto(f"/edit/correct/{OTHER}")
    fresh.wait_for_load_state("networkidle")

    assert 0 < sizes["text/javascript"] + sizes["text/css"] <= 50_000, sizes
    assert sum(sizes.values()) <= 300_000, sizes


def test_the_pages_for_reading_load_nothing_of_it(page: Page) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rsplit("/", 1)[-1]))
    page.goto("/e/global-coalition")
    page.locator(".slide input").first.wait_for()

    assert "record.js" in loaded
    assert not {"edit.js", "edit.css"} & set(loaded)
