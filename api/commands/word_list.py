"""`vocabulary`: what the record has words for, and those that come with the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from api.commands.options import Lang, Variables, clocked
from api.commands.query import answered, document, words
from api.terminal import JsonFlag, print_json, show_table

vocabulary = typer.Typer(help="List what the record has words for; take in a vocabulary.")


@vocabulary.callback(invoke_without_command=True)
@clocked
def list_words(
    context: typer.Context,
    clocks: Variables,
    lang: Lang = "en",
    json_schema: Annotated[
        bool,
        typer.Option(
            "--json-schema", metavar="", help="Print the JSON Schema of a record file's entries."
        ),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """List what the record has words for, its own words too: sijill vocabulary --lang ar"""
    if context.invoked_subcommand is not None:
        return
    if json_schema:
        from api.entry_schema import entry_schema

        print_json(entry_schema(words()))
        return
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


@vocabulary.command("use")
def use(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="states-and-treaties, parliaments-and-offices or command-and-custody.",
        ),
    ],
    with_sample: Annotated[
        bool,
        typer.Option("--sample", metavar="", help="Its sample record too, of real history."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Check only, write nothing.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Define the words of one that comes with it: sijill vocabulary use states-and-treaties"""
    from api.commands.record_import import import_entries
    from api.files import vocabulary_files

    import_entries(
        lambda known, bar: vocabulary_files(name, known, with_sample=with_sample),
        dry_run=dry_run,
        as_json=as_json,
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
