"""Who is let in to correct: roles, cookies, forms of other sites, keys refused or revoked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from conftest import browsing
from support.edit_forms import ADDRESSES, FACT, FORM, OURS, Site, dispute, edit_forms

from api.instance import Instance
from api.web.editing.acts import ACTS, DEFINING, OF_ENTITY, OF_SOURCE, allowed
from api.web.editing.editor_session import COOKIE, ROLE_COOKIE
from domain.roles import Role
from store.keys import add_key, revoke_key


@pytest.fixture(scope="module")
def site(sampled: Instance) -> Iterator[Site]:
    with edit_forms(sampled) as served:
        yield served


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
        data = {**dispute(step="send"), "key": site.keys[Role.ADMIN]}
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
        ADDRESSES["dispute"], data=dispute(), headers={**headers, "origin": origin}
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
        assert site.send("dispute", dispute(), None, **cookie).status_code == 200
        revoke_key(owner, id_)

    answer = site.send("dispute", dispute(), None, **cookie)
    again = site.send("dispute", dispute(key=site.keys[Role.REVIEWER]), None)
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
