"""Records to measure with, as entries of record files: seeded, streamed, of any size.

Three parts. *Probes* are coalitions of 1, 90 and 5,000 members, the same in a record of any size,
so that the same answer is timed in all of them. *Depths* are coalitions whose facts were each
corrected so many times. The *bulk* has the skew of real records: members, joinings and leavings
spread over coalitions by Zipf's law, dates of every precision, corrections of one in ten.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

Entry = dict[str, Any]

PROBES: Final = (1, 90, 5_000)
"""Members of the coalitions probe-1, probe-90 and probe-5000."""
SOURCES: Final = 200
"""Sources that all facts cite, by Zipf's law too."""
COUNTRIES: Final = 400
"""Members that the bulk draws from, besides those that only large coalitions have."""
SKEW: Final = 0.8
"""Of facts over coalitions: the exponent of Zipf's law."""
FIRST_DAY, DAYS = date(1990, 1, 1), 12_000
PUBLISHED = date(2015, 1, 1)
AS_OF: Final = "2024-06-15"
"""The day asked about: probes and depths all hold on it."""
DEEP_DAY = date(2016, 1, 1)
"""From here on one more correction of a deep fact is published a day."""


class Size(NamedTuple):
    """What a record is to have: facts of the bulk, probes, depths and members of each depth."""

    facts: int
    probes: Sequence[int] = PROBES
    depths: Sequence[int] = ()
    deep_members: int = 10
    organisations: int = 0
    """Founded, with a fact each."""


def entries(size: Size, seed: int = 1) -> Iterator[Entry]:
    """A record's entries, each after all that it names. The same arguments give the same bytes."""
    yield from _sources(seed)
    yield from _probes(size.probes)
    yield from _depths(size.depths, size.deep_members)
    yield from _bulk(size.facts, seed)
    yield from _organisations(size.organisations)


