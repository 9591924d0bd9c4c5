"""Answers about real history, worked out by hand, that a historian would call right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import NewInstance, browsing

from domain.codec import read

Entry = dict[str, Any]


def source(name: str, published: str, **more: Any) -> Entry:
    title = name.replace("-", " ").title()
    return {"type": "SourceRegistered", "id": name, "title": title, "published": published, **more}


def entity(name: str, kind: str, title: str) -> Entry:
    return {"type": "EntityRegistered", "id": name, "kind": kind, "names": {"en": title}}


def fact(kind: str, name: str, when: str, by: str = "history", **more: Any) -> Entry:
    return {"type": kind, "id": name, "when": when, "citations": [{"source": by}], **more}


def member(coalition: str, name: str, when: str, **more: Any) -> Entry:
    return fact(
        "MemberJoined", f"{name}-joins-{coalition}", when, coalition=coalition, member=name, **more
    )


def left(coalition: str, name: str, when: str, **more: Any) -> Entry:
    return fact(
        "MemberLeft", f"{name}-leaves-{coalition}", when, coalition=coalition, member=name, **more
    )


PACT = ["albania", "bulgaria", "czechoslovakia", "east-germany", "hungary", "poland", "romania",
        "soviet-union"]  # fmt: skip
WARSAW: list[Entry] = [
    entity("warsaw-pact", "COALITION", "Warsaw Pact"),
    *(entity(name, "COUNTRY", name.replace("-", " ").title()) for name in PACT),
    fact("CoalitionFounded", "pact-founded", "1955-05-14", coalition="warsaw-pact"),
    *(member("warsaw-pact", name, "1955-05-14") for name in PACT),
    left("warsaw-pact", "albania", "1968-09-13"),
    left("warsaw-pact", "east-germany", "1990-09-24"),
    fact("CoalitionDissolved", "pact-dissolved", "1991-07-01", coalition="warsaw-pact"),
]

# Its side and its other side end on different days, and nobody says when the member left.
COMECON: list[Entry] = [
    entity("comecon", "ORGANISATION", "Comecon"),
    entity("both", "COUNTRY", "A country that ended too"),
    member("comecon", "both", "1949-01-25"),
    fact("EntityAbolished", "comecon-ends", "1991-06-28", entity="comecon"),
    fact("EntityAbolished", "both-ends", "1991-12-26", entity="both"),
]

UNION: list[Entry] = [
    entity("union", "ORGANISATION", "European Union"),
    entity("kingdom", "COUNTRY", "United Kingdom"),
    source("letter", "2017-03-29"),
    source("first-extension", "2019-03-22"),
    source("second-extension", "2019-10-28"),
    source("withdrawal", "2020-01-31"),
    member("union", "kingdom", "1973-01-01"),
    left("union", "kingdom", "2019-03-29", by="letter", modality="ANNOUNCED"),
    {
        "type": "AnnouncementCancelled",
        "id": "extended",
        "fact": "kingdom-leaves-union",
        "reason": "The Council extended the period.",
        "basis": "EVIDENCE",
        "citations": [{"source": "first-extension"}],
    },
    {
        **left("union", "kingdom", "2020-01-31", by="second-extension", modality="ANNOUNCED"),
        "id": "kingdom-is-to-leave",
    },
    {**left("union", "kingdom", "2020-01-31", by="withdrawal"), "id": "kingdom-left"},
]

OFFICE: list[Entry] = [
    entity("secretary-general", "OFFICE", "Secretary-General"),
    entity("thant", "PERSON", "U Thant"),
    entity("waldheim", "PERSON", "Kurt Waldheim"),
    fact("OfficeAssumed", "thant-in", "1961-11-03", office="secretary-general", holder="thant"),
    fact("OfficeVacated", "thant-out", "1971-12-31", office="secretary-general", holder="thant"),
    fact(
        "OfficeAssumed", "waldheim-in", "1972-01-01", office="secretary-general", holder="waldheim"
    ),
]

# Begin and end as a list of states has them: a year, a doubtful day, an interval.
STATES: list[Entry] = [
    *(entity(name, "OTHER", name.title()) for name in ("sicilies", "hanover", "texas", "baden")),
    fact("EntityEstablished", "sicilies-begin", "1816", entity="sicilies"),
    fact("EntityAbolished", "sicilies-end", "1861-03-17?", entity="sicilies"),
    fact("EntityEstablished", "hanover-begins", "1838/1866-09-20", entity="hanover"),
    fact("EntityEstablished", "texas-begins", "1836-03-02", entity="texas"),
    fact("EntityAbolished", "texas-ends", "1845~", entity="texas"),
    fact("EntityEstablished", "baden-begins", "1806/1871?", entity="baden"),
]

LUXEMBOURG: list[Entry] = [
    entity("system", "ORGANISATION", "The states of the world"),
    entity("luxembourg", "COUNTRY", "Luxembourg"),
    entity("denmark", "COUNTRY", "Denmark"),
    *(
        entry
        for name, label in (("luxembourg", "2"), ("denmark", None))
        for entry in (
            member("system", name, "[1936..1940]"),
            left("system", name, "1941"),
            {
                **member("system", name, "[1940..1944]"),
                "id": f"{name}-returns",
                **({} if label is None else {"episode": label}),
            },
        )
    ),
]

SILENCE: list[Entry] = [
    entity("coalition", "COALITION", "Coalition"),
    *(entity(name, "COUNTRY", name.title()) for name in ("said", "seen", "silent")),
    source("list-of-2014", "2014-10"),
    source("survey", "2017", observedThrough="2016"),
    source("interview", "2018"),
    *(member("coalition", name, "[..2014-09-05]", by="list-of-2014") for name in
      ("said", "silent")),
    member("coalition", "seen", "[..2014-09-05]", by="survey"),
    {
        "type": "HoldingAttested",
        "id": "still",
        "fact": "said-joins-coalition",
        "on": "2017-12-01",
        "reason": "The minister said so.",
        "citations": [{"source": "interview"}],
    },
]  # fmt: skip

BASES: list[Entry] = [
    entity("army", "ORGANISATION", "An army"),
    entity("government", "ORGANISATION", "A government"),
    entity("fort", "BASE", "A fort"),
    fact("BaseEstablished", "fort-opened", "2016-03", operator="army", base="fort"),
    fact(
        "BaseHandedOver", "fort-handed-over", "2020-04-04",
        operator="army", base="fort", to="government",
    ),
]  # fmt: skip

TOLD: list[Entry] = [
    source("story-of-2013", "2013"),
    source("story-of-2015", "2015"),
    entity("league", "COALITION", "A league"),
    entity("state", "COUNTRY", "A state"),
    member("league", "state", "2010-01-01"),
    {
        "type": "FactCorrected",
        "id": "newer",
        "fact": "state-joins-league",
        "changes": {"when": "2011-01-01"},
        "reason": "So it was written in 2015.",
        "basis": "EVIDENCE",
        "citations": [{"source": "story-of-2015"}],
    },
    {
        "type": "FactCorrected",
        "id": "older-but-recorded-later",
        "fact": "state-joins-league",
        "changes": {"when": "2012-01-01"},
        "reason": "So it was written in 2013.",
        "basis": "EVIDENCE",
        "citations": [{"source": "story-of-2013"}],
    },
]


@pytest.fixture(scope="module")
def client(new_instance: NewInstance) -> Iterator[httpx.Client]:
    entries = [
        source("history", "1800"), *WARSAW, *COMECON, *UNION, *OFFICE, *STATES, *LUXEMBOURG,
        *SILENCE, *BASES, *TOLD,
    ]  # fmt: skip
    with new_instance() as instance:
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            yield client


NODE = """standing contested attested since { edtf } until { edtf earliest latest }
announcedEnds { edtf } facts { id }"""


def asked(
    client: httpx.Client, question: str, scope: str, as_of: str, known_at: str | None = None
) -> dict[str, dict[str, Any]]:
    """The rows of a question, by the id of whom each is about. A scope is `coalition: "un"`."""
    subject = {"members": "member", "holders": "holder", "operators": "operator",
               "organisations": "organisation"}[question]  # fmt: skip
    text = f"""query ($asOf: EDTFDate, $knownAt: Date) {{
        {question}({scope}, asOf: $asOf, knownAt: $knownAt) {{
            edges {{ node {{ {subject} {{ id }} {NODE} }} }} }} }}"""
    variables = {"asOf": as_of, "knownAt": known_at}
    found = client.post("/graphql", json={"query": text, "variables": variables}).json()
    assert "errors" not in found, found
    nodes = [edge["node"] for edge in found["data"][question]["edges"]]
    return {node[subject]["id"]: node for node in nodes}


def standings(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: node["standing"] for name, node in found.items()}


def test_the_warsaw_pact_has_members_to_the_day_of_its_end_and_none_after(
    client: httpx.Client,
) -> None:
    last = dict.fromkeys(set(PACT) - {"albania", "east-germany"}, "POSSIBLE")
    pact = 'coalition: "warsaw-pact"'

    assert standings(asked(client, "members", pact, "1968-09-12")) == dict.fromkeys(PACT, "CERTAIN")
    assert standings(asked(client, "members", pact, "1991-06-30")) == dict.fromkeys(last, "CERTAIN")
    assert standings(asked(client, "members", pact, "1991-07-01")) == last
    assert asked(client, "members", pact, "1991-07-02") == {}
    assert asked(client, "members", pact, "1995") == {}


def test_what_ended_a_membership_is_named_and_an_end_of_its_own_stands_alone(
    client: httpx.Client,
) -> None:
    rows = asked(client, "members", 'coalition: "warsaw-pact"', "1968-09-01")

    def told(name: str) -> tuple[str, list[str]]:
        return rows[name]["until"]["edtf"], [fact["id"] for fact in rows[name]["facts"]][1:]

    assert told("poland") == ("1991-07-01", ["pact-dissolved"])
    assert told("albania") == ("1968-09-13", ["albania-leaves-warsaw-pact"])


def test_two_implied_ends_that_share_no_day_contest_each_other(client: httpx.Client) -> None:
    row = asked(client, "members", 'coalition: "comecon"', "1990-01-01")["both"]

    assert row["contested"]
    assert row["until"] == {
        "edtf": "1991-06-28", "earliest": "1991-06-28", "latest": "1991-12-26",
    }  # fmt: skip
    assert [fact["id"] for fact in row["facts"]] == [
        "both-joins-comecon", "comecon-ends", "both-ends",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("as_of", "known_at", "standing", "announced"),
    [
        ("2017-01-01", "2017-03-28", "CERTAIN", []),
        ("2018-06-23", "2018-06-23", "CERTAIN", ["2019-03-29"]),
        ("2019-06-23", "2019-03-21", "CERTAIN", ["2019-03-29"]),
        ("2019-06-23", "2019-06-23", "CERTAIN", []),
        ("2019-12-01", "2019-12-01", "CERTAIN", ["2020-01-31"]),
        ("2025-01-01", "2019-12-01", "CERTAIN", ["2020-01-31"]),
        ("2020-01-31", None, "POSSIBLE", []),
        ("2020-02-01", None, None, []),
    ],
)
def test_a_departure_is_announced_called_off_announced_again_and_comes_true(
    client: httpx.Client, as_of: str, known_at: str | None, standing: str, announced: list[str]
) -> None:
    rows = asked(client, "members", 'coalition: "union"', as_of, known_at)

    assert standings(rows) == ({} if standing is None else {"kingdom": standing})
    assert [end["edtf"] for row in rows.values() for end in row["announcedEnds"]] == announced


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("1971-12-30", {"thant": "CERTAIN"}),
        ("1971-12-31", {"thant": "POSSIBLE"}),
        ("1972-01-01", {"waldheim": "CERTAIN"}),
    ],
)
def test_an_office_is_held_on_its_holders_last_day(
    client: httpx.Client, day: str, held: dict[str, str]
) -> None:
    assert standings(asked(client, "holders", 'office: "secretary-general"', day)) == held


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("1840-01-01", {"sicilies", "hanover", "texas", "baden"}),
        ("1846-12-31", {"sicilies", "hanover", "texas", "baden"}),
        ("1847-01-01", {"sicilies", "hanover", "baden"}),
        ("1861-03-17", {"sicilies", "hanover", "baden"}),
        ("1861-03-18", {"hanover", "baden"}),
        ("1871-12-31", {"baden"}),
        ("1872-01-01", set()),
        ("2025-06-01", set()),
    ],
)
def test_states_of_the_nineteenth_century_are_none_of_ours(
    client: httpx.Client, day: str, held: set[str]
) -> None:
    assert set(asked(client, "organisations", "kind: OTHER", day)) == held


@pytest.mark.parametrize(
    ("day", "labelled", "unlabelled"),
    [
        ("1936-01-01", "POSSIBLE", None),  # the two starts agree on 1940
        ("1940-12-31", "CERTAIN", "CERTAIN"),
        ("1941-06-01", "POSSIBLE", "POSSIBLE"),
        ("1942-01-01", "POSSIBLE", None),
        ("1944-12-31", "CERTAIN", None),
        ("2025-01-01", "CERTAIN", None),
    ],
)
def test_a_return_has_a_label_where_its_dates_would_be_swallowed(
    client: httpx.Client, day: str, labelled: str, unlabelled: str | None
) -> None:
    found = standings(asked(client, "members", 'coalition: "system"', day))

    assert (found.get("luxembourg"), found.get("denmark")) == (labelled, unlabelled)


def test_a_row_says_how_far_it_is_attested(client: httpx.Client) -> None:
    def attested(known_at: str | None) -> dict[str, str | None]:
        rows = asked(client, "members", 'coalition: "coalition"', "2025-01-01", known_at)
        assert set(standings(rows).values()) <= {"CERTAIN"}
        return {name: row["attested"] for name, row in rows.items()}

    assert attested(None) == {"said": "2017-12-01", "seen": "2016-12-31", "silent": "2014-09-05"}
    assert attested("2017-12-31") == {
        "said": "2014-09-05", "seen": "2016-12-31", "silent": "2014-09-05",
    }  # fmt: skip
    assert attested("2014-10-31") == {"said": "2014-09-05", "silent": "2014-09-05"}


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("2020-04-03", {"army": "CERTAIN"}),
        ("2020-04-04", {"army": "POSSIBLE", "government": "CERTAIN"}),
        ("2020-04-05", {"government": "CERTAIN"}),
    ],
)
def test_a_handover_ends_one_operators_base_and_starts_the_others(
    client: httpx.Client, day: str, held: dict[str, str]
) -> None:
    assert standings(asked(client, "operators", 'base: "fort"', day)) == held


@pytest.mark.parametrize(
    ("known_at", "since"),
    [("2012", "2010-01-01"), ("2014", "2012-01-01"), (None, "2011-01-01")],
)
def test_old_evidence_that_is_recorded_late_undoes_nothing_newer(
    client: httpx.Client, known_at: str | None, since: str
) -> None:
    day = None if known_at is None else f"{known_at}-12-31"
    rows = asked(client, "members", 'coalition: "league"', "2020-01-01", day)

    assert rows["state"]["since"]["edtf"] == since
