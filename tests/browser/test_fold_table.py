"""Every row of docs/contract/folding.md#examples as the page's script shows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import NewInstance, serving
from playwright.sync_api import Page
from strategies import FoldCase
from support.fold_table import NUMBERED, entries_of_table, ids_of_rows

from domain.dates import iso_of

SHOWN = """async (days) => {
  const asof = document.querySelector("record-asof");
  const list = document.querySelector("record-members");
  const [valid] = asof.clocks;
  const shown = [];
  for (const day of days) {
    asof.move(valid, day);
    await list.updateComplete;
    shown.push(list.querySelector("tbody tr")?.innerText ?? "");
  }
  return shown;
}"""


@pytest.fixture(scope="module")
def address(new_instance: NewInstance) -> Iterator[str]:
    """A server of the rows of the table."""
    with new_instance() as instance:
        instance.record.apply(entries_of_table(), actor="someone")
        instance.catch_up()
        with serving(instance) as address:
            yield address


@pytest.mark.parametrize(("number", "case"), NUMBERED, ids=ids_of_rows())
def test_every_row_of_the_fold_table_slides(page: Page, number: int, case: FoldCase) -> None:
    probes = list(case.probes())
    certain = next((day for day, standing in probes if standing is not None), probes[0][0])
    page.goto(f"/e/union-{number}?asOf={iso_of(certain)}")
    page.locator(".slide input").first.wait_for()

    rows = page.evaluate(SHOWN, [day for day, _ in probes])

    for (day, expected), text in zip(probes, rows, strict=True):
        found = [each for each in ("Certain", "Possible", "Announced") if each in text.split()]
        assert found == ([] if expected is None else [expected.capitalize()]), (day, text)
    assert any("Contested" in text for text in rows) == case.contested
    assert any("announced to end" in text for text in rows) == bool(case.announced_ends)
