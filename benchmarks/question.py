"""The question that is measured, as GraphQL asks it and as the floors do."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from benchmarks.generator import AS_OF
from domain.dates import day_of

DOCUMENT = """
query Members($coalition: ID!, $asOf: EDTFDate, $knownAt: Date, $atPosition: Int, $first: Int) {
  members(coalition: $coalition, asOf: $asOf, knownAt: $knownAt, atPosition: $atPosition,
          first: $first) {
    position
    count { certain possible announced }
    edges { node {
      member { id kind name iso3166 }
      standing
      contested
      since { edtf earliest latest } until { edtf earliest latest }
      facts { id type when { edtf } }
      sources { id title publisher published { edtf } }
    } }
  }
}"""
"""90 members of it are the answer that everything is measured by."""


class Question(NamedTuple):
    """Who were the members of a coalition, by what was known and recorded when; None is all."""

    coalition: str
    known_at: str | None = None
    at_position: int | None = None
    as_of: str = AS_OF

    def variables(self) -> dict[str, Any]:
        """Of DOCUMENT."""
        return {
            "coalition": self.coalition,
            "asOf": self.as_of,
            "knownAt": self.known_at,
            "atPosition": self.at_position,
            "first": 5_000,
        }

    def body(self) -> bytes:
        """The request's."""
        return json.dumps({"query": DOCUMENT, "variables": self.variables()}).encode()


def parameters(variables: dict[str, Any]) -> dict[str, Any]:
    """Of the queries of floors.sql, which know of no other K and R than all."""
    if variables.get("knownAt") is not None or variables.get("atPosition") is not None:
        raise ValueError("the floors are asked by all that is known and recorded")
    return {"coalition": variables["coalition"], "x": day_of(variables["asOf"])}
