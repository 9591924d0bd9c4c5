"""Views of a story in a form: read off addresses, moved about, found by what the API refuses."""

from __future__ import annotations

import pytest

from api.web.editing.story_forms import arranged, field_of, id_of, refusals, view_at

THREE = {
    "titles.en": "A week",
    "views": "3",
    **{f"views[{n}].address": f"/e/{name}?asOf=2025" for n, name in enumerate(("a", "b", "c"))},
}


@pytest.mark.parametrize(
    ("address", "view"),
    [
        (
            "https://record.example/e/syria?asOf=2025-11-10&knownAt=2025-11-03&atPosition=500&lang=ar",
            {"entity": "syria", "asOf": "2025-11-10", "knownAt": "2025-11-03", "atPosition": 500},
        ),
        (" /e/global-coalition/members?asOf=2014-10#count".strip(),
         {"entity": "global-coalition", "asOf": "2014-10"}),
        ("/map?entity=al-tanf&asOf=10+Nov+2017", {"entity": "al-tanf", "asOf": "2017-11-10"}),
        ("/e/x?asOf=never&atPosition=much",
         {"entity": "x", "asOf": "never", "atPosition": "much"}),  # for the record to refuse
        ("/e/syria?asOf=2025&recordedAt=2025-11-10", None),
        ("/map?asOf=2025", None),
        ("/story/a-week?step=2", None),
        ("https://[", None),
        ("syria", None),
    ],
)  # fmt: skip
def test_an_address_of_an_entity_s_page_is_a_view(
    address: str, view: dict[str, object] | None
) -> None:
    assert view_at(address) == view


@pytest.mark.parametrize(
    ("step", "order"),
    [
        ("up-1", "bac"), ("down-1", "acb"), ("drop-0", "bc"), ("up-0", "abc"), ("down-2", "abc"),
        ("drop-7", "abc"), ("up-9", "abc"), ("down-x", "bac"), ("preview", "abc"),
    ],
)  # fmt: skip
def test_views_are_moved_and_left_out_with_all_that_is_in_them(step: str, order: str) -> None:
    found = arranged({**THREE, "step": step})

    addresses = [found[f"views[{n}].address"] for n in range(int(found["views"]))]
    assert addresses == [f"/e/{name}?asOf=2025" for name in order]
    assert found["titles.en"] == "A week"


def test_a_view_is_added_blank_and_the_last_is_not_lost() -> None:
    assert arranged({**THREE, "step": "view"})["views"] == "4"
    assert arranged({"views": "1", "views[0].address": "/e/a", "step": "drop-0"})["views"] == "1"


def test_blank_views_are_left_out_and_fields_found_all_the_same() -> None:
    blank = {f"views[{n}].{part}": "" for n in range(3)
             for part in ("address", "show", "texts.en", "texts.ar")}  # fmt: skip
    text = {**blank, "titles.en": "", "titles.ar": "", "views": "3", "views[2].address": "/e/a"}

    assert field_of("views[0].entity", text, "en") == "views[2].address"
    assert field_of("views[0].texts.ar", text, "en") == "views[2].texts.ar"
    assert field_of("views[0].texts", text, "en") == "views[2].texts.en"
    assert field_of("titles", text, "ar") == "titles.ar"
    assert [(it.code, it.field) for it in refusals(text, "ar")] == [
        ("MISSING_KEY", "titles.ar"),
        ("MISSING_KEY", "views[2].texts.ar"),
    ]


def test_an_id_reads_like_the_title() -> None:
    assert id_of({"titles.en": "A Week: 2025", "titles.ar": "أسبوع"}, "ar") == "a-week-2025"
    assert id_of({}, "en") == ""
