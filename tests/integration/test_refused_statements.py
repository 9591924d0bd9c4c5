"""A plan's statement that PostgreSQL refuses or stops: it is said, and not sent twice."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest
from conftest import browsing

from api.graphql import execution, plan_execution
from api.graphql.plan import PlanCompiler
from api.instance import Instance
from api.sized_cache import SizedCache

DOCUMENT = "{ organisations { position } }"


@pytest.fixture(autouse=True)
def _no_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_execution, "_plans", SizedCache(1_000_000))


def test_a_refused_statement_is_logged_and_counted(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any) -> Any:
        return made(*args)._replace(statement=b"SELECT nothing FROM progress")

    made = PlanCompiler.plan
    monkeypatch.setattr(PlanCompiler, "plan", broken)

    with browsing(instance) as client, caplog.at_level(logging.ERROR, logger="sijill"):
        answer = client.post("/graphql", json={"query": DOCUMENT})
        counted = client.get("/metrics").text

    assert answer.json() == {"data": {"organisations": {"position": 0}}}
    assert "sijill_refused_statements_total 1.0" in counted
    assert "PostgreSQL refused the statement of a plan" in caplog.text
    assert 'column "nothing" does not exist' in caplog.text


def test_a_statement_that_took_too_long_is_not_asked_twice(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "LONGEST_QUERY", 1)
    with (
        browsing(instance) as client,
        instance.database.connect() as owner,
        owner.transaction(),
    ):
        owner.execute("LOCK TABLE intervals IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        answer = client.post("/graphql", json={"query": DOCUMENT})
        taken = time.monotonic() - began

    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert 0.9 < taken < 1.9
