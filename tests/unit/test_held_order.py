"""The orders of a list of what holds."""

from __future__ import annotations

from typing import Any

import pytest

from api.web.held_order import KEYS, in_order, order_in
from domain.errors import Refused


def _edge(
    name: str,
    earliest: str | None,
    latest: str | None,
    standing: str = "CERTAIN",
    edtf: str | None = None,
) -> dict[str, Any]:
    since = {"edtf": edtf, "earliest": earliest, "latest": latest}
    return {"node": {"name": name, "since": since, "standing": standing}}


EDGES = [
    _edge("a day", "2015-03-01", "2015-03-01", edtf="2015-03-01"),
    _edge("announced", None, None, "ANNOUNCED", edtf="2015-06"),
    _edge("at no known time", None, None, "POSSIBLE"),
    _edge("before", None, "2014-01-01", "POSSIBLE"),
    _edge("long ago", "-0044-03-15", "-0044-03-15"),
    _edge("the same day", "2015-03-01", "2015-03-01", "POSSIBLE", edtf="2015-03-01"),
    _edge("within a year", "2015-01-01", "2015-12-31", edtf="2015"),
]
ORDERED = {
    "name": "a day, announced, at no known time, before, long ago, the same day, within a year",
    "newest": "within a year, announced, a day, the same day, before, long ago, at no known time",
    "date": "before, long ago, within a year, a day, the same day, announced, at no known time",
    "standing": "a day, long ago, within a year, at no known time, before, the same day, announced",
}


@pytest.mark.parametrize("sort", KEYS)
def test_a_list_is_in_the_order_that_is_asked_for_and_then_in_that_of_names(sort: str) -> None:
    found = ", ".join(edge["node"]["name"] for edge in in_order(EDGES, sort))

    assert found == ORDERED[sort]


def test_an_order_that_a_list_has_not_is_refused() -> None:
    assert order_in({}) == order_in({"sort": ""}) == "name"
    with pytest.raises(Refused) as refused:
        order_in({"sort": "nobody's"})
    assert (refused.value.code, refused.value.field) == ("BAD_VALUE", "sort")
