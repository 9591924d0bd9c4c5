"""Taking in a large record straight: into the log without the checks, then one rebuild.

The log and the rows are those that `import` makes of the same entries, which the generator makes
sound: tags are made, events encoded and projections rebuilt by the product's own functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem

from api.instance import Instance
from benchmarks.generator import Entry, batches
from domain.codec import Event, encode, read
from domain.dossier import Dossier
from domain.event_stream import EventStream
from domain.facts import Fact
from domain.sources import Position
from domain.tags import tags_of
from projections.rebuild import rebuild

BATCH = 5_000
FACTS = 10_000
"""So many facts are remembered, for the corrections of them; a correction comes soon."""
NOTHING = DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["none:"])]), after=0)


def append(instance: Instance, entries: Iterator[Entry]) -> int:
    """Append entries that name only what came before; how many."""
    dossier, count = Dossier(), 0
    recorder = instance.record.recorder
    for batch in batches(entries, BATCH):
        now, request = datetime.now(UTC), f"request:{uuid4()}"
        events = []
        for each in batch:
            entry = read(each)
            if isinstance(entry, Fact):
                if len(dossier.facts) > FACTS:
                    dossier.facts.clear()
                dossier.facts[entry.id] = EventStream(Event(Position(0), now, "bench", entry))
            tags = tags_of(entry, dossier)
            events.append(
                DCBEvent(*encode(entry, actor="bench", recorded_at=now), [*tags, request])
            )
        recorder.append_once(events, NOTHING, None)
        count += len(events)
    return count


def project(instance: Instance) -> None:
    """Project a log that was not, by a rebuild."""
    rebuild(instance.database, compare=False)
