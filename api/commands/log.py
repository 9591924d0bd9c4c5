"""`log`: the events of the log in order, who recorded each and when."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.terminal import JsonFlag, console, print_json_list, say

if TYPE_CHECKING:
    from api.instance import Instance


def log(
    after: Annotated[int, typer.Option(min=0, help="Only events after this position.")] = 0,
    limit: Annotated[int | None, typer.Option(min=0, help="So many events at most.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List what was recorded, by whom and when, such as: sijill log --after 500 --limit 20"""
    from api.instance import opened
    from api.settings import Settings

    with opened(Settings.read(), say) as instance:
        instance.catch_up()
        found = islice(events(instance, after), limit)
        if as_json:
            print_json_list("events", found)
        else:
            _print_table(found)
