"""The pages, one noun each: what each asks, and what it shows."""

from __future__ import annotations

from api.web.pages import entity, home
from api.web.render import Page

PAGES: dict[str, Page] = {
    "/": home.home,
    "/e/{id}": entity.overview,
}
"""Path → what shows it."""
