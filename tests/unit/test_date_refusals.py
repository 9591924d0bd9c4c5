"""What is no date: refused with the text, the place in it, the reason and an example."""

from __future__ import annotations

import pytest
from support.edtf_days import refusal


@pytest.mark.parametrize(
    ("text", "position", "why"),
    [
        ("", 1, "a date is missing"),
        ("2014-13", 6, "not a date of EDTF level 0 or 1"),
        ("2014-00", 6, "not a date"),
        ("2014-09-31", 9, "not a date"),
        ("2014-02-30", 9, "not a date"),
        ("2014-02-29", 9, "the month has no such day"),
        ("1900-02-29~", 9, "the month has no such day"),
        ("[2014..1900-02-29]", 16, "the month has no such day"),
        ("2014-09-10/2014-9", 17, "not a date"),
        ("-0000", 5, "not a date"),
        ("20145", 5, "not a date"),
        (" 2014", 1, "blanks"),
        ("2014-09 ", 8, "blanks"),
        ("2014\n", 5, "blanks"),
        ("2014 / 2015", 5, "blanks"),
        ("[2014 ,2015]", 6, "blanks"),
        ("[2014,  2015]", 8, "blanks"),
        ("٢٠١٤", 1, "ASCII"),
        ("201４", 4, "ASCII"),
        ("−0044", 1, "ASCII"),
        ("201x", 4, "capital X"),
        ("Y2014", 1, "Y is for years beyond -9999 to 9999"),
        ("Y12345", 1, "which the record does not hold"),
        ("Y-17E7", 1, "Y is for years"),
        ("?2014", 1, "after the whole date"),
        ("2014?-09", 5, "after the whole date"),
        ("2014-~09", 6, "after the whole date"),
        ("2014?~", 5, "after the whole date"),
        ("2XXX", 1, "only the last two digits of a year"),
        ("{2014,2015}", 1, "braces"),
        ("2014//2015", 6, "an interval has two sides"),
        ("2014/2015/2016", 10, "an interval has two sides"),
        ("[2014", 6, "a set ends with ]"),
        ("[2014}", 7, "a set ends with ]"),
        ("[2014]", 2, "a set has two dates"),
        ("[]", 2, "a set has two dates"),
        ("[..]", 2, "a date is missing"),
        ("[2014,]", 7, "a date is missing"),
        ("[2014,,2015]", 7, "a date is missing"),
        ("[2014,..2016]", 7, "a date is missing"),
        ("[2014..,2016]", 8, "a date is missing"),
        ("2014-09-10T12:00:00/2015", 11, "a time of day has no place"),
        ("2014-09-10T12", 11, "a time is 12:00:00"),
        ("2014-09-10T12:00:00+15", 20, "from -12:00 to +14:00"),
        ("9999-12-31T23:00:00-05:00", 1, "in UTC it is outside the years"),
    ],
)
def test_a_refusal_has_the_text_the_place_the_reason_and_an_example(
    text: str, position: int, why: str
) -> None:
    refused = refusal(text)

    assert refused.data == {"text": text, "position": position}
    assert (text if text.isprintable() else ascii(text)[1:-1]) in refused.message
    assert f"at character {position}: " in refused.message
    assert why in refused.message
    assert "Write for example " in refused.message


@pytest.mark.parametrize(
    "text",
    [
        "unknown", "open", "2014/open", "unknown/2014", "now", "circa 2014", "about 2014",
        "c. 2014", "spring 2014", "2014 or 2015", "2014 to 2015", "the 1990s", "1990s", "May 2014",
        "2014s",
    ],
)  # fmt: skip
def test_nothing_is_guessed_from_words(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "19", "198", "2014-9", "2014-09-1", "+2014", "--2014", "2014-", "2014-09-", "-", "-44",
        "20140910", "2014.09.10", "10/09/2014", "2014-W10", "2014-250", "2014-09-10/05", "/05",
        "P1Y", "2014/P1Y", "R2/2014/2015", "2014-09-10..2014-09-11", "2014..", "..2014", "..",
        "2014,2015", "2014, 2015", "[2014/2015]", "[2014,2015]/2016", "[2014..2015]?",
        "[[2014,2015]]", "[2014...2016]", "[2014..2015..2016]", "[2014,2015],", "2014/2015?~",
        "2014/2015/", "///",
    ],
)  # fmt: skip
def test_other_notations_and_malformed_ones_are_refused(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "XXXX", "XXX4", "1X23", "20X4", "1X2X", "1XXX~", "2014-X1", "2014-0X", "2014-1X", "XXXX-12",
        "201X-05", "20XX-XX", "2014-XX-09", "2014-09-1X", "XXXX-XX-XX", "2014-XX-1X", "-XXXX",
        "-0XXX", "2014-25", "2014-28", "2014-41", "2014-21-05", "2014-21-XX", "201X-21",
        "2014-21^N", "2014-2X", "1950S2", "2014S2-05", "Y12345S2", "2014-09S1", "2014-09~-10",
        "2014-09-~10", "%2014-09", "?2014/2015", "2004-06-~01/2004-06-~20", "{2014..}", "{2014}",
        "(2014)", "2004-(06)?-11", "201u", "20uu", "2014-uu", "199x", "2014-xx",
    ],
)  # fmt: skip
def test_level_2_beyond_sets_and_drafts_of_edtf_are_refused(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal(text)

    assert capsys.readouterr().out == ""  # the package prints when a reading of its own fails


def test_an_overlong_text_is_refused_and_cut_in_the_message() -> None:
    refused = refusal("[" + "2014," * 50_000 + "2014]")

    assert "at most 100 characters" in refused.message
    assert len(refused.message) < 300


def test_a_message_spells_out_what_cannot_be_seen() -> None:
    assert "2014\\u200f" in refusal("2014\u200f").message
    assert "\\udc80" in refusal("\udc80").message
