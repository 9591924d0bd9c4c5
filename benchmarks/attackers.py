"""The attackers: a program of its own that sends what an attack consists of and counts statuses.

`python -m benchmarks.attackers` prints the counts as JSON. Attackers come from 127.0.0.2, so that a
bound on one address does not fall on the innocent reader's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

SOURCE: Final = "127.0.0.2"
CONNECTIONS: Final = 8
HALF_SENT: Final = 2_000
SLOW_READERS: Final = 5
SLOW_BYTES, SLOW_PAUSE = 2_048, 0.5
"""What a slow reader takes at a time, and the seconds between."""


class Attack(NamedTuple):
    """`requests` gives what is sent, given a number that makes it unlike all others, and the
    coalition that is asked of."""

    requests: Callable[[int, str], bytes]
    connections: int = CONNECTIONS
    is_slow: bool = False
    """Whether answers are read slowly."""
    is_half: bool = False
    """Whether requests are cut before the end of their head, and kept open."""


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode()


def _post(document: str, **variables: object) -> bytes:
    body = json.dumps({"query": document, "variables": variables}).encode()
    head = (
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _unlike(document: str) -> Callable[[int, str], bytes]:
    return lambda number, of: _post(f"{document.replace(OF, of)}#{number} {random.random()}")


OF: Final = "COALITION"
"""What stands for the coalition."""
_ROW = "member { id name } standing since { edtf } facts { id } sources { id title }"
_LARGE = f'{{ members(coalition: "{OF}", first: 5000) {{ edges {{ node {{ {_ROW} }} }} }} }}'
_DIFF = """{ diff(from: {asOf: "2005"}, to: {asOf: "2020"}, first: %d) {
    edges { node { change causes } } } }"""
_FRAGMENTS = "{ ...F0 ...F1 ...F2 }" + " ".join(
    f"fragment F{n} on Query {{ {f'...F{n + 1} ... on Query {{ ...F{n + 1} }}' if n < 39 else ''} "
    f"{'log { position } ' * 9} }}"
    for n in range(40)
)
_ALIASES = "{" + " ".join(f"a{n}: log {{ position }}" for n in range(300)) + "}"
_WHAT_IF = f'whatIf(without: {{gradesBelow: "C"}}) {{ members(coalition: "{OF}") {{ position }} }}'
_SUPPOSED = "{" + " ".join(f"w{n}: {_WHAT_IF}" for n in range(38)) + "}"
_LONG_NUMBER = "{log(after:" + "9" * 4_301 + "){position}}"
_LETTERS = "aelmnorst"
_SEARCH = "query($text: String!) { search(text: $text) { edges { node { id } } } }"
_PAGES = (
    *("/activity?asOf={}", f"/e/{OF}/feed.atom?asOf={{}}", f"/card.png?page=/e/{OF}?asOf={{}}"),
    *(f"/compare?left={OF}&right={OF}&asOf={{}}", f"/e/{OF}?asOf={{}}", "/sitemap.xml"),
    *("/browse?asOf={}", "/facts?asOf={}", f"/e/{OF}/timeline.png?asOf={{}}"),
)
_EXPORTS = (
    *("/facts.csv", "/facts.txt", "/record.jsonl", "/entities.csv", "/organisations.csv"),
    *("/facts.parquet", "/facts.bib", "/changes.csv?fromAsOf=2005&asOf=2020"),
)

ATTACKS: Final = {
    "none": Attack(lambda number, of: b"", 0),
    "root fields": Attack(_unlike("{" + "log{position} " * 440 + "}")),
    "refused documents": Attack(_unlike("{" + "log{nothing} " * 440 + "}")),
    "what-ifs": Attack(_unlike(_SUPPOSED)),
    "whole diffs": Attack(lambda number, of: _post(_DIFF % (1_000 + number % 1_000))),
    "300 aliases": Attack(_unlike(_ALIASES)),
    "40 fragments": Attack(_unlike(_FRAGMENTS)),
    "search of a letter": Attack(
        lambda number, of: _get(f"/search.json?q={_LETTERS[number % 9]}&asOf={1900 + number % 120}")
        if number % 2
        else _post(_SEARCH, text=_LETTERS[number % 9])
    ),
    "pages": Attack(
        lambda number, of: _get(
            _PAGES[number % len(_PAGES)].format(1900 + number // len(_PAGES) % 120).replace(OF, of)
        )
    ),
    "pictures": Attack(
        lambda number, of: _get(
            f"/e/{of}/members/{('map', 'count')[number % 2]}.png?asOf={1950 + number % 80}"
        )
    ),
    "exports": Attack(lambda number, of: _get(_EXPORTS[number % len(_EXPORTS)])),
    "slow readers": Attack(
        lambda number, of: _get("/record.jsonl") if number % 2 else _post(_LARGE.replace(OF, of)),
        SLOW_READERS, is_slow=True,
    ),
    "half-sent heads": Attack(
        lambda number, of: b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ", HALF_SENT, is_half=True
    ),
    "malformed": Attack(
        lambda number, of: _get(f"/graphql?query={quote(_LONG_NUMBER)}")
        if number % 2
        else _post("query($p:Int){members(coalition:\"x\",atPosition:$p){position}}", p="9" * 4_301)
    ),
}  # fmt: skip


async def _whole(attack: Attack, host: str, port: int, number: int, of: str) -> str:
    """Send one request and read all of its answer: its status."""
    reader, writer = await asyncio.open_connection(host, port, local_addr=(SOURCE, 0))
    try:
        writer.write(attack.requests(number, of))
        status = (await reader.readline()).split(b" ")
        if attack.is_slow:
            while await reader.read(SLOW_BYTES):
                await asyncio.sleep(SLOW_PAUSE)
        else:
            while await reader.read(1 << 20):
                pass
        return status[1].decode() if len(status) > 1 else "closed"
    finally:
        writer.close()


async def _half(attack: Attack, host: str, port: int, number: int, of: str) -> str:
    """Send the beginning of a request and wait: "closed" once the server hangs up."""
    reader, writer = await asyncio.open_connection(host, port, local_addr=(SOURCE, 0))
    try:
        writer.write(attack.requests(number, of))
        status = (await reader.readline()).split(b" ")
        return status[1].decode() if len(status) > 1 else "closed"
    finally:
        writer.close()


async def attack(address: str, name: str, of: str, seconds: float) -> Counter[str]:
    """Keep all connections of an attack busy for so long: how often each status came."""
    found, what = urlsplit(address), ATTACKS[name]
    assert found.hostname is not None
    assert found.port is not None
    counts, numbers = Counter[str](), iter(range(1 << 60))
    until = asyncio.get_running_loop().time() + seconds
    one = _half if what.is_half else _whole

    async def attacker(numbers: Iterator[int]) -> None:
        while (left := until - asyncio.get_running_loop().time()) > 0:
            try:
                async with asyncio.timeout(left):
                    counts[await one(what, found.hostname, found.port, next(numbers), of)] += 1
            except TimeoutError:
                counts["not ended"] += 1
            except OSError:
                counts["closed"] += 1
                await asyncio.sleep(0.05)

    await asyncio.gather(
        asyncio.sleep(seconds), *(attacker(numbers) for _ in range(what.connections))
    )
    return counts


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attackers", description=__doc__)
    parser.add_argument("address", help="of the server")
    parser.add_argument("name", choices=ATTACKS, help="of the attack")
    parser.add_argument("coalition", help="whom they ask of")
    parser.add_argument("seconds", type=float)
    given = parser.parse_args()
    counts = asyncio.run(attack(given.address, given.name, given.coalition, given.seconds))
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
