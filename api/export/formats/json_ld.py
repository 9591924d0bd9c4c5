"""JSON-LD: `{"@context", "@graph": […]}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from api.export.format import LINKED, Format
from api.export.json_text import encode, listed
from api.export.pinned_view import PinnedView
from api.export.rdf import RECORD, Graph, prefixes
from api.export.reader import ViewReader


def write(pinned: PinnedView, base: str, rows: ViewReader) -> Iterator[bytes]:
    context = {RECORD: {"@id": base, "@prefix": True}, **prefixes(pinned)}
    graph = Graph(pinned)
    yield b'{"@context":' + encode(context) + b',"@graph":['
    yield from listed(map(graph.nodes, rows))
    yield b"]}\n"


FORMAT: Final = Format(
    extension="jsonld",
    name="JSON-LD",
    media_type="application/ld+json",
    kinds=LINKED,
    write=write,
    opens_in="RDF by schema.org and PROV-O: the same graph as Turtle",
    needs_facts=True,
)
