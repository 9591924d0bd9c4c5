"""/vocabulary: what the record has words for, and the forms by which a reviewer gives it more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import httpx
import pytest
import rdflib
import rdflib.compare
from conftest import NewInstance, browsing
from selectolax.lexbor import LexborHTMLParser, LexborNode

from api.files import vocabulary_files
from api.instance import Instance
from api.web.editing.editor_session import COOKIE
from domain.roles import Role
from domain.vocabulary import CORE
from store.keys import add_key


class Site(NamedTuple):
    """A served record with a vocabulary of its own and its sample."""

    instance: Instance
    http: httpx.Client
    keys: dict[Role, str]

    def headers(self, role: Role | None) -> dict[str, str]:
        own = {"sec-fetch-site": "same-origin", "accept": "text/html"}
        return own if role is None else {**own, "cookie": f"{COOKIE}={self.keys[role]}"}

    def page(self, path: str, role: Role | None = None, status: int = 200) -> LexborHTMLParser:
        answer = self.http.get(path, headers=self.headers(role))
        assert answer.status_code == status, answer.text
        return LexborHTMLParser(answer.text)

    def send(self, path: str, role: Role | None = Role.REVIEWER, **said: str) -> httpx.Response:
        fields = {key.replace("__", "."): value for key, value in said.items()}
        return self.http.post(path, data=fields, headers=self.headers(role))

    def define(self, path: str, **said: str) -> str:
        """Preview what a form says, and record it: the entry as the preview shows it."""
        form = self.page(path, Role.REVIEWER)
        for name in ("requestId", "id"):
            said.setdefault(name, form.css_first(f"[name={name}]").attributes["value"] or "")
        shown = self.send(path, step="preview", **said)
        preview = LexborHTMLParser(shown.text)
        assert shown.status_code == 200, preview.css_first(".wrong-words").text()
        previewed = preview.css_first("[name=previewed]").attributes["value"] or ""
        done = self.send(path, step="send", previewed=previewed, **said)
        assert done.status_code == 303, done.text
        assert done.headers["location"].startswith("/edit/vocabulary")
        return preview.css_first("#preview pre").text()


@pytest.fixture(scope="module")
def site(new_instance: NewInstance) -> Iterator[Site]:
    with new_instance() as instance:
        found = vocabulary_files("states-and-treaties", CORE, with_sample=True)
        instance.record.apply(found.entries, actor="someone")
        instance.catch_up()
        with instance.database.connect() as owner:
            keys = {role: add_key(owner, f"Amal the {role}", role)[1] for role in Role}
        with browsing(instance) as http:
            yield Site(instance, http, keys)


def row(page: LexborHTMLParser, word: str) -> LexborNode:
    """The row of a word."""
    heading = page.css_first(f"th#{word}")
    assert heading is not None
    assert heading.parent is not None
    return heading.parent


@pytest.mark.parametrize(
    ("lang", "treaty", "here"), [("en", "Treaty", "Defined here"), ("ar", "معاهدة", "معرّف هنا")]
)
def test_kinds_fluents_and_types_have_counts_and_examples(
    site: Site, lang: str, treaty: str, here: str
) -> None:
    page = site.page(f"/vocabulary?lang={lang}&asOf=1985")
    words = site.instance.vocabulary.current
    asked = site.http.post(
        "/graphql", json={"query": "{ entities(kind: TREATY) { edges { cursor } } }"}
    )

    ids = {each.attributes["id"] for each in page.css("th[scope=row]")}
    assert ids == {*words.kinds, *words.fluents, *words.fact_types}
    kind = row(page, "TREATY")
    assert treaty in kind.text()
    assert here in kind.text()
    number = kind.css_first("td a")
    assert number.text() == str(len(asked.json()["data"]["entities"]["edges"]))
    assert here not in row(page, "COUNTRY").text()
    for word in ("TREATY", "membership", *words.definitions):
        for link in row(page, word).css("td a"):
            address = link.attributes["href"] or ""
            assert address.startswith("#") or "asOf=1985" in address
            if not address.startswith("#"):
                assert site.http.get(address).status_code == 200, address
    assert not page.css("main form")


def test_a_word_is_not_listed_before_the_log_has_it(site: Site) -> None:
    page = site.page("/vocabulary?atPosition=1")

    assert (
        len(page.css("th[scope=row]"))
        <= len(CORE.kinds) + len(CORE.fluents) + len(CORE.fact_types) + 1
    )


@pytest.mark.parametrize("role", [None, Role.READER, Role.CONTRIBUTOR])
def test_others_are_shown_the_words_and_may_not_define(site: Site, role: Role | None) -> None:
    head = site.http.get("/vocabulary", headers=site.headers(role)).text
    status = 200 if role is None else 403
    hub = site.page("/edit/vocabulary", role, status)
    sent = site.send("/edit/define_kind/new", role, id="PACT", step="send")

    assert "/edit/define_kind" not in head
    assert not hub.css("a[href*='define_kind']")
    assert sent.status_code == (401 if role is None else 403)
    assert "PACT" not in site.instance.vocabulary.current.kinds


def test_a_reviewer_defines_a_kind_a_fluent_and_types_of_facts_and_records_by_them(
    site: Site,
) -> None:
    hub = site.page("/edit/vocabulary", Role.REVIEWER)
    assert {each.attributes["href"] for each in hub.css(".heading .actions a")} == {
        f"/edit/{act}/new" for act in ("define_kind", "define_fluent", "define_fact_type")
    }

    kind = site.define("/edit/define_kind/new", id="VESSEL", names__en="Vessel", names__ar="سفينة")
    site.define(
        "/edit/define_fluent/new", id="flag", scope="vessel", subject="state",
        question="flagStates", inverse="vesselsUnder", names__en="Flag", inverseNames__en="Vessels",
        scopeKinds="VESSEL", subjectKinds="COUNTRY, ORGANISATION", single="on",
    )  # fmt: skip
    path = "/edit/define_fact_type/new"
    keys = {
        "keys[0].name": "vessel", "keys[0].type": "ENTITY", "keys[0].values": "VESSEL",
        "keys[1].name": "state", "keys[1].type": "ENTITY",
        "keys[1].names.en": "Flag state", "keys[1].names.ar": "دولة العلم",
        "keys[2].name": "registry", "keys[2].type": "CODE", "keys[2].values": "OPEN، CLOSED",
        "keys[2].optional": "on",
        "effects[0].does": "starts", "effects[0].fluent": "flag",
        "effects[0].scope": "vessel", "effects[0].subject": "state",
    }  # fmt: skip
    shown = site.define(path, id="FlagHoisted", names__en="Flag hoisted", **keys)
    more = {"keys[0].name": "mast", "keys[0].type": "INTEGER", "codes.registry": "SECOND"}
    more |= {"keys[0].names.en": "Masts"}
    site.define("/edit/extend_definition/FlagHoisted", reason="More is known.", **more)

    assert '"type": "KindDefined"' in kind
    assert '"id": "VESSEL"' in kind
    assert '"starts": "flag"' in shown
    words = site.page("/edit/vocabulary", Role.REVIEWER)
    assert "one at a time" in row(words, "flag").text()
    site.instance.vocabulary.refresh()
    known = site.instance.vocabulary.current
    assert known.fluents["flag"].subject_kinds == ("COUNTRY", "ORGANISATION")
    hoisted = known.fact_types["FlagHoisted"].keys
    assert hoisted["registry"].codes == ("OPEN", "CLOSED", "SECOND")
    assert known.fact_types["FlagHoisted"].key_names == {
        "state": {"en": "Flag state", "ar": "دولة العلم"}, "mast": {"en": "Masts"},
    }  # fmt: skip
    assert (hoisted["registry"].required, hoisted["mast"].required) == (False, False)
    form = site.page("/edit/record?type=FlagHoisted", Role.CONTRIBUTOR)
    assert {"vessel", "state", "registry", "mast"} <= {
        each.attributes["name"] for each in form.css("form.fields [name]")
    }


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        ("/edit/define_kind/new", {"id": "COUNTRY"}, "id"),
        ("/edit/define_kind/new", {"id": "treaty"}, "id"),
        ("/edit/define_kind/new", {}, "id"),
        ("/edit/define_fluent/new", {"id": "x", "scope": "a", "subject": "a", "question": "as",
         "inverse": "bs"}, "subject"),
        ("/edit/define_fluent/new", {"id": "x", "scope": "a", "subject": "b", "question": "members",
         "inverse": "bs"}, "question"),
        ("/edit/define_fluent/new", {"id": "x", "scope": "a", "subject": "b", "question": "as",
         "inverse": "bs", "scopeKinds": "COUNTRY, NOSUCH"}, "scopeKinds"),
        ("/edit/define_fact_type/new", {"id": "X", "keys[1].name": "since"}, "keys[1].name"),
        ("/edit/define_fact_type/new", {"id": "X", "keys[2].name": "a", "keys[2].type": "CODE"},
         "keys[2].values"),
        ("/edit/define_fact_type/new", {"id": "X", "keys[0].name": "a", "effects[0].does": "ends",
         "effects[0].fluent": "membership", "effects[0].scope": "a", "effects[0].subject": "b"},
         "effects[0].subject"),
        ("/edit/define_fact_type/new", {"id": "X", "keys[1].name": "a", "keys[1].type": "TEXT",
         "keys[1].names.ar": "\u200b"}, "keys[1].names.ar"),
        ("/edit/extend_definition/TREATY", {"names.fr": "", "reason": "x"}, None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    site: Site, path: str, said: dict[str, str], field: str | None
) -> None:
    answer = site.send(path, step="preview", **said)
    page = LexborHTMLParser(answer.text)

    assert answer.status_code == 400
    wrong = re.findall(r'id="([^"]*)-wrong"', answer.text)
    assert wrong == ([] if field is None else [field])
    assert page.css_first("[role=alert]") is not None
    for name, value in said.items():
        shown = page.css_first(f"[name='{name}']")
        assert shown is None or value in (shown.attributes.get("value") or shown.html or "")
    assert not page.css("#preview")


def test_a_row_for_one_more_key_keeps_what_was_typed(site: Site) -> None:
    said = {"id": "X", "keys[3].name": "last", "count": "4", "step": "cite"}
    page = LexborHTMLParser(site.send("/edit/define_fact_type/new", **said).text)

    assert page.css_first("[name='keys[3].name']").attributes["value"] == "last"
    assert page.css_first("[name='keys[4].name']") is not None


def test_only_what_the_record_defines_is_extended(site: Site) -> None:
    site.page("/edit/extend_definition/COUNTRY", Role.REVIEWER, 404)
    site.page("/edit/define_kind/other", Role.REVIEWER, 404)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_what_rdf_calls_defined_words_is_an_address_that_answers(site: Site) -> None:
    public = replace(site.instance.settings, public_url="https://record.example")
    instance = Instance(public, site.instance.database, site.instance.record)
    page = site.page("/vocabulary")
    fact = row(page, "TreatyRatified").css_first("td a.evidence")
    path = (fact.attributes["href"] or "").partition("?")[0]
    with browsing(instance) as http:
        turtle, linked, entities, prov = (
            http.get(address).text
            for address in (f"{path}.ttl", f"{path}.jsonld", "/entities.ttl", f"{path}.prov.json")
        )

    graph = rdflib.Graph().parse(data=turtle, format="turtle")
    same = rdflib.Graph().parse(data=linked, format="json-ld")
    assert rdflib.compare.to_isomorphic(graph) == rdflib.compare.to_isomorphic(same)
    graph += rdflib.Graph().parse(data=entities, format="turtle")
    words = "https://record.example/vocabulary#"
    terms = {str(each) for triple in graph for each in triple[1:]}
    own = {each.removeprefix(words) for each in terms if each.startswith(words)}
    assert {"TreatyRatified", "TreatyRatified.treaty", "TreatyRatified.party", "TREATY"} <= own
    assert own <= {each.attributes["id"] for each in page.css("[id]")}
    assert '"own:TreatyRatified"' in prov
    assert '"own:TreatyRatified.party"' in prov
    assert words in prov
    # Elsewhere the same record gives the same bytes wherever it is served.
    assert "urn:sijill:vocabulary#" in site.http.get(f"{path}.ttl").text
