"""A reply lost on its way from PostgreSQL: recorded once, and answered as if nothing was lost."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from conftest import serving
from cutting import APPEND, LOOK, Cutting, Moment, cutting
from eventsourcing.persistence import OperationalError
from thorough import times

from api.instance import Instance
from domain.codec import read
from domain.record import Outcome, Record
from domain.roles import Role
from store.database import READER
from store.keys import add_key
from store.recorder import MAIN_TABLE, PostgresRecorder

BEGINNING = [
    {"type": "SourceRegistered", "id": "s", "title": "A report", "published": "2020-01-01"},
    {"type": "EntityRegistered", "id": "g", "kind": "COALITION", "names": {"en": "G"}},
]
GROUP = 8
"""Commands sent at once."""
LOST: list[tuple[Moment, bytes]] = [
    (Moment.AFTER, APPEND),
    (Moment.BEFORE, LOOK),
    (Moment.BEFORE, LOOK),
]
"""The reply, and both of the recorder's own questions whether it took place."""


def founded(name: str) -> dict[str, Any]:
    return {"type": "CoalitionFounded", "id": name, "coalition": "g", "when": "2014",
            "citations": [{"source": "s"}]}  # fmt: skip


class Behind:
    """A record behind a proxy, and what it answered to each request."""

    def __init__(self, instance: Instance, proxy: Cutting, recorder: PostgresRecorder) -> None:
        self.instance, self.proxy = instance, proxy
        self.record = Record(recorder)
        self.actor = "someone"
        self.answers: dict[str, Outcome] = {}

    def apply(self, name: str) -> Outcome:
        outcome = self.record.apply([read(founded(name))], actor=self.actor, request_id=name)
        assert self.answers.setdefault(name, outcome) == outcome
        return outcome

    def apply_at_once(self, names: list[str]) -> list[Outcome | OperationalError]:
        """Of each the outcome, or the failure that it was told."""
        barrier = threading.Barrier(len(names))

        def send(name: str) -> Outcome | OperationalError:
            barrier.wait()
            try:
                return self.apply(name)
            except OperationalError as error:
                return error

        with ThreadPoolExecutor(len(names)) as threads:
            return list(threads.map(send, names))


@pytest.fixture
def behind(instance: Instance) -> Iterator[Behind]:
    instance.record.apply([read(entry) for entry in BEGINNING], actor="someone")
    with cutting(instance.database) as proxy:
        recorder = PostgresRecorder(proxy.database)
        try:
            yield Behind(instance, proxy, recorder)
        finally:
            recorder.close()


def assert_each_is_there_once(behind: Behind, names: list[str]) -> None:
    """The log has every one once and nothing more, and answers each request as at first."""
    with behind.instance.database.connect(READER) as connection:
        rows = connection.execute(
            f"SELECT id, (SELECT array_agg(tag) FROM unnest(tags) AS tag WHERE tag LIKE 'fact:%') "
            f"FROM {MAIN_TABLE} ORDER BY id".encode()
        ).fetchall()
        keys = connection.execute(
            f"SELECT count(*) FROM {MAIN_TABLE} WHERE type LIKE 'Key%'".encode()
        ).fetchone()
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM leaves), (SELECT count(*) FROM requests)"
        ).fetchone()
    assert keys is not None
    places = {tags[0].removeprefix("fact:"): place for place, tags in rows if tags}
    assert Counter(tag for _, tags in rows for tag in tags or ()) == {f"fact:{n}": 1 for n in names}
    assert counted == (len(names) + len(BEGINNING) + keys[0], len(names) + 1)
    for name in names:
        assert behind.apply(name) == Outcome(places[name], 1, 0)  # type: ignore[arg-type]


def test_a_reply_lost_after_the_commit_is_answered_all_the_same(behind: Behind) -> None:
    names = [f"after{number}" for number in range(times(100, 1_000))]
    for name in names:
        behind.proxy.cut((Moment.AFTER, APPEND))
        outcome = behind.apply(name)
        assert (outcome.recorded, outcome.unchanged) == (1, 0)

    assert behind.proxy.cuts[Moment.AFTER] == len(names)
    assert_each_is_there_once(behind, names)


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.UNDER_WAY])
def test_what_was_cut_before_its_commit_or_beside_it_is_recorded_once(
    behind: Behind, moment: Moment
) -> None:
    names = [f"cut{number}" for number in range(times(20, 500))]
    for name in names:
        behind.proxy.cut((moment, APPEND))
        assert behind.apply(name)[1:] == (1, 0)

    assert behind.proxy.cuts[moment] == len(names)
    assert_each_is_there_once(behind, names)


