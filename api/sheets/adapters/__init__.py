"""Formats of others as the rows of a sheet, each with the map that goes with it.

An adapter turns a file's objects into flat rows and decides nothing; what the rows mean is in its
map, which `sijill map FILE` gives to be edited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any, Final, NamedTuple

from api.sheets.adapters.follow_the_money import edges, is_entity_or_statement
from api.sheets.adapters.popolo import memberships
from api.sheets.adapters.wikidata import statements

Objects = list[dict[str, Any]]


class Adapter(NamedTuple):
    """How the objects of a format become rows, and by what they are known. With `has_csv` they may
    also be the rows of a CSV file."""

    rows: Callable[[Objects], Iterator[dict[str, str]]]
    is_like: Callable[[dict[str, Any]], bool]
    has_csv: bool = False


ADAPTERS: Final[Mapping[str, Adapter]] = {
    "popolo": Adapter(memberships, lambda top: "memberships" in top or "persons" in top),
    "followthemoney": Adapter(edges, is_like=is_entity_or_statement, has_csv=True),
    "wikidata": Adapter(
        statements, lambda top: isinstance(top.get("claims", top.get("entities")), dict)
    ),
}
"""By the name that `format` in a map's [file] has."""


def map_of(name: str) -> str:
    """The map of an adapter, in TOML."""
    return resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
