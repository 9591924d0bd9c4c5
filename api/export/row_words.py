"""What several formats say of a row: its facts, its dated sides, and a name for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from api.export.node_dates import Row
from api.export.views import Kind


class Dated(NamedTuple):
    """A stretch of days that a row speaks of, as written; `about` tells two of one row apart.
    `is_settled` says whether it came to pass for certain."""

    about: str
    title: str
    date: dict[str, Any]
    is_settled: bool


def facts_of(kind: Kind, row: Row) -> list[Row]:
    """The facts, whole, that a row is or rests on."""
    if kind is Kind.FACT:
        return [row]
    return list(row["facts"]) if kind is Kind.HELD else []


def title_of(kind: Kind, row: Row) -> str:
    """What a row is about, in a few words."""
    if kind is Kind.HELD:
        return f"{row['entity']['name']} ({row['question']})"
    names = ", ".join(each["entity"]["name"] for each in row["subjects"])
    return f"{_words(row['type'])}: {names}"


def key_of(kind: Kind, row: Row) -> str:
    """What tells a row from the others of its export."""
    return f"{row['question']}/{row['entity']['id']}" if kind is Kind.HELD else str(row["id"])


def sides(kind: Kind, row: Row) -> Iterator[Dated]:
    """The start and the end of what is held, or when a fact came to pass."""
    title = title_of(kind, row)
    if kind is Kind.FACT:
        yield Dated("when", title, row["when"], row["modality"] == "OCCURRED")
        return
    is_certain = row["standing"] == "CERTAIN"
    yield Dated("since", f"{title}: since", row["since"], is_certain)
    if row["until"] is not None:
        yield Dated("until", f"{title}: until", row["until"], is_certain)


def announced_ends(kind: Kind, row: Row) -> Iterator[Dated]:
    """The ends announced for what is held."""
    title = f"{title_of(kind, row)}: announced to end"
    for each in row["announcedEnds"] if kind is Kind.HELD else ():
        yield Dated(f"announced/{each['facts'][0]['id']}", title, each, False)


def described(kind: Kind, row: Row, date: dict[str, Any]) -> str:
    """The date as written, what is certain about it, and who says so."""
    lines = [f"Date: {date['edtf']}"] if date["edtf"] else []
    lines.append(f"Between {date['earliest'] or '…'} and {date['latest'] or '…'}")
    if kind is Kind.HELD:
        marks = [mark for mark in ("contested", "disputed") if row[mark]]
        lines.append("Standing: " + ", ".join([row["standing"], *marks]))
        lines += [f"Attested: {row['attested']}"] if row["attested"] else []
        lines += [f"Fact: {fact['id']}" for fact in row["facts"]]
    else:
        lines.append(f"Fact: {row['id']} ({row['modality'].lower()})")
    for source in row["sources"]:
        lines.append(f"Source: {source['title']} ({source['id']})")
    return "\n".join(lines)


def _words(name: str) -> str:
    """MemberJoined → Member joined"""
    words = "".join(f" {x.lower()}" if x.isupper() else x for x in name).strip()
    return words[0].upper() + words[1:]
