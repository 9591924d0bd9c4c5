"""`keys`: who may write, beside the database and as its owner."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.query import opened_record
from api.commands.record_import import whoever_runs_this
from api.terminal import JsonFlag, print_json, say, show, visible

if TYPE_CHECKING:
    from api.instance import Instance
    from domain.roles import Role

keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys of those who write.")


@keys.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is; every event names it.")],
    role: Annotated[str, typer.Option(help="reader, contributor, reviewer or admin.")],
    expires: Annotated[
        str | None, typer.Option(metavar="DATE", help="The last day on which it is good.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a key, shown this once: sijill keys add Amal --role reviewer --expires 2027-12-31"""
    from store.keys import add_key

    with opened_record() as instance:
        instance.may_append()
        with instance.database.connect() as connection:
            key_id, key = add_key(
                connection, name, _role(role), _end_of(expires), actor=whoever_runs_this()
            )
        follow_up(instance)
    if as_json:
        print_json({"id": key_id, "key": key})
    else:
        say(f"The key {key_id} of {name}, which can't be shown again:")
        print(key)


@keys.command("list")
def list_all(as_json: JsonFlag = False) -> None:
    """List all keys, the revoked ones too: sijill keys list"""
    from api.graphql.scalars import write_time
    from store.keys import list_keys

    def time(when: datetime | None) -> str | None:
        return None if when is None else write_time(when)

    with opened_record() as instance, instance.database.connect() as connection:
        found = list_keys(connection)
    if as_json:
        print_json(
            {
                "keys": [
                    {
                        "id": key.id,
                        "name": key.name,
                        "role": key.role,
                        "createdAt": time(key.created_at),
                        "expiresAt": time(key.expires_at),
                        "revokedAt": time(key.revoked_at),
                    }
                    for key in found
                ]
            }
        )
        return
    for key in found:
        ended = f", revoked {time(key.revoked_at)}" if key.revoked_at else ""
        until = f", good until {time(key.expires_at)}" if key.expires_at else ""
        show(f"{key.id}  {key.role:<11}  {visible(key.name)}{until}{ended}")


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `sijill keys list` has it.")],
    as_json: JsonFlag = False,
) -> None:
    """End a key from the next request on: sijill keys revoke 3f9a02c41b77"""
    from store.keys import revoke_key

    with opened_record() as instance:
        instance.may_append()
        with instance.database.connect() as connection:
            revoke_key(connection, key_id, actor=whoever_runs_this())
        follow_up(instance)
    if as_json:
        print_json({"id": key_id, "revoked": True})
    else:
        show(f"The key {key_id} is revoked.")


def follow_up(instance: Instance) -> None:
    """Project the event, where the answers follow the log at all."""
    from projections.follower import Poison

    try:
        instance.catch_up()
    except Poison as poison:
        say(f"Done, but the answers do not follow: {poison}. See `sijill doctor`.")


def _role(text: str) -> Role:
    from domain.errors import Refused
    from domain.roles import Role

    if text not in set(Role):
        raise Refused("BAD_ROLE", f"{text!a} is no role: give one of {', '.join(Role)}.")
    return Role(text)


def _end_of(day: str | None) -> datetime | None:
    """The moment after the last one of a day, in UTC."""
    from domain.dates import day_of
    from domain.errors import Refused

    if day is None:
        return None
    try:
        return datetime.fromtimestamp((day_of(day) + 1) * 86_400, UTC)
    except (OverflowError, ValueError) as error:
        raise Refused(
            "BAD_DATE", f"A key can't expire on {day}: give a year up to 9998."
        ) from error
