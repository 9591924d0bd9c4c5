"""`python -m benchmarks.slider ADDRESS`: how long a tick of a page's slider takes.

The server is one of the sample record. Its members are told once, then a dozen times over, so that
there are about a thousand. A tick is all that it sets off: the answer, the list, map and timeline,
first until the scripts are done, then until the page is laid out. Status 1 where one tick in twenty
keeps the scripts longer than it may.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from typing import Final

from playwright.sync_api import sync_playwright

TICKS: Final = 60
SLOWEST: Final = {1: 16, 12: 50}
"""How often the members are told → milliseconds that 19 ticks of 20 keep to."""
MEASURE: Final = """
async ([times, ticks]) => {
  const asof = document.querySelector("record-asof");
  const told = asof.rectangles;
  const rows = told.rows.filter((row) => row.question === "members");
  for (let copy = 1; copy < times; copy += 1) {
    for (const row of rows) {
      const whom = `${row.whom}-${copy}`;
      told.rows.push({ ...row, whom });
      told.names[whom] ??= told.names[row.whom].map((it) => ({ ...it, iso: null }));
    }
  }
  const members = document.querySelector("record-members");
  const [script, layout] = [[], []];
  for (let tick = 0; tick < ticks; tick += 1) {
    await new Promise(requestAnimationFrame);
    const from = performance.now();
    asof.move(asof.clocks[0], 17500 + tick * 50);
    await Promise.all([asof.updateComplete, members.updateComplete]);
    script.push(performance.now() - from);
    document.body.getBoundingClientRect();
    layout.push(performance.now() - from);
  }
  return [members.told.length, script, layout];
}
"""


def main() -> None:
    """Print the median and the slowest of twenty, in milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.slider", description=__doc__)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8000")
    address = parser.parse_args().address
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("There is no chromium here: install it, then run this again.")
    met = True
    with sync_playwright() as playwright:
        arguments = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for times, most in SLOWEST.items():
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{address}/e/global-coalition?asOf=2025-11-10")
            page.locator(".slide input").first.wait_for()
            members, script, layout = page.evaluate(MEASURE, [times, TICKS])
            met = met and _slow(script) <= most
            print(
                f"{members:5} members: scripts {_told(script)} (≤ {most}); laid out {_told(layout)}"
            )
        browser.close()
    sys.exit(not met)


def _slow(spent: list[float]) -> float:
    return sorted(spent)[len(spent) * 19 // 20]


def _told(spent: list[float]) -> str:
    return f"median {sorted(spent)[len(spent) // 2]:.1f} ms, p95 {_slow(spent):.1f} ms"


if __name__ == "__main__":
    main()
