"""What acts, fields, choices and refusals are called in the language of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from api.language.labels import DESCRIPTIONS, KEY_TYPES, RELIABILITY, SUBJECTS, RecordLabels
from api.language.words import marked as _
from api.language.words import words
from domain.vocabulary import Vocabulary

ACTS: Final = {
    "record": _("Record a fact"),
    "corroborate": _("Corroborate"),
    "attest": _("Still held"),
    "dispute": _("Dispute"),
    "correct": _("Correct"),
    "retract": _("Retract"),
    "call_off": _("Called off"),
    "prefer": _("Prefer"),
    "reinstate": _("Reinstate"),
    "withdraw_dispute": _("Withdraw the dispute"),
    "withdraw_preference": _("Withdraw the preference"),
    "rename": _("Rename"),
    "correct_entity": _("Correct its description"),
    "merge": _("Merge others into it"),
    "split": _("Part again"),
    "correct_source": _("Correct its description or date"),
    "reassess_source": _("Grade anew"),
    "withdraw_source": _("Withdraw"),
    "tell_story": _("Tell a story"),
    "define_kind": _("Define a kind"),
    "define_fluent": _("Define a fluent"),
    "define_fact_type": _("Define a type of facts"),
    "extend_definition": _("Extend"),
}
EXPLAINED: Final = {
    "record": _("Something that a source says and the record does not have yet."),
    "corroborate": _("Another source says so, too: add its citation to the fact."),
    "attest": _("A source says that it still held on a later day: nothing ends by silence."),
    "dispute": _("Mark the fact as disputed: it makes nothing certain any more."),
    "correct": _("The fact says something wrong: give it another date, subject or detail."),
    "retract": _("Take the fact out: it counts for nothing any more, and stays in the log."),
    "call_off": _(
        "What was announced will not come: the announcement stays, and announces no more."
    ),
    "prefer": _("Sources disagree: let this date count and set the others aside."),
    "reinstate": _("Take a fact that was retracted back in."),
    "withdraw_dispute": _("Take the mark of dispute away again."),
    "withdraw_preference": _("Let the dates that were set aside count again."),
    "rename": _("An entity has another name from a day on, or is known by further names or ids."),
    "correct_entity": _("Our description of it has a slip: its kind, names, codes, coordinates."),
    "merge": _("Several entries of the record are one thing: what is told of any is told of it."),
    "split": _("What was merged into it is something else after all."),
    "correct_source": _("Our description of it has a slip: its title, date, address."),
    "reassess_source": _("It turned out more or less reliable than its grade says."),
    "withdraw_source": _("It can't be relied on at all: what it alone says counts for nothing."),
    "tell_story": _(
        "Views of the record in an order, a paragraph for each, and the sources of what they say."
    ),
    "define_kind": _("Entities of this kind are told apart from all others: a treaty, a vessel."),
    "define_fluent": _("Something holds for a while between two entities, and is asked from both."),
    "define_fact_type": _("Facts of this type start or end something, or report it."),
    "extend_definition": _(
        "Names, kinds, codes and optional keys are added; nothing is taken away."
    ),
}
FIELDS: Final = {
    "when": _("When"),
    "reason": _("Reason"),
    "basis": _("It rests on"),
    "over": _("Preferred over"),
    "preference": _("Preference"),
    "source": _("Source"),
    "stance": _("What the source says of it"),
    "place": _("Where in the source"),
    "locator": _("Number"),
    "quote": _("The words quoted"),
    "hashOnly": _("Record only the hash of the words, not the words"),
    "quoteSha256": _("SHA-256 of the words"),
    "attributedTo": _("In whose words"),
    "id": _("Id of the event"),
    "id-of-new": _("Its id"),
    "same": _("Which are the same as this"),
    "apart": _("Which are entities of their own"),
    "lat": _("Latitude"),
    "lon": _("Longitude"),
    "precisionM": _("Within how many metres"),
    "name": _("Name"),
    "episode": _("Label"),
    "on": _("Day"),
    "name-en": _("Name in English"),
    "name-ar": _("Name in Arabic"),
    "aliases-en": _("Other names in English"),
    "aliases-ar": _("Other names in Arabic"),
    "id-KindDefined": _("Name in the log"),
    "id-FluentDefined": _("Name in the log"),
    "id-FactTypeDefined": _("Name in the log"),
    "scope-of-fluent": _("One side"),
    "subject-of-fluent": _("The other side"),
    "question-of-fluent": _("Question to the one side"),
    "inverse-of-fluent": _("Question to the other side"),
    "title-en": _("Title in English"),
    "title-ar": _("Title in Arabic"),
    "view-address": _("Address of the view"),
    "show": _("It begins with"),
    "text-en": _("Paragraph in English"),
    "text-ar": _("Paragraph in Arabic"),
    "names-en": _("Name in English"),
    "names-ar": _("Name in Arabic"),
    "inverseNames-en": _("Name from the other side, in English"),
    "inverseNames-ar": _("Name from the other side, in Arabic"),
    "scopeKinds": _("Kinds expected on the one side"),
    "subjectKinds": _("Kinds expected on the other side"),
    "single": _("One at a time: two of them on one day are likely a slip"),
    "retired": _("Retire it: forms no longer offer it, and what is recorded stays"),
    "key-name": _("Key"),
    "key-type": _("What it says"),
    "key-optional": _("It may be left out"),
    "key-values": _("Kinds expected, or the codes"),
    "effect": _("Effect"),
    "does": _("What such a fact does"),
    "fluent": _("Fluent"),
    "effect-scope": _("The key of the one side"),
    "effect-subject": _("The key of the other side"),
}
HINTS: Final = {
    "entity": _("A name."),
    "entities": _("Names, with commas between them."),
    "source": _("A title."),
    "id-of-new": _("Left empty, it gets one."),
    "published": _("From the end of that day on it makes known what it says."),
    "observedThrough": _("How far in the world's time it looked, not when it was published."),
    "episode": _("Only where two spells overlap: facts of one label are taken together."),
    "basis": _(
        "Of corrections that contradict each other the newest holds: evidence is of the day on "
        "which its source came out, our own judgement of today."
    ),
    "on": _("One day on which it still held."),
    "list": _("With commas between them."),
    "pairs": _("A line each: the scheme, a colon, what it is there."),
    "credibility": _("1 is confirmed by others, 6 can't be judged."),
    "when": _("A day, a month or a year, or a range that it lies in."),
    "locator": _("Counted from 0; of characters, the first and the one after the last."),
    "quote": _("Exactly as the source has them."),
    "quoteSha256": _("Worked out from the words where they are given."),
    "id-KindDefined": _("Capitals, such as TREATY."),
    "id-FluentDefined": _("A word, such as ratification."),
    "id-FactTypeDefined": _("Words without blanks, such as TreatyRatified."),
    "scope-of-fluent": _("A word, such as treaty."),
    "subject-of-fluent": _("A word, such as party."),
    "question-of-fluent": _("A word, such as treatyParties: it is asked of a treaty."),
    "inverse-of-fluent": _("A word, such as treatiesOf: it is asked of a party."),
    "view-address": _("Copied from the page of an entity, at the day that it is to show."),
    "key-name": _("A word, such as treaty. Left empty, there is no such key."),
}
EXAMPLES: Final = {
    "when": "2025-11-10   2014-09   [..2025-11-03]",
    "number": "90",
    "locator": "3   120-180",
    "published": "2025-11-10",
    "observedThrough": "2025-11-10",
    "on": "2025-11-10",
    "language": "ar",
    "url": "https://",
    "credibility": "2",
}
CHOICES: Final = {
    "": _("not said"),
    "OCCURRED": _("It happened"),
    "ANNOUNCED": _("It is announced"),
    "EVIDENCE": _("Evidence: a source shows it, and it counts from that source's day on"),
    "EDITORIAL": _("Our own slip or judgement: it counts from now on, whatever was known"),
    "SUPPORTS": _("supports it"),
    "DISPUTES": _("disputes it"),
    "paragraph": _("paragraph"),
    "page": _("page"),
    "row": _("row"),
    "chars": _("characters"),
    "=": _("exactly"),
    ">": _("more than"),
    ">=": _("at least"),
    "<": _("less than"),
    "<=": _("at most"),
    "~": _("about"),
    "OVERVIEW": _("all of it"),
    "LIST": _("the list"),
    "MAP": _("the map"),
    "TIMELINE": _("the timeline"),
    "COUNT": _("the count over time"),
    "starts": _("starts"),
    "ends": _("ends"),
    **KEY_TYPES,
}
ROLES: Final = {
    "reader": _("reader"),
    "contributor": _("contributor"),
    "reviewer": _("reviewer"),
    "admin": _("admin"),
}
REFUSALS: Final = {
    "BAD_EFFECT": _("This effect does not fit the keys."),
    "BAD_KEY": _("This key does not fit."),
    "CHANGES_DEFINITION": _("This would change what is there: an extension only adds."),
    "NAME_TAKEN": _("The record has this name already."),
    "RESERVED": _("Every record has this name already."),
    "SAME_SIDES": _("Both sides have one name: give each its own."),
    "UNKNOWN_DEFINITION": _("The record defines nothing of that name."),
    "UNKNOWN_FLUENT": _("The record has no such fluent."),
    "UNKNOWN_KIND": _("The record has no such kind."),
    "NO_EFFECT": _(
        "Nothing of it is in effect now: it was undone, later entries say otherwise, or others say "
        "the same."
    ),
    "CITATION_STAYS": _(
        "It adds citations to a fact, and nothing takes one away again. If its source is worth "
        "nothing, withdraw that; if the fact is in doubt, dispute it."
    ),
    "WITHDRAWN_FOR_GOOD": _(
        "A source is withdrawn for good. If it counts after all, it has to be registered anew, and "
        "what rests on it recorded once more."
    ),
    "STORY_WITHDRAWN_FOR_GOOD": _(
        "A story is withdrawn for good. If it holds after all, it has to be told anew."
    ),
    "FOR_REVIEWERS": _("A reviewer can undo this."),
    "ENTITY_STAYS": _(
        "An entity stays in the record. Merge it into the one that it doubles, or retract the "
        "facts about it."
    ),
    "NAME_STAYS": _(
        "It gave a name, other names or an identifier where there were none, and nothing takes one "
        "away again. Rename the entity with what is right."
    ),
    "ONLY_EXTENDED": _(
        "What a record defines stays defined, since entries may use it. Retire it, and forms no "
        "longer offer it."
    ),
    "OF_ADMINISTRATION": _("This is an event of running the record, which is done on its server."),
    "ALREADY_CANCELLED": _("The announcement is called off already."),
    "ALWAYS_EDITORIAL": _("This is always a matter of our own slip."),
    "BAD_DATE": _("This is not a date."),
    "BAD_EDTF": _("This can't be read as a date: write for example 2025, Nov 2025 or 10 Nov 2025."),
    "BAD_ID": _("An id has 1 to 128 letters (ASCII), digits, . _ : or -."),
    "BAD_LOCATOR": _("This is no place in a source."),
    "BAD_NAME": _("The name has nothing to see in it, or a character that nobody sees."),
    "BAD_REQUEST_ID": _("The form is not whole: open it anew."),
    "BAD_TEXT": _("The text has a character that the record does not take."),
    "BAD_VALUE": _("This value does not fit here."),
    "MERGED_INTO_ITSELF": _("It can't be merged into itself: choose another."),
    "NOT_MERGED": _("It is not merged into this one."),
    "CONFLICT": _("Others changed the same just now: send it again."),
    "CROSS_ORIGIN": _("The form does not come from a page of this record."),
    "EVIDENCE_WITHOUT_CITATION": _("What rests on evidence must cite a source."),
    "FACT_RETRACTED": _("The fact is retracted: it has to be reinstated first."),
    "FORBIDDEN": _("Your key's role may not do this."),
    "HANDED_TO_ITSELF": _("A base is handed over to another one: name it."),
    "ID_TAKEN": _("The id stands for something else already."),
    "INTERNAL": _("Something is wrong on our side; it has been logged."),
    "NOT_ANNOUNCED": _("The fact is not announced but told as having happened."),
    "NOT_A_DAY": _("This has to be one day."),
    "NOT_A_START": _("The fact starts nothing that could still hold."),
    "NOT_DISPUTED": _("The fact is not disputed."),
    "NOT_RETRACTED": _("The fact is not retracted."),
    "UNKNOWN_PREFERENCE": _("The record has no such preference."),
    "INTERVAL_ON_END": _("An end is on one day: an interval can't be read here."),
    "MISSING_KEY": _("This has to be filled in."),
    "NO_CITATION": _("Name a source that supports it."),
    "BAD_POSITION": _("The log does not go so far yet."),
    "NO_TEXT": _("The text has nothing to see in it."),
    "NO_VIEW": _(
        "This is no address of the page of an entity in this record: open one, and use Copy link."
    ),
    "NO_FLUENT": _("The fact starts or ends nothing: there is nothing to prefer it for."),
    "NOTHING_CHANGED": _("Nothing differs from what the record has."),
    "OTHER_FLUENT": _("The other fact speaks of something else."),
    "PREFERRED_OVER_ITSELF": _("A fact can't be preferred over itself."),
    "QUOTE_HASH_MISMATCH": _("The hash is not that of the words quoted."),
    "REQUEST_ID_REUSED": _(
        "This form was recorded already, with other words. What stands here now would be recorded "
        "besides: look at the preview."
    ),
    "SOURCE_WITHDRAWN": _("The source has been withdrawn: cite another."),
    "TIMEOUT": _("It took too long: send it again. It is not recorded twice."),
    "TOO_DEEP": _("This value does not fit here."),
    "UNAUTHENTICATED": _("You are not signed in, or no more."),
    "UNAVAILABLE": _("The record can't be reached just now: send it again. Nothing is lost."),
    "UNKNOWN_ENTITY": _("The record has nothing of that name."),
    "UNKNOWN_FACT": _("The record has no such fact."),
    "UNKNOWN_SOURCE": _("The record has no such source."),
}
_MISSED: Final = _("This can't be recorded so.")
_CHOICES: Final = {**RELIABILITY, **CHOICES}
_LABELS: Final = {**SUBJECTS, **DESCRIPTIONS, **FIELDS}


def named(lang: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """What the templates call these sets by; `vocabulary` has the keys that a record defines."""
    gettext, called = words(lang).gettext, RecordLabels(words(lang), vocabulary)

    def naming(among: Mapping[str, str]) -> Callable[[str], str]:
        return lambda key: gettext(among[key]) if key in among else ""

    return {
        "act_label": naming(ACTS),
        "explained": naming(EXPLAINED),
        "field_label": lambda key: gettext(_LABELS[key]) if key in _LABELS else called.subject(key),
        "hint": naming(HINTS),
        "example": lambda key: EXAMPLES.get(key, ""),
        "choice_label": lambda key: gettext(_CHOICES[key]) if key in _CHOICES else key,
        "role_label": naming(ROLES),
        "refusal": lambda code: gettext(REFUSALS.get(code, _MISSED)),
    }
