"""The sample record in records/global-coalition, read as plain JSON: its form, and its citations of
the article (where that is at hand, outside the project).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from support.json_texts import texts
from support.sample_entries import (
    ARTICLE_SOURCE,
    BEFORE_PREFERENCE,
    RECORD,
    ROOT,
    Entry,
    entries,
    in_files,
    of_type,
)

from api.files import sample

ARTICLE = ROOT.parent / "shared" / "seed" / "article.ar.txt"

needs_article = pytest.mark.skipif(
    not ARTICLE.exists(), reason="the article stays outside the project and is not here"
)


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
