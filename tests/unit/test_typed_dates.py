"""Dates as people write them, in both languages and digits."""

from __future__ import annotations

import pytest

from api.language.typed_dates import read_date
from domain.dates import iso_of, today

READ = {
    "2025-11-10": "2025-11-10",
    " 2025-11 ": "2025-11",
    "2025": "2025",
    "٢٠٢٥": "2025",
    "10 Nov 2025": "2025-11-10",
    "10 November 2025": "2025-11-10",
    "November 10, 2025": "2025-11-10",
    "nov 10th 2025": "2025-11-10",
    "Nov 2025": "2025-11",
    "25/12/2025": "2025-12-25",
    "12/25/2025": "2025-12-25",
    "2025/11/10": "2025-11-10",
    "١٠ تشرين الثاني ٢٠٢٥": "2025-11-10",
    "10 تشرين الثاني 2025": "2025-11-10",
    "تشرين الأول 2014": "2014-10",
    "كانون الأول ٢٠٢٤": "2024-12",
    "10 نوفمبر 2025": "2025-11-10",
    "١٠ نونبر ٢٠٢٥": "2025-11-10",
    "5 أوت 2016": "2016-08-05",
    "8 كانون الثاني 2020": "2020-01-08",
    "3 غشت 2019": "2019-08-03",
    "٢٠٢٥-١١-١٠": "2025-11-10",
    "2014-09-10~": "2014-09-10~",
    "[2014..2016-08-24]": "[2014..2016-08-24]",
    "2014/2016": "2014/2016",
    "circa 2014": "2014~",
}


@pytest.mark.parametrize("text", READ)
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    found = read_date(text)

    assert found.edtf == READ[text]
    assert found.other is None


@pytest.mark.parametrize("text", ["10/11/2025", "١٠/١١/٢٠٢٥", "10.11.2025", "10-11-2025"])
def test_a_date_that_may_be_read_in_two_orders_has_the_day_first_and_the_other(text: str) -> None:
    assert read_date(text)[:2] == ("2025-11-10", "2025-10-11")


def test_days_near_today_have_words() -> None:
    for word, shift in {"today": 0, "اليوم": 0, "Yesterday": -1, "أمس": -1, "غدا": 1}.items():
        assert read_date(word).edtf == iso_of(today() + shift)


@pytest.mark.parametrize(
    "text", ["2025-11-31", "31/11/2025", "31 Nov 2025", "٣١ تشرين الثاني ٢٠٢٥"]
)
def test_a_day_that_its_month_does_not_have_is_told_with_the_month(text: str) -> None:
    found = read_date(text)

    assert found.edtf is None
    assert found.no_day == "2025-11"


@pytest.mark.parametrize(
    "text", ["never", "2025-13", "10 Nov", "1/2/3", "x" * 500, "", "\0", "9" * 60]
)
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert read_date(text) == (None, None, None)
