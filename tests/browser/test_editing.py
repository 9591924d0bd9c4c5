"""Correcting in place, in a real Chromium: each act from a fact to the log, on the sample record;
by keyboard, without scripts, in Arabic, by a double click and after a lost reply."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from conftest import NewInstance
from playwright.sync_api import Page, expect
from support.edit_site import (
    FACT,
    OTHER,
    SOURCE,
    SignedIn,
    Site,
    cite,
    edit_site,
    preview,
)

from domain.roles import Role

MEMBER = """query { members(coalition: "global-coalition", asOf: "2025-11-30", first: 500) {
    edges { node { standing since { edtf } member { id } disputed } } } }"""


@pytest.fixture
def site(new_sampled: NewInstance) -> Iterator[Site]:
    """Of each test's own, since each adds to it."""
    with edit_site(new_sampled) as served:
        yield served


def _send(page: Page) -> None:
    page.get_by_role("button", name="Record it").click()
    page.wait_for_url("**/edit/recorded?**")


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
    cite(page, quote="A partner from December on.")
    page.locator('[id="citations[0].place"]').select_option("paragraph")
    page.locator('[id="citations[0].locator"]').fill("3")
    preview(page)

    shown = page.locator(".preview")
    expect(shown).to_contain_text("Nothing is recorded yet")
    expect(shown.locator("tbody tr")).to_have_count(1)
    expect(shown).to_contain_text("Jordan")
    expect(shown).to_contain_text("newly recorded")
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


def test_recording_from_a_source_that_is_new(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(Role.CONTRIBUTOR, "/edit/record?type=MemberLeft&about=global-coalition")
    head = site.head()
    page.get_by_label("Member").fill("Panama")
    page.get_by_role("textbox", name="When").fill("2025-12-02")
    page.locator("[data-new='citations[0].source'] > summary").click()
    page.get_by_label("Title").fill("Notice of withdrawal")
    page.get_by_label("Published").fill("2025-12-01")
    preview(page)
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
    cite(page, "ap-2025-11-11", "has joined")
    preview(page)
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
    preview(page)
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
    preview(page)
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


def test_retracting(signed_in: SignedIn, site: Site) -> None:
    page = signed_in()
    head = site.head()
    _choose(page, "Retract", OTHER)
    page.get_by_label("Reason").fill("The minister took it back.")
    cite(page, "lebanon24-2025-11-12")
    preview(page)
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
    cite(page, "shafaq-2025-11-11")
    # As evidence it would be of 2025, and the editors' preference of today is newer.
    page.get_by_label("It rests on").select_option("EDITORIAL")
    preview(page)
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
        preview(page)
        expect(page.locator(".preview")).to_be_visible()
        _send(page)
        if act in ("Reinstate", "Withdraw the dispute"):
            assert _syria(site) == before

    assert [event["type"] for event in site.since(head)] == [kind for _, kind in steps]
    page.goto(f"/edit/fact/{OTHER}")
    assert "Withdraw the preference" not in page.locator(".acts .button").all_inner_texts()


def test_a_double_click_records_once(signed_in: SignedIn, site: Site) -> None:
    page = signed_in()
    head = site.head()
    _choose(page, "Dispute")
    page.get_by_label("Reason").fill("Twice.")
    page.get_by_label("It rests on").select_option("EDITORIAL")
    preview(page)
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
    preview(page)
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
