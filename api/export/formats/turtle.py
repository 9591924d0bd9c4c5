"""RDF 1.1 Turtle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from api.export.format import LINKED, Format
from api.export.json_text import dumps
from api.export.pinned_view import PinnedView
from api.export.rdf import PREFIXES, RECORD, Graph, Node, prefixes
from api.export.reader import ViewReader


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    graph = Graph(pinned)
    yield "".join(
        [f"@prefix {name}: <{iri}> .\n" for name, iri in prefixes(pinned).items()]
    ).encode()
    for batch in rows:
        yield "".join([_node(node, base) for node in graph.nodes(batch)]).encode()


def _node(node: Node, base: str) -> str:
    said = [f"a {', '.join(node['@type'])}"]
    for key, values in node.items():
        if not key.startswith("@"):
            said.append(f"{key} {', '.join([_object(value, base) for value in values])}")
    return "\n" + _name(node["@id"], base) + " " + " ;\n  ".join(said) + " .\n"


def _object(value: Mapping[str, str], base: str) -> str:
    if "@id" in value:
        return _name(value["@id"], base)
    # JSON's escapes are Turtle's too; other characters stand for themselves in both.
    text = dumps(value["@value"])
    if "@language" in value:
        return f"{text}@{value['@language']}"
    return f"{text}^^{value['@type']}" if "@type" in value else text


def _name(name: str, base: str) -> str:
    prefix, _, rest = name.partition(":")
    return f"<{base}{rest}>" if prefix == RECORD else f"<{PREFIXES[prefix]}{rest}>"


FORMAT: Final = Format(
    extension="ttl",
    name="Turtle",
    media_type="text/turtle",
    kinds=LINKED,
    write=write,
    opens_in="RDF by schema.org and PROV-O: the same graph as JSON-LD",
    needs_facts=True,
)
