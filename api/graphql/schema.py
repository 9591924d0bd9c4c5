"""The schema: every field at the root, and the schema as text."""

from __future__ import annotations

from pathlib import Path

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from api.graphql import changes, lists, mutations, questions, search, what_if
from api.graphql.as_of_rows import TYPES
from api.graphql.scalars import SCALARS

FILE = Path(__file__).with_name("schema.graphql")
"""Where the schema is kept as text, for those who read or diff it."""

Query = create_type(
    "Query",
    [
        *questions.ROOT_FIELDS,
        *lists.ROOT_FIELDS,
        *search.ROOT_FIELDS,
        *changes.ROOT_FIELDS,
        *what_if.ROOT_FIELDS,
    ],
)
Mutation = create_type("Mutation", mutations.ROOT_FIELDS)

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
