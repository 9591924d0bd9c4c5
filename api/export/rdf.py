"""RDF, by schema.org, PROV-O and a vocabulary of our own: the nodes of rows.

JSON-LD and Turtle write the same nodes, one by one. A node that comes up again may be written
again, which changes no graph, so that not all of them need be remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from api.export.node_dates import Row
from api.export.pinned_view import PinnedView
from api.export.row_words import facts_of
from api.export.views import Kind
from domain.vocabulary import Vocabulary

VOCABULARY: Final = "urn:sijill:vocabulary:"
PREFIXES: Final = {
    "sijill": VOCABULARY,
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "wikidata": "http://www.wikidata.org/entity/",
}
RECORD: Final = "record"
"""The prefix of what is in the record itself."""
OWN: Final = "own"
"""The prefix of what a record defines itself: an address of it, where it has one."""
MOST_SEEN: Final = 50_000

CLASSES: Final = {
    "COUNTRY": "schema:Country", "PERSON": "schema:Person", "PLACE": "schema:Place",
    "BASE": "schema:Place", "OFFICE": "schema:Role", "OBJECTIVE": "schema:Thing",
    "OTHER": "schema:Thing",
}  # fmt: skip
"""Kind of entity → schema.org's class, Organization for the others."""

Node = dict[str, Any]


def prefixes(pinned: PinnedView) -> dict[str, str]:
    """The prefixes of a graph, but for that of what is in the record."""
    return {**PREFIXES, OWN: pinned.words_at}


