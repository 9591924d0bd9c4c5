"""Which Host headers a server answers: its own names, never those of a page that rebinds DNS."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from conftest import browsing

from api.instance import Instance

PATHS = ("/", "/graphql", "/log/checkpoint", "/e/x/", "/health/live", "/edit/sign-in")


def asked(client: httpx.Client, host: str) -> list[int]:
    """Whether each path is answered: the statuses."""
    return [client.get(path, headers={"host": host}).status_code for path in PATHS]


@pytest.mark.parametrize(
    "host", ["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example:8000",
             "[", "a b", "attacker.example."],
)  # fmt: skip
def test_a_server_on_loopback_refuses_the_name_of_another(instance: Instance, host: str) -> None:
    with browsing(instance) as client:
        assert asked(client, host) == [400] * len(PATHS)
        found = client.get("/e/x/", headers={"host": host})

    assert found.json()["errors"][0]["extensions"]["code"] == "UNKNOWN_HOST"
    assert "attacker" not in found.text
    assert "location" not in found.headers


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:80", "sijill.localhost", "10.1.2.3"]
)
def test_loopback_and_addresses_are_answered(instance: Instance, host: str) -> None:
    with browsing(instance) as client:
        assert 400 not in asked(client, host)[2:]


def test_the_public_host_and_those_allowed_are_answered_and_no_other(instance: Instance) -> None:
    settings = replace(
        instance.settings, public_url="https://record.example", allowed_hosts=("backend",)
    )
    with browsing(replace(instance, settings=settings)) as client:
        assert client.get("/health/live", headers={"host": "record.example"}).status_code == 200
        assert client.get("/health/live", headers={"host": "backend:8000"}).status_code == 200
        assert client.get("/health/live", headers={"host": "other.example"}).status_code == 400


def test_a_server_beyond_loopback_that_was_given_no_name_answers_to_any(
    instance: Instance,
) -> None:
    settings = replace(instance.settings, host="0.0.0.0")
    with browsing(replace(instance, settings=settings)) as client:
        found = client.get("/health/live", headers={"host": "record.example"})
        redirected = client.get("/log/", headers={"host": "record.example"})

    assert found.status_code == 200
    assert redirected.headers["location"] == "/log"
