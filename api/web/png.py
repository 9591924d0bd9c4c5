"""Pictures as PNG: a process of its own draws each, so that the event loop and others never wait.

resvg holds Python's global lock while it draws. The process has a bound on memory and on time, and
draws with the picture fonts alone: the bytes are the same on every machine.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Final

from domain.errors import Refused

log = logging.getLogger("sijill")
FONTS: Final = [Path(__file__).with_name("vendor") / f"picture-{each}.ttf" for each in (400, 600)]
LARGEST: Final = 2_000_000
"""Characters of SVG."""
LONGEST: Final = 20
"""Seconds that drawing may take."""
MEMORY: Final = 2**30
"""Bytes of address space."""


def png(svg: str) -> bytes:
    """A picture drawn; it blocks. Refused(TOO_LARGE, NOT_FOUND)."""
    if len(svg) > LARGEST:
        raise _too_much()
    if not all(font.is_file() for font in FONTS):
        raise Refused("NOT_FOUND", "This server has no fonts for PNG: take the address as SVG.")
    command = [sys.executable, "-I", __file__, *map(str, FONTS)]
    try:
        return subprocess.run(
            command, input=svg.encode(), stdout=subprocess.PIPE, check=True, timeout=LONGEST
        ).stdout
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        log.warning("a picture was not drawn: %s", error)
        raise _too_much() from None


def _too_much() -> Refused:
    return Refused("TOO_LARGE", "This is too much to draw as PNG: take the same address as SVG.")


def _draw(fonts: list[str]) -> None:
    import resvg_py

    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    drawn = resvg_py.svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode(),
        skip_system_fonts=True,
        font_files=fonts,
        sans_serif_family="IBM Plex Sans",
    )
    sys.stdout.buffer.write(drawn)


if __name__ == "__main__":
    _draw(sys.argv[1:])
