"""`check`: what in the record is likely a slip."""

from __future__ import annotations

from collections import Counter

from api.commands.query import opened_record
from api.terminal import JsonFlag, print_json_list, show


def check(as_json: JsonFlag = False) -> None:
    """List what is taken but likely a slip, such as an end before its start: sijill check"""
    from projections.record_check import record_warnings
    from store.database import READER

    with opened_record() as instance:
        instance.catch_up()
        with instance.database.connect(READER) as connection:
            found = record_warnings(connection)
            if as_json:
                print_json_list("warnings", (each._asdict() for each in found))
                return
            counts = Counter[str]()
            for each in found:  # as they come, since there may be many
                counts[each.code] += 1
                show(f"{each.code}: {each.message}")
    told = ", ".join(f"{number:,} {code}" for code, number in counts.items())
    show(f"{counts.total():,} warnings: {told}." if counts else "Nothing looks like a slip.")
