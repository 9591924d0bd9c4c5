"""The schema: every field at the root, and the schema as text."""

from __future__ import annotations

from pathlib import Path

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from api.graphql import changes, lists, questions, searching, supposing, writing
from api.graphql.held import TYPES
from api.graphql.scalars import SCALARS

FILE = Path(__file__).with_name("schema.graphql")
"""Where the schema is kept as text, for those who read or diff it."""

Query = create_type(
    "Query",
    [
        *questions.ROOT_FIELDS,
        *lists.ROOT_FIELDS,
        *searching.ROOT_FIELDS,
        *changes.ROOT_FIELDS,
        *supposing.ROOT_FIELDS,
    ],
)
Mutation = create_type("Mutation", writing.ROOT_FIELDS)

SCHEMA = strawberry.Schema(
    Query,
    Mutation,
    types=[types.node for types in TYPES.values()],
    config=StrawberryConfig(scalar_map=SCALARS),
)
GRAPHQL_SCHEMA = SCHEMA._schema
"""graphql-core's own."""


def sdl() -> str:
    """The schema in GraphQL's definition language."""
    return SCHEMA.as_str().rstrip() + "\n"


if __name__ == "__main__":
    FILE.write_text(sdl(), encoding="utf-8")
