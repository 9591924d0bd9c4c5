"""Windows for tests of pages, where a test of each would say the same four times over.

Of a language, a width and scripts on or off, each two meet in one of four windows; what fails only
where all three meet is not to be expected of a page.
"""

from __future__ import annotations

WINDOWS = (("en", 390, True), ("en", 1280, False), ("ar", 1280, True), ("ar", 390, False))
"""Language, width in pixels, and whether scripts run."""
