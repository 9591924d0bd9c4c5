"""How a command ends when it can't do what it was asked to: exit status, code and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from domain.errors import Refusals, Refused

REFUSED, WRONG_USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130
"""Exit statuses."""


class Failure(NamedTuple):
    """A failure in words; `file`, `line` and `field`, or `row` and `column`, where they apply.

    People are told the `option` in place of the field that it gives.

    `refusals` is there where all that is wrong with some input was looked for.
    """

    status: int
    code: str
    message: str
    file: str | None = None
    line: int | None = None
    field: str | None = None
    option: str | None = None
    refusals: Refusals | None = None
    row: int | None = None
    column: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The document of `--json`."""
        if self.refusals is None:
            return {"error": self._keys()}
        errors = [_refused(each)._keys() for each in self.refusals.first]
        codes = dict(self.refusals.codes.most_common())
        return {
            "error": errors[0],
            "errors": errors,
            "count": self.refusals.codes.total(),
            "codes": codes,
        }

    def _keys(self) -> dict[str, Any]:
        keys = ("code", "message", "file", "line", "field", "row", "column")
        values = {key: getattr(self, key) for key in keys}
        return {key: value for key, value in values.items() if value is not None}

    def in_words(self) -> str:
        """For people: where, and what; of many refusals the first few, and how many of each."""
        if self.refusals is None or self.refusals.codes.total() == 1:
            return self._line()
        lines = [_refused(each)._line() for each in self.refusals.first]
        codes = ", ".join(f"{n:,} {code}" for code, n in self.refusals.codes.most_common())
        return "\n".join([*lines, f"{self.refusals.codes.total():,} errors: {codes}."])

    def _line(self) -> str:
        where = [self.file, self.line and f"line {self.line}", self.option or self.field]
        words = ", ".join(str(part) for part in where if part)
        return f"{words}: {self.message}" if words else self.message


def failure_of(error: Exception) -> Failure | None:
    """What an exception means to whoever ran the command; None for a bug of ours."""
    # Imported here: by the time that something fails, they are loaded or don't matter.
    import psycopg
    from eventsourcing import persistence
    from psycopg_pool import PoolTimeout

    from domain.errors import Refused, Unreachable
    from projections.follower import Poison

    if isinstance(error, Refused):
        return _refused(error)._replace(refusals=error.refusals)
    if isinstance(error, Unreachable):
        return Failure(UNREACHABLE, "UNREACHABLE", _in_a_line(error))
    if isinstance(error, Poison):
        return Failure(
            UNREACHABLE,
            "PROJECTIONS_STOPPED",
            f"The answers stop before position {error.position}, since its event can't be "
            f"projected ({error.why}): use the Sijill that wrote it, or a newer one, then run "
            "`sijill rebuild`. The log itself is whole.",
        )
    cause = error.__cause__ if isinstance(error, persistence.PersistenceError) else error
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return Failure(
            UNREACHABLE,
            "NOT_PERMITTED",
            f"The database does not let this role do that ({cause.diag.message_primary}): set "
            "SIJILL_DATABASE_URL to its owner's connection.",
        )
    if isinstance(
        error,
        psycopg.OperationalError
        | psycopg.InterfaceError
        | PoolTimeout
        | persistence.OperationalError
        | persistence.InterfaceError,
    ):
        return Failure(
            UNREACHABLE,
            "UNREACHABLE",
            f"The database failed ({said_of(error)}): try again, or see `sijill doctor`.",
        )
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        # libpq could not read it. Its words are not passed on: they may quote a password.
        return Failure(
            UNREACHABLE,
            "BAD_SETTING",
            "SIJILL_DATABASE_URL can't be read: write for example "
            "postgresql://name@localhost:5432/sijill.",
        )
    return None


def _refused(refused: Refused) -> Failure:
    keys = ("file", "line", "option", "row", "column")
    file, line, option, row, column = (refused.data.get(key) for key in keys)
    return Failure(
        REFUSED,
        refused.code,
        refused.message,
        file if isinstance(file, str) else None,
        line if isinstance(line, int) else None,
        refused.field or None,
        option if isinstance(option, str) else None,
        row=row if isinstance(row, int) else None,
        column=column if isinstance(column, str) else None,
    )


def said_of(error: Exception) -> str:
    """What the database said in a line, without the statement that it said it of."""
    import psycopg

    cause = error.__cause__ if isinstance(error.__cause__, psycopg.Error) else error
    said = cause.diag.message_primary if isinstance(cause, psycopg.Error) else None
    return said or (str(error).splitlines() or [type(error).__name__])[0]


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())
