"""What the forms for correcting refuse: each at its field, with all that was typed."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
from selectolax.lexbor import LexborHTMLParser
from support.edit_forms import (
    ADDRESSES,
    FACT,
    JOINS,
    SLIP,
    SOURCE,
    Site,
    as_shown,
    edit_forms,
    wrong_field,
)

from api.instance import Instance
from api.language.words import words
from api.web.editing.labels import REFUSALS
from domain.roles import Role


@pytest.fixture(scope="module")
def site(sampled: Instance) -> Iterator[Site]:
    with edit_forms(sampled) as served:
        yield served


@pytest.mark.parametrize(
    ("act", "values", "field", "code"),
    [
        ("record", JOINS, "citations[0].source", "NO_CITATION"),
        ("record", {**JOINS, **SOURCE, "when": "soon"}, "when", "BAD_EDTF"),
        ("record", {**JOINS, **SOURCE, "when": ""}, "when", "MISSING_KEY"),
        ("record", {**JOINS, **SOURCE, "member": "no one at all"}, "member", "UNKNOWN_ENTITY"),
        ("record", {**JOINS, **SOURCE, "member": "nobody"}, "member", "UNKNOWN_ENTITY"),
        ("record", {**JOINS, **SOURCE, "gist": "a\0b"}, "gist", "BAD_TEXT"),
        ("record", {**JOINS, **SOURCE, "gist": "a\u202eb"}, "gist", "BAD_TEXT"),
        ("record", {**JOINS, **SOURCE, "gist": "e\u0301"}, "gist", "BAD_TEXT"),
        ("record", {**JOINS, **SOURCE, "id": FACT}, "id", "ID_TAKEN"),
        ("record", {**JOINS, **SOURCE, "id": "a b"}, "id", "BAD_ID"),
        ("record", {**JOINS, **SOURCE, "modality": "MAYBE"}, "modality", "BAD_VALUE"),
        ("record", {**JOINS, "citations[0].source": "none"},
         "citations[0].source", "UNKNOWN_SOURCE"),
        ("record", {**JOINS, "citations[0].quote": "x"}, "citations[0].source", "MISSING_KEY"),
        ("record", {**JOINS, **SOURCE, "count": "2", "citations[1].quote": "a\x07",
                    "citations[1].source": "anews-2025-11-11"}, "citations[1].quote", "BAD_TEXT"),
        ("record", {**JOINS, **SOURCE, "count": "3", "citations[2].source": "none"},
         "citations[2].source", "UNKNOWN_SOURCE"),
        ("record", {**JOINS, **SOURCE, "citations[0].place": "paragraph",
                    "citations[0].locator": "one"}, "citations[0].locator", "BAD_VALUE"),
        ("record", {**JOINS, **SOURCE, "citations[0].place": "chars",
                    "citations[0].locator": "9-3"}, "citations[0].locator", "BAD_LOCATOR"),
        ("record", {**JOINS, **SOURCE, "citations[0].locator": "3"},
         "citations[0].place", "BAD_LOCATOR"),
        ("record", {**JOINS, **SOURCE, "citations[0].quote": "x",
                    "citations[0].quoteSha256": "0" * 64},
         "citations[0].quoteSha256", "QUOTE_HASH_MISMATCH"),
        ("corroborate", {}, "citations[0].source", "NO_CITATION"),
        ("dispute", {**SOURCE, "basis": "EVIDENCE"}, "reason", "MISSING_KEY"),
        ("dispute", {"reason": "x", "basis": "EVIDENCE"}, "citations[0].source",
         "EVIDENCE_WITHOUT_CITATION"),
        ("correct", {"changes.when": "never", "reason": "x", **SLIP}, "changes.when", "BAD_EDTF"),
        ("correct", {"changes.member": "nobody", "reason": "x", **SLIP}, "changes.member",
         "UNKNOWN_ENTITY"),
        ("correct", {"reason": "x"}, "changes.coalition", "NOTHING_CHANGED"),
        ("retract", {"basis": "EDITORIAL"}, "reason", "MISSING_KEY"),
        ("withdraw_preference", {"reason": "x", **SLIP, "preference": "none"}, "preference",
         "UNKNOWN_PREFERENCE"),
        ("prefer", {"reason": "x", "basis": "EDITORIAL"}, "over", "MISSING_KEY"),
        ("prefer", {"reason": "x", "basis": "EDITORIAL", "over": "nothing"}, "over",
         "UNKNOWN_FACT"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_refusal_comes_back_at_its_field_with_all_that_was_typed(
    site: Site, act: str, values: dict[str, str], field: str, code: str, lang: str
) -> None:
    first = site.http.get(ADDRESSES[act], headers=site.as_role(Role.REVIEWER)).text
    filled = {**as_shown(first), **values, "step": "preview"}
    address = f"{ADDRESSES[act]}{'&' if '?' in ADDRESSES[act] else '?'}lang={lang}"

    answer = site.http.post(address, data=filled, headers=site.as_role(Role.REVIEWER))

    assert answer.status_code == 400
    assert wrong_field(answer.text) == field
    for value in values.values():
        if "\0" not in value:  # which no document has
            assert html.escape(value, quote=False) in answer.text.replace("&#34;", '"'), value
    if lang == "ar":
        is_named = code in ("UNKNOWN_ENTITY", "UNKNOWN_SOURCE")
        said = "ليس في السجل شيء باسم" if is_named else html.escape(_in_arabic(code), quote=False)
        assert said in answer.text


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_all_that_is_wrong_is_told_at_once_above_the_form_and_at_each_field(
    site: Site, lang: str
) -> None:
    wrong = {
        "coalition": "", "member": "Atlantis", "when": "soon", "count": "2",
        "citations[0].locator": "3", "citations[1].quote": "Words.",
        "sources[0].url": "javascript:alert(1)", "sources[0].published": "2025-11-31",
    }  # fmt: skip
    fields = [
        "coalition", "member", "when", "citations[0].place", "sources[0].title", "sources[0].url",
        "sources[0].published", "citations[1].source",
    ]  # fmt: skip
    address = f"{ADDRESSES['record']}&lang={lang}"
    values = {**wrong, "modality": "OCCURRED", "step": "preview"}
    page = site.http.post(address, data=values, headers=site.as_role(Role.CONTRIBUTOR)).text
    shown = LexborHTMLParser(page)

    links = [str(it.attributes["href"]).removeprefix("#") for it in shown.css("#wrong li a")]
    assert sorted(links) == sorted(fields)
    for field in fields:
        assert shown.css_first(f'[id="{field}"]').attributes["aria-invalid"] == "true"
        assert shown.css_first(f'[id="{field}-wrong"]').text().strip()
    assert shown.css_first("title").text().startswith({"en": "Error: ", "ar": "خطأ: "}[lang])
    assert "entries[" not in shown.css_first("#wrong").text()
    if lang == "ar":
        said = shown.css("#wrong .wrong-words > :not(bdi.quiet)")
        assert all("<bdi lang" not in (it.html or "") for it in said)


def test_a_client_is_told_all_that_is_wrong_with_all_entries(site: Site) -> None:
    entries = [
        {"type": "EntityRegistered", "id": "a b", "kind": "NOTHING", "names": {}},
        {"type": ["KindDefined"], "id": "x"},
        {"type": "MemberJoined", "id": "y", "coalition": "global-coalition", "when": "soon"},
    ]
    query = 'mutation($e: [JSON!]!) { apply(entries: $e, requestId: "w") { recorded } }'
    headers = {"authorization": f"Bearer {site.keys[Role.CONTRIBUTOR]}"}
    body = {"query": query, "variables": {"e": entries}}
    (error,) = site.http.post("/graphql", json=body, headers=headers).json()["errors"]

    told = error["extensions"]["errors"]
    fields = {each["field"] for each in told}
    assert {"entries[0].id", "entries[1].type", "entries[2].member", "entries[2].when"} <= fields
    assert told[0]["code"] == error["extensions"]["code"]
    assert told[0]["message"] == error["message"]


def _in_arabic(code: str) -> str:
    return words("ar").gettext(REFUSALS[code])