class Terms:
    """What kinds, types of facts, their keys and fluents are called: what a record defines has an
    address of its own, that of its place on the page /vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._own = vocabulary.definitions.keys()
        self._fluents = {
            question: fluent.name
            for question, fluent, _ in vocabulary.questions
            if fluent.name in self._own
        }

    def kind(self, name: str) -> tuple[str, ...]:
        """The classes of an entity."""
        if name in self._own:
            return "schema:Thing", f"{OWN}:{name}"
        return (CLASSES.get(name, "schema:Organization"),)

    def fact(self, name: str) -> str:
        """The class of a fact."""
        return f"{OWN if name in self._own else 'sijill'}:{name}"

    def key(self, fact_type: str, key: str) -> str:
        """The predicate of a key of a fact."""
        return f"{OWN}:{fact_type}.{key}" if fact_type in self._own else f"sijill:{key}"

    def holding(self, question: str) -> tuple[str, ...]:
        """The classes of what is held."""
        found = self._fluents.get(question)
        return ("sijill:Holding",) if found is None else ("sijill:Holding", f"{OWN}:{found}")


def _link(name: str) -> Node:
    return {"@id": name}


def iri(folder: str, name: str) -> str:
    """The name of something in the record."""
    return f"{RECORD}:{folder}/{quote(name, safe=':')}"


def _literal(value: object) -> Node:
    if isinstance(value, bool):
        return {"@value": str(value).lower(), "@type": "xsd:boolean"}
    if isinstance(value, int):
        return {"@value": str(value), "@type": "xsd:integer"}
    if isinstance(value, float):
        return {"@value": repr(value), "@type": "xsd:double"}
    return {"@value": str(value)}


def _day(text: str) -> Node:
    """A day; XML Schema has no year 0 in its first edition, and readers differ."""
    return {"@value": text} if text.startswith("0000") else {"@value": text, "@type": "xsd:date"}


def _node(name: str, *types: str, **said: Any) -> Node:
    """A node; `sijill_when` is the key sijill:when, and what is None or empty is left out."""
    keyed = {key.replace("_", ":", 1): value for key, value in said.items()}
    return _saying({"@id": name, "@type": list(types)}, keyed)


def _saying(node: Node, said: Mapping[str, Any]) -> Node:
    """The node with what is said of it besides."""
    for key, value in said.items():
        values = value if isinstance(value, list) else [value]
        found = [each if isinstance(each, dict) else _literal(each) for each in values
                 if each is not None]  # fmt: skip
        if found:
            node[key] = found
    return node


def _dates(name: str, date: Row | None) -> dict[str, Any]:
    if date is None:
        return {}
    return {
        f"sijill_{name}": date["edtf"],
        f"sijill_{name}Earliest": date["earliest"] and _day(date["earliest"]),
        f"sijill_{name}Latest": date["latest"] and _day(date["latest"]),
    }


class Graph:
    """The nodes of rows. A node that many rows name is usually written once."""

    def __init__(self, pinned: PinnedView) -> None:
        self._kind = pinned.view.kind
        self._subject = pinned.subject
        self._terms = Terms(pinned.vocabulary)
        self._seen: set[str] = set()

    def nodes(self, rows: Iterable[Row]) -> Iterator[Node]:
        for row in rows:
            for node in self._of(row):
                if node["@id"] not in self._seen:
                    if len(self._seen) >= MOST_SEEN:
                        self._seen.clear()
                    self._seen.add(node["@id"])
                    yield node

    def _of(self, row: Row) -> Iterator[Node]:
        if self._kind is Kind.SOURCE:
            yield source(row)
            return
        if self._kind is Kind.ENTITY:
            yield from entity(row, self._terms)
            return
        if self._kind is Kind.HELD:
            yield from entity(row["entity"], self._terms)
            yield holding(self._subject, row, self._terms)
        for fact in facts_of(self._kind, row):
            yield from of_fact(fact, self._terms)


def entity(row: Row, terms: Terms) -> Iterator[Node]:
    """An entity, and its place."""
    name, place = iri("e", row["id"]), row["location"]
    yield _node(
        name,
        *terms.kind(row["kind"]),
        schema_name=[{"@value": n["name"], "@language": n["lang"]} for n in row["names"]],
        sijill_kind=row["kind"],
        schema_alternateName=[
            {"@value": n["name"], "@language": n["lang"]} for n in row["aliases"]
        ],
        schema_identifier=[
            row["iso3166"],
            *(f"{each['scheme']}:{each['value']}" for each in row["identifiers"]),
        ],
        schema_sameAs=row["wikidata"] and _link(f"wikidata:{row['wikidata']}"),
        schema_geo=_link(f"{name}#place") if place else None,
    )
    if place:
        yield _node(
            f"{name}#place",
            "schema:GeoCoordinates",
            schema_latitude=float(place["lat"]),
            schema_longitude=float(place["lon"]),
            sijill_precisionM=place["precisionM"] and float(place["precisionM"]),
        )


def source(row: Row) -> Node:
    """A source, as much as the row has of it."""
    published, observed = row.get("published"), row.get("observedThrough")
    return _node(
        iri("s", row["id"]),
        "prov:Entity",
        "schema:CreativeWork",
        schema_name=row["title"],
        schema_publisher=row.get("publisher"),
        schema_author=row.get("author"),
        schema_inLanguage=row.get("language"),
        schema_url=row.get("url") and {"@value": row["url"], "@type": "xsd:anyURI"},
        schema_datePublished=published and published["edtf"],
        sijill_observedThrough=observed and observed["edtf"],
        sijill_sha256=row.get("sha256"),
        sijill_reliability=row.get("reliability"),
        sijill_credibility=row.get("credibility"),
        sijill_withdrawn=row.get("withdrawn"),
    )


def holding(subject: str | None, row: Row, terms: Terms) -> Node:
    """That something is held, and the facts that make it so."""
    of = iri("e", subject) if subject else f"{RECORD}:"
    return _node(
        f"{of}/{row['question']}#{row['entity']['id']}",
        "prov:Entity",
        *terms.holding(row["question"]),
        sijill_question=row["question"],
        sijill_of=_link(of) if subject else None,
        schema_about=_link(iri("e", row["entity"]["id"])),
        sijill_standing=row["standing"],
        sijill_contested=row["contested"],
        sijill_disputed=row["disputed"],
        **_dates("since", row["since"]),
        **_dates("until", row["until"]),
        sijill_announcedEnd=[each["edtf"] for each in row["announcedEnds"]],
        sijill_attested=row["attested"] and _day(row["attested"]),
        prov_wasDerivedFrom=[_link(iri("f", fact["id"])) for fact in row["facts"]],
    )


def of_fact(fact: Row, terms: Terms) -> Iterator[Node]:
    """A fact, its citations and their sources, how it was recorded and by whom."""
    name = iri("f", fact["id"])
    recording, actor = iri("log", str(fact["position"])), iri("actor", fact["actor"])
    cited = [(n, c, is_primary(c, fact)) for n, c in enumerate(fact["citations"])]
    supports = [(n, c) for n, c, primary in cited if primary]
    uncounted = [n for n, c, primary in cited if c["stance"] == "SUPPORTS" and not primary]
    disputes = [n for n, c, _ in cited if c["stance"] == "DISPUTES"]
    keys: dict[str, Any] = {}
    for each in fact["subjects"]:
        keys.setdefault(each["key"], []).append(_link(iri("e", each["entity"]["id"])))
    keys |= fact["details"]
    node = _node(
        name,
        "prov:Entity",
        terms.fact(fact["type"]),
        **_dates("when", fact["when"]),
        sijill_modality=fact["modality"],
        sijill_disputed=fact["disputed"],
        sijill_counts=fact["counts"],
        sijill_setAsideBy=[_link(iri("f", other)) for other in fact["setAsideBy"]],
        prov_wasGeneratedBy=_link(recording),
        prov_hadPrimarySource=[
            _link(source)
            for source in dict.fromkeys(iri("s", c["source"]["id"]) for _, c in supports)
        ],
        prov_qualifiedPrimarySource=[_link(f"{name}#citation-{n}") for n, _ in supports],
        prov_qualifiedInfluence=[_link(f"{name}#citation-{n}") for n in uncounted],
        sijill_disputedBy=[_link(f"{name}#citation-{n}") for n in disputes],
    )
    yield _saying(node, {terms.key(fact["type"], key): value for key, value in keys.items()})
    for number, citation, primary in cited:
        yield _citation(f"{name}#citation-{number}", citation, is_primary=primary)
        yield source(citation["source"])
    yield _node(
        recording,
        "prov:Activity",
        "sijill:Recording",
        prov_endedAtTime={"@value": fact["recordedAt"], "@type": "xsd:dateTime"},
        sijill_position=fact["position"],
        prov_wasAssociatedWith=_link(actor),
    )
    yield _node(actor, "prov:Agent", schema_name=fact["actor"])


def is_primary(citation: Row, fact: Row) -> bool:
    """Whether a citation supports a fact and counts: that of a withdrawn source does not."""
    counts = any(each["id"] == citation["source"]["id"] for each in fact["sources"])
    return citation["stance"] == "SUPPORTS" and counts


def _citation(name: str, citation: Row, *, is_primary: bool) -> Node:
    spot = citation["locator"] or {}
    chars = spot.get("chars") or [None, None]
    return _node(
        name,
        *(["prov:PrimarySource"] if is_primary else []),
        "sijill:Citation",
        prov_entity=_link(iri("s", citation["source"]["id"])),
        sijill_stance=citation["stance"],
        sijill_paragraph=spot.get("paragraph"),
        sijill_page=spot.get("page"),
        sijill_row=spot.get("row"),
        sijill_from=chars[0],
        sijill_to=chars[1],
        sijill_quoteSha256=citation["quoteSha256"],
        sijill_quote=citation["quote"],
        sijill_attributedTo=citation["attributedTo"],
    )
