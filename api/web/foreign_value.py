"""Values that others wrote, in a page of ours."""

from __future__ import annotations

from markupsafe import Markup, escape


def bdi(text: object, lang: str | None = None) -> Markup:
    """A value of others, kept from turning the text round it."""
    if lang is None:
        return Markup(f"<bdi>{escape(text)}</bdi>")
    return Markup(f'<bdi lang="{escape(lang)}">{escape(text)}</bdi>')
