"""How long a tick of a page's slider keeps the script busy: python -m benchmarks.slider ADDRESS.

Of a server of the sample record: its members as they are, and told a dozen times over, so that
there are about a thousand. A tick is all that it sets off: the answer, the list, map and timeline.
"""

from __future__ import annotations

import shutil
import sys

from playwright.sync_api import sync_playwright

TICKS = 60
MEASURE = """
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
  const spent = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    const from = performance.now();
    asof.move(asof.clocks[0], 17500 + tick * 50);
    await Promise.all([asof.updateComplete, members.updateComplete]);
    spent.push(performance.now() - from);
  }
  return [members.told.length, spent.sort((a, b) => a - b)];
}
"""


def main(address: str) -> None:
    """Print the median and the slowest of twenty, in milliseconds."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("There is no chromium here: install it, then run this again.")
    with sync_playwright() as playwright:
        arguments = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for times in (1, 12):
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{address}/e/global-coalition?asOf=2025-11-10")
            page.locator(".slide input").first.wait_for()
            members, spent = page.evaluate(MEASURE, [times, TICKS])
            median, slow = spent[len(spent) // 2], spent[len(spent) * 19 // 20]
            print(f"{members:5} members: median {median:.1f} ms, 1 in 20 above {slow:.1f} ms")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
