"""The forms for correcting, as anything may send them: who is let in, from where, and what comes
back of what was typed. The acts are done in tests/browser/test_editing.py."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from conftest import browsing
from selectolax.lexbor import LexborHTMLParser

from api.instance import Instance
from api.language.words import words
from api.web.editing.acts import ACTS, DEFINING, OF_ENTITY, OF_SOURCE, allowed
from api.web.editing.editor_session import COOKIE, ROLE_COOKIE
from api.web.editing.labels import ACTS as LABELS
from api.web.editing.labels import EXPLAINED, REFUSALS
from api.web.editing.name_lookup import MOST_NAMES
from domain.codec import decode, read, write
from domain.roles import Role
from store.keys import add_key, revoke_key

FACT = "syria-joins-2025-11-11"
FORM = "application/x-www-form-urlencoded"
OURS = {"sec-fetch-site": "same-origin"}
ADDRESSES = {
    "record": "/edit/record?type=MemberJoined",
    **{act: f"/edit/{act}/{FACT}" for act in ACTS if act != "record"},
    **{act: f"/edit/{act}/syria" for act in OF_ENTITY},
    **{act: f"/edit/{act}/anews-2025-11-11" for act in OF_SOURCE},
    **{act: f"/edit/{act}/new" for act in DEFINING},
    "extend_definition": "/edit/extend_definition/partOf",
    "tell_story": "/edit/tell_story/new",
}


class Site(NamedTuple):
    """A served sample record, and keys of all roles."""

    instance: Instance
    http: httpx.Client
    keys: dict[Role, str]

    def as_role(self, role: Role | None) -> dict[str, str]:
        """The headers of a browser that is signed in."""
        return OURS if role is None else {**OURS, "cookie": f"{COOKIE}={self.keys[role]}"}

    def head(self) -> int:
        """How far the log goes."""
        with self.instance.database.connect() as owner:
            row = owner.execute("SELECT max(id) FROM sijill_events_tt_main").fetchone()
        assert row is not None
        return int(row[0])

    def events(self) -> list[dict[str, Any]]:
        """The events of the log."""
        query = "{ log(after: 0, first: 5000) { events { position type id } } }"
        return list(
            self.http.post("/graphql", json={"query": query}).json()["data"]["log"]["events"]
        )

    def send(
        self, act: str, values: dict[str, str], role: Role | None = Role.REVIEWER, **more: Any
    ):
        """A form as a browser sends it, from our own page."""
        headers = {**self.as_role(role), **more}
        return self.http.post(ADDRESSES[act], data=values, headers=headers)


@pytest.fixture(scope="module")
def site(sampled: Instance) -> Iterator[Site]:
    with sampled.database.connect() as owner:
        keys = {role: add_key(owner, f"Amal the {role}", role)[1] for role in Role}
    with browsing(sampled) as http:
        yield Site(sampled, http, keys)


def _wrong(page: str) -> str:
    """The id of the field that the page says is wrong."""
    found = re.search(r'id="([^"]*)-wrong"', page)
    assert found is not None
    return html.unescape(found[1])


def _dispute(**more: str) -> dict[str, str]:
    return {"reason": "Nothing was signed.", "basis": "EDITORIAL", "step": "preview", **more}


@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_is_offered_and_let_do_what_it_may_and_no_more(
    site: Site, role: Role | None
) -> None:
    head = site.head()
    hub = site.http.get(f"/edit/fact/{FACT}", headers=site.as_role(role)).text
    for act, address in ADDRESSES.items():
        may = act in allowed(role)
        got = site.http.get(address, headers=site.as_role(role))
        sent = site.send(act, {"step": "send"}, role)

        assert ('name="requestId"' in got.text) is may
        assert got.status_code == (200 if may or role is None else 403)
        assert sent.status_code == (400 if may else 401 if role is None else 403)
        others = (
            "record",
            *OF_ENTITY,
            *OF_SOURCE,
            "call_off",
            "reinstate",
            "withdraw_dispute",
            *DEFINING,
            "tell_story",
        )
        if act not in others:
            # the others can't follow here
            assert (f"/edit/{act}/{FACT}" in hub) is may
    assert site.head() == head


def test_contributors_add_and_reviewers_correct() -> None:
    assert allowed(Role.CONTRIBUTOR) == ["record", "corroborate", "attest", "tell_story"]
    assert allowed(Role.REVIEWER) == allowed(Role.ADMIN) == list(ACTS)
    assert allowed(Role.READER) == allowed(None) == []


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_other_pages(site: Site) -> None:
    key = site.keys[Role.REVIEWER]
    here = site.http.post("/edit/sign-in", data={"key": key, "next": "/edit"}, headers=OURS)
    named = replace(site.instance.settings, allowed_hosts=("record.example",))
    with browsing(Instance(named, site.instance.database, site.instance.record)) as http:
        elsewhere = http.post(
            "/edit/sign-in", data={"key": key}, headers={**OURS, "host": "record.example"}
        )
    site.http.cookies.clear()

    parts = here.headers["set-cookie"].split("; ")
    assert here.status_code == 303
    assert here.headers["location"] == "/edit"
    assert key not in here.headers["location"] + here.text
    assert {"HttpOnly", "Path=/edit", "SameSite=strict", "Max-Age=43200"} <= set(parts)
    assert "Secure" not in parts
    assert "Secure" in elsewhere.headers["set-cookie"].split("; ")


def test_behind_a_proxy_the_public_address_counts(site: Site) -> None:
    settings = replace(site.instance.settings, public_url="https://record.example")
    instance = Instance(settings, site.instance.database, site.instance.record)
    key = {"key": site.keys[Role.REVIEWER]}
    with browsing(instance) as http:  # which the proxy asks as 127.0.0.1
        ours = http.post("/edit/sign-in", data=key, headers={"origin": "https://record.example"})
        other = http.post("/edit/sign-in", data=key, headers={"origin": "https://other.example"})

    assert "Secure" in ours.headers["set-cookie"].split("; ")
    assert other.status_code == 403


def test_the_api_does_not_look_at_the_cookie(site: Site) -> None:
    mutation = 'mutation { apply(entries: [], requestId: "x") { position } }'
    response = site.http.post(
        "/graphql", json={"query": mutation}, headers=site.as_role(Role.ADMIN)
    )

    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
        {"origin": "http://a]"},
        {"origin": "http://a", "host": "127.0.0.2"},
        {},
    ],
)
def test_a_form_of_another_site_does_nothing(site: Site, headers: dict[str, str]) -> None:
    head = site.head()
    cookie = {"cookie": f"{COOKIE}={site.keys[Role.ADMIN]}"}
    for path in (*ADDRESSES.values(), "/edit/sign-in", "/edit/sign-out"):
        data = {**_dispute(step="send"), "key": site.keys[Role.ADMIN]}
        answer = site.http.post(path, data=data, headers={**cookie, **headers})

        assert answer.status_code == 403, path
        assert "set-cookie" not in answer.headers
        assert "Nothing was signed." not in answer.text
    assert site.head() == head


def test_a_form_of_this_site_is_known_by_its_origin_where_the_browser_says_no_more(
    site: Site,
) -> None:
    headers = site.as_role(Role.REVIEWER)
    del headers["sec-fetch-site"]
    origin = str(site.http.base_url).rstrip("/")

    answer = site.http.post(
        ADDRESSES["dispute"], data=_dispute(), headers={**headers, "origin": origin}
    )

    assert answer.status_code == 200
    assert "Nothing is recorded yet" in answer.text


def test_no_page_may_stand_in_a_frame_be_shared_or_tell_another_site(site: Site) -> None:
    for path in (*ADDRESSES.values(), "/edit", f"/edit/fact/{FACT}"):
        for role in (None, Role.REVIEWER):
            headers = site.http.get(path, headers=site.as_role(role)).headers

            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "script-src" not in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"] == "private, no-cache"
            assert "cookie" in headers["vary"]
            assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil",
        "/log",
        "javascript:1",
        "/edit\r\nx: y",
        "/edit/../..//evil.example",
        "/edit/%2e%2e/%2E.//evil.example",
        "/edit/./..",
        "/edit//evil.example",
        "/editor",
        "",
    ],
)
def test_signing_in_leads_nowhere_else(site: Site, wanted: str) -> None:
    data = {"key": site.keys[Role.READER], "next": wanted}
    answer = site.http.post("/edit/sign-in", data=data, headers=OURS)
    site.http.cookies.clear()

    assert answer.headers["location"] == "/edit"
    assert "x" not in answer.headers


@pytest.mark.parametrize(
    "key", ["", "x", "sijill_" + "A" * 43, "é" * 10, "a.b.c", "x" * 9000, "\0"]
)
def test_a_bad_key_is_refused_and_not_shown_again(site: Site, key: str) -> None:
    answer = site.http.post("/edit/sign-in", data={"key": key, "next": "/edit"}, headers=OURS)

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "no key that is good now" in answer.text
    assert len(key) < 3 or key not in answer.text


def test_a_revoked_key_ends_at_once_and_what_was_typed_stays(site: Site) -> None:
    with site.instance.database.connect() as owner:
        id_, key = add_key(owner, "Basma", Role.REVIEWER)
        cookie = {"cookie": f"{COOKIE}={key}"}
        assert site.send("dispute", _dispute(), None, **cookie).status_code == 200
        revoke_key(owner, id_)

    answer = site.send("dispute", _dispute(), None, **cookie)
    again = site.send("dispute", _dispute(key=site.keys[Role.REVIEWER]), None)
    site.http.cookies.clear()

    assert answer.status_code == 401
    assert "Nothing was signed." in answer.text
    assert 'id="key"' in answer.text
    assert again.status_code == 200
    assert COOKIE in again.headers["set-cookie"]
    assert f"{ROLE_COOKIE}=reviewer; Max-Age" in again.headers["set-cookie"]
    assert site.keys[Role.REVIEWER] not in again.text
    assert "Nothing was signed." in again.text
    assert "Nothing is recorded yet" in again.text


def test_signing_out_takes_the_cookie_away(site: Site) -> None:
    answer = site.http.post(
        "/edit/sign-out", headers={**site.as_role(Role.READER), "content-type": FORM}
    )

    assert answer.status_code == 303
    assert f'{COOKIE}="";' in answer.headers["set-cookie"]
    assert f'{ROLE_COOKIE}="";' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


SOURCE = {"citations[0].source": "anews-2025-11-11"}
SLIP = {"basis": "EDITORIAL"}
JOINS = {"coalition": "global-coalition", "member": "syria", "when": "2025-11-12"}


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
    filled = {**_as_shown(first), **values, "step": "preview"}
    address = f"{ADDRESSES[act]}{'&' if '?' in ADDRESSES[act] else '?'}lang={lang}"

    answer = site.http.post(address, data=filled, headers=site.as_role(Role.REVIEWER))

    assert answer.status_code == 400
    assert _wrong(answer.text) == field
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


def test_a_name_that_nothing_has_is_made_new_in_both_languages(site: Site) -> None:
    values = {**JOINS, **SOURCE, "member": "Atlantis", "step": "preview"}
    unknown = site.send("record", values)
    assert 'name="make" value="member"' in unknown.text
    made = site.send("record", {**_as_shown(unknown.text), "make": "member", "step": ""})
    shown = _as_shown(made.text)
    assert (made.status_code, shown["entities[member].names.en"]) == (200, "Atlantis")

    both = {"entities[member].names.ar": "أطلانطس", "entities[member].kind": "COUNTRY"}
    page = site.send("record", {**shown, **both, "step": "preview"}).text
    entry = html.unescape(page)
    assert f'"ar": {json.dumps("أطلانطس")},\n  "en": "Atlantis"' in entry
    assert '"member": "atlantis"' in entry
    kept = site.send("record", {**_as_shown(page), "step": "preview"}).text
    assert _as_shown(kept)["entities[member].id"] == "atlantis"


def test_an_id_that_is_made_is_one_that_nothing_has(site: Site) -> None:
    new = {"entities[member].names.en": "Syria!", "entities[member].kind": "COUNTRY"}
    page = site.send("record", {**JOINS, **SOURCE, **new, "member": "", "step": "preview"})

    assert page.status_code == 200
    assert re.fullmatch("syria-[0-9a-f]{4}", _as_shown(page.text)["entities[member].id"])


def test_what_the_record_has_is_not_made_again_for_a_kind_that_was_chosen(site: Site) -> None:
    new = {"entities[member].kind": "COUNTRY", "member": "Syria", "step": "preview"}
    page = site.send("record", {**JOINS, **SOURCE, **new}).text

    assert "EntityRegistered" not in page
    assert _as_shown(page)["chosen[member]"] == "syria"


def _as_shown(page: str) -> dict[str, str]:
    """What a browser would send of a form as it is shown."""
    found: dict[str, str] = {}
    for node in LexborHTMLParser(page).css("[data-form] [name]"):
        name, is_box = node.attributes["name"] or "", node.attributes.get("type") == "checkbox"
        if node.tag == "input" and (not is_box or "checked" in node.attributes):
            value = node.attributes.get("value") or ""
            found[name] = value if "type" in node.attributes else value.replace("\n", "")
        elif node.tag == "textarea":
            found[name] = node.text()
        elif node.tag == "select":
            chosen = node.css_first("[selected]") or node.css_first("option")
            assert chosen is not None
            found[name] = chosen.attributes.get("value") or ""
    return found


def _in_arabic(code: str) -> str:
    return words("ar").gettext(REFUSALS[code])


def test_every_act_has_its_words() -> None:
    assert set(EXPLAINED) == set(LABELS) == set(ACTS)


@pytest.mark.parametrize("act", ["reinstate", "withdraw_dispute"])
def test_what_can_not_follow_is_refused_above_the_form(site: Site, act: str) -> None:
    answer = site.send(act, _dispute())

    assert answer.status_code == 400
    assert f"The fact {FACT} is not" in answer.text
    assert "Nothing was signed." in answer.text


def test_the_same_form_sent_again_records_once(site: Site) -> None:
    page = site.send("corroborate", {**SOURCE, "step": "preview"}).text
    values = {**_as_shown(page), "step": "send"}
    head = site.head()

    sent = [site.send("corroborate", values) for _ in range(3)]

    assert {answer.status_code for answer in sent} == {303}
    assert len({answer.headers["location"] for answer in sent}) == 1
    assert site.head() == head + 1
    done = site.http.get(sent[0].headers["location"], headers=site.as_role(Role.REVIEWER)).text
    assert f"at position {head + 1}" in done
    assert f"/f/{FACT}?atPosition={head + 1}" in done
    assert f"/log?before={head + 2}#p{head + 1}" in done


def test_the_same_form_sent_at_once_by_many_clicks_records_once(site: Site) -> None:
    values = {**_as_shown(site.send("dispute", _dispute()).text), "step": "send"}
    head = site.head()

    with ThreadPoolExecutor(8) as clicks:
        sent = list(clicks.map(lambda _: site.send("dispute", values), range(8)))

    assert {answer.status_code for answer in sent} == {303}
    assert len({answer.headers["location"] for answer in sent}) == 1
    assert site.head() == head + 1


def test_a_form_whose_request_was_recorded_with_other_words_starts_anew(site: Site) -> None:
    page = site.send("corroborate", {**SOURCE, "step": "preview"}).text
    values = {**_as_shown(page), "step": "send"}
    assert site.send("corroborate", values).status_code == 303  # whose reply is lost
    head = site.head()
    values |= {"reason": "Said so again.", "step": "preview"}

    answer = site.send("corroborate", values)

    assert answer.status_code == 400
    assert "Said so again." in answer.text
    assert _as_shown(answer.text)["requestId"] != values["requestId"]
    anew = site.send("corroborate", {**_as_shown(answer.text), "step": "preview"}).text
    assert site.send("corroborate", {**_as_shown(anew), "step": "send"}).status_code == 303
    assert site.head() == head + 1


def test_what_was_not_previewed_is_not_recorded(site: Site) -> None:
    page = site.send("dispute", _dispute()).text
    head = site.head()
    changed = {**_as_shown(page), "reason": "Something else.", "step": "send"}

    for values in (changed, {**changed, "previewed": "0" * 32}, _dispute(step="send")):
        answer = site.send("dispute", values)

        assert answer.status_code == 200
        assert "Nothing is recorded yet" in answer.text
    assert site.head() == head


def test_a_name_finds_its_id_and_a_part_of_one_what_may_be_meant(site: Site) -> None:
    values = {**JOINS, **SOURCE, "step": "preview"}
    named = site.send("record", {**values, "member": "سوريا"})
    vague = site.send("record", {**values, "member": "Syri"})
    taken = site.send("record", {**values, "member": "Syri", "take": "member=syria"})

    shown = _as_shown(named.text)
    assert (shown["member"], shown["chosen[member]"]) == ("Syria", "syria")
    assert "Nothing is recorded yet" in named.text
    assert "Do you mean" in vague.text
    assert 'value="member=syria"' in vague.text
    assert _as_shown(taken.text)["chosen[member]"] == "syria"
    assert "Nothing is recorded yet" in taken.text


def test_a_field_of_many_names_is_not_looked_up(site: Site) -> None:
    def shown(count: int) -> str:
        values = {**SOURCE, "parties": ", ".join(["سوريا"] * count), "step": "preview"}
        address = "/edit/record?type=AgreementSigned"
        page = site.http.post(address, data=values, headers=site.as_role(Role.REVIEWER))
        return _as_shown(page.text)["parties"]

    assert set(shown(MOST_NAMES).split(", ")) == {"Syria"}
    assert set(shown(MOST_NAMES + 1).split(", ")) == {"سوريا"}


def test_lines_that_nobody_touched_are_not_corrected(site: Site) -> None:
    fact = {
        "type": "StatementMade", "id": "lines", "speaker": "syria", "venue": "a hall\nin a city",
        "gist": "one\n\ntwo", "when": "2021", "citations": [{"source": "anews-2025-11-11"}],
    }  # fmt: skip
    site.instance.record.apply([read(fact)], actor="someone")
    site.instance.catch_up()
    headers = site.as_role(Role.REVIEWER)

    def previewed(**typed: str) -> str:
        shown = _as_shown(site.http.get("/edit/correct/lines", headers=headers).text)
        values = {**shown, **SLIP, "reason": "A slip.", "step": "preview", **typed}
        return site.http.post("/edit/correct/lines", data=values, headers=headers).text

    assert "Nothing differs from what the record has" in previewed()
    changed = html.unescape(previewed(**{"changes.when": "2022"}))
    assert '"when": "2022"' in changed
    assert '"venue"' not in changed
    assert '"gist"' not in changed


def test_words_are_kept_or_only_their_hash(site: Site) -> None:
    quote = "  Syria joins\nthe coalition "
    values = {**JOINS, **SOURCE, "citations[0].quote": quote, "step": "preview"}
    kept = html.unescape(site.send("record", values).text)
    hashed = html.unescape(site.send("record", {**values, "citations[0].hashOnly": "on"}).text)
    digest = hashlib.sha256(quote.encode()).hexdigest()

    assert '"quote": "  Syria joins\\nthe coalition "' in kept
    assert '"quote":' not in hashed
    for page in (kept, hashed):
        assert f'"quoteSha256": "{digest}"' in page


@pytest.mark.parametrize(
    ("values", "is_told"),
    [
        ({}, True),
        ({"citations[0].place": "page", "citations[0].locator": "٣"}, False),
        ({"citations[0].quote": "Syria joins"}, False),
        ({"citations[0].quoteSha256": "0" * 64}, False),
        ({"citations[0].quote": "Syria", "count": "2",
          "citations[1].source": "article-2025-11-03"}, True),
    ],
)  # fmt: skip
def test_a_citation_of_a_whole_source_is_told_and_taken(
    site: Site, values: dict[str, str], is_told: bool
) -> None:
    answer = site.send("record", {**JOINS, **SOURCE, **values, "step": "preview"})

    assert answer.status_code == 200
    assert ("neither a place nor words" in answer.text) == is_told


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12", "12"),
        (" 12 ", "12"),
        ("١٢", "12"),
        ("۱۲", "12"),
        ("١٢٫٥", "12.5"),
        ("-3.25", "-3.25"),
        ("1_000", None),
        ("1,000", None),
        ("1e3", None),
        ("１２", None),
        ("inf", None),
        ("nan", None),
    ],
)
def test_numbers_are_written_with_latin_or_arabic_digits_and_nothing_else(
    site: Site, typed: str, said: str | None
) -> None:
    values = {"subject": "global-coalition", "measure": "sorties", "when": "2025-11-12", **SOURCE,
              "value": typed, "comparator": "=", "unit": "1"}  # fmt: skip
    answer = site.http.post(
        "/edit/record?type=QuantityReported", data=values, headers=site.as_role(Role.REVIEWER)
    )
    page = html.unescape(answer.text)

    if said is None:
        assert _wrong(page) == "value"
    else:
        assert f'"value": {said}\n' in page or f'"value": {said},' in page


NEW = {
    "citations[0].source": "gazette-2025-12",
    "sources[0].title": "The gazette",
    "sources[0].published": "2025-12-01",
    "sources[0].reliability": "B",
    "sources[0].credibility": "2",
}


def test_a_source_that_is_new_is_registered_along(site: Site) -> None:
    head = site.head()
    own = {"sources[0].id": "gazette-2025-12", "when": "2025-11-30", "step": "preview"}
    page = site.send("record", {**JOINS, **NEW, **own}).text
    assert "gazette-2025-12" in page
    assert site.head() == head

    sent = site.send("record", {**_as_shown(page), "step": "send"})

    assert sent.status_code == 303
    assert site.head() == head + 2
    source = site.http.get("/s/gazette-2025-12").text
    assert "The gazette" in source
    assert "usually reliable" in source
    done = site.http.get(sent.headers["location"], headers=site.as_role(Role.REVIEWER)).text
    assert f"at position {head + 2}" in done


def test_a_new_source_without_an_id_gets_one_and_keeps_it(site: Site) -> None:
    values = {**JOINS, **NEW, "citations[0].source": "", "step": "preview"}
    first = _as_shown(site.send("record", values).text)
    again = _as_shown(site.send("record", {**first, "step": "preview"}).text)

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
    assert _wrong(answer.text) == field


def test_an_entity_that_is_new_is_registered_along_and_once(site: Site) -> None:
    typed = {**JOINS, **SOURCE, "member": "Île de Test", "entities[member].kind": "COUNTRY",
             "id": "ile-joins"}  # fmt: skip
    before = site.head()
    unknown = site.send("record", {**typed, "entities[member].kind": ""})
    previewed = site.send("record", {**typed, "step": "preview"})
    after_preview = site.head()
    sent = site.send("record", {**_as_shown(previewed.text), "step": "send"}, Role.CONTRIBUTOR)
    again = site.send("record", {**_as_shown(previewed.text), "step": "send"}, Role.CONTRIBUTOR)
    site.instance.catch_up()

    assert unknown.status_code == 400
    assert (previewed.status_code, after_preview) == (200, before)
    assert _as_shown(previewed.text)["entities[member].id"] == "ile-de-test"
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
    page = _as_shown(site.send("record", {**values, "step": "preview"}).text)
    again = _as_shown(site.send("record", {**page, "step": "preview"}).text)

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
    assert _wrong(answer.text) == field
    assert site.head() == before


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff", FORM),
        (b"a=%ff", FORM),
        (b"a" * 100, "text/plain"),
        (b"a&" * 500, FORM),
        (b"{}", "application/json"),
    ],
)
def test_what_is_no_form_is_refused(site: Site, content: bytes, media_type: str) -> None:
    headers = {**site.as_role(Role.REVIEWER), "content-type": media_type}
    for path in (ADDRESSES["dispute"], ADDRESSES["record"], "/edit/sign-in"):
        assert site.http.post(path, content=content, headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/edit/dispute/nothing", 404),
        ("/edit/fact/nothing", 404),
        (f"/edit/forget/{FACT}", 404),
        (f"/edit/record/{FACT}", 404),
        ("/edit/record?type=Nothing", 200),
        ("/edit/record?type=MemberJoined&about=nothing", 404),
        ("/edit/record?type=MemberJoined&about=global-coalition", 200),
        ("/edit/recorded", 404),
        ("/edit/recorded?event=x&position=1", 404),
        ("/edit/recorded?event=x&position=-1", 400),
        ("/edit/dispute/%00", 400),
        ("/edit?self=1&path=2", 400),
        (ADDRESSES["record"] + "&self=1&path=2", 400),
        ("/edit/sign-in", 303),
        ("/edit/sign-out", 303),
        (f"/edit/dispute/{FACT}?asOf=never", 200),
        ("/edit/tell_story/new?about=https://[", 200),
    ],
)
def test_whatever_is_asked_there_is_a_page_for_it(site: Site, path: str, status: int) -> None:
    assert site.http.get(path, headers=site.as_role(Role.REVIEWER)).status_code == status


def test_when_the_record_fails_while_sending_nothing_typed_is_lost(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {**_as_shown(site.send("dispute", _dispute()).text), "step": "send"}

    def cut(*_: Any, **__: Any) -> None:
        raise psycopg.OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(site.instance.record, "apply", cut)
        lost = site.send("dispute", values)
    head = site.head()
    sent = site.send("dispute", {**_as_shown(lost.text), "step": "preview"})
    sent = site.send("dispute", {**_as_shown(sent.text), "step": "send"})

    assert lost.status_code == 503
    assert "Nothing was signed." in lost.text
    assert _as_shown(lost.text)["requestId"] == values["requestId"]
    assert sent.status_code == 303
    assert site.head() == head + 1


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
    assert _wrong(month.text) == "on"


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
    assert _wrong(bad.text) == "aliases.en"


def _done(site: Site, address: str, **typed: str | list[str]) -> list[dict[str, Any]]:
    """What a form at an address, filled in and previewed, records."""
    headers, head = site.as_role(Role.REVIEWER), site.head()
    shown = _as_shown(site.http.get(address, headers=headers).text)
    usual = {"reason": "A look again.", **({"basis": "EDITORIAL"} if "basis" in shown else {})}
    page = site.http.post(
        address, data={**shown, **usual, **typed, "step": "preview"}, headers=headers
    ).text
    assert "Nothing is recorded yet" in page, LexborHTMLParser(page).css_first("#wrong").text()
    checked = {key: text for key, text in typed.items() if isinstance(text, list)}
    sent = site.http.post(
        address, data={**_as_shown(page), **checked, "step": "send"}, headers=headers
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
    shown = _as_shown(
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
    assert _wrong(itself.text) == "to"


@pytest.mark.parametrize("comparator", ["<", "<="])
def test_a_count_may_be_less_than_a_number(site: Site, comparator: str) -> None:
    values = {
        "coalition": "global-coalition", "value": "90", "comparator": comparator,
        "when": "2025-11-10", "modality": "OCCURRED", "citations[0].source": "rudaw-2026-02-10",
        "sources[0].title": "A count", "sources[0].observedThrough": "2025-11-10",
    }  # fmt: skip
    page = _preview_of(site, "/edit/record?type=MemberCountReported", values)

    assert page.status_code == 200 or _wrong(page.text) == "citations[0].source"
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
    previewed = site.send("retract", {**_dispute(), "id": "retract-to-undo"})
    hidden = LexborHTMLParser(previewed.text).css("form[data-form] input[type=hidden]")
    values = {str(it.attributes["name"]): it.attributes.get("value") or "" for it in hidden}
    site.send("retract", {**values, **_dispute(), "id": "retract-to-undo", "step": "send"})
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
