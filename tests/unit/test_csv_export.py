"""CSV is written as Python's own module writes it."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from api.export.formats.csv import _line

CELLS = st.one_of(st.none(), st.text(), st.text(alphabet="a\"', ;\r\n\t\0"))


@given(st.lists(CELLS, min_size=2, max_size=9))
def test_a_line_is_what_pythons_csv_writes(cells: list[str | None]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    assert _line(cells) == out.getvalue()
