"""PROV-JSON (W3C submission): facts and sources are entities, actors agents, recordings activities.

A citation that supports is a derivation of type prov:PrimarySource, one that disputes an influence,
as is one of a withdrawn source.
The sections come one after another, so each is put aside, on disk when it is large, until the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from api.export.format import LINKED, Format
from api.export.json_text import dumps, encode
from api.export.pinned_view import PinnedView
from api.export.rdf import (
    OWN,
    RECORD,
    Terms,
    entity,
    holding,
    iri,
    is_primary,
    of_fact,
    prefixes,
    source,
)
from api.export.reader import Row, ViewReader
from api.export.row_words import facts_of
from api.export.views import Kind

IN_MEMORY: Final = 1 << 20
"""Bytes of a section before it goes to disk."""
SECTIONS: Final = (
    "entity", "activity", "agent", "wasGeneratedBy", "wasAssociatedWith", "wasDerivedFrom",
    "wasInfluencedBy",
)  # fmt: skip
NAME: Final = "prov:QUALIFIED_NAME"

SAID_BY: Final = ("sijill:", f"{OWN}:")

Record = tuple[str, str, dict[str, Any]]
"""Section, name, and what is said."""


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    ours = ("sijill", "schema", "wikidata", OWN)
    known, terms = prefixes(pinned), Terms(pinned.vocabulary)
    yield b'{"prefix":' + encode({RECORD: base, **{name: known[name] for name in ours}})
    with ExitStack() as stack:
        files = {name: stack.enter_context(SpooledTemporaryFile(IN_MEMORY)) for name in SECTIONS}
        seen: set[int] = set()
        for batch in rows:
            for row in batch:
                for section, name, said in _records(pinned, row, terms):
                    # A name in a section is given once: JSON has no key twice.
                    if (mark := hash((section, name))) not in seen:
                        seen.add(mark)
                        file = files[section]
                        file.write(b",\n" if file.tell() else b"\n")
                        file.write(encode(name) + b":" + encode(said))
        for name, file in files.items():
            if file.tell():
                file.seek(0)
                yield f',"{name}":{{'.encode()
                while chunk := file.read(IN_MEMORY):
                    yield chunk
                yield b"}"
    yield b"}\n"


def _records(pinned: PinnedView, row: Row, terms: Terms) -> Iterator[Record]:
    kind = pinned.view.kind
    if kind is Kind.SOURCE:
        yield _entity(source(row))
    elif kind is Kind.ENTITY:
        yield _entity(next(entity(row, terms)))
    elif kind is Kind.HELD:
        node = holding(pinned.subject, row, terms)
        yield _entity(next(entity(row["entity"], terms)))
        yield _entity(node)
        for fact in row["facts"]:
            used = iri("f", fact["id"])
            yield _relation("wasDerivedFrom", generatedEntity=node["@id"], usedEntity=used)
    for fact in facts_of(kind, row):
        yield from _fact(fact, terms)


def _fact(fact: Row, terms: Terms) -> Iterator[Record]:
    name = iri("f", fact["id"])
    recording, actor = iri("log", str(fact["position"])), iri("actor", fact["actor"])
    for node in of_fact(fact, terms):
        kinds = node["@type"]
        if "prov:Entity" in kinds:
            yield _entity(node)
        elif "prov:Agent" in kinds:
            yield "agent", actor, _said(node)
        elif "prov:Activity" in kinds:
            time = fact["recordedAt"]
            said = {"prov:startTime": time, "prov:endTime": time, **_said(node)}
            yield "activity", recording, said
    yield _relation("wasGeneratedBy", entity=name, activity=recording, time=fact["recordedAt"])
    yield _relation("wasAssociatedWith", activity=recording, agent=actor)
    for number, citation in enumerate(fact["citations"]):
        cited = iri("s", citation["source"]["id"])
        more = {
            f"sijill:{key}": value
            for key, value in citation.items()
            if key not in ("source", "locator") and value is not None
        }
        for key, value in (citation["locator"] or {}).items():
            if value is not None:
                more[f"sijill:{key}"] = dumps(value) if isinstance(value, list) else value
        if is_primary(citation, fact):
            more["prov:type"] = {"$": "prov:PrimarySource", "type": NAME}
            ends = {"generatedEntity": name, "usedEntity": cited}
            yield _relation("wasDerivedFrom", number, more, **ends)
        else:
            yield _relation("wasInfluencedBy", number, more, influencee=name, influencer=cited)


def _entity(node: dict[str, Any]) -> Record:
    return "entity", node["@id"], _said(node)


def _relation(
    section: str, number: int = 0, more: Mapping[str, Any] | None = None, **ends: str
) -> Record:
    name = f"_:{section}/{'/'.join(ends.values())}/{number}"
    return section, name, {**{f"prov:{key}": end for key, end in ends.items()}, **(more or {})}


def _said(node: Mapping[str, Any]) -> dict[str, Any]:
    """What a node of rdf.py says, as PROV-JSON writes it; relations are apart."""
    types = [{"$": each, "type": NAME} for each in node["@type"] if each.startswith(SAID_BY)]
    said: dict[str, Any] = {"prov:type": types} if types else {}
    for key, values in node.items():
        found = [_value(value) for value in values] if key.startswith((*SAID_BY, "schema:")) else []
        if found:
            said[key] = found[0] if len(found) == 1 else found
    return said


def _value(value: Mapping[str, str]) -> Any:
    if "@id" in value:
        return {"$": value["@id"], "type": NAME}
    if "@language" in value:
        return {"$": value["@value"], "lang": value["@language"]}
    if "@type" in value:
        return {"$": value["@value"], "type": value["@type"]}
    return value["@value"]


FORMAT: Final = Format(
    extension="prov.json",
    name="PROV-JSON",
    media_type="application/json",
    kinds=LINKED,
    write=write,
    opens_in="PROV tools: facts and sources, actors, recordings",
    needs_facts=True,
)
