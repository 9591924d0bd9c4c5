"""Makes the pages of docs/reference that say how to call the program: `make docs-reference`.

Commands come from the command line's own help, GraphQL from its schema. What a setting means is
written here, and a test finds every setting that the code reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer.main
from graphql import GraphQLField, GraphQLObjectType

from api.cli import app
from api.graphql.schema import schema_of
from domain.vocabulary import CORE

DOCS: Final = Path(__file__).parents[1] / "docs" / "reference"
MADE: Final = "<!-- `make docs-reference` writes this page from the code: do not edit it. -->\n"

SETTINGS: Final = {
    "SIJILL_DATABASE_URL": (
        "A PostgreSQL server of one's own, as a libpq connection string, or a database of the "
        "embedded server that `replay` made, by its name. Left out, the embedded server runs."
    ),
    "SIJILL_DATA": (
        "The data folder: the embedded server's files, the signing key, sockets. Left out, the "
        "platform's own."
    ),
    "SIJILL_HOST": "The address that `serve` listens at; 127.0.0.1 if left out.",
    "SIJILL_PORT": "Its port; 8000 if left out.",
    "SIJILL_PUBLIC_URL": (
        "Where readers find the record, such as https://record.example: links that leave it "
        "begin so."
    ),
    "SIJILL_ALLOWED_HOSTS": "Further host names that the server answers by, apart by spaces.",
    "SIJILL_TRUSTED_PROXIES": (
        "Addresses and networks whose X-Forwarded-For counts, apart by spaces; this machine if "
        "left out."
    ),
    "SIJILL_EMBED": (
        "Origins whose pages may read and frame pinned answers, apart by spaces; `*` (all) if "
        "left out."
    ),
    "SIJILL_READ_URL": (
        "Streaming replicas to answer from, see [Beyond one machine](../how-to/scaling.md)."
    ),
    "SIJILL_ANSWER_CACHE": "How many bytes of answers a server keeps; 0 for none.",
    "SIJILL_BACKUPS": (
        "The folder of backups that `drill` takes the newest of; in the data folder if left out."
    ),
    "SIJILL_SIGNING_KEY": "The file of the log's signing key; in the data folder if left out.",
    "SIJILL_ORIGIN": "The name of the signed log.",
    "SIJILL_PUBLISHED": (
        "The folder that checkpoints were published to: a log that is shorter takes no events."
    ),
    "SIJILL_OIDC_ISSUER": "An OpenID Connect issuer whose tokens count.",
    "SIJILL_OIDC_AUDIENCE": "Whom its tokens are for.",
    "SIJILL_OIDC_JWKS": "The address of its keys.",
    "SIJILL_OIDC_ROLE_CLAIM": "The claim that names our role; `sijill_role` if left out.",
    "SIJILL_SPARK_MASTER": "Where Apache Spark is, for `rebuild --engine spark`.",
    "SIJILL_SPARK_FOLDER": "A folder that all of its machines see.",
    "SIJILL_PGBIN": "The folder of PostgreSQL's programs, in place of the embedded ones.",
    "SIJILL_INTERPRETED": "1 leaves the compiled fold aside.",
}


def command_line() -> str:
    """The text of command-line.md."""
    return "\n".join(_command_line())


def _command_line() -> Iterator[str]:
    yield MADE
    yield "# Command line\n"
    yield (
        "Results go to standard output, messages to standard error. Exit status: 0, 1 for a\n"
        "refused input, 2 for wrong usage, 3 when something can't be reached. The rules are\n"
        "in [the contract](../contract/names.md#command-line).\n"
    )
    yield from _commands(typer.main.get_command(app), "sijill")


def _commands(command: Any, name: str) -> Iterator[str]:
    commands = getattr(command, "commands", None)
    if commands is None or getattr(command, "invoke_without_command", False):
        yield from _command(command, name)
    for own, each in (commands or {}).items():
        if not each.hidden:
            yield from _commands(each, f"{name} {own}")


def _command(command: Any, name: str) -> Iterator[str]:
    yield f"## {name}\n"
    yield f"{' '.join((command.help or '').split())}\n"
    rows = [_row(each) for each in command.params if not getattr(each, "hidden", False)]
    if rows:
        yield "| argument or option | | meaning |\n|---|---|---|"
        yield from rows
        yield ""


def _row(parameter: Any) -> str:
    names = [name for name in parameter.opts if name.startswith("-")]
    shown = ", ".join(names) or (parameter.metavar or parameter.name).upper().strip("[]{}")
    value = parameter.metavar if names and parameter.metavar else ""
    what = " ".join((getattr(parameter, "help", None) or "").split()).replace("|", "\\|")
    return (
        f"| `{f'{shown} {value}'.strip()}` | {'required' if parameter.required else ''} | {what} |"
    )


def settings() -> str:
    """The text of settings.md."""
    rows = "\n".join(f"| `{name}` | {what} |" for name, what in SETTINGS.items())
    return (
        f"{MADE}\n# Settings\n\nSettings are environment variables. All can be left out.\n\n"
        f"| variable | meaning |\n|---|---|\n{rows}\n"
    )


def graphql() -> str:
    """The text of graphql.md."""
    return "\n".join(_graphql())


def _graphql() -> Iterator[str]:
    yield MADE
    yield "# GraphQL\n"
    yield (
        "`POST /graphql`; `/graphiql` in a browser has the whole schema; `sijill schema` prints\n"
        "it. The names are in [the contract](../contract/names.md#graphql).\n"
    )
    for title, root in (
        ("Questions", schema_of(CORE).graphql.query_type),
        ("Mutations", schema_of(CORE).graphql.mutation_type),
    ):
        assert isinstance(root, GraphQLObjectType)
        yield f"## {title}\n\n| field | arguments | gives | |\n|---|---|---|---|"
        yield from (_field(name, field) for name, field in root.fields.items())
        yield ""


def _field(name: str, field: GraphQLField) -> str:
    arguments = ", ".join(f"`{each}: {of.type}`" for each, of in field.args.items())
    what = " ".join((field.description or "").split()).replace("|", "\\|")
    return f"| `{name}` | {arguments} | `{field.type}` | {what} |"


PAGES: Final = {"command-line.md": command_line, "settings.md": settings, "graphql.md": graphql}


def main() -> None:
    """Write the pages."""
    for name, text in PAGES.items():
        (DOCS / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
