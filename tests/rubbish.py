"""Random bad input, the same of one seed: for values, for documents, for addresses."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_from_bytes

from hostile import QUOTES, REFUSED, STRINGS

_TEXTS = [
    *STRINGS, *QUOTES, *REFUSED, "", "\0", "\ud800", "a\udfff", "²", "9999-12-31", "-9999", "0000",
    "2014-02-30", "2014/..", "../..", "2014-09~/2015?", "x" * 5_000, "9" * 400, "P1Y", "fact:\n",
]  # fmt: skip
_NUMBERS = [0, -1, 2**31, 2**63, -(2**63) - 1, 10**400, 1.5, 1e308, -0.0, float("nan"), 2**53 + 1]
_KEYS = ["", "type", "id", "__proto__", "\0", "when", "citations", "x" * 300, "\ud800", "from"]
DEEP = 200


def noise(rng: random.Random) -> bytes:
    """Random bytes, or a text's, whole or cut."""
    if rng.random() < 0.5:
        return rng.randbytes(rng.randrange(1, 60))
    text = rng.choice(_TEXTS).encode("utf-8", "surrogatepass")
    return text[: rng.randrange(len(text) + 1)]


def value(rng: random.Random, depth: int = 0) -> Any:
    """Whatever JSON can say, and what it can't: not-a-number, half a character."""
    makers: list[Callable[[], Any]] = [
        lambda: rng.choice(_TEXTS),
        lambda: rng.choice(_NUMBERS),
        lambda: rng.choice([None, True, False, [], {}]),
        lambda: "".join(chr(rng.randrange(0x11_0000)) for _ in range(rng.randrange(9))),
    ]
    if depth < 3:
        makers += [
            lambda: [value(rng, depth + 1) for _ in range(rng.randrange(5))],
            lambda: {rng.choice(_KEYS): value(rng, depth + 1) for _ in range(rng.randrange(4))},
            lambda: _deep(rng),
        ]
    return rng.choice(makers)()


def _deep(rng: random.Random) -> Any:
    found: Any = None
    for _ in range(rng.randrange(DEEP)):
        found = [found] if rng.random() < 0.5 else {"a": found}
    return found


def spoilt(good: Any, rng: random.Random) -> Any:
    """A good value with rubbish in one or two of its places, or with something missing."""
    found = copy.deepcopy(good)
    for _ in range(rng.choice([1, 1, 2])):
        places = list(_places(found))
        if not places:
            return value(rng)
        holder, key = rng.choice(places)
        what = rng.random()
        if what < 0.1:
            del holder[key]
        elif what < 0.2 and isinstance(holder, dict):
            holder[rng.choice(_KEYS)] = value(rng)
        else:
            holder[key] = value(rng)
    return found


def _places(found: Any) -> Any:
    """Every place below a value: what holds it, and its key there."""
    keys: Any = []
    if isinstance(found, dict):
        keys = list(found)
    elif isinstance(found, list):
        keys = range(len(found))
    for key in keys:
        yield found, key
        yield from _places(found[key])


def garbled(text: str, rng: random.Random) -> str:
    """A text with some of it cut out, put twice, or replaced by rubbish."""
    for _ in range(rng.randrange(1, 4)):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.randrange(12))
        middle = rng.choice(["", text[start:end] * 2, rng.choice(_TEXTS), "{" * rng.randrange(99)])
        text = text[:start] + middle + text[end:]
    return text


def step(rng: random.Random) -> bytes:
    """Something for an address: percent-encoded, half so, or as raw as a request line lets it."""
    found = noise(rng)
    how = rng.random()
    if how < 0.6:
        return quote_from_bytes(found, safe="").encode()
    if how < 0.8:
        return quote_from_bytes(found, safe="/?&=;").encode() + rng.choice(
            [b"%", b"%zz", b"%u0000"]
        )
    return bytes(byte for byte in found if byte not in b" \r\n\t")
