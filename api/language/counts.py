"""A count in words: a range wherever something is possible, and what is announced beside it."""

from __future__ import annotations

from collections.abc import Mapping

from api.language.labels import RecordLabels
from api.language.words import Words

MEMBERS = "members"


def count_range(count: Mapping[str, int], spoken: Words) -> str:
    """From what is certain to that and what is possible: 1 to 64."""
    most = count["certain"] + count["possible"]
    if not count["possible"]:
        return str(most)
    said = {"least": count["certain"], "most": most}
    return spoken.gettext("%(least)s to %(most)s") % said


def count_words(count: Mapping[str, int], question: str, called: RecordLabels) -> str:
    """The count of what a question asks for: 1 to 64 members, 2 announced."""
    spoken = called.spoken
    most = count["certain"] + count["possible"]
    said = {"least": count["certain"], "num": most}
    if question != MEMBERS:
        label = spoken.gettext(": ").join((called.view(question), count_range(count, spoken)))
    elif count["possible"]:
        label = spoken.ngettext("%(least)s to %(num)s member", "%(least)s to %(num)s members", most)
    else:
        label = spoken.ngettext("%(num)s member", "%(num)s members", most)
    parts = [label % said if question == MEMBERS else label]
    if count["announced"]:
        text = spoken.ngettext("%(num)s announced", "%(num)s announced", count["announced"])
        parts.append(text % {"num": count["announced"]})
    return spoken.gettext(", ").join(parts)
