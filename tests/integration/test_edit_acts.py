"""What is done by forms to what is recorded: called off, attested, renamed, merged, undone."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from support.edit_forms import FACT, Site, as_shown, dispute, edit_forms, wrong_field

from api.instance import Instance
from api.language.words import words
from api.web.editing.acts import OF_ENTITY, OF_SOURCE
from api.web.editing.labels import REFUSALS
from domain.codec import decode, read, write
from domain.roles import Role


@pytest.fixture(scope="module")
def site(sampled: Instance) -> Iterator[Site]:
    with edit_forms(sampled) as served:
        yield served


def _preview_of(site: Site, path: str, values: dict[str, str]) -> httpx.Response:
    headers = site.as_role(Role.REVIEWER)
    return site.http.post(path, data={"step": "preview", **values}, headers=headers)


def test_what_was_announced_is_called_off_by_a_form(site: Site) -> None:
    announced = "syrian-free-army-restructuring-expected"
    hub = site.http.get(f"/edit/fact/{announced}", headers=site.as_role(Role.REVIEWER)).text
    reason = {"reason": "It came to nothing.", "basis": "EDITORIAL"}
    page = _preview_of(site, f"/edit/call_off/{announced}", reason)
    again = _preview_of(site, f"/edit/call_off/{FACT}", reason)

    assert f"/edit/call_off/{announced}" in hub
    assert f"/edit/attest/{announced}" not in hub
    assert page.status_code == 200
    assert "AnnouncementCancelled" in page.text
    assert 'data-change="REMOVED"' in page.text
    assert again.status_code == 400  # it has happened
    assert "not announced but told as having happened" in html.unescape(again.text)


def test_that_something_still_held_is_attested_by_a_form(site: Site) -> None:
    cited = {"reason": "Listed again.", "citations[0].source": "rudaw-2026-02-10"}
    cited |= {"citations[0].place": "row", "citations[0].locator": "7"}
    page = _preview_of(site, f"/edit/attest/{FACT}", {**cited, "on": "2026-02-09"})
    month = _preview_of(site, f"/edit/attest/{FACT}", {**cited, "on": "2026-02"})

    assert page.status_code == 200
    assert "HoldingAttested" in page.text
    assert "&#34;row&#34;: 7" in page.text or '"row": 7' in page.text
    assert wrong_field(month.text) == "on"


def test_an_entity_is_renamed_with_other_names_and_identifiers_by_a_form(site: Site) -> None:
    form = site.http.get("/edit/rename/syria", headers=site.as_role(Role.REVIEWER)).text
    values = {
        "when": "2026-01-01", "names.en": "Syria", "names.ar": "سوريا", "basis": "EDITORIAL",
        "aliases.en": "Syrian Arab Republic, SAR", "identifiers": "cow: 652\r\nun: 760",
        "reason": "Known by other lists so.",
    }  # fmt: skip
    page = html.unescape(_preview_of(site, "/edit/rename/syria", values).text)
    bad = _preview_of(site, "/edit/rename/syria", {**values, "aliases.en": "\u200b"})

    assert 'value="Syria"' in form
    assert "Nothing is recorded yet" in page
    assert '"entity": "syria"' in page
    assert '"SAR"' in page
    assert '"cow": "652"' in page
    assert '"names"' not in page  # it is called so already
    assert wrong_field(bad.text) == "aliases.en"


def _done(site: Site, address: str, **typed: str | list[str]) -> list[dict[str, Any]]:
    """What a form at an address, filled in and previewed, records."""
    headers, head = site.as_role(Role.REVIEWER), site.head()
    shown = as_shown(site.http.get(address, headers=headers).text)
    usual = {"reason": "A look again.", **({"basis": "EDITORIAL"} if "basis" in shown else {})}
    page = site.http.post(
        address, data={**shown, **usual, **typed, "step": "preview"}, headers=headers
    ).text
    assert "Nothing is recorded yet" in page, LexborHTMLParser(page).css_first("#wrong").text()
    checked = {key: text for key, text in typed.items() if isinstance(text, list)}
    sent = site.http.post(
        address, data={**as_shown(page), **checked, "step": "send"}, headers=headers
    )
    assert sent.status_code == 303
    told = site.http.get(sent.headers["location"], headers=headers)
    assert told.status_code == 200
    with site.instance.database.connect() as owner:
        query = "SELECT id, type, data FROM sijill_events_tt_main WHERE id > %s ORDER BY id"
        return [write(decode(*row).entry) for row in owner.execute(query, [head])]


def test_entities_are_corrected_merged_and_split_by_forms_that_their_page_leads_to(
    site: Site,
) -> None:
    assert 'href="/edit/entity/syria"' in site.http.get("/e/syria").text
    hub = site.http.get("/edit/entity/syria", headers=site.as_role(Role.REVIEWER)).text
    assert all((f"/edit/{act}/syria" in hub) is (act != "split") for act in OF_ENTITY)
    twin = {"type": "EntityRegistered", "id": "syria-twin", "kind": "COUNTRY",
            "names": {"en": "Syrian twin", "fr": "Jumeau"}}  # fmt: skip
    site.instance.record.apply([read(twin)], actor="someone")
    site.instance.catch_up()

    changes = {"changes.kind": "PLACE", "changes.names.ar": "توأم", "changes.location.lat": "33.5",
               "changes.location.lon": "36,3"}  # fmt: skip
    refused = site.http.post(
        "/edit/correct_entity/syria-twin",
        data={**changes, "step": "preview"},
        headers=site.as_role(Role.REVIEWER),
    ).text
    assert 'id="reason-wrong"' in refused
    (corrected,) = _done(
        site, "/edit/correct_entity/syria-twin", **{**changes, "changes.location.lon": "36.3"}
    )
    assert corrected["changes"] == {
        "kind": "PLACE",
        "names": {"en": "Syrian twin", "ar": "توأم", "fr": "Jumeau"},
        "location": {"lat": 33.5, "lon": 36.3},
    }
    (merged,) = _done(site, "/edit/merge/syria", entities="Syrian twin")
    assert (merged["entities"], merged["into"]) == (("syria-twin",), "syria")
    (split,) = _done(site, "/edit/split/syria", into=["syria-twin"])
    assert (split["entity"], split["into"]) == ("syria", ("syria-twin",))


def test_sources_are_dated_graded_and_withdrawn_by_forms_that_their_page_leads_to(
    site: Site,
) -> None:
    new = {"type": "SourceRegistered", "id": "leaflet", "title": "A leaflet", "published": "2020",
           "reliability": "C"}  # fmt: skip
    site.instance.record.apply([read(new)], actor="someone")
    site.instance.catch_up()
    assert 'href="/edit/source/leaflet"' in site.http.get("/s/leaflet").text
    hub = site.http.get("/edit/source/leaflet", headers=site.as_role(Role.REVIEWER)).text
    assert all(f"/edit/{act}/leaflet" in hub for act in OF_SOURCE)

    address = "/edit/correct_source/leaflet"
    (dated,) = _done(
        site, address, **{"changes.published": "3 May 2020", "changes.publisher": "A press"}
    )
    assert dated["changes"] == {"published": "2020-05-03", "publisher": "A press"}
    (graded,) = _done(site, "/edit/reassess_source/leaflet", credibility="4")
    assert (graded["credibility"], "reliability" in graded) == (4, False)
    (withdrawn,) = _done(site, "/edit/withdraw_source/leaflet")
    assert withdrawn["source"] == "leaflet"
    hub = site.http.get("/edit/source/leaflet", headers=site.as_role(Role.REVIEWER)).text
    assert "/edit/withdraw_source/leaflet" not in hub


def test_the_preview_of_a_description_says_what_it_would_be(site: Site) -> None:
    shown = as_shown(
        site.http.get(
            "/edit/correct_source/ap-2025-11-11", headers=site.as_role(Role.REVIEWER)
        ).text
    )
    values = {**shown, "changes.published": "2025-11-12", "reason": "A slip.", "step": "preview"}
    address = "/edit/correct_source/ap-2025-11-11"
    page = site.http.post(address, data=values, headers=site.as_role(Role.REVIEWER)).text

    preview = LexborHTMLParser(page).css_first(".preview")
    assert "Published: 12 Nov 2025" in preview.css_first(".said").text()


def test_the_preview_of_a_handover_shows_both_sides(site: Site) -> None:
    values = {
        "operator": "global-coalition", "base": "erbil-base", "to": "government-of-iraq",
        "when": "2026-09-30", "modality": "OCCURRED", "citations[0].source": "rudaw-2026-02-10",
    }  # fmt: skip
    page = _preview_of(site, "/edit/record?type=BaseHandedOver", values)
    itself = _preview_of(
        site, "/edit/record?type=BaseHandedOver", {**values, "to": "global-coalition"}
    )

    changes = re.findall('data-change="(\\w+)"', page.text)
    assert sorted(changes) == ["ADDED", "REMOVED"]
    assert wrong_field(itself.text) == "to"


@pytest.mark.parametrize("comparator", ["<", "<="])
def test_a_count_may_be_less_than_a_number(site: Site, comparator: str) -> None:
    values = {
        "coalition": "global-coalition", "value": "90", "comparator": comparator,
        "when": "2025-11-10", "modality": "OCCURRED", "citations[0].source": "rudaw-2026-02-10",
        "sources[0].title": "A count", "sources[0].observedThrough": "2025-11-10",
    }  # fmt: skip
    page = _preview_of(site, "/edit/record?type=MemberCountReported", values)

    assert page.status_code == 200 or wrong_field(page.text) == "citations[0].source"
    assert "less than" in page.text
    assert "at most" in page.text


def _undo_form(site: Site, position: int, role: Role | None = Role.REVIEWER, **more: str) -> Any:
    """The page that undoes the event of a position, or what it answers to its one button."""
    address, headers = f"/edit/undo/{position}", site.as_role(role)
    page = site.http.get(f"{address}?lang={more.pop('lang', 'en')}", headers=headers)
    if not more:
        return page
    inputs = LexborHTMLParser(page.text).css("form[data-form] [name]:not(button)")
    sent = {
        str(it.attributes["name"]): it.attributes.get("value") or it.text().strip() for it in inputs
    }
    return site.http.post(address, data={**sent, **more}, headers=headers)


def test_an_event_is_undone_by_one_confirmation_of_its_preview(site: Site) -> None:
    previewed = site.send("retract", {**dispute(), "id": "retract-to-undo"})
    hidden = LexborHTMLParser(previewed.text).css("form[data-form] input[type=hidden]")
    values = {str(it.attributes["name"]): it.attributes.get("value") or "" for it in hidden}
    site.send("retract", {**values, **dispute(), "id": "retract-to-undo", "step": "send"})
    retracted = site.head()
    page = _undo_form(site, retracted)
    assert page.status_code == 200
    assert "counts again" in LexborHTMLParser(page.text).css_first("form[data-form] ul").text()
    assert LexborHTMLParser(page.text).css(".preview")
    assert site.head() == retracted

    done = _undo_form(site, retracted, step="send")
    assert (done.status_code, site.head()) == (303, retracted + 1)
    after = site.http.get(done.headers["location"], headers=site.as_role(Role.REVIEWER))
    assert f"/edit/undo/{retracted + 1}" in after.text
    again = _undo_form(site, retracted, lang="ar")
    assert (again.status_code, "data-form" in again.text) == (200, False)
    assert words("ar").gettext(REFUSALS["NO_EFFECT"]) in again.text


def test_undoing_is_for_those_who_may_record_the_opposite(site: Site) -> None:
    position = next(int(row["position"]) for row in site.events() if row["type"] == "MemberJoined")
    offered = site.http.get(f"/log?before={position + 1}").text
    assert f'data-may="reviewer" rel="nofollow" href="/edit/undo/{position}"' in offered

    head = site.head()
    assert "/edit/sign-in" in _undo_form(site, position, None).text
    told = _undo_form(site, position, Role.CONTRIBUTOR)
    assert (told.status_code, "data-form" in told.text) == (200, False)
    assert "A reviewer can undo this." in told.text
    refused = site.http.post(
        f"/edit/undo/{position}", data={"step": "send"}, headers=site.as_role(Role.CONTRIBUTOR)
    )
    assert (refused.status_code, site.head()) == (403, head)


@pytest.mark.parametrize("position", ["0", "x", "999999"])
def test_what_is_not_there_is_not_undone(site: Site, position: str) -> None:
    got = site.http.get(f"/edit/undo/{position}", headers=site.as_role(Role.REVIEWER))
    assert got.status_code == (400 if position == "x" else 404)
