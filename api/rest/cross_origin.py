"""What pages of other origins may read and frame: pinned answers, and the script that shows them.

See docs/decisions/0011-embedding.md.
"""

from __future__ import annotations

from starlette.requests import Request


def shared(request: Request) -> dict[str, str]:
    """The headers that let a page of another origin read an answer, as SIJILL_EMBED allows."""
    allowed: tuple[str, ...] = request.app.state.instance.settings.embed
    if not allowed:
        return {}
    origin = request.headers.get("origin", "")
    headers = {"cross-origin-resource-policy": "cross-origin"}
    if allowed == ("*",):
        return {**headers, "access-control-allow-origin": "*"}
    headers["vary"] = "origin"
    return {**headers, "access-control-allow-origin": origin} if origin in allowed else headers


def ancestors(request: Request) -> str:
    """The directive of a content security policy that says who may frame an answer."""
    allowed: tuple[str, ...] = request.app.state.instance.settings.embed
    # Our own pages show what it looks like.
    return f"frame-ancestors 'self' {' '.join(allowed)}" if allowed else "frame-ancestors 'none'"
