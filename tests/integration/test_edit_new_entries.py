"""Sources and entities that a form registers along with the fact that names them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

import pytest
from support.edit_forms import FACT, JOINS, SOURCE, Site, as_shown, edit_forms, wrong_field

from api.instance import Instance
from domain.roles import Role

NEW = {
    "citations[0].source": "gazette-2025-12",
    "sources[0].title": "The gazette",
    "sources[0].published": "2025-12-01",
    "sources[0].reliability": "B",
    "sources[0].credibility": "2",
}


@pytest.fixture(scope="module")
def site(sampled: Instance) -> Iterator[Site]:
    with edit_forms(sampled) as served:
        yield served


def test_a_name_that_nothing_has_is_made_new_in_both_languages(site: Site) -> None:
    values = {**JOINS, **SOURCE, "member": "Atlantis", "step": "preview"}
    unknown = site.send("record", values)
    assert 'name="make" value="member"' in unknown.text
    made = site.send("record", {**as_shown(unknown.text), "make": "member", "step": ""})
    shown = as_shown(made.text)
    assert (made.status_code, shown["entities[member].names.en"]) == (200, "Atlantis")

    both = {"entities[member].names.ar": "أطلانطس", "entities[member].kind": "COUNTRY"}
    page = site.send("record", {**shown, **both, "step": "preview"}).text
    entry = html.unescape(page)
    assert f'"ar": {json.dumps("أطلانطس")},\n  "en": "Atlantis"' in entry
    assert '"member": "atlantis"' in entry
    kept = site.send("record", {**as_shown(page), "step": "preview"}).text
    assert as_shown(kept)["entities[member].id"] == "atlantis"


def test_an_id_that_is_made_is_one_that_nothing_has(site: Site) -> None:
    new = {"entities[member].names.en": "Syria!", "entities[member].kind": "COUNTRY"}
    page = site.send("record", {**JOINS, **SOURCE, **new, "member": "", "step": "preview"})

    assert page.status_code == 200
    assert re.fullmatch("syria-[0-9a-f]{4}", as_shown(page.text)["entities[member].id"])


def test_what_the_record_has_is_not_made_again_for_a_kind_that_was_chosen(site: Site) -> None:
    new = {"entities[member].kind": "COUNTRY", "member": "Syria", "step": "preview"}
    page = site.send("record", {**JOINS, **SOURCE, **new}).text

    assert "EntityRegistered" not in page
    assert as_shown(page)["chosen[member]"] == "syria"


def test_a_source_that_is_new_is_registered_along(site: Site) -> None:
    head = site.head()
    own = {"sources[0].id": "gazette-2025-12", "when": "2025-11-30", "step": "preview"}
    page = site.send("record", {**JOINS, **NEW, **own}).text
    assert "gazette-2025-12" in page
    assert site.head() == head

    sent = site.send("record", {**as_shown(page), "step": "send"})

    assert sent.status_code == 303
    assert site.head() == head + 2
    source = site.http.get("/s/gazette-2025-12").text
    assert "The gazette" in source
    assert "usually reliable" in source
    done = site.http.get(sent.headers["location"], headers=site.as_role(Role.REVIEWER)).text
    assert f"at position {head + 2}" in done


def test_a_new_source_without_an_id_gets_one_and_keeps_it(site: Site) -> None:
    values = {**JOINS, **NEW, "citations[0].source": "", "step": "preview"}
    first = as_shown(site.send("record", values).text)
    again = as_shown(site.send("record", {**first, "step": "preview"}).text)

    name = first["citations[0].source"]
    assert name
    assert again["citations[0].source"] == name
    assert again["previewed"] == first["previewed"] != ""


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"sources[0].title": "", "citations[0].source": ""}, "sources[0].title"),
        ({"sources[0].published": "lately"}, "sources[0].published"),
        ({"sources[0].url": "javascript:alert(1)"}, "sources[0].url"),
        ({"sources[0].credibility": "9"}, "sources[0].credibility"),
        ({"sources[0].language": "Arabic!"}, "sources[0].language"),
        ({"sources[0].title": "a\0b"}, "sources[0].title"),
        ({"sources[0].id": "a b"}, "sources[0].id"),
        ({"sources[0].id": "article-2025-11-03"}, "sources[0].id"),
        ({"when": "never"}, "when"),
        ({"id": FACT}, "id"),
        ({"count": "2", "citations[1].source": "nothing"}, "citations[1].source"),
    ],
)
def test_what_is_wrong_beside_a_new_source_finds_its_field(
    site: Site, values: dict[str, str], field: str
) -> None:
    answer = site.send("record", {**JOINS, **NEW, **values, "step": "preview"})

    assert answer.status_code == 400
    assert wrong_field(answer.text) == field


def test_an_entity_that_is_new_is_registered_along_and_once(site: Site) -> None:
    typed = {**JOINS, **SOURCE, "member": "Île de Test", "entities[member].kind": "COUNTRY",
             "id": "ile-joins"}  # fmt: skip
    before = site.head()
    unknown = site.send("record", {**typed, "entities[member].kind": ""})
    previewed = site.send("record", {**typed, "step": "preview"})
    after_preview = site.head()
    sent = site.send("record", {**as_shown(previewed.text), "step": "send"}, Role.CONTRIBUTOR)
    again = site.send("record", {**as_shown(previewed.text), "step": "send"}, Role.CONTRIBUTOR)
    site.instance.catch_up()

    assert unknown.status_code == 400
    assert (previewed.status_code, after_preview) == (200, before)
    assert as_shown(previewed.text)["entities[member].id"] == "ile-de-test"
    assert sent.status_code == again.status_code == 303
    assert site.head() == before + 2
    entity = site.http.get("/e/ile-de-test?asOf=2026-01-01")
    assert "Île de Test" in entity.text
    assert "Country" in entity.text


def test_new_entities_without_latin_letters_get_ids_and_keep_them(site: Site) -> None:
    values = {
        **JOINS,
        **SOURCE,
        "coalition": "حلف",
        "member": "جزيرة",
        "entities[coalition].kind": "COALITION",
        "entities[member].kind": "COUNTRY",
    }
    page = as_shown(site.send("record", {**values, "step": "preview"}).text)
    again = as_shown(site.send("record", {**page, "step": "preview"}).text)

    own = "entities[member].id"
    assert re.fullmatch("new-[0-9a-f]{8}", page[own])
    assert page["entities[member].names.en"] == page["member"] == "جزيرة"
    assert page["entities[coalition].id"] != page[own] == again[own]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"entities[member].kind": ""}, "entities[member].kind"),
        ({"entities[member].names.en": "", "member": ""}, "entities[member].names.en"),
        ({"entities[member].names.ar": "a\0b"}, "entities[member].names.ar"),
        ({"entities[member].id": "syria"}, "entities[member].id"),
        ({"entities[member].id": "a b"}, "entities[member].id"),
        ({"when": "never"}, "when"),
        ({"coalition": "nobody"}, "coalition"),
        ({"sources[0].title": "T", "sources[0].id": "article-2025-11-03"}, "sources[0].id"),
    ],
)  # fmt: skip
def test_what_is_wrong_beside_a_new_entity_finds_its_field_and_records_nothing(
    site: Site, values: dict[str, str], field: str
) -> None:
    before = site.head()
    new = {"member": "newland", "entities[member].names.en": "Newland",
           "entities[member].kind": "COUNTRY"}  # fmt: skip
    answer = site.send("record", {**JOINS, **SOURCE, **new, **values, "step": "preview"})

    assert answer.status_code == 400
    assert wrong_field(answer.text) == field
    assert site.head() == before
