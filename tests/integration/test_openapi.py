"""/openapi.json describes every path that answers, and what it answers with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from conftest import serving
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Route
from thorough import times

from api.app import create_app
from api.instance import Instance

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
NOT_DESCRIBED = {"/graphql", "/openapi.json"}
"""GraphQL describes itself."""


@pytest.fixture(scope="module")
def address(sampled: Instance) -> Iterator[str]:
    with serving(sampled) as address:
        yield address


@pytest.fixture(scope="module")
def document(address: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{address}/openapi.json", timeout=60).json()
    return found


def test_every_path_that_answers_is_described(sampled: Instance, document: dict[str, Any]) -> None:
    routes = [each for each in create_app(sampled).routes if isinstance(each, Route)]
    assert len(routes) > 40

    for route in routes:
        if route.path in NOT_DESCRIBED:
            continue
        described = document["paths"][route.path_format]
        for method in (route.methods or set()) - {"HEAD"}:
            assert method.lower() in described, route.path


def test_every_parameter_of_a_path_is_described(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert named == {step.split("}")[0] for step in path.split("{")[1:]}
            assert "422" not in operation["responses"]


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [each["operationId"] for item in document["paths"].values() for each in item.values()]

    assert len(set(names)) == len(names)


def test_the_page_of_the_api_needs_no_other_host(address: str) -> None:
    page = httpx.get(f"{address}/docs")

    assert page.status_code == 200
    assert "://" not in page.text
    for name in ("page.js", "swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/docs/{name}" in page.text
        assert httpx.get(f"{address}/docs/{name}").status_code == 200


def test_no_status_or_body_is_undocumented(address: str) -> None:
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    seen = set()

    @settings(
        max_examples=times(300, 20_000),
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema.as_strategy())
    def check(case: schemathesis.Case) -> None:
        response = case.call(timeout=60)
        seen.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    check()

    assert {200, 404} <= seen
