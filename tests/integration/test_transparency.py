"""The log for clients of transparency logs: over HTTP below /log/, and as published files."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from conftest import NewInstance, browsing
from support.proof_verifier import parse_frame, parse_proof, verify_proof
from support.tile_reader import decode_bundle, nodes_from

from api.instance import Instance
from domain.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from domain.codec import read
from domain.errors import Refused
from domain.merkle import leaf_hash, root, subtree
from domain.tiles import Tile, tiles_between
from store.checkpoints import sign_now
from store.database import WRITER
from store.published_log import publish

SOURCE = read({"type": "SourceRegistered", "id": "s", "title": "A source", "published": "2014"})
VERIFIER = Path(__file__).parents[2] / "tools" / "verify_proof.py"


def entities(first: int, count: int) -> list:
    return [
        read({"type": "EntityRegistered", "id": f"e{n}", "kind": "OTHER", "names": {"en": f"É{n}"}})
        for n in range(first, first + count)
    ]


def joins(number: int) -> dict:
    return {
        "type": "MemberJoined", "id": f"join-{number}", "coalition": "e0", "member": f"e{number}",
        "when": "2014-09", "citations": [{"source": "s"}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def instance(new_instance: NewInstance) -> Iterator[Instance]:
    """A record of 603 events."""
    with new_instance() as instance:
        facts = [read(joins(number)) for number in range(1, 3)]
        instance.record.apply([SOURCE, *entities(0, 600), *facts], actor="someone")
        yield instance


@pytest.fixture(scope="module")
def client(instance: Instance) -> Iterator[httpx.Client]:
    with browsing(instance) as client:
        deadline = time.monotonic() + 20
        while client.get("/log/checkpoint").status_code == 404:
            assert time.monotonic() < deadline, "nothing is signed"
            time.sleep(0.1)
        yield client


def follow(fetch: Callable[[str], bytes]) -> tuple[Checkpoint, VerifierKey, list[bytes]]:
    """What a client does that knows the specification: all entries, checked against the head."""
    key = VerifierKey.parse(fetch("vkey").decode().strip())
    head = open_checkpoint(fetch("checkpoint"), key).head
    node_at = nodes_from(lambda tile: fetch(tile.path), head.size)
    assert subtree(0, head.size, node_at) == head.root
    entries = []
    for tile in tiles_between(0, head.size):
        if tile.level == "entries":
            entries += decode_bundle(fetch(tile.path), tile.width)
    assert root([leaf_hash(entry) for entry in entries]) == head.root
    return head, key, entries


def test_the_whole_log_can_be_followed_over_http(client: httpx.Client) -> None:
    head, key, entries = follow(lambda path: client.get(f"/log/{path}").raise_for_status().content)

    assert head.origin == key.name
    assert head.size == len(entries) == 603
    assert parse_frame(entries[-1]).stored_type == "MemberJoined/1"


def test_tiles_never_change_and_the_checkpoint_does(client: httpx.Client) -> None:
    tile = client.get("/log/tile/0/000")
    checkpoint = client.get("/log/checkpoint")

    assert "immutable" in tile.headers["cache-control"]
    assert tile.headers["content-type"] == "application/octet-stream"
    assert checkpoint.headers["cache-control"] == "no-cache"
    assert checkpoint.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "path",
    ["0/003", "0/002.p/92", "0/002", "1/001", "1/000.p/3", "2/000.p/1", "entries/002.p/92", "0/0",
     "x/000", "0/000.p/0", "0/000.p/256", "64/000", "0/x001", "", "0/%00"],
)  # fmt: skip
def test_what_the_signed_tree_has_not_is_not_there(client: httpx.Client, path: str) -> None:
    assert client.get(f"/log/tile/{path}").status_code == 404


def test_a_fact_is_proved_by_a_file_that_is_checked_offline(
    client: httpx.Client, tmp_path: Path
) -> None:
    answer = client.get("/log/proof/fact/join-2").raise_for_status()
    key = client.get("/log/vkey").text.strip()
    proved = verify_proof(parse_proof(answer.text), VerifierKey.parse(key))

    assert proved.event.stored_type == "MemberJoined/1"
    assert '"id":"join-2"' in proved.event.data.decode()
    assert "join-2.tlog-proof" in answer.headers["content-disposition"]
    file = tmp_path / "join-2.tlog-proof"
    file.write_text(answer.text)
    assert (
        subprocess.run([sys.executable, VERIFIER, key, file], capture_output=True).returncode == 0
    )
    file.write_text(answer.text.replace("index 602", "index 601"))
    assert (
        subprocess.run([sys.executable, VERIFIER, key, file], capture_output=True).returncode == 1
    )


def test_there_is_no_proof_of_what_was_never_recorded(client: httpx.Client) -> None:
    answer = client.get("/log/proof/fact/nothing")

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNKNOWN_FACT"


# As files


def test_a_published_log_grows_file_by_file(new_instance: NewInstance, tmp_path: Path) -> None:
    def fetch(path: str) -> bytes:
        return (tmp_path / path).read_bytes()

    with new_instance() as instance, instance.database.connect(WRITER) as connection:
        signer = instance.signer()
        assert publish(connection, signer, tmp_path)[0].size == 0
        for first, count in ((0, 255), (255, 1), (256, 1), (257, 300)):
            instance.record.apply(entities(first, count), actor="someone")
            head, written = publish(connection, signer, tmp_path)
            assert head.size == first + count == len(follow(fetch)[2])
            assert written <= 8
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

        assert publish(connection, signer, tmp_path)[1] == 0
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
        assert not [path for path in before if path.name.startswith(".")]


def test_a_folder_with_another_log_is_not_written_to(
    new_instance: NewInstance, tmp_path: Path
) -> None:
    with new_instance() as one, new_instance() as other:
        for each, count in ((one, 3), (other, 5)):
            each.record.apply(entities(0, count), actor="someone")
        with one.database.connect(WRITER) as connection:
            publish(connection, one.signer(), tmp_path)
        before = (tmp_path / "checkpoint").read_bytes()
        with other.database.connect(WRITER) as connection:
            sign_now(connection, other.signer())
            with pytest.raises(Refused, match="signed"):
                publish(connection, other.signer(), tmp_path)
            with pytest.raises(Refused, match="not a continuation"):
                publish(connection, _with_key_of(one, other), tmp_path)

    assert (tmp_path / "checkpoint").read_bytes() == before
    assert not (tmp_path / Tile(0, 0, 5).path).exists()


def _with_key_of(one: Instance, other: Instance):
    (other.settings.data / "signing.key").write_bytes(
        (one.settings.data / "signing.key").read_bytes()
    )
    return other.signer()
