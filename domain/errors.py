"""What the record refuses: one exception, with the words and data that every way in passes on."""

from __future__ import annotations

from collections import Counter

LONGEST_FIELD = 200
"""Characters of a path that are told: a key of the input may be of any length."""


class Refused(Exception):
    """Input that the record does not take: what, where and what to do.

    `code` is in capitals and stable; `message` is for the user; `field` is the path of the
    offending key inside the entry, such as `citations[0].source`; `data` is what a program
    may want to know besides. Where more than this is wrong, `refusals` has it all.
    """

    refusals: Refusals | None = None

    def __init__(
        self, code: str, message: str, *, field: str | None = None, **data: object
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = (
            field if field is None or len(field) <= LONGEST_FIELD else field[:LONGEST_FIELD]
        )
        self.data = data


class Refusals:
    """All that is wrong with some input: the first few refusals, and the number of each code."""

    MOST = 20

    def __init__(self, *refused: Refused) -> None:
        self.first: list[Refused] = []
        self.codes: Counter[str] = Counter()
        for each in refused:
            self.add(each)

    def __bool__(self) -> bool:
        return bool(self.first)

    def add(self, refused: Refused) -> None:
        """Take in a refusal, with all those that it carries."""
        more = refused.refusals
        self.codes.update([refused.code] if more is None else more.codes)
        self.first += [refused] if more is None else more.first
        del self.first[self.MOST :]

    def joined(self) -> Refused:
        """The first one, carrying them all."""
        first, *_ = self.first
        refused = Refused(first.code, first.message, field=first.field, **first.data)
        refused.refusals = self
        return refused


class Unreachable(Exception):
    """Something that the program needs can't be reached: what it is, and what to do."""
