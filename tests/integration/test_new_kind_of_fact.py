"""A newcomer's way: eight lines, and a running server answers, shows and offers what they say."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx
import pytest
from conftest import NewInstance, browsing
from selectolax.lexbor import LexborHTMLParser
from support.documented import DOCS
from support.forked_sijill import sijill_program

from api.instance import Instance
from api.web.editing.editor_session import COOKIE
from domain.roles import Role
from store.keys import add_key

T = TypeVar("T")
EXAMPLES: list[str] = re.findall(
    r"^```json title=[^\n]+\n(.*?)^```$",
    (DOCS / "vocabulary.md").read_text(encoding="utf-8"),
    flags=re.DOTALL | re.MULTILINE,
)
LINES, LATER = EXAMPLES
"""The files of docs/how-to/vocabulary.md."""
POSITIONS = re.compile(r'(atPosition"?[=:]|"position": ?)\d+|"recordedAt": ?"[^"]*"')
PARTIES = """{ treatyParties(treaty: "npt", asOf: "1985") {
  count { certain } edges { node { party { id } standing since { edtf } } } } }"""


class Newcomer(NamedTuple):
    """Someone with a served record that had nothing when the server started."""

    instance: Instance
    http: httpx.Client

    def sijill(self, *arguments: str) -> str:
        done = subprocess.run(
            [sijill_program(), *arguments],
            env={**os.environ, "SIJILL_DATABASE_URL": self.instance.database.url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, document: str) -> Any:
        return self.http.post("/graphql", json={"query": document}).json()

    def answer(self, document: str) -> Any:
        answer = self.ask(document)
        assert "errors" not in answer
        return answer["data"]

    def signed_in(self) -> dict[str, str]:
        """The headers of a browser that a contributor uses."""
        with self.instance.database.connect() as owner:
            _, key = add_key(owner, "Amal", Role.CONTRIBUTOR)
        return {"cookie": f"{COOKIE}={key}"}

    def until(self, look: Callable[[], T], seconds: float = 30) -> T:
        """What can be seen as soon as the server has taken a definition in."""
        end = time.monotonic() + seconds
        while True:
            try:
                return look()
            except AssertionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def page(self, path: str, **more: Any) -> LexborHTMLParser:
        answer = self.http.get(path, headers={"accept": "text/html", **more})
        assert answer.status_code == 200, answer.text
        return LexborHTMLParser(answer.text)


@pytest.fixture(scope="module")
def newcomer(
    new_instance: NewInstance, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Newcomer]:
    file = tmp_path_factory.mktemp("newcomer") / "treaties.jsonl"
    file.write_text(LINES, encoding="utf-8")
    with new_instance() as instance, browsing(instance) as http:
        newcomer = Newcomer(instance, http)
        assert "errors" in newcomer.ask(PARTIES)
        newcomer.sijill("import", str(file))
        newcomer.until(lambda: newcomer.answer(PARTIES))
        yield newcomer


def test_eight_lines_are_enough_to_ask(newcomer: Newcomer) -> None:
    assert len(LINES.splitlines()) == 8

    found = json.loads(newcomer.sijill("ask", "treatyParties", "npt", "--as-of", "1985", "--json"))

    (edge,) = found["treatyParties"]["edges"]
    assert (edge["node"]["party"]["id"], edge["node"]["standing"]) == ("ireland", "CERTAIN")


def test_the_server_answers_without_a_restart(newcomer: Newcomer) -> None:
    found = newcomer.ask(PARTIES)["data"]["treatyParties"]

    assert found["count"] == {"certain": 1}
    assert found["edges"][0]["node"]["since"] == {"edtf": "1968-07-01"}


@pytest.mark.parametrize(
    ("lang", "kind", "parties", "party_to", "ratified"),
    [
        ("en", "Treaty", "Parties", "Party to", "Treaty ratified"),
        ("ar", "معاهدة", "الأطراف", "طرف في", "تصديق معاهدة"),
    ],
)
def test_pages_call_it_by_its_names(
    newcomer: Newcomer, lang: str, kind: str, parties: str, party_to: str, ratified: str
) -> None:
    treaty = newcomer.page(f"/e/npt?lang={lang}")
    state = newcomer.page(f"/e/ireland?lang={lang}")
    fact = newcomer.page(f"/f/ireland-npt?lang={lang}")
    found = newcomer.page(f"/search?q=treaty&lang={lang}")

    def cards(page: LexborHTMLParser) -> dict[str, str]:
        return {
            heading.text(): card.text()
            for card in page.css("section.card")
            if (heading := card.css_first("h2")) is not None
        }

    country = {"en": "Ireland", "ar": "أيرلندا"}[lang]
    assert kind in treaty.css_first(".crumbs").text()
    assert country in cards(treaty)[parties]
    assert party_to in cards(state)
    assert parties in treaty.css_first(".timeline").text()
    assert f"{ratified}: " in fact.css_first("h1").text()
    assert "Washington" in fact.css_first("main").text()
    assert kind in found.css_first("ul.rows").text()


def test_what_it_has_is_listed_embedded_and_drawn(newcomer: Newcomer) -> None:
    listed = newcomer.page("/e/npt/treatyParties")
    position = newcomer.ask(PARTIES.replace("count", "position count"))
    at = position["data"]["treatyParties"]["position"]
    embedded = newcomer.page(f"/embed/e/npt/treatyParties?asOf=1985&atPosition={at}")
    rectangles = newcomer.http.get("/e/npt/rectangles").json()

    assert "Ireland" in listed.css_first("main").text()
    assert "Ireland" in embedded.body.text()
    assert [row["question"] for row in rectangles["rows"]] == ["treatyParties"]


def test_what_it_has_is_exported(newcomer: Newcomer) -> None:
    rows = newcomer.http.get("/e/npt/treatyParties.csv").text
    state = newcomer.http.get("/e/npt.json").json()
    graph = newcomer.http.get("/f/ireland-npt.ttl").text
    cited = newcomer.http.get("/f/ireland-npt.bib").text

    (row,) = csv.DictReader(io.StringIO(rows))
    assert (row["question"], row["id"]) == ("treatyParties", "ireland")
    assert "treatyParties" in {each["question"] for each in state["rows"]}
    assert "TreatyRatified" in graph
    assert "Treaty ratified: " in cited


def test_the_form_offers_it(newcomer: Newcomer) -> None:
    signed = newcomer.signed_in()

    offered = newcomer.page("/edit/record", **signed)
    form = newcomer.page("/edit/record?type=TreatyRatified", **signed)
    later = newcomer.page("/edit/record?type=TreatyRatified&about=npt", **signed)

    assert "Treaty ratified" in [option.text() for option in offered.css("option")]
    labels = [label.text().split("\n")[0] for label in form.css("form.fields label")]
    assert {"Treaty", "Party", "Depositary"} <= {label.split(" required")[0] for label in labels}
    assert later.css_first("input[name='chosen[treaty]']").attributes["value"] == "npt"


def test_the_command_line_lists_it(newcomer: Newcomer) -> None:
    listed = newcomer.sijill("vocabulary")
    state = newcomer.sijill("state", "npt", "--as-of", "1985")

    assert "ratification(treaty, party)" in listed
    assert "treatyParties" in state


def test_an_extension_is_offered_and_leaves_what_is_there(
    newcomer: Newcomer, tmp_path: Path
) -> None:
    head = newcomer.ask("{ vocabulary { position } }")["data"]["vocabulary"]["position"]
    pinned = f"/e/npt.json?asOf=1985&atPosition={head}"
    before = newcomer.http.get(pinned).content
    later = tmp_path / "later.jsonl"
    later.write_text(LATER, encoding="utf-8")
    more = {
        "type": "FluentDefined", "id": "deposit", "scope": "treaty", "subject": "depositary",
        "question": "depositaries", "inverse": "depositaryOf",
    }  # fmt: skip
    with later.open("a", encoding="utf-8") as file:
        file.write(json.dumps(more) + "\n")

    newcomer.sijill("import", str(later))
    newcomer.until(lambda: newcomer.answer('{ depositaries(treaty: "npt") { position } }'))

    assert newcomer.http.get(pinned).content == before
    now = newcomer.http.get("/e/npt.json?asOf=1985").json()
    assert {each["question"] for each in now["rows"]} == {"treatyParties"}


def test_a_key_may_be_called_like_a_control_of_the_form(newcomer: Newcomer, tmp_path: Path) -> None:
    controls = ("count", "step", "take", "previewed", "requestId", "over", "key", "next")
    file = tmp_path / "counted.jsonl"
    keys = {
        "treaty": {"type": "ENTITY", "kinds": ["TREATY"]},
        **{name: {"type": "TEXT"} for name in controls[1:]},
        "count": {"type": "INTEGER"},
    }
    counted = {"type": "FactTypeDefined", "id": "SignaturesCounted", "keys": keys}
    file.write_text(json.dumps(counted), encoding="utf-8")
    newcomer.sijill("import", str(file))
    headers = {**newcomer.signed_in(), "sec-fetch-site": "same-origin"}
    address = "/edit/record?type=SignaturesCounted"
    said = {f"{name}_": f"the {name}" for name in controls[1:]} | {"count_": "3"}
    fields = {**said, "treaty": "npt", "when": "1968", "citations[0].source": "disarmament-db"}

    def offered() -> LexborHTMLParser:
        page = newcomer.page(address, **headers)
        assert page.css_first("form.fields [name=requestId]") is not None
        return page

    form = newcomer.until(offered)
    named = {each.attributes["name"]: each for each in form.css("form.fields [name]")}
    kinds = [each.attributes["value"] for each in form.css("[name='entities[treaty].kind'] option")]
    request = {"requestId": named["requestId"].attributes["value"], "count": "1", "id": "counted"}
    sent = {**fields, **request}
    preview = newcomer.http.post(address, data={**sent, "step": "preview"}, headers=headers)
    previewed = LexborHTMLParser(preview.text).css_first("[name=previewed]").attributes["value"]
    done = newcomer.http.post(
        address, data={**sent, "step": "send", "previewed": previewed}, headers=headers
    )

    assert {f"{name}_" for name in controls} <= named.keys()
    assert kinds[:2] == ["", "TREATY"]
    assert done.status_code == 303, done.text
    details = newcomer.ask('{ fact(id: "counted") { details } }')["data"]["fact"]["details"]
    assert details == {"count": 3} | {name: f"the {name}" for name in controls[1:]}


def test_what_is_retired_is_offered_no_more_and_no_value_is_gone(
    newcomer: Newcomer, tmp_path: Path
) -> None:
    paths = (
        "/e/npt.json?asOf=1985", "/e/ireland.jsonl?asOf=1985", "/f/ireland-npt.json",
        "/e/npt/facts.csv", "/facts.csv?type=TreatyRatified", "/entities.csv?kind=TREATY",
        "/e/npt/treatyParties.ttl?asOf=1985", "/search.json?q=treaty",
    )  # fmt: skip
    asked = (
        '{ fact(id: "ireland-npt") { type details subjects { key entity { id kind } } } }',
        '{ holding(fluent: "ratification", scope: "npt") { count { certain } } }',
        PARTIES,
    )

    def told() -> list[str]:
        answers = [newcomer.http.get(path) for path in paths]
        assert all(answer.status_code == 200 for answer in answers)
        found = [POSITIONS.sub("", answer.text) for answer in answers]
        return [*found, *(json.dumps(newcomer.answer(each)) for each in asked)]

    headers = newcomer.signed_in()
    before = told()
    names = ("TreatyRatified", "ratification", "TREATY")
    file = tmp_path / "retired.jsonl"
    file.write_text(
        "\n".join(
            json.dumps(
                {
                    "type": "DefinitionExtended",
                    "id": f"no-{name}",
                    "definition": name,
                    "changes": {"retired": True},
                    "reason": "Other words are used now.",
                }
            )
            for name in names
        ),
        encoding="utf-8",
    )

    newcomer.sijill("import", str(file))

    def offered() -> list[str]:
        page = newcomer.page("/edit/record", **headers)
        types = [option.text() for option in page.css("option")]
        assert "Treaty ratified" not in types
        return types

    assert "Member joined" in newcomer.until(offered)
    assert told() == before


def test_what_is_not_as_expected_is_on_the_page_of_slips(
    newcomer: Newcomer, tmp_path: Path
) -> None:
    file = tmp_path / "slip.jsonl"
    slip = {
        "type": "TreatyRatified", "id": "slip", "treaty": "npt", "party": "npt", "when": "1970",
        "citations": [{"source": "disarmament-db"}],
    }  # fmt: skip
    file.write_text(json.dumps(slip), encoding="utf-8")
    newcomer.sijill("import", str(file))

    page = newcomer.until(lambda: newcomer.page("/check?show=kind&lang=en"))

    (row,) = page.css("#kind li")
    assert "/f/slip" in str(row.css_first(".words a").attributes["href"])
    assert "/edit/correct/slip" in str(row.css_first("a.button").attributes["href"])
    assert page.css_first("header code").text() == "KIND"
