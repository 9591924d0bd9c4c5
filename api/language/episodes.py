"""What a row of an answer says of its episode, in words: since when, until when, and by whom.

Lists, timelines, embeds and the page's script have their words from here. A row is a node as
GraphQL answers it. What holds on a day is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from api.language.labels import RecordLabels
from api.language.words import Words
from domain.facts import EXISTENCE
from domain.vocabulary import Vocabulary

Row = Mapping[str, Any]


class Note(NamedTuple):
    """A line beside the date since when: its text, and the fact and the sources that say so."""

    text: str
    fact: str | None = None
    sources: str = ""


class EpisodeWords(NamedTuple):
    """`since` in words with its fact; the end, other dates and announced ends as notes; the day on
    which it was last `attested`, "" if nothing says."""

    since: str
    fact: str | None
    notes: list[Note]
    attested: str

    def line(self, spoken: Words) -> str:
        """All of it on one line."""
        parts = [self.since, *(note.text for note in self.notes)]
        if self.attested:
            parts.append(spoken.gettext("last attested %(day)s") % {"day": self.attested})
        return spoken.gettext(", ").join(filter(None, parts))


def episode_words(row: Row, called: RecordLabels) -> EpisodeWords:
    """The words of a node with since, until, facts, alternatives, announcedEnds and attested."""
    spoken = called.spoken
    return EpisodeWords(
        spoken.span(row["since"]),
        row["facts"][0]["id"] if row["facts"] else None,
        [*_end(row, called), *_alternatives(row, spoken), *_announced(row, spoken)],
        spoken.iso(row["attested"]),
    )


def implied_by(row: Row, vocabulary: Vocabulary) -> Row | None:
    """The fact of a row that ended the existence of one of its sides, if one did. An implied end
    joins an episode that has a fact of its own."""
    ends = [fact for fact in row["facts"] if _speaks_of_existence(fact, vocabulary)]
    return ends[-1] if ends and len(ends) < len(row["facts"]) else None


def _speaks_of_existence(fact: Row, vocabulary: Vocabulary) -> bool:
    found = vocabulary.fact_types.get(fact["type"])
    effects = () if found is None else found.entry.effects
    return any(effect.fluent == EXISTENCE.name for effect in effects)


def _end(row: Row, called: RecordLabels) -> Iterator[Note]:
    until, spoken = row["until"], called.spoken
    if until is None:
        return
    _ = spoken.gettext
    day = {"day": spoken.span(until)}
    others = [each for each in row["alternatives"] if each["until"] and not each["setAside"]]
    if until["latest"] is None:
        text = _("perhaps until %(day)s") % day
    elif until["earliest"] == until["latest"]:
        text = _("until %(day)s, possible on that day") % day
    elif others:  # each is listed with its own
        text = _("until %(day)s") % day
    else:
        last = {"last": spoken.iso(until["latest"])}
        text = _("until %(day)s, possible up to %(last)s") % {**day, **last}
    yield Note(text, row["facts"][-1]["id"] if row["facts"] else None)
    cause = implied_by(row, called.vocabulary)
    if cause is not None:
        event = {"event": called.event(cause["type"])}
        yield Note(_("ended by this: %(event)s") % event, cause["id"])


def _alternatives(row: Row, spoken: Words) -> Iterator[Note]:
    _ = spoken.gettext
    for each in row["alternatives"]:
        day = {"date": spoken.span(each["since"] or each["until"])}
        text = _("or %(date)s") if each["since"] else _("or until %(date)s")
        if each["setAside"]:
            text = _("or %(date)s, set aside")
            if not each["since"]:
                text = _("or until %(date)s, set aside")
        yield Note(text % day, each["facts"][0]["id"], _sources(each, spoken))


def _announced(row: Row, spoken: Words) -> Iterator[Note]:
    for each in row["announcedEnds"]:
        text = spoken.gettext("announced to end %(date)s") % {"date": spoken.span(each)}
        yield Note(text, each["facts"][0]["id"], _sources(each, spoken))


def _sources(row: Row, spoken: Words) -> str:
    """Whose dates they are, by publisher or title."""
    said = (each.get("publisher") or each.get("title") for each in row["sources"])
    return spoken.gettext(", ").join(filter(None, dict.fromkeys(said)))
