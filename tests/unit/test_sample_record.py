"""The sample record in records/global-coalition, read as plain JSON: its form, its citations of the
article (where that is at hand, outside the project) and the answers that must follow from it.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.json_texts import texts

from api.files import sample

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "records" / "global-coalition"
ARTICLE = ROOT.parent / "shared" / "seed" / "article.ar.txt"
ARTICLE_SOURCE = "article-2025-11-03"
COALITION = "global-coalition"
BEFORE_PREFERENCE = 549
"""The position before the editor's preference: what was pinned there stays."""

needs_article = pytest.mark.skipif(
    not ARTICLE.exists(), reason="the article stays outside the project and is not here"
)

Entry = dict[str, Any]

SOURCE = {
    "title", "publisher", "author", "language", "url", "published", "retrieved",
    "observedThrough", "sha256", "reliability", "credibility",
}  # fmt: skip
ENTITY = {"kind", "names", "iso3166", "wikidata", "location"}
KINDS = {
    "COALITION", "COUNTRY", "ORGANISATION", "COMMAND", "FORCE", "FUND", "BASE", "PLACE", "PERSON",
    "OFFICE", "OBJECTIVE", "PUBLISHER", "OTHER",
}  # fmt: skip
# The keys that a fact type must have; those that name entities; those it may leave out
SUBJECTS: dict[str, tuple[set[str], set[str]]] = {
    "CoalitionFounded": ({"coalition"}, set()),
    "CommandEstablished": ({"command"}, set()),
    "FundEstablished": ({"fund"}, set()),
    "ForceFormed": ({"force"}, set()),
    "EntityEstablished": ({"entity"}, set()),
    "EntityAbolished": ({"entity"}, set()),
    "MemberJoined": ({"coalition", "member"}, set()),
    "LeadershipAssumed": ({"organisation", "leader"}, set()),
    "BaseEstablished": ({"operator", "base"}, set()),
    "BaseClosed": ({"operator", "base"}, set()),
    "BaseHandedOver": ({"operator", "base", "to"}, set()),
    "ForceDeployed": ({"force", "at"}, set()),
    "ForceWithdrawn": ({"force", "at"}, set()),
    "PartnershipBegun": ({"coalition", "partner"}, set()),
    "ForceIntegrated": ({"force", "institution"}, set()),
    "ForceSeparated": ({"force", "institution"}, set()),
    "OfficeAssumed": ({"office", "holder"}, set()),
    "OfficeVacated": ({"office", "holder"}, set()),
    "ObjectiveAdopted": ({"organisation", "objective"}, set()),
    "MemberCountReported": ({"coalition"}, {"value", "comparator"}),
    "QuantityReported": ({"subject"}, {"measure", "value", "comparator", "unit"}),
    "StatementMade": ({"speaker"}, {"venue"}),
    "VisitMade": ({"visitor", "to"}, set()),
    "AgreementSigned": ({"parties"}, set()),
    "OperationConducted": ({"force", "at"}, set()),
    "BecamePartOf": ({"whole", "part"}, set()),
    "NationalityAcquired": ({"country", "national"}, set()),
    "PlaceLocated": ({"area", "place"}, set()),
}
DEFINITIONS = {"FluentDefined", "FactTypeDefined", "DefinitionExtended"}
ABOUT_FACTS: dict[str, set[str]] = {
    "FactCorroborated": {"fact"},
    "HoldingAttested": {"fact", "on"},
    "FactDisputed": {"fact"},
    "FactCorrected": {"fact", "changes"},
    "FactPreferred": {"fact", "over"},
    "EntityRenamed": {"entity", "names", "when"},
}
CITATION = {"source", "stance", "locator", "quote", "quoteSha256", "attributedTo"}


