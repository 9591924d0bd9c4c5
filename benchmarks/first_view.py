"""How long the first view of a page takes: python -m benchmarks.first_view.

Of the sample record's coalition, by servers started anew that have had a few seconds to warm up:
the page alone over HTTP, the views after it, and a browser with nothing in its cache until all is
loaded, where there is a Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import sync_playwright

from store.datafolder import supervised

PATH = "/e/global-coalition"
SERVERS = 5
VIEWS = 10
WARMING = 5.0
"""Seconds that a server is left alone once it is ready."""
PORT = 8741


def main() -> None:
    """Print medians and the worst, in milliseconds."""
    argparse.ArgumentParser(
        prog="python -m benchmarks.first_view", description=__doc__
    ).parse_args()
    figures: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="sijill-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        for turn in range(SERVERS + 1):
            server = _started(folder)
            try:
                if turn:  # the first one imports
                    figures_of(f"http://127.0.0.1:{PORT}", figures)
            finally:
                server.send_signal(signal.SIGINT)
                server.wait(30)
        while supervised(Path(folder)):
            time.sleep(0.2)
    for name, spent in figures.items():
        print(f"{name}: median {median(spent):.0f} ms, worst {max(spent):.0f} ms of {len(spent)}")


def _started(folder: str) -> subprocess.Popen[bytes]:
    command = [str(Path(sys.executable).with_name("sijill")), "demo", "--port", str(PORT)]
    server = subprocess.Popen(
        command, env={**os.environ, "SIJILL_DATA": folder}, stderr=subprocess.DEVNULL
    )
    for _ in range(600):
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/health/ready").status_code == 200:
                break
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    time.sleep(WARMING)
    return server


def figures_of(address: str, figures: dict[str, list[float]]) -> None:
    """Add those of a server that no page was asked of yet."""

    def view() -> float:
        from_ = time.perf_counter()
        httpx.get(address + PATH, headers={"accept-encoding": "gzip"}).raise_for_status()
        return (time.perf_counter() - from_) * 1_000

    figures.setdefault("first view over HTTP", []).append(view())
    figures.setdefault("later views over HTTP", []).extend(view() for _ in range(VIEWS))
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address + PATH, wait_until="load")
        loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        figures.setdefault("in a browser, until loaded", []).append(loaded)
        browser.close()


if __name__ == "__main__":
    main()
