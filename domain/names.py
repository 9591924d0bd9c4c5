"""What a name of a person or a program may be: text that is shown beside others' on one line."""

from __future__ import annotations

import unicodedata

from domain.errors import Refused
from domain.strict_json import check_text

LONGEST = 200
"""Characters of a name."""
_JOINERS = "\u200c\u200d"
"""Invisible characters that Persian, Urdu and the scripts of India need."""


def check_name(text: str, field: str = "name") -> str:
    """The name without blanks around it.

    Refused(BAD_NAME) for one that is empty, too long or of more than one line, or has characters
    that nobody sees; Refused(BAD_TEXT) for what the record takes in no text.
    """
    name = text.strip()
    if not 1 <= len(name) <= LONGEST:
        raise _bad("has 1 to 200 characters", field)
    check_text(name, field)
    for at, letter in enumerate(name):
        if letter not in _JOINERS and letter != " " and not letter.isprintable():
            raise _bad(f"is one line of visible characters; U+{ord(letter):04X} is at {at}", field)
    if not any(unicodedata.category(letter)[0] in "LNPS" for letter in name):
        raise _bad("has at least one visible character", field)
    return name


def is_name(text: str) -> bool:
    """Whether `check_name` takes the text as it is."""
    try:
        return check_name(text) == text
    except Refused:
        return False


def _bad(rule: str, field: str) -> Refused:
    return Refused("BAD_NAME", f"A name {rule}: choose another.", field=field)
