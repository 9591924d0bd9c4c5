"""`vocabulary`: what the record has words for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.commands.options import Lang, Variables, clocked
from api.commands.query import answered, document
from api.terminal import JsonFlag, print_json, show_table


@clocked
def vocabulary(clocks: Variables, lang: Lang = "en", as_json: JsonFlag = False) -> None:
    """List what the record has words for, its own words too: sijill vocabulary --lang ar"""
    data = answered(document("vocabulary"), {**clocks})
    if as_json:
        print_json(data)
        return
    found = data["vocabulary"]
    show_table(
        ("Kind", "Name", ""),
        [(each["id"], _name(each["names"], lang), _retired(each)) for each in found["kinds"]],
    )
    show_table(
        ("Fluent", "Question", "The other way round", "Name", ""),
        [
            (
                f"{each['id']}({each['scope']}, {each['subject']})",
                each["question"],
                each["inverse"] or "",
                _name(each["names"], lang),
                _retired(each),
            )
            for each in found["fluents"]
        ],
    )
    show_table(
        ("Type of fact", "Keys", "What it does", "Name", ""),
        [
            (
                each["id"],
                ", ".join(map(_key, each["keys"])),
                ", ".join(map(_effect, each["effects"])),
                _name(each["names"], lang),
                _retired(each),
            )
            for each in found["factTypes"]
        ],
    )


def _name(names: list[Mapping[str, str]], lang: str) -> str:
    known = {each["lang"]: each["name"] for each in names}
    return known.get(lang) or known.get("en") or next(iter(known.values()), "")


def _retired(each: Mapping[str, Any]) -> str:
    return "retired" if each["retired"] else ""


def _key(key: Mapping[str, Any]) -> str:
    return f"{key['name']}{'' if key['required'] else '?'}: {key['type'].lower()}"


def _effect(effect: Mapping[str, Any]) -> str:
    verb = "starts" if effect["starts"] else "ends"
    return f"{verb} {effect['starts'] or effect['ends']}({effect['scope']}, {effect['subject']})"
