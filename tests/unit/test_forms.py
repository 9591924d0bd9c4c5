"""The form of each act answers for its own fields, without a server."""

from __future__ import annotations

import pytest

from api.web.editing.acts import ACTS, DEFINING
from api.web.editing.filled_form import Form, FormSubject
from api.web.editing.forms import FORMS
from domain.vocabulary import CORE


def filled(act: str, kind: str = "", about: str | None = None, **sent: str) -> Form:
    given = {name: [text] for name, text in sent.items()}
    return FORMS[act](act, FormSubject(kind or ACTS[act].__name__, about), given, "en", CORE)


def test_every_act_has_a_form_whose_fields_have_names_of_their_own() -> None:
    assert FORMS.keys() == ACTS.keys()
    for act in ACTS:
        about = None if act in ("record", "tell_story", *DEFINING) else "something"
        if act != "extend_definition":  # whose fields are those of what it extends
            names = [it.name for it in filled(act, "MemberJoined", about).all_fields]
            assert len(names) == len(set(names)), act


@pytest.mark.parametrize(
    ("act", "about", "says"),
    [
        ("retract", "a-fact", {"fact": "a-fact", "reason": "why"}),
        ("merge", "one", {"into": "one", "reason": "why"}),
        ("split", "one", {"entity": "one", "into": [], "reason": "why"}),
        ("withdraw_source", "a-source", {"source": "a-source", "reason": "why"}),
        ("withdraw_preference", "a-fact", {"reason": "why"}),
    ],
)
def test_an_entry_names_what_its_form_is_about(
    act: str, about: str, says: dict[str, object]
) -> None:
    (entry,) = filled(act, about=about, reason="why", id="x").entries()

    basis = entry.pop("basis", None)
    assert basis in ("EVIDENCE", "EDITORIAL")
    assert entry == {"type": ACTS[act].__name__, "id": "x", **says}


def test_a_story_s_form_makes_its_entry_and_finds_its_fields() -> None:
    form = filled(
        "tell_story",
        **{"titles.en": "A week", "views": "2", "views[1].address": "/e/syria?asOf=2025"},
    )

    (entry,) = form.entries()
    assert entry["id"] == "a-week"
    assert [view["entity"] for view in entry["views"]] == ["syria"]
    assert form.field_of("entries[0].views[0].entity") == "views[1].address"
    assert [(group.part, group.number) for group in form.groups] == [
        ("", 0), ("views", 0), ("views", 1),
    ]  # fmt: skip


def test_a_definition_cites_nothing_and_finds_its_keys() -> None:
    form = filled("define_fact_type", id="TreatySigned", **{"keys[2].name": "treaty"})

    assert form.blocks == ()
    assert form.field_of("entries[0].keys.treaty.type") == "keys[2].type"
    assert form.field_of("entries[0].keys.other") is None
