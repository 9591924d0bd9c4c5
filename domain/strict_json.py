"""JSON from outside: read strictly, and refused where its text or numbers could not be stored and
shown as they are."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Final, NoReturn

from domain.canonical import LARGEST_INTEGER
from domain.errors import Refused

DEEPEST = 32
"""Objects and arrays within each other."""

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def is_plain_text(text: str) -> bool:
    """Whether text is taken wherever it stands, within a quote or not."""
    return not (_FORBIDDEN.search(text) or _BIDI.search(text)) and unicodedata.is_normalized(
        "NFC", text
    )


def check_text(value: Any, path: str = "", depth: int = 0) -> None:
    """Refuse text and numbers that could not be stored and shown as they are.

    Control characters but tab and newline, surrogates, noncharacters; bidirectional controls
    but in quotes; text not in Unicode's NFC but in quotes; numbers that JSON readers round.
    """
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return
        quoted = path.endswith(".quote")
        if found := _FORBIDDEN.search(value) or (None if quoted else _BIDI.search(value)):
            raise Refused(
                "BAD_TEXT",
                f"The text has the character U+{ord(found[0]):04X} at {found.start()}, which the "
                "record does not take: remove it.",
                field=path or None,
            )
        if not quoted and not unicodedata.is_normalized("NFC", value):
            raise Refused(
                "BAD_TEXT",
                "The text is not in Unicode's composed form: write it in NFC.",
                field=path or None,
            )
    elif isinstance(value, dict):
        if depth >= DEEPEST:
            raise Refused("TOO_DEEP", f"Nested more than {DEEPEST} deep.", field=path or None)
        for key, inner in value.items():
            check_text(key, path, depth + 1)
            check_text(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        if depth >= DEEPEST:
            raise Refused("TOO_DEEP", f"Nested more than {DEEPEST} deep.", field=path or None)
        for number, inner in enumerate(value):
            check_text(inner, f"{path}[{number}]", depth + 1)
    elif (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and not -LARGEST_INTEGER <= value <= LARGEST_INTEGER  # false for NaN too
    ):
        raise Refused(
            "BAD_VALUE",
            "The number is beyond ±(2^53 − 1), past which readers of JSON round it.",
            field=path or None,
        )


def parse_json(text: str | bytes) -> Any:
    """JSON as RFC 8259 has it, strictly: no NaN, no key twice, no deep nesting."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8", errors="strict")
        return _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise Refused("BAD_UTF8", f"Not UTF-8 at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise Refused(
            "BAD_JSON",
            f"Not JSON: {error.msg.lower().removesuffix(' at')} at character {error.pos + 1}.",
        ) from error
    except RecursionError as error:
        raise Refused("TOO_DEEP", f"Nested more than {DEEPEST} deep.") from error
    except ValueError as error:  # an integer of more digits than Python reads
        raise Refused("BAD_VALUE", "A number has too many digits.") from error


def _constant(name: str) -> NoReturn:
    raise Refused("BAD_JSON", f"Not JSON: {name} is no JSON number.")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                shown = ascii(key[:100])[1:-1]  # it may have any character
                raise Refused("BAD_JSON", f"The key '{shown}' stands twice.", field=shown)
            seen.add(key)
    return found


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)
