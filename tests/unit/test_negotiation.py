"""A client gets what its Accept headers say, weights included (RFC 9110, section 12.5)."""

from __future__ import annotations

import pytest

from api.rest.negotiation import media_type_of, takes_gzip, weights

JSON, GRAPHQL = "application/json", "application/graphql-response+json"


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP;q=0.5, br", True),
        ("br, *", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("x-notgzip", False),
        ("x-gzip", True),
        ("gzip;q=nan", False),
        ("identity", False),
    ],
)
def test_content_is_compressed_for_those_who_take_it(header: str | None, taken: bool) -> None:
    assert takes_gzip(header) is taken


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON};q=0.1, */*;q=0.5", GRAPHQL),
        (f"{JSON};q=0", None),
        ("*/*;q=0", None),
        ("text/html", None),
        (f"text/html, {JSON};q=0.1", JSON),
        (f"{JSON};q=2", None),
    ],
)
def test_the_media_type_that_is_wanted_most_is_chosen(header: str | None, chosen: str) -> None:
    assert media_type_of(header, (JSON, GRAPHQL)) == chosen


def test_of_a_name_that_comes_twice_the_first_weight_counts() -> None:
    assert weights("ar;q=0.2, en, ar;q=0.9") == {"ar": 0.2, "en": 1.0}
