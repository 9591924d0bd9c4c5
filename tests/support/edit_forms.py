"""A served sample record and its forms for correcting, sent as a browser sends them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx
from conftest import browsing
from selectolax.lexbor import LexborHTMLParser

from api.instance import Instance
from api.web.editing.acts import ACTS, DEFINING, OF_ENTITY, OF_SOURCE
from api.web.editing.editor_session import COOKIE
from domain.roles import Role
from store.keys import add_key

FACT = "syria-joins-2025-11-11"
FORM = "application/x-www-form-urlencoded"
OURS = {"sec-fetch-site": "same-origin"}
SOURCE = {"citations[0].source": "anews-2025-11-11"}
SLIP = {"basis": "EDITORIAL"}
JOINS = {"coalition": "global-coalition", "member": "syria", "when": "2025-11-12"}
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


@contextmanager
def edit_forms(sampled: Instance) -> Iterator[Site]:
    """The record served, with a key of each role."""
    with sampled.database.connect() as owner:
        keys = {role: add_key(owner, f"Amal the {role}", role)[1] for role in Role}
    with browsing(sampled) as http:
        yield Site(sampled, http, keys)


def wrong_field(page: str) -> str:
    """The id of the field that the page says is wrong."""
    found = re.search(r'id="([^"]*)-wrong"', page)
    assert found is not None
    return html.unescape(found[1])


def dispute(**more: str) -> dict[str, str]:
    return {"reason": "Nothing was signed.", "basis": "EDITORIAL", "step": "preview", **more}


def as_shown(page: str) -> dict[str, str]:
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
