"""How every command asks the record: a GraphQL document in process, with names in place of ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from api.commands.options import Variables, in_our_words
from api.terminal import say

if TYPE_CHECKING:
    from api.instance import Instance
    from domain.errors import Refused
    from domain.vocabulary import Vocabulary

T = TypeVar("T")
Names = Mapping[str, tuple[str, str]]
"""Variable that holds an id → of what, ENTITY or SOURCE, and how the command calls it."""

DOCUMENTS = Path(__file__).with_name("documents")
CLOCKS = ("asOf", "knownAt", "recordedAt", "atPosition")


@contextmanager
def opened_record() -> Iterator[Instance]:
    """The record of the settings."""
    from api.instance import opened
    from api.settings import Settings

    with opened(Settings.read(), say) as instance:
        yield instance


def document(name: str) -> str:
    """A document of `documents/`, with the fragment that it may use."""
    text, row = (
        (DOCUMENTS / f"{each}.graphql").read_text(encoding="utf-8") for each in (name, "fact-row")
    )
    return text + row if "...FactRow" in text else text


def answered(text: str, variables: Variables, names: Names | None = None) -> dict[str, Any]:
    """GraphQL's `data` for a document, asked of the record of the settings."""
    with opened_record() as instance:
        catch_up(instance, variables)
        return executed(instance, text, variables, names)


def words() -> Vocabulary:
    """The words that the record of the settings has."""
    with opened_record() as instance:
        instance.vocabulary.refresh()
        return instance.vocabulary.current


def catch_up(instance: Instance, variables: Variables) -> None:
    """Bring the answers up to the log. Raises Poison where the question needs what can't be."""
    from projections.follower import Poison

    try:
        instance.catch_up()
    except Poison as poison:
        # What was answered before that event still is.
        if not variables.get("atPosition", poison.position) < poison.position:
            raise


def executed(
    instance: Instance, text: str, variables: Variables, names: Names | None = None
) -> dict[str, Any]:
    """GraphQL's `data` for a document; a name among the variables becomes the id of what has it.

    Refused with GraphQL's code, as AMBIGUOUS_NAME where several have the name.
    """
    from api.graphql import execution
    from api.graphql.question_document import data_of
    from domain.errors import Refused

    while True:
        try:
            return data_of(execution.ask(instance, text, variables))
        except Refused as refused:
            kind = refused.code.removeprefix("UNKNOWN_")
            unknown = refused.data.get(kind.lower())
            for name, (of, option) in (names or {}).items():
                if of == kind and variables.get(name) == unknown:
                    refused.data["option"] = option
                    variables[name] = id_of(instance, kind, str(unknown), variables, refused)
                    break
            else:
                raise in_our_words(refused) from refused


def with_id(
    instance: Instance, kind: str, subject: str | None, work: Callable[[str | None], T]
) -> T:
    """What work gives for the id of a subject of a kind, or for what has it as its name."""
    from domain.errors import Refused

    try:
        return work(subject)
    except Refused as refused:
        if kind not in ("ENTITY", "SOURCE") or refused.code not in (
            "UNKNOWN_ID",
            f"UNKNOWN_{kind}",
        ):
            raise in_our_words(refused) from refused
        refused.data["option"] = "SUBJECT"
        return work(id_of(instance, kind, str(subject), {}, refused))


def id_of(instance: Instance, kind: str, text: str, variables: Variables, refused: Refused) -> str:
    """The id of the one thing that has a name, whatever the case and the language.

    Refused in the words of a refusal, which was of the name as an id, where it is no name either.
    """
    from domain.errors import Refused

    found = _candidates(instance, kind, text, variables)
    exact = [node for node in found if _folded(text) in map(_folded, _names_of(node))]
    if len(exact) == 1:
        return str(exact[0]["id"])
    if exact:
        raise Refused(
            "AMBIGUOUS_NAME",
            f"{text!r} is the name of {len(exact)}: {_listed(exact)}. Give the id of one.",
            field=refused.field,
            **refused.data,
        )
    close = f" Close to it: {_listed(found[:3])}." if found else ""
    if not found and kind == "ENTITY":
        close = close_names(instance, text, variables.get("atPosition"))
    raise Refused(
        f"UNKNOWN_{kind}",
        f"The record has no {kind.lower()} with the id or the name {text!r}.{close}",
        field=refused.field,
        **refused.data,
    )


def close_names(instance: Instance, text: str, position: int | None) -> str:
    """What asks, after a blank, whether up to three entities were meant whose names are nearly a
    text; nothing where none are. They are those of a position, or of the last one."""
    from projections.candidates import CandidateQuery, candidates_now
    from projections.follower import progress_of
    from store.database import READER

    with instance.database.connect(READER) as connection:
        if position is None:
            position = progress_of(connection).position
        found = candidates_now(connection, CandidateQuery(text), position)[:3]
    named = ", ".join(f"{each.id} ({each.kind})" for each in found)
    return f" Did you mean {named}?" if named else ""


def _candidates(
    instance: Instance, kind: str, text: str, variables: Variables
) -> list[Mapping[str, Any]]:
    """What of a kind is found by a text at the clocks of a question, the best first."""
    from api.graphql import execution
    from api.graphql.question_document import data_of

    clocks = {name: variables[name] for name in CLOCKS if name in variables}
    asked = {**clocks, "text": text[:200], "kinds": [kind]}
    edges = data_of(execution.ask(instance, document("find"), asked))["search"]["edges"]
    return [edge["node"] for edge in edges]


def _names_of(node: Mapping[str, Any]) -> Iterable[str]:
    if node["entity"] is not None:
        called = (*node["entity"]["names"], *node["entity"]["aliases"])
        return [each["name"] for each in called]
    return [node["source"]["title"]]


def _listed(nodes: Iterable[Mapping[str, Any]]) -> str:
    def words(node: Mapping[str, Any]) -> str:
        what = node["entity"]["kind"] if node["entity"] else node["source"]["title"]
        return f"{node['id']} ({what})"

    return ", ".join(map(words, nodes))


def _folded(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", text).casefold()
