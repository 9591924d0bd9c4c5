"""What the columns' uses, the choices and the refusals of an import are called on its page."""

from __future__ import annotations

from typing import Any, Final

from api.language.labels import labels_beside
from api.language.words import words
from api.web.editing import labels
from domain.vocabulary import Vocabulary

_SAID: Final = labels_beside(__file__)
READ_AS: Final = _SAID["read_as"]
"""How the table is read."""


def named(lang: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """What the templates call these sets by, beside those of the editing pages."""
    gettext = words(lang).gettext
    own = labels.named(lang, vocabulary)
    dates, parts, refusals = (_SAID[name] for name in ("dates", "parts", "refusals"))
    sets = ("read_as", "delimiters", "orders", "unknown_ways", "empty_ways", "ends", "holds_ways")

    def use_label(key: str, part: str) -> str:
        if key in dates:
            return gettext(dates[key])
        label = own["field_label"](key)
        return gettext(parts[part]) % {"key": label} if part else str(label)

    def refusal(code: str) -> str:
        return gettext(refusals[code]) if code in refusals else str(own["refusal"](code))

    return {
        **own,
        **{name: {key: gettext(said) for key, said in _SAID[name].items()} for name in sets},
        "use_label": use_label,
        "refusal": refusal,
    }