def write(path: Path, size: Size, seed: int = 1) -> int:
    """Write a record file; how many entries it has."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for entry in entries(size, seed):
            file.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def batches(stream: Iterator[Entry], size: int) -> Iterator[list[Entry]]:
    """The stream in lists of at most so many."""
    while batch := list(islice(stream, size)):
        yield batch


def _sources(seed: int) -> Iterator[Entry]:
    rng = random.Random(f"sources {seed}")
    for number in range(SOURCES):
        yield {
            "type": "SourceRegistered",
            "id": f"source-{number:03}",
            "title": f"Report {number} on coalitions and their members",
            "publisher": f"Publisher {number % 20}",
            "language": rng.choice(("en", "ar", "fr")),
            "published": _near(rng, PUBLISHED + timedelta(days=rng.randrange(2_500))),
            "reliability": rng.choice("ABBCCD"),
        }


def _entity(name: str, kind: str, words: str) -> Entry:
    return {
        "type": "EntityRegistered",
        "id": name,
        "kind": kind,
        "names": {"en": words, "ar": f"اسم {words}"},
    }


def _joined(name: str, coalition: str, member: str, when: str, *sources: str) -> Entry:
    return {
        "type": "MemberJoined",
        "id": name,
        "coalition": coalition,
        "member": member,
        "when": when,
        "citations": [
            {"source": source, "locator": {"paragraph": number}}
            for number, source in enumerate(sources, 1)
        ],
    }


def _probes(sizes: Sequence[int]) -> Iterator[Entry]:
    rng = random.Random("probes")
    for number in range(max(sizes, default=0)):
        yield _entity(f"member-{number:04}", "COUNTRY", f"Member {number:04}")
    for size in sizes:
        yield _entity(f"probe-{size}", "COALITION", f"Probe {size}")
        for number in range(size):
            when = _near(rng, date(2000, 1, 1) + timedelta(days=rng.randrange(7_000)))
            cited = sorted(rng.sample(range(SOURCES), 2))
            yield _joined(
                f"probe-{size}-{number}",
                f"probe-{size}",
                f"member-{number:04}",
                when,
                *(f"source-{source:03}" for source in cited),
            )


def _depths(depths: Sequence[int], members: int) -> Iterator[Entry]:
    """Every second member's fact is corrected by new evidence, published day after day, which
    makes it deep in K and R; the others' by editors, which makes them deep in R alone. The
    corrections go round the members, so that the middle of the log is the middle of each."""
    for number in range(members if depths else 0):
        yield _entity(f"deep-{number:03}", "COUNTRY", f"Deep {number:03}")
    if depths:
        yield {
            "type": "SourceRegistered",
            "id": "first-word",
            "title": "What was known first",
            "published": (DEEP_DAY - timedelta(days=1)).isoformat(),
        }
    for number in range(max(depths, default=0) if members > 1 else 0):
        yield {
            "type": "SourceRegistered",
            "id": f"evidence-{number:04}",
            "title": f"Evidence {number}",
            "published": (DEEP_DAY + timedelta(days=number)).isoformat(),
        }
    for depth in depths:
        coalition = f"depth-{depth}"
        yield _entity(coalition, "COALITION", f"Depth {depth}")
        for number in range(members):
            yield _joined(
                f"{coalition}-{number}", coalition, f"deep-{number:03}", "2001", "first-word"
            )
        for turn in range(depth):
            for number in range(members):
                day = date(2001, 1, 1) + timedelta(days=(turn * 7 + number) % 365)
                correction: Entry = {
                    "type": "FactCorrected",
                    "id": f"{coalition}-{number}-fix-{turn}",
                    "fact": f"{coalition}-{number}",
                    "changes": {"when": day.isoformat()},
                    "reason": "A better date",
                }
                if number % 2:
                    correction["basis"] = "EVIDENCE"
                    correction["citations"] = [{"source": f"evidence-{turn:04}"}]
                yield correction


def deep_known(depth: int) -> str:
    """A day of publication in the middle of a depth's evidence."""
    return (DEEP_DAY + timedelta(days=depth // 2)).isoformat()


def _bulk(facts: int, seed: int) -> Iterator[Entry]:
    rng = random.Random(f"bulk {seed}")
    coalitions = max(10, facts // 100)
    by_size = list(accumulate(1 / (rank + 1) ** SKEW for rank in range(coalitions)))
    cited = list(accumulate(1 / (rank + 1) for rank in range(SOURCES)))
    sources = [f"source-{number:03}" for number in range(SOURCES)]
    members = COUNTRIES + facts // 50
    for number in range(coalitions if facts else 0):
        yield _entity(f"coalition-{number:06}", "COALITION", f"Coalition {number}")
    for number in range(members if facts else 0):
        yield _entity(f"country-{number:06}", "COUNTRY", f"Country {number}")
    numbers = range(coalitions)
    for number in range(facts):
        coalition = rng.choices(numbers, cum_weights=by_size)[0]
        # About four facts a member, more for the first ones: they join, leave and come back.
        among = 3 + facts / by_size[-1] / (coalition + 1) ** SKEW / 4
        member = (coalition * 7 + int(rng.random() ** 1.3 * among)) % members
        day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
        fact = _joined(
            f"fact-{number}",
            f"coalition-{coalition:06}",
            f"country-{member:06}",
            _near(rng, day),
            *dict.fromkeys(rng.choices(sources, cum_weights=cited, k=rng.choice((1, 1, 2)))),
        )
        if rng.random() < 0.25:
            fact["type"] = "MemberLeft"
        elif rng.random() < 0.03:
            fact["modality"] = "ANNOUNCED"
        yield fact
        if rng.random() < 0.1:
            yield {
                "type": "FactCorrected",
                "id": f"fix-{number}",
                "fact": f"fact-{number}",
                "changes": {"when": _near(rng, day + timedelta(days=rng.randrange(-40, 40)))},
                "reason": "A slip",
            }


def _organisations(count: int) -> Iterator[Entry]:
    rng = random.Random("organisations")
    for number in range(count):
        name = f"organisation-{number:06}"
        yield _entity(name, "COALITION", f"Organisation {number}")
        yield {
            "type": "CoalitionFounded",
            "id": f"founded-{number}",
            "coalition": name,
            "when": _near(rng, FIRST_DAY + timedelta(days=rng.randrange(DAYS))),
            "citations": [{"source": f"source-{rng.randrange(SOURCES):03}"}],
        }


def _near(rng: random.Random, day: date) -> str:
    """A day as sources write it: most exactly, many by month or year, some in doubt."""
    precision = rng.random()
    if precision < 0.6:
        return day.isoformat()
    if precision < 0.8:
        return day.isoformat()[:7]
    if precision < 0.9:
        return day.isoformat()[:4]
    if precision < 0.94:
        return f"[..{day.isoformat()}]"
    return day.isoformat()[:7] + rng.choice(("~", "?"))
