"""Where a fact comes from: sources, their grades, and citations with locators into them.

What a source's date makes known is in history.py.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, Any, NewType

from msgspec import Meta, Struct

from domain.dates import Edtf
from domain.errors import Refused

ID = r"^(?!\.\.?\Z)[A-Za-z0-9._:-]{1,128}\Z"
SHA256 = r"^[0-9a-f]{64}\Z"
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z"

Day = NewType("Day", int)
"""A day number, 1970-01-01 is 0."""
Position = NewType("Position", int)
"""A place in the log: the recorder's sequence number, from 1."""

Id = Annotated[
    str, Meta(pattern=ID, description="1 to 128 letters, digits, . _ : or -, but not . or ..")
]
SourceId = Annotated[str, Meta(pattern=ID, extra={"names": "source"})]
Hash = Annotated[str, Meta(pattern=SHA256, description="a SHA-256 in lower-case hexadecimals")]
Short = Annotated[str, Meta(min_length=1, max_length=1_000)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s]+\Z",
        max_length=2_000,
        description="an address that begins with http:// or https://",
    ),
]
Language = Annotated[
    str, Meta(pattern=LANGUAGE, description="a language tag, such as en, ar or zh-Hant")
]


class Entry(
    Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True,
    forbid_unknown_fields=True, tag_field="type", tag=True, gc=False,
):  # fmt: skip
    """One event of the log as its author wrote it: one line of a record file."""

    id: Id

    def check(self) -> None:
        """Refuse what the types alone cannot: rules across the entry's own keys."""


class Stance(StrEnum):
    """What a citation says of the fact. Only a supporting one makes anything known."""

    SUPPORTS = "SUPPORTS"
    DISPUTES = "DISPUTES"


class Reliability(StrEnum):
    """Of the source as such, by the Admiralty code (AJP-2.1): A reliable … F cannot be judged."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


Offset = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Locator(Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True):
    """Where in the document: a paragraph, page or row from 0, or characters from (first, after
    last)."""

    paragraph: Annotated[int, Meta(ge=0, le=10_000_000)] | None = None
    page: Annotated[int, Meta(ge=0, le=10_000_000)] | None = None
    row: Annotated[int, Meta(ge=0, le=100_000_000)] | None = None
    chars: tuple[Offset, Offset] | None = None


class Citation(
    Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True,
    forbid_unknown_fields=True, gc=False,
):  # fmt: skip
    """A passage of a source that supports or disputes."""

    source: SourceId
    stance: Stance = Stance.SUPPORTS
    locator: Locator | None = None
    quote_sha256: Hash | None = None
    quote: Text | None = None
    attributed_to: Short | None = None

    def check(self, number: int) -> None:
        """Refuse an empty locator, a span the wrong way round, a hash that is not the quote's.

        The number is that of the citation among those of its entry, from 0.
        """
        if self.locator is not None:
            it = self.locator
            if (it.paragraph, it.page, it.row, it.chars) == (None,) * 4:
                raise Refused(
                    "BAD_LOCATOR",
                    "A locator needs a paragraph, a page, a row or a span of chars: else leave it "
                    "out.",
                    field=f"citations[{number}].locator",
                )
            if self.locator.chars and self.locator.chars[0] >= self.locator.chars[1]:
                raise Refused(
                    "BAD_LOCATOR",
                    "A span of chars is [from, to] with from before to.",
                    field=f"citations[{number}].locator.chars",
                )
        if self.quote is not None and self.quote_sha256 is not None:
            found = hashlib.sha256(self.quote.encode()).hexdigest()
            if found != self.quote_sha256:
                raise Refused(
                    "QUOTE_HASH_MISMATCH",
                    f"The quote's SHA-256 is {found}, not {self.quote_sha256}: mend one.",
                    field=f"citations[{number}].quoteSha256",
                )


class SourceRegistered(Entry, frozen=True, kw_only=True):
    """A document that facts may cite. `published` decides from which day it made them known;
    `observed_through` says how far in the world's time it looked."""

    title: Short
    publisher: Short | None = None
    author: Short | None = None
    language: Language | None = None
    url: Url | None = None
    published: Edtf | None = None
    retrieved: Edtf | None = None
    observed_through: Edtf | None = None
    sha256: Hash | None = None
    reliability: Reliability | None = None
    credibility: Annotated[int, Meta(ge=1, le=6)] | None = None


Changes = dict[str, Any]
"""New values by key, as a record file has them; null takes an optional key away."""
