"""Text of a field as the entry has it: numbers, places in a source, pairs, ids made of names."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Any, Final

from api.addresses import DIGITS
from api.web.editing.acts import Field

LONGEST_ID: Final = 100
"""Characters of an id that is made."""
_COMMA: Final = re.compile(r"[,،;؛\n]")


def slug(*names: str) -> str:
    """An id made of the first name that has Latin letters, else a random one."""
    for name in names:
        latin = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        if words := re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[:LONGEST_ID]:
            return words
    return f"new-{token_hex(4)}"


def trimmed(field: Field, text: str) -> str:
    """Text without the blanks round it; of a quote every character counts."""
    if field.label == "quote":
        return text if text.strip() else ""
    return text.strip()


def value_of(field: Field, text: str) -> Any:
    """A field's text as the entry has it. A bad number stays text, for the API to refuse."""
    if not text:
        return None
    if field.kind in ("entities", "list"):
        return parts_of(text)
    if field.kind == "pairs":
        return pairs_of(text)
    if field.kind == "number" or field.label == "credibility":
        return number_of(text)
    return text


def parts_of(text: str) -> list[str]:
    """What stands between commas."""
    return [part.strip() for part in _COMMA.split(text) if part.strip()]


def pairs_of(text: str) -> dict[str, str]:
    """Lines of `scheme: text`; of one without a colon the text is empty, for the API to refuse."""
    lines = (line.partition(":") for line in text.splitlines() if line.strip())
    return {scheme.strip(): value.strip() for scheme, _, value in lines}


def locator_of(place: str, text: str) -> dict[str, Any] | None:
    if not place or not text:
        return None
    if place == "chars":
        parts = [part.strip() for part in re.split(r"[-–,،]", text)]
        return {
            place: [
                whole_number(part) if whole_number(part) is not None else part for part in parts
            ]
        }
    return {place: whole_number(text) if whole_number(text) is not None else text}


def number_of(text: str) -> int | float | str:
    """A number as it is written here, with a point or the Arabic comma (٫); else the text."""
    digits = text.translate(DIGITS)
    whole = whole_number(digits)
    if whole is not None:
        return whole
    return float(digits) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", digits) else text


def whole_number(text: str) -> int | None:
    digits = text.strip().translate(DIGITS)
    return int(digits) if re.fullmatch(r"-?[0-9]{1,15}", digits) else None


def digest_of(entries: Iterable[Mapping[str, Any]], but: str = "") -> str:
    """A hash of entries that leaves one of their keys out."""
    kept = [{key: value for key, value in each.items() if key != but} for each in entries]
    text = json.dumps(kept, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
