"""What acts, fields, choices and refusals are called in the language of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from api.language.labels import (
    DESCRIPTIONS,
    KEY_TYPES,
    RELIABILITY,
    SUBJECTS,
    RecordLabels,
    labels_beside,
)
from api.language.words import marked as _
from api.language.words import words
from domain.vocabulary import Vocabulary

_SAID: Final = labels_beside(__file__)
ACTS: Final = _SAID["acts"]
EXPLAINED: Final = _SAID["explained"]
REFUSALS: Final = _SAID["refusals"]
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
_MISSED: Final = _("This can't be recorded so.")
_CHOICES: Final = {**RELIABILITY, **_SAID["choices"], **KEY_TYPES}
_LABELS: Final = {**SUBJECTS, **DESCRIPTIONS, **_SAID["fields"]}


def named(lang: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """What the templates call these sets by; `vocabulary` has the keys that a record defines."""
    gettext, called = words(lang).gettext, RecordLabels(words(lang), vocabulary)

    def naming(among: Mapping[str, str]) -> Callable[[str], str]:
        return lambda key: gettext(among[key]) if key in among else ""

    return {
        "act_label": naming(ACTS),
        "explained": naming(EXPLAINED),
        "field_label": lambda key: gettext(_LABELS[key]) if key in _LABELS else called.subject(key),
        "hint": naming(_SAID["hints"]),
        "example": lambda key: EXAMPLES.get(key, ""),
        "choice_label": lambda key: gettext(_CHOICES[key]) if key in _CHOICES else key,
        "role_label": naming(_SAID["roles"]),
        "refusal": lambda code: gettext(REFUSALS.get(code, _MISSED)),
    }
