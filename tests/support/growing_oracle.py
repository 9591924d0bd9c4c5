"""What GraphQL and the oracle say of the same questions, about a log that grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle import Oracle, in_the_log
from support.drafts import COALITIONS, Entry

Row = tuple[str, str, str]
"""What an answer has a row of: the question, the scope and the subject."""

DATES = "edtf earliest latest"
NODE = f"""standing contested attested since {{ {DATES} }} until {{ {DATES} }}
  announcedEnds {{ {DATES} }}"""
TELLING = "standing", "contested", "since", "until", "announcedEnds"
"""What a diff compares. An answer says `attested` too."""
ASKED = [
    *((f'members(coalition: "{name}"', "member", "members", name) for name in COALITIONS),
    ("organisations(first: 100", "organisation", "organisations", None),
]
"""Each question as a document asks it, the key of its subjects, and as the oracle is asked."""


def asked(clocks: str) -> str:
    """The fields of all questions at the clocks."""
    return " ".join(
        f"q{number}: {field}{clocks}) {{ position edges {{ node {{ {key} {{ id }} {NODE} }} }} }}"
        for number, (field, key, *_) in enumerate(ASKED)
    )


def rows_of(data: dict[str, Any]) -> dict[Row, dict[str, Any]]:
    """What the fields of `asked` answered, by row."""
    found = {}
    for number, (_, key, question, scope) in enumerate(ASKED):
        for edge in data[f"q{number}"]["edges"]:
            subject = edge["node"].pop(key)["id"]
            found[question.upper(), scope or subject, subject] = edge["node"]
    return found


class GrowingOracle:
    """The oracle of a log that only grows: what it said at a position, it says for ever."""

    def __init__(self) -> None:
        self.log: list[dict[str, Any]] = []
        self._oracle = Oracle([])

    @property
    def head(self) -> int:
        return self.log[-1]["position"] if self.log else 0

    def take(self, rows: list[dict[str, Any]]) -> None:
        """What the log has after its head."""
        self.log += rows
        self._oracle.log[:] = in_the_log(self.log)

    def rows(
        self, position: int, extra: Sequence[Entry] = (), *, day: int, known: int | None = None
    ) -> dict[Row, dict[str, Any]]:
        """The answers to all questions at a position, with more entries right after it."""
        oracle = self._oracle
        if extra:
            log = [row for row in self.log if row["position"] <= position]
            for entry in extra:
                position += 1
                log.append({**log[-1], "position": position, "entry": entry})
            oracle = Oracle(log)
        found = {}
        for _, _, question, scope in ASKED:
            for node in oracle.answer(question, scope, (day, day), known, position)["nodes"]:
                subject = node["subject"]["id"]
                row = {key: node[key] for key in (*TELLING, "attested")}
                row["announcedEnds"] = [
                    {key: end[key] for key in DATES.split()} for end in node["announcedEnds"]
                ]
                found[question.upper(), scope or subject, subject] = row
        return found
