"""The forms for correcting, in a real Chromium, with nothing recorded: who is offered which, what
is asked for and refused, and what is kept of what was typed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from conftest import NewInstance
from playwright.sync_api import Page, Response, expect
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


@pytest.fixture(scope="module")
def site(new_sampled: NewInstance) -> Iterator[Site]:
    """Of all tests, since none adds to it."""
    with edit_site(new_sampled) as served:
        yield served


def test_a_date_in_a_form_is_read_as_people_write_it(signed_in: SignedIn) -> None:
    page = signed_in(Role.CONTRIBUTOR)
    page.goto("/edit/record?type=PartnershipBegun&about=global-coalition&lang=en")
    page.get_by_label("Partner").fill("jordan")
    page.get_by_role("textbox", name="When").fill("١٠/١١/٢٠٢٥")
    cite(page, quote="A partner from November on.")
    preview(page)

    expect(page.get_by_role("textbox", name="When")).to_have_value("2025-11-10")
    expect(page.locator(".fields .reading")).to_contain_text("= 10 Nov 2025")
    expect(page.locator(".preview")).to_contain_text("10 Nov 2025")
    page.get_by_role("button", name="or 11 Oct 2025?").click()
    expect(page.get_by_role("textbox", name="When")).to_have_value("2025-10-11")


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
    preview(page)
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
    preview(page)
    expect(page.locator("[aria-invalid]")).to_have_attribute("name", "citations[0].source")

    assert page.locator("#measure").input_value() == typed["measure"]
    assert page.locator("#gist").input_value() == "Two\nlines"
    assert page.locator('[id="citations[0].quote"]').input_value() == "  as it stands "


def test_the_citation_is_required_by_the_form(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(Role.REVIEWER, f"/edit/corroborate/{FACT}")
    head = site.head()
    assert page.locator(SOURCE).get_attribute("required") is not None
    preview(page)
    expect(page.locator(SOURCE)).to_have_attribute("aria-invalid", "true")

    page.goto(f"/edit/retract/{FACT}")
    page.get_by_label("Reason").fill("No.")
    preview(page)
    expect(page.locator(SOURCE)).to_have_attribute("aria-invalid", "true")
    assert page.get_by_role("button", name="Record it").count() == 0
    assert site.head() == head


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
    preview(page)
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
