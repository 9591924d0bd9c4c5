"""What a view is called in a citation of it: whom it is asked of, what, and at which clocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.addresses import LANGUAGES
from api.language.labels import RecordLabels
from api.language.words import Words, words
from domain.vocabulary import Vocabulary


def spoken(lang: str) -> Words:
    """The words of a language, English for one that pages do not have."""
    return words(lang if lang in LANGUAGES else LANGUAGES[0])


def labels_in(lang: str, vocabulary: Vocabulary) -> RecordLabels:
    """What a record's words are called in a language, as `spoken` has it."""
    return RecordLabels(spoken(lang), vocabulary)


def view_title(
    view: str,
    name: str | None,
    at: Mapping[str, Any],
    since: Mapping[str, Any] | None,
    called: RecordLabels,
) -> str:
    """A view as a sentence without its full stop; `at` and `since` are clocks as variables."""
    told = called.spoken
    _ = told.gettext
    what = called.view(view)
    if name is not None:
        what = name if view == "state" else f"{name}: {what}"
    if view in ("log", "record"):
        return what
    if since is not None:
        points = {"a": _point(since, told), "b": _point(at, told)}
        return _("%(what)s from %(a)s to %(b)s") % {"what": what, **points}
    day = {"name": what, "x": told.edtf(at["asOf"])}
    if "knownAt" not in at:
        return _("%(name)s, true on %(x)s") % day
    known = {**day, "k": told.iso(at["knownAt"])}
    return _("%(name)s, true on %(x)s, according to sources published by %(k)s") % known


def _point(at: Mapping[str, Any], told: Words) -> str:
    _ = told.gettext
    parts = [told.edtf(at["asOf"])]
    if "knownAt" in at:
        parts.append(_("known by %(day)s") % {"day": told.iso(at["knownAt"])})
    return f"{parts[0]} ({', '.join([*parts[1:], '#' + str(at['atPosition'])])})"


def fact_title(fact: Mapping[str, Any], called: RecordLabels) -> str:
    """A fact in a few words: what, whom, when."""
    told = called.spoken
    names = told.gettext(", ").join(each["entity"]["name"] for each in fact["subjects"])
    return f"{called.event(fact['type'])}: {names}{told.gettext(', ')}{told.span(fact['when'])}"


def version_told(position: int, lang: str) -> str:
    """Which state of the log is meant."""
    return spoken(lang).gettext("log position %(number)s") % {"number": position}


def root_told(size: int, root: str, lang: str) -> str:
    """What proves that state: the root, in hexadecimals, of the tree over so many events."""
    told = spoken(lang).ngettext(
        "The root of the log's Merkle tree over %(num)s event is sha256:%(root)s",
        "The root of the log's Merkle tree over %(num)s events is sha256:%(root)s",
        size,
    )
    return told % {"num": size, "root": root}
