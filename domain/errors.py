"""What the record refuses: one exception, with the words and data that every way in passes on."""

from __future__ import annotations

LONGEST_FIELD = 200
"""Characters of a path that are told: a key of the input may be of any length."""


class Refused(Exception):
    """Input that the record does not take: what, where and what to do.

    `code` is in capitals and stable; `message` is for the user; `field` is the path of the
    offending key inside the entry, such as `citations[0].source`; `data` is what a program
    may want to know besides.
    """

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


class Unreachable(Exception):
    """Something that the program needs can't be reached: what it is, and what to do."""
