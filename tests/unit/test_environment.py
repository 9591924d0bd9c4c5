"""The environment stays as it is until a session of the database needs it otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from store.database import Database

PROGRAM = """
import os
before = dict(os.environ)
import api.cli, api.app, store.database, projections.rebuild, projections.follower_process
print({name for name in before.keys() | dict(os.environ).keys()
       if before.get(name) != os.environ.get(name)})
"""


def test_an_import_leaves_the_environment_as_it_is() -> None:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PGTZ": "Asia/Baghdad", "PGDATESTYLE": "SQL"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert found.stdout.strip() == "set()"


def test_a_session_is_not_overridden_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Baghdad")
    monkeypatch.setenv("PGDATESTYLE", "SQL")

    options = Database("postgresql://nowhere").session(None)["options"]

    assert "timezone=UTC" in options
    assert "datestyle=ISO" in options
    assert not {"PGTZ", "PGDATESTYLE"} & os.environ.keys()
