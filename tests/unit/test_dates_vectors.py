"""The rules of docs/contract/dates.md against the vectors of other EDTF packages.

Each file names its origin and licence.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from domain.dates import AFTER_ALL, BEFORE_ALL, iso_of, parse
from domain.errors import Refused

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors" / "edtf"


def vectors(name: str) -> list[dict[str, Any]]:
    path = VECTORS / name
    if not path.exists():
        pytest.skip(f"the shared vectors are not here: {path}")
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [case if isinstance(case, dict) else {"edtf": case[0]} for case in cases]


def bounds_or_none(text: str) -> tuple[str, str] | None:
    with contextlib.suppress(Refused):
        date = parse(text)
        first = "-inf" if date.earliest == BEFORE_ALL else iso_of(date.earliest)
        return first, "inf" if date.latest == AFTER_ALL else iso_of(date.latest)
    return None


def test_python_edtfs_bounds_hold_but_for_its_padding_and_what_the_design_decides() -> None:
    ours = {
        "2010-24": ("2010-12-01", "2011-02-28"),  # winter runs into the next year
        "/2006": ("-inf", "2006-12-31"),  # unknown is not ten years
        "2004-06-01/": ("2004-06-01", "inf"),
        "1984-06-02?/": ("1984-06-02", "inf"),
        "1984%": ("1983-01-01", "1985-12-31"),  # one unit, not two
        "16XX%": ("1500-01-01", "1799-12-31"),
        "1984?/2004%": ("1984-01-01", "2005-12-31"),
        "2004-06-11%": ("2004-06-10", "2004-06-12"),  # of the written precision only
        "1984/2004-06~": ("1984-01-01", "2004-07-31"),  # a whole month
        "1984-06-02?/2004-08-08~": ("1984-06-02", "2004-08-09"),
    }
    refused = {
        "1XXX", "1XXX~", "156X-12-25", "15XX-12-25", "1560-XX-25", "15XX-12-XX", "XXXX-XX-23",
        "Y170000002", "Y-170000002", "Y17E7", "Y-17E7", "Y17101E4S3", "Y3388E2S3", "Y171010000S3",
        "1950S2", "1953S2", "1953S3", "2001-29", "2001-34", "2004?-06-11", "2004-06~-11",
        "2004-06-~11", "2004-%06", "2004-?06-?11", "2004?-06-~11", "?2004-%06", "2004?-%06",
        "2004?-~06-~04", "2011-~06-~04", "2004-06-~01/2004-06-~20", "{1667,1668, 1670..1672}",
        "{1960, 1961-12}",
    }  # fmt: skip

    for case in vectors("python-edtf-bounds.json"):
        text = case["edtf"]
        padding = "fuzzy" if "~" in text else "strict"
        theirs = (case[f"lower_{padding}"], case[f"upper_{padding}"])
        expected = None if text in refused else ours.get(text, theirs)
        assert bounds_or_none(text) == expected, text


def test_python_edtfs_invalid_texts_are_refused() -> None:
    for case in vectors("python-edtf-invalid.json"):
        assert bounds_or_none(case["edtf"]) is None, case


def test_python_edtfs_qualifiers_agree_where_the_text_is_level_1() -> None:
    agreed = 0
    for case in vectors("python-edtf-qualifiers.json"):
        if bounds_or_none(case["edtf"]) is None:
            assert any(sign + part in case["edtf"] for sign in "?~%" for part in "0123456789-")
            continue
        uncertain = case["uncertain"] or case["uncertain_and_approximate"]
        assert parse(case["edtf"]).uncertain is uncertain, case
        agreed += 1
    assert agreed >= 9


def test_edtf_js_agrees_on_what_is_valid_but_for_the_profile() -> None:
    beyond_the_profile = {
        "19", "00", "-04", "193", "019", "009", "000", "-193", "-019", "197~", "197?", "197%",
        "19~", "19?", "19%", "XXXX", "XXXX-XX", "XXXX-XX-XX", "Y170002", "Y10000", "Y-170002",
        "Y-10000", "/", "../..", "?2001", "2001~-09", "2001-?09~-09", "2004?-06-~11", "156X-12-31",
        "15XX-12-25", "15XX-12-XX", "15XX-01-3X", "15XX-XX-25", "1500-1X-25", "15XX-0X-25",
        "15XX-X2", "1XXX-XX", "1XXX-12", "1XX3", "Y17E7", "Y-17E7", "1950S2", "Y17101000S3",
        "Y-17101E3S3", "2001-25", "2001-36", "2001-39", "2004-06-~01/2004-06-~20",
        "{1667, 1670..1672}", "{1960 ,  1961-12}", "{1760..}", "{..1760}",
        *(f"2016-05-02T16:54:59{rest}" for rest in (
            ".042", ".04200000", ".4", ".42", ".042123", ".042Z", "+0230", "+0000", "+1400",
            "+1330", "+1200", "+0410", "-0015", "-1159", "-1200",
        )),
    }  # fmt: skip
    seasons_in_intervals = {"2012-21/2012-22", "2018/2018-23", "2018-01?/2018-23"}

    for case in vectors("edtf-js-parser.json"):
        text = case["edtf"]
        if "options" in case and text not in seasons_in_intervals:
            continue  # not about the text but about what its caller lets through
        expected = (
            case["valid"] and text not in beyond_the_profile
        ) or text in seasons_in_intervals
        assert (bounds_or_none(text) is not None) is expected, text
