"""Who says what of a fact, as lines of a picture: each source, what it says, and its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from api.language.labels import RecordLabels
from api.web.claims import SourceClaim
from api.web.picture_frame import INK_2, SIDE, WIDTH, TextLine, broken, line_of

MOST: Final = 8
"""Claims: more have no room that can be read."""


def claims_picture(
    claims: Sequence[SourceClaim], called: RecordLabels
) -> tuple[list[TextLine], float]:
    """The lines, and how high they are."""
    lines: list[TextLine] = []
    spoken = called.spoken
    y = 0.0
    for claim in claims[:MOST]:
        for text, size, weight, fill in _told(claim, called):
            y += round(size * 1.4)
            lines.append(line_of(SIDE, y, text, spoken, size, weight, fill))
        y += 12
    if (left := len(claims) - MOST) > 0:
        y += 24
        more = spoken.ngettext("and %(num)s more", "and %(num)s more", left) % {"num": left}
        lines.append(line_of(SIDE, y, more, spoken, 17, fill=INK_2))
    return lines, y + 6


def _told(claim: SourceClaim, called: RecordLabels) -> Iterator[tuple[str, int, int, str]]:
    """Each line of a claim: its text, size, weight and colour."""
    spoken, room = called.spoken, WIDTH - 2 * SIDE
    _ = spoken.gettext
    source: dict[str, Any] = claim.citation["source"]
    says = spoken.span(claim.fact["when"])
    if claim.citation["stance"] == "DISPUTES":
        says = _("not %(day)s") % {"day": says}
    set_aside = [_("Set aside")] if claim.fact.get("setAsideBy") else []
    said = _(", ").join([f"{called.event(claim.fact['type'])}{_(': ')}{says}", *set_aside])
    for text in broken(said, room, 20, 1):
        yield text, 20, 600, "#0f6b74"
    published = source["published"]
    parts = [
        source["title"],
        source["publisher"],
        _("Published %(day)s") % {"day": spoken.span(published)} if published else _("Undated"),
        f"{source['reliability']}{source['credibility'] or ''}" if source["reliability"] else None,
    ]
    for text in broken(" · ".join(filter(None, parts)), room, 17, 2):
        yield text, 17, 400, INK_2
    if claim.citation["quote"]:
        for text in broken(f"“{claim.citation['quote']}”", room, 17, 2):
            yield text, 17, 400, "#17212b"