def test_a_caller_who_was_told_of_a_failure_sends_the_same_request_again(behind: Behind) -> None:
    names = [f"again{number}" for number in range(times(20, 500))]
    for name in names:
        behind.proxy.cut(*LOST)
        with pytest.raises(OperationalError):
            behind.apply(name)
        assert not behind.proxy.is_armed
        assert behind.apply(name)[1:] == (1, 0)

    assert behind.proxy.cuts == {
        Moment.AFTER: len(names), Moment.BEFORE: 2 * len(names), Moment.UNDER_WAY: 0
    }  # fmt: skip
    assert_each_is_there_once(behind, names)


def test_nothing_is_recorded_of_what_never_reached_the_server(behind: Behind) -> None:
    for number in range(times(5, 100)):
        behind.proxy.cut((Moment.BEFORE, APPEND), (Moment.BEFORE, LOOK), (Moment.BEFORE, LOOK))
        with pytest.raises(OperationalError):
            behind.apply(f"never{number}")

    assert_each_is_there_once(behind, [])


@pytest.mark.timeout(900)
def test_a_lost_reply_of_a_group_is_answered_to_each_of_it(behind: Behind) -> None:
    rng = random.Random(3)
    names = []
    for number in range(times(20, 500)):
        some = [f"group{number}-{each}" for each in range(GROUP)]
        moments = rng.choices(list(Moment), [4, 1, 1], k=rng.choice([1, 1, 2]))
        behind.proxy.cut(*((moment, APPEND) for moment in moments))
        for name, outcome in zip(some, behind.apply_at_once(some), strict=True):
            if isinstance(outcome, OperationalError):  # cut twice: the caller sends it again
                outcome = behind.apply(name)
            assert outcome[1:] == (1, 0)
        names += some

    assert sum(behind.proxy.cuts.values()) >= times(20, 500)
    assert_each_is_there_once(behind, names)


def test_one_request_sent_many_times_at_once_with_its_reply_lost_is_one(behind: Behind) -> None:
    names = [f"same{number}" for number in range(times(5, 100))]
    for name in names:
        behind.proxy.cut((Moment.AFTER, APPEND))
        for outcome in behind.apply_at_once([name] * GROUP):
            assert not isinstance(outcome, OperationalError)
            assert outcome[1:] == (1, 0)

    assert_each_is_there_once(behind, names)


APPLY = """mutation ($entries: [JSON!]!, $id: ID!) {
  apply(entries: $entries, requestId: $id) { position recorded unchanged } }"""


@pytest.fixture
def send(behind: Behind) -> Iterator[Callable[[str], httpx.Response]]:
    """Sends one fact over HTTP to a server behind the proxy."""
    instance = behind.instance
    with instance.database.connect() as owner:
        key_id, key = add_key(owner, "a writer", Role.CONTRIBUTOR)
    behind.actor = f"a writer (key {key_id})"
    served = Instance(instance.settings, behind.proxy.database, behind.record)
    headers = {"authorization": f"Bearer {key}"}
    with serving(served) as url, httpx.Client(base_url=url, headers=headers, timeout=30) as client:

        def send(name: str) -> httpx.Response:
            variables = {"entries": [founded(name)], "id": name}
            return client.post("/graphql", json={"query": APPLY, "variables": variables})

        yield send


def test_over_http_a_lost_reply_is_an_answer_or_a_failure_that_can_be_sent_again(
    behind: Behind, send: Callable[[str], httpx.Response]
) -> None:
    names = []
    for number in range(times(5, 100)):
        names += [f"seen{number}", f"unseen{number}"]
        behind.proxy.cut((Moment.AFTER, APPEND))
        seen = send(names[-2])
        behind.proxy.cut(*LOST)
        unseen = send(names[-1])

        assert seen.json()["data"]["apply"].items() >= {"recorded": 1, "unchanged": 0}.items()
        assert unseen.status_code == 503
        assert unseen.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert send(names[-2]).json() == seen.json()
        assert send(names[-1]).json() == send(names[-1]).json()
        assert send(names[-1]).json()["data"]["apply"]["recorded"] == 1

    assert_each_is_there_once(behind, names)
