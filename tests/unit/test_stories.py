"""Stories: what is taken, what is refused and where, and that they change no answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from memory import MemoryRecorder

from domain.canonical import canonical
from domain.codec import Event, read, write
from domain.dossier import Dossier
from domain.errors import Refusals, Refused
from domain.record import Record
from domain.sources import Position
from domain.tags import tags_of

SOURCE = {"type": "SourceRegistered", "id": "s", "title": "A report", "published": "2020-01-01"}
LEAGUE = {"type": "EntityRegistered", "id": "g", "kind": "OTHER", "names": {"en": "League"}}
VIEW = {"entity": "g", "asOf": "2020-03-31", "texts": {"en": "It begins.", "ar": "البداية."}}
CITED = [{"source": "s"}]
WITHDRAWN = {"type": "StoryWithdrawn", "id": "w", "story": "t", "reason": "It is out of date."}


def told(*views: dict[str, Any], name: str = "t", **keys: Any) -> dict[str, Any]:
    titles = {"en": "How it began", "ar": "كيف بدأت"}
    return {
        "type": "StoryTold", "id": name, "titles": titles, "views": list(views) or [VIEW],
        "citations": CITED, **keys,
    }  # fmt: skip


@pytest.fixture
def record() -> Record:
    record = Record(MemoryRecorder())
    apply(record, SOURCE, LEAGUE)
    return record


def apply(record: Record, *entries: dict[str, Any]) -> Any:
    return record.apply([read(entry) for entry in entries], actor="someone")


def test_a_story_is_told_and_withdrawn_once(record: Record) -> None:
    assert apply(record, told({**VIEW, "atPosition": 2}, VIEW), WITHDRAWN).recorded == 2
    assert apply(record, told({**VIEW, "atPosition": 2}, VIEW), WITHDRAWN).recorded == 0

    with pytest.raises(Refused) as caught:
        apply(record, {**WITHDRAWN, "id": "w2"})
    assert (caught.value.code, caught.value.field) == ("ALREADY_WITHDRAWN", "story")


def test_a_story_reads_back_as_it_was_written() -> None:
    story = told({**VIEW, "knownAt": "2020-04", "atPosition": 1, "show": "MAP"}, VIEW)

    assert canonical(write(read(story))) == canonical(story)


def test_an_id_of_a_fact_may_be_that_of_a_story_too(record: Record) -> None:
    apply(record, told(name="f"))
    fact = {"type": "MemberJoined", "id": "f", "coalition": "g", "member": "g", "when": "2020"}

    assert apply(record, {**fact, "citations": CITED}).recorded == 1


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing cited": (told(citations=[]), "NO_CITATION", "citations"),
    "no view": (told(views=[]), "BAD_VALUE", "views"),
    "no paragraph": (told({**VIEW, "texts": {}}), "BAD_VALUE", "views[0].texts"),
    "a paragraph of blanks": (
        told(VIEW, {**VIEW, "texts": {"en": " \n "}}), "NO_TEXT", "views[1].texts.en",
    ),
    "a language twice": (
        told({**VIEW, "texts": {"en": "A.", "EN": "B."}}),
        "DUPLICATE_LANGUAGE", "views[0].texts.EN",
    ),
    "a title without letters": (told(titles={"en": " "}), "BAD_NAME", "titles.en"),
    "no such day": (told({**VIEW, "asOf": "2020-02-30"}), "BAD_EDTF", "views[0].asOf"),
    "a day without end": (told({**VIEW, "asOf": "2020/.."}), "BAD_EDTF", "views[0].asOf"),
    "known for ever": (told({**VIEW, "knownAt": "2020/.."}), "BAD_EDTF", "views[0].knownAt"),
    "a position before all": (
        told({**VIEW, "atPosition": 0}), "BAD_VALUE", "views[0].atPosition",
    ),
    "shown as what is not": (told({**VIEW, "show": "FILM"}), "BAD_VALUE", "views[0].show"),
    "an empty locator": (
        told(citations=[{"source": "s", "locator": {}}]), "BAD_LOCATOR", "citations[0].locator",
    ),
    "an unknown entity": (told(VIEW, {**VIEW, "entity": "x"}), "UNKNOWN_ENTITY", "views[1].entity"),
    "an unknown source": (
        told(citations=[{"source": "x"}]), "UNKNOWN_SOURCE", "citations[0].source",
    ),
    "a position to come": (told({**VIEW, "atPosition": 3}), "BAD_POSITION", "views[0].atPosition"),
    "a position before the entity": (
        told(VIEW, {**VIEW, "atPosition": 1}), "BAD_POSITION", "views[1].atPosition",
    ),
    "an unknown story": (WITHDRAWN, "UNKNOWN_STORY", "story"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_story_is_refused_where_it_is(record: Record, name: str) -> None:
    entry, code, field = WRONG[name]

    with pytest.raises(Refused) as caught:
        apply(record, entry)

    first = Refusals(caught.value).first[0]
    assert (first.code, first.field) == (code, field)


def test_a_story_rests_on_no_withdrawn_source(record: Record) -> None:
    gone = {"type": "SourceWithdrawn", "id": "c", "source": "s", "reason": "A forgery."}
    apply(record, gone)

    with pytest.raises(Refused, match="has been withdrawn"):
        apply(record, told())


def test_another_story_of_the_same_id_is_refused(record: Record) -> None:
    apply(record, told())

    with pytest.raises(Refused) as caught:
        apply(record, told(titles={"en": "Another"}))
    assert caught.value.code == "ID_TAKEN"


def test_a_story_touches_nothing_and_is_found_by_its_own_tags_alone() -> None:
    dossier = Dossier()
    for position, entry in enumerate([SOURCE, LEAGUE], 1):
        dossier.take(event(position, entry))
    dossier.forget_touched()

    for position, entry in enumerate([told(), WITHDRAWN], 3):
        dossier.take(event(position, entry))

    assert not dossier.touched_facts | dossier.touched_sources | dossier.touched_entities
    assert not dossier.citing["s"]
    assert tags_of(read(told()), dossier) == ["story:", "story:t"]
    assert tags_of(read(WITHDRAWN), dossier) == ["story:", "story:w", "story:t"]


def event(position: int, entry: dict[str, Any]) -> Event:
    return Event(Position(position), datetime(2026, 1, 1, tzinfo=UTC), "someone", read(entry))
