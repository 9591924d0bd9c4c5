"""TimelineJS itself, as published, reads the export that is made for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import NewInstance, browsing
from hostile import STRINGS
from playwright.sync_api import Browser

from domain.codec import read

VENDOR = Path(__file__).parents[1] / "vendor"
SHOW = """async (data) => {
  const line = new TL.Timeline("line", data, { debug: false, font: null });
  for (let waited = 0; !line._loaded?.timenav && waited < 100; waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    errors: line.config.messages.errors,
    slides: line.config.events.length,
    markers: document.querySelectorAll(".tl-timemarker").length,
    headlines: line.config.events.map((event) => event.text.headline),
    shown: document.querySelectorAll(".tl-slide .tl-headline").length,
    ran: window.ran ?? null,
  };
}"""


def _shown(browser: Browser, data: Any) -> dict[str, Any]:
    """What TimelineJS makes of an export, on a page that reaches no host."""
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content('<!doctype html><div id="line" style="width:900px;height:600px"></div>')
    page.add_style_tag(path=VENDOR / "timeline.css")
    page.add_script_tag(path=VENDOR / "timeline.js")
    found: dict[str, Any] = page.evaluate(SHOW, data)
    context.close()
    return found


@pytest.mark.parametrize(
    "path", ["/e/global-coalition", "/e/global-coalition/timeline", "/f/syria-joins-2025-11-11"]
)
def test_timelinejs_shows_every_event(browser: Browser, address: str, path: str) -> None:
    data = httpx.get(f"{address}{path}.timeline.json?asOf=2025-11-10").json()

    found = _shown(browser, data)

    assert found["errors"] == []
    assert found["slides"] == found["markers"] == len(data["events"]) >= 1
    assert found["shown"] >= 1


def test_timelinejs_runs_nothing_of_what_the_record_says(
    browser: Browser, new_instance: NewInstance
) -> None:
    evil = ["<img src=x onerror='window.ran=1'>", "<script>window.ran=1</script>", *STRINGS[:60]]
    entries: list[dict[str, Any]] = [{"type": "SourceRegistered", "id": "s", "title": evil[0]}]
    entries += [
        {"type": "EntityRegistered", "id": f"e{number}", "kind": "PERSON", "names": {"en": text}}
        for number, text in enumerate(evil)
    ]
    entries += [
        {"type": "MemberJoined", "id": f"f{number}", "coalition": "e0", "member": f"e{number}",
         "when": "2020-01-02", "citations": [{"source": "s"}]}
        for number in range(1, len(evil))
    ]  # fmt: skip
    with new_instance() as instance:
        instance.record.apply([read(entry) for entry in entries], actor="someone")
        instance.catch_up()
        with browsing(instance) as client:
            data = client.get("/e/e0/members.timeline.json").json()

    found = _shown(browser, data)

    assert found["errors"] == []
    assert found["ran"] is None
    assert found["slides"] == len(evil) - 1