def in_files() -> Iterator[tuple[Path, Entry]]:
    for path in sorted(RECORD.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path, json.loads(line)


@cache
def entries() -> tuple[Entry, ...]:
    return tuple(entry for _, entry in in_files())


def of_type(*types: str) -> list[Entry]:
    return [entry for entry in entries() if entry["type"] in types]


def facts() -> list[Entry]:
    return of_type(*SUBJECTS)


def citations(source: str | None = None) -> Iterator[tuple[str, Entry]]:
    for entry in entries():
        for citation in entry.get("citations", ()):
            if source is None or citation["source"] == source:
                yield entry["id"], citation


def entities_named_by(fact: Entry) -> Iterator[str]:
    for key in SUBJECTS[fact["type"]][0]:
        value = fact[key]
        yield from [value] if isinstance(value, str) else value


# Form


def test_the_files_sort_in_the_order_in_which_they_are_imported() -> None:
    names = [path.name for path in sorted(RECORD.glob("*.jsonl"))]

    assert [name[:2] for name in names] == [f"{n:02}" for n in range(1, len(names) + 1)]


def test_an_entry_is_a_line_that_opens_with_its_type_and_id() -> None:
    for path, entry in in_files():
        assert list(entry)[:2] == ["type", "id"], (path.name, entry)


def test_ids_are_unique_and_well_formed() -> None:
    ids = Counter(entry["id"] for entry in entries())

    assert [entry for entry, times in ids.items() if times > 1] == []
    assert [entry for entry in ids if not re.fullmatch(r"[A-Za-z0-9._:-]{1,128}", entry)] == []


def test_text_is_composed_and_has_no_control_character() -> None:
    for entry in entries():
        for text in texts(entry):
            assert unicodedata.is_normalized("NFC", text), text
            assert not any(unicodedata.category(char) in ("Cc", "Cf") for char in text), text


def held() -> dict[str, str]:
    """The text of each source whose document comes with the record."""
    hashes = {source.get("sha256"): source["id"] for source in of_type("SourceRegistered")}
    files = [path.read_bytes() for path in sorted(RECORD.glob("documents/*"))]
    return {hashes[hashlib.sha256(file).hexdigest()]: file.decode() for file in files}


def test_only_documents_of_our_own_making_come_with_the_record_and_each_says_so() -> None:
    for source in of_type("SourceRegistered"):
        if source["id"] in held():
            assert source["publisher"] == "Compilers of this record"
            assert "own text, Apache-2.0" in source["author"]
    assert len(held()) == len(list(RECORD.glob("documents/*"))) >= 3


def test_only_what_comes_with_the_record_is_quoted_and_stands_there_once() -> None:
    texts = held()
    quoted = [citation for _, citation in citations() if "quote" in citation]

    assert {citation["source"] for citation in quoted} == texts.keys()
    for citation in quoted:
        assert texts[citation["source"]].count(citation["quote"]) == 1, citation


def test_keys_are_those_of_the_type() -> None:
    for entry in entries():
        kind, keys = entry["type"], set(entry) - {"type", "id"}
        if kind in DEFINITIONS:
            continue
        if kind == "StoryTold":
            assert keys == {"titles", "views", "citations"}, entry
            for texts in (entry["titles"], *(view["texts"] for view in entry["views"])):
                assert texts.keys() == {"en", "ar"}, entry
        elif kind == "SourceRegistered":
            assert keys - SOURCE == set(), entry
            assert {"title", "language", "reliability", "credibility"} - keys == set(), entry
        elif kind == "EntityRegistered":
            assert keys - ENTITY == set(), entry
        elif kind in SUBJECTS:
            subjects, details = SUBJECTS[kind]
            expected = subjects | details | {"when", "modality", "gist", "citations"}
            required = subjects | details - {"venue"} | {"when", "citations"}
            assert keys - expected == set(), entry
            assert required - keys == set(), entry
        else:
            required = ABOUT_FACTS[kind] | {"reason"}
            assert keys - required - {"basis", "citations"} == set(), entry
            assert required - keys == set(), entry


def test_values_are_of_their_closed_sets() -> None:
    for entry in entries():
        assert entry.get("modality", "OCCURRED") in ("OCCURRED", "ANNOUNCED"), entry
        assert entry.get("basis", "EDITORIAL") in ("EDITORIAL", "EVIDENCE"), entry
        assert entry.get("comparator", "=") in ("=", ">", ">=", "~"), entry
        assert entry.get("kind", "OTHER") in KINDS, entry
        assert isinstance(entry.get("value", 0), int), entry
        if entry["type"] == "SourceRegistered":
            assert entry["reliability"] in set("ABCDEF"), entry
            assert entry["credibility"] in range(1, 7), entry


def test_citations_have_the_keys_of_citations() -> None:
    for citing, citation in citations():
        assert set(citation) - CITATION == set(), (citing, citation)
        assert citation.get("stance", "SUPPORTS") in ("SUPPORTS", "DISPUTES"), (citing, citation)
        assert set(citation.get("locator", ())) <= {"paragraph", "page", "chars"}, citing
        assert citation.get("locator") != {}, citing


def test_what_was_said_signed_or_done_has_its_gist() -> None:
    for fact in of_type("StatementMade", "AgreementSigned", "OperationConducted"):
        assert fact["gist"], fact["id"]


def test_every_fact_has_a_citation_that_supports_it() -> None:
    for fact in facts():
        stances = [citation.get("stance", "SUPPORTS") for citation in fact["citations"]]
        assert "SUPPORTS" in stances, fact["id"]


def test_what_an_entry_refers_to_stands_before_it() -> None:
    seen: dict[str, str] = {}

    for entry in entries():
        for citation in entry.get("citations", ()):
            assert seen[citation["source"]] == "SourceRegistered", entry
        if entry["type"] in SUBJECTS:
            for entity in entities_named_by(entry):
                assert seen[entity] == "EntityRegistered", (entry, entity)
        for fact in [entry.get("fact"), *entry.get("over", ())]:
            assert fact is None or seen[fact] in SUBJECTS, entry
        if "entity" in entry:
            assert seen[entry["entity"]] == "EntityRegistered", entry
        seen[entry["id"]] = entry["type"]


def test_every_source_is_cited_and_every_entity_is_spoken_of() -> None:
    cited = {citation["source"] for _, citation in citations()}
    named = {entity for fact in facts() for entity in entities_named_by(fact)}
    heard = {citation.get("attributedTo") for _, citation in citations()}

    assert {source["id"] for source in of_type("SourceRegistered")} - cited == set()
    assert {entity["id"] for entity in of_type("EntityRegistered")} - named - heard == set()


def test_a_voice_that_has_an_entity_is_given_by_its_id() -> None:
    names = {name for entity in of_type("EntityRegistered") for name in entity["names"].values()}
    ids = {entity["id"] for entity in of_type("EntityRegistered")}
    voices = {citation["attributedTo"] for _, citation in citations() if "attributedTo" in citation}

    assert voices & (names - ids) == set()
    assert [voice for voice in voices if re.fullmatch(r"[a-z-]+", voice) and voice not in ids] == []


def test_dates_can_be_read() -> None:
    dates = pytest.importorskip("domain.dates", reason="the reader of dates is not there yet")

    for entry in entries():
        for key in ("when", "published", "retrieved", "observedThrough", "on"):
            if key in entry:
                dates.parse(entry[key])
        if "when" in entry.get("changes", ()):
            dates.parse(entry["changes"]["when"])


def test_the_product_reads_every_entry() -> None:
    files = sample()

    assert not files.refusals
    assert [entry.id for entry in files.entries] == [entry["id"] for entry in entries()]


# Content


def test_every_entity_has_an_english_and_an_arabic_name() -> None:
    for entity in of_type("EntityRegistered"):
        assert {"en", "ar"} <= set(entity["names"]), entity["id"]
        assert re.search("[\u0621-\u064a]", entity["names"]["ar"]), entity["id"]


def test_every_base_has_coordinates_and_says_how_exact_they_are() -> None:
    bases = [entity for entity in of_type("EntityRegistered") if entity["kind"] == "BASE"]

    assert len(bases) >= 6
    for base in bases:
        assert set(base["location"]) == {"lat", "lon", "precisionM"}, base["id"]
        assert 29 < base["location"]["lat"] < 38, base["id"]
        assert 35 < base["location"]["lon"] < 49, base["id"]
        assert base["location"]["precisionM"] >= 1_000, base["id"]


def test_86_members_are_named_and_four_accessions_stay_gaps() -> None:
    members = {fact["member"] for fact in of_type("MemberJoined")}
    gaps = [fact for fact in facts() if fact.get("measure") == "accessions without a name"]

    assert len(members) == 86
    assert len(gaps) == 4
    assert sum(fact["value"] for fact in gaps) == 4


def test_every_reported_count_is_kept() -> None:
    counts = {fact["value"] for fact in of_type("MemberCountReported")}

    assert counts >= {40, 50, 62, 65, 66, 68, 73, 74, 83, 85, 87, 89, 90}
    assert 88 not in counts
    assert [f["value"] for f in facts() if f["id"] == "barrack-88-others"] == [88]


def test_no_accession_that_has_occurred_comes_from_the_article() -> None:
    for fact in of_type("MemberJoined"):
        if any(citation["source"] == ARTICLE_SOURCE for citation in fact["citations"]):
            assert fact["modality"] == "ANNOUNCED", fact["id"]


def test_general_knowledge_is_graded_lowest() -> None:
    (source,) = [s for s in of_type("SourceRegistered") if s["id"] == "general-knowledge"]

    assert (source["reliability"], source["credibility"]) == ("F", 6)
    assert "url" not in source
    assert "sha256" not in source


def test_the_editors_preference_is_the_last_entry_about_the_coalition() -> None:
    last = entries()[BEFORE_PREFERENCE]

    assert [path.name for path, entry in in_files() if entry == last] == ["08-preference.jsonl"]
    assert last["type"] == "FactPreferred"
    assert last["fact"] == "syria-joins-2025-11-10"
    assert last["over"] == ["syria-joins-2025-11-11"]


# The article


@cache
def article() -> str:
    return ARTICLE.read_bytes().decode("utf-8")


def paragraphs() -> list[tuple[int, int]]:
    """The spans of the lines that are not empty: the date line is 0."""
    found, at = [], 0
    for line in article().splitlines(keepends=True):
        if line.strip():
            found.append((at, at + len(line)))
        at += len(line)
    return found


@needs_article
def test_the_sources_hash_is_the_articles() -> None:
    (source,) = [s for s in of_type("SourceRegistered") if s["id"] == ARTICLE_SOURCE]

    assert source["sha256"] == hashlib.sha256(ARTICLE.read_bytes()).hexdigest()


@needs_article
def test_each_locator_and_hash_is_right() -> None:
    spans = paragraphs()
    checked = 0

    for citing, citation in citations(ARTICLE_SOURCE):
        first, after = citation["locator"]["chars"]
        start, end = spans[citation["locator"]["paragraph"]]
        assert start <= first < after <= end, citing
        span = article()[first:after].encode("utf-8")
        assert hashlib.sha256(span).hexdigest() == citation["quoteSha256"], citing
        checked += 1

    assert checked >= 95


@needs_article
def test_no_run_of_the_articles_text_is_in_the_record() -> None:
    def plain(text: str) -> str:
        return " ".join(text.split())

    run = 25
    text = plain(article())
    runs = {text[at : at + run] for at in range(len(text) - run + 1)}

    for path in sorted(ROOT.glob("records/**/*")):
        if path.is_file():
            found = plain(path.read_text(encoding="utf-8"))
            copied = {found[at : at + run] for at in range(len(found) - run + 1)} & runs
            assert copied == set(), path


# What must follow from it


@pytest.fixture(scope="module")
def ask() -> Any:
    oracle = pytest.importorskip("oracle", reason="the oracle is not there yet")
    dates = pytest.importorskip("domain.dates", reason="the reader of dates is not there yet")
    asked = oracle.Oracle(
        [
            {
                "position": position,
                "recordedAt": "2026-11-24T12:00:00+00:00",
                "actor": "test",
                "entry": entry,
            }
            for position, entry in enumerate(entries(), 1)
        ]
    )

    def answer(
        question: str, scope: str | None, as_of: str, known_at: str | None = None, **at: int
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """→ (count, node by the subject's id)"""
        day = dates.day_of(as_of)
        known = None if known_at is None else dates.day_of(known_at)
        told = asked.answer(question, scope, (day, day), known, at.get("at_position"))
        return told["count"], {node["subject"]["id"]: node for node in told["nodes"]}

    return answer


def test_on_3_november_the_accession_is_known_as_announced(ask: Any) -> None:
    count, members = ask("members", COALITION, "2025-11-10", "2025-11-03")

    assert members["syria"]["standing"] == "ANNOUNCED"
    assert [fact["id"] for fact in members["syria"]["facts"]] == ["syria-joins"]
    assert members["syria"]["since"]["edtf"] == "2025-11-10"
    assert members["syria"]["sources"] == [ARTICLE_SOURCE]
    assert count["announced"] == 1


def test_by_december_it_is_certain_and_the_other_day_is_kept(ask: Any) -> None:
    _, members = ask("members", COALITION, "2025-11-10", "2025-12-01")

    syria = members["syria"]
    assert syria["standing"] == "CERTAIN"
    assert not syria["contested"]
    assert set(syria["sources"]) >= {"anews-2025-11-11", "ap-2025-11-11", "kurdistan24-2025-11-12"}
    assert [(a["since"]["edtf"], a["facts"]) for a in syria["alternatives"]] == [
        ("2025-11-11", ["syria-joins-2025-11-11"])
    ]


def test_before_the_preference_it_is_possible_and_contested(ask: Any) -> None:
    before = BEFORE_PREFERENCE
    _, members = ask("members", COALITION, "2025-11-10", at_position=before)
    _, next_day = ask("members", COALITION, "2025-11-11", at_position=before)

    assert members["syria"]["standing"] == "POSSIBLE"
    assert members["syria"]["contested"]
    assert members["syria"]["since"]["earliest"] == "2025-11-10"
    assert members["syria"]["since"]["latest"] == "2025-11-11"
    assert next_day["syria"]["standing"] == "CERTAIN"


@pytest.mark.parametrize("before", [0, 1], ids=["after the preference", "before the preference"])
def test_on_5_november_syria_is_no_member(ask: Any, before: int) -> None:
    _, members = ask("members", COALITION, "2025-11-05", at_position=BEFORE_PREFERENCE + 1 - before)

    assert "syria" not in members


def test_a_member_that_only_a_range_places_is_possible_within_it(ask: Any) -> None:
    _, early = ask("members", COALITION, "2014-09-15")
    _, late = ask("members", COALITION, "2016-08-24")

    ranged = {
        fact["member"]
        for fact in of_type("MemberJoined")
        if fact["when"] == "[2014-09-10..2016-08-24]" and fact["member"] != "taiwan"
    }
    assert len(ranged) == 51
    assert {early[member]["standing"] for member in ranged} == {"POSSIBLE"}
    assert {late[member]["standing"] for member in ranged} == {"CERTAIN"}
    assert sum(node["standing"] == "CERTAIN" for node in late.values()) == 66


def test_the_count_of_3_november_is_the_outlets_alone(ask: Any) -> None:
    count, _ = ask("members", COALITION, "2025-11-03")

    (reported,) = count["reported"]
    assert reported == {
        "value": 89,
        "comparator": "=",
        "source": {"id": ARTICLE_SOURCE},
        "when": {"edtf": "2025-11-03"},
    }


def test_welcomes_after_the_accession_are_kept_as_contradictions(ask: Any) -> None:
    _, members = ask("members", COALITION, "2022-01-01")

    for member in (
        "democratic-republic-of-the-congo", "yemen", "central-african-republic", "mauritania",
    ):  # fmt: skip
        assert members[member]["contested"], member
        assert [a["since"]["edtf"] for a in members[member]["alternatives"]] == ["2021-06-28"]


def test_the_articles_bases_are_certain_on_its_day(ask: Any) -> None:
    _, bases = ask("bases", COALITION, "2025-11-03", "2025-11-03")

    assert {base: node["standing"] for base, node in bases.items()} == dict.fromkeys(
        ["ain-al-asad", "erbil-base", "union-iii", "al-tanf", "hasakah-bases", "deir-ez-zor-bases"],
        "CERTAIN",
    )
    assert bases["erbil-base"]["since"]["edtf"] == "[2014..2025-11-03]"


def test_al_tanf_has_two_foundations_and_two_ends(ask: Any) -> None:
    _, bases = ask("bases", COALITION, "2025-11-03")
    _, on_the_day = ask("bases", COALITION, "2026-02-12")
    _, after = ask("bases", COALITION, "2026-02-13")
    _, syrian = ask("bases", "government-of-syria", "2026-02-12")

    assert bases["al-tanf"]["contested"]
    assert len(bases["al-tanf"]["alternatives"]) == 2
    assert on_the_day["al-tanf"]["standing"] == "POSSIBLE"
    assert "al-tanf" not in after
    assert syrian["al-tanf"]["standing"] == "CERTAIN"


def test_taking_power_is_not_the_presidency(ask: Any) -> None:
    _, presidents = ask("holders", "president-of-syria", "2024-12-31")
    _, in_power = ask("holders", "power-in-syria", "2024-12-31")
    _, later = ask("holders", "president-of-syria", "2025-01-29")

    assert presidents == {}
    assert in_power["ahmed-al-sharaa"]["standing"] == "CERTAIN"
    assert later["ahmed-al-sharaa"]["standing"] == "CERTAIN"


def test_the_coalition_has_its_five_objectives_and_its_leader(ask: Any) -> None:
    _, objectives = ask("objectives", COALITION, "2025-11-03")
    _, leaders = ask("leaders", COALITION, "2025-11-03")

    assert len(objectives) == 5
    assert leaders["united-states"]["since"]["edtf"] == "2014"


def test_what_was_announced_to_end_stands_beside_what_happened(ask: Any) -> None:
    _, bases = ask("bases", COALITION, "2025-10-01")
    _, missions = ask("deployments", "iraq", "2025-10-01")
    _, after = ask("bases", COALITION, "2026-02-01")

    announced = {name: node["announcedEnds"] for name, node in {**bases, **missions}.items()}
    assert [each["edtf"] for each in announced["ain-al-asad"]] == ["[..2025-09-30]"]
    assert [each["edtf"] for each in announced["cjtf-oir"]] == ["[..2025-09-30]"]
    assert {bases["ain-al-asad"]["standing"], missions["cjtf-oir"]["standing"]} == {
        "POSSIBLE",
        "CERTAIN",
    }
    assert "ain-al-asad" not in after


def test_the_end_of_the_caliphate_ends_its_leadership(ask: Any) -> None:
    _, before = ask("leaders", "daesh-caliphate", "2019-03-22")
    _, on_the_day = ask("leaders", "daesh-caliphate", "2019-03-23")
    _, after = ask("leaders", "daesh-caliphate", "2019-03-24")

    assert before["abu-bakr-al-baghdadi"]["standing"] == "CERTAIN"
    assert on_the_day["abu-bakr-al-baghdadi"]["standing"] == "POSSIBLE"
    assert on_the_day["abu-bakr-al-baghdadi"]["until"]["edtf"] == "2019-03-23"
    assert after == {}


def test_a_handover_gives_the_base_to_who_took_it_over(ask: Any) -> None:
    _, syrian = ask("bases", "government-of-syria", "2026-02-16")
    _, iraqi = ask("bases", "government-of-iraq", "2026-01-17")

    assert {**syrian, **iraqi}.keys() == {"al-tanf", "al-shaddadi", "ain-al-asad"}
    assert {node["standing"] for node in {**syrian, **iraqi}.values()} == {"CERTAIN"}
    assert syrian["al-tanf"]["since"]["edtf"] == "2026-02-12"
    assert [fact["id"] for fact in syrian["al-tanf"]["facts"]] == ["al-tanf-handed-over"]


def test_a_member_is_attested_as_far_as_its_sources_looked(ask: Any) -> None:
    _, members = ask("members", COALITION, "2026-06-01")

    assert members["togo"]["attested"] == "2023-06-08"
    assert members["syria"]["attested"] == "2026-02-09"
