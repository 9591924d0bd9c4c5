"""A line of a record file is read the same whether by the short way or in full."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import UTC, datetime
from typing import Any

import rfc8785
from strategies import random_record
from thorough import times

from domain.canonical import digest_of
from domain.codec import _read_plain, encode, read, read_line, write
from domain.errors import Refused
from domain.strict_json import parse_json
from domain.vocabulary import CORE

ODD = [
    "\x00", "\x7f", "\ud800", "\u202e", "e\u0301", "é", "سوريا",
    "\ufffe", "\\", '"', "\\u0022", "\n",
    ',"id":"x"', '"type":"MemberJoined",', "null", "1e3", "1.0", "9007199254740992", "-0", "{", "[",
    ':{"a":1}', "\ufeff", " ", "\t", "true", "SUPPORTS", '"stance":"SUPPORTS",', '"gist":null,',
]  # fmt: skip
"""What a line is spoilt with."""


def outcome(reading: Any, line: bytes) -> Any:
    try:
        return reading(line)
    except Refused as refused:
        return refused.code, refused.message, refused.field


def in_full(line: bytes) -> Any:
    return read(parse_json(line))


def test_lines_spoilt_at_random_are_read_as_in_full() -> None:
    rng = random.Random(17)
    entries = random_record(17, facts=40, corrections=30)
    short = 0
    for number in range(times(4_000, 200_000)):
        text = json.dumps(rng.choice(entries), ensure_ascii=rng.random() < 0.5)
        for _ in range(number % 3):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(ODD) + text[at + rng.choice((0, 0, 1, 3)) :]
        line = text.encode(errors="surrogatepass")
        short += _read_plain(line, CORE) is not None

        assert outcome(read_line, line) == outcome(in_full, line), line

    assert short > times(400, 20_000), "too few were read the short way for this to say anything"


def test_a_key_that_stands_twice_is_never_read_the_short_way() -> None:
    source = '"type":"SourceRegistered","id":"s","title":"T"'
    for twice in ('"id":"s"', '"title":"T"', '"title":"\\u0022"', '"type":"SourceRegistered"'):
        line = f"{{{source},{twice}}}".encode()

        assert _read_plain(line, CORE) is None
        assert outcome(read_line, line)[0] == "BAD_JSON"


def test_entries_are_stored_and_digested_in_canonical_json() -> None:
    entries = [read(entry) for entry in random_record(23, facts=60, corrections=60)]
    now = datetime.now(UTC)

    for entry in entries:
        _, data = encode(entry, actor="someone", recorded_at=now)
        assert data == rfc8785.dumps(json.loads(data))
    objects = rfc8785.dumps([write(entry) for entry in entries])
    assert digest_of(entries) == hashlib.sha256(objects).digest()
