"""The pages, one noun each: what each asks, and what it shows."""

from __future__ import annotations

from api.web.pages import (
    browse,
    card,
    changes,
    check,
    density,
    embed,
    entity,
    events,
    fact,
    geography,
    guide,
    home,
    listing,
    log,
    pictures,
    rectangles,
    search,
    site_map,
    source,
    sources,
    stories,
    word_tables,
)
from api.web.render import Page

PAGES: dict[str, Page] = {
    "/": home.home,
    "/e/{id}": entity.overview,
    "/e/{id}/state": entity.overview,
    "/e/{id}/changes": changes.changes,
    "/e/{id}/sources": sources.sources,
    "/e/{id}/log": events.events,
    "/e/{id}/rectangles": rectangles.rectangles,
    "/e/{id}/density": density.density,
    **pictures.PICTURES,
    "/embed/e/{id}/{question}": embed.embed,
    "/f/{id}": fact.fact,
    "/f/{id}/fact": fact.fact,
    "/f/{id}/evidence": fact.drawer,
    "/s/{id}": source.source,
    "/s/{id}/source": source.source,
    "/stories": stories.stories,
    "/story/{id}": stories.story,
    "/browse": browse.browse,
    **browse.LISTS,
    "/search": search.search,
    "/log": log.log,
    "/log/feed.atom": log.feed,
    "/check": check.check,
    "/vocabulary": word_tables.vocabulary,
    "/guide": guide.guide,
    "/map": geography.geography,
    "/robots.txt": site_map.robots,
    "/sitemap.xml": site_map.sitemap,
    **listing.LISTINGS,
}
"""Path → what shows it."""
PAGES |= card.cards(PAGES)
