"""Numbers longer than Python reads (4,300 digits) are refused wherever a number can be written."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import browsing
from graphql import GraphQLField, GraphQLInputObjectType, GraphQLList, get_nullable_type
from support.addresses import ADDRESSES

from api.graphql.schema import schema_of
from api.instance import Instance
from domain.vocabulary import CORE

DIGITS, ZEROS, ARABIC = "9" * 4_301, "0" * 4_301, "٩" * 4_301
OURS = {"INTERNAL", "UNAVAILABLE", "TIMEOUT"}


@pytest.fixture(scope="module")
def client(sampled: Instance) -> Iterator[httpx.Client]:
    with browsing(sampled) as client:
        yield client


def root_fields() -> dict[str, GraphQLField]:
    """The fields at the root of queries that take arguments."""
    query, mutation = schema_of(CORE).graphql.query_type, schema_of(CORE).graphql.mutation_type
    assert query is not None
    assert mutation is not None
    return {
        **{f"query {name}": field for name, field in query.fields.items() if field.args},
        **{f"mutation {name}": field for name, field in mutation.fields.items()},
    }


def literal(kind: Any, number: str, depth: int = 0) -> str:
    """A literal of an input type that has a number wherever one can stand."""
    kind = get_nullable_type(kind)
    if isinstance(kind, GraphQLList):
        return f"[{literal(kind.of_type, number, depth)}]"
    if isinstance(kind, GraphQLInputObjectType) and depth < 3:
        fields = (
            f"{name}: {literal(field.type, number, depth + 1)}"
            for name, field in kind.fields.items()
        )
        return f"{{{', '.join(fields)}}}"
    return number


def is_no_failure_of_ours(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text[:500]
    if "json" in answer.headers.get("content-type", ""):
        errors = answer.json().get("errors", [])
        assert OURS.isdisjoint(error["extensions"]["code"] for error in errors), errors


@pytest.mark.parametrize("number", [DIGITS, f"-{DIGITS}", f'"{DIGITS}"', f"{DIGITS}.5", "1e99999"])
def test_a_number_in_a_document_is_refused(client: httpx.Client, number: str) -> None:
    for name, found in root_fields().items():
        kind, field = name.split()
        for argument in found.args:
            needed = [
                f"{other}: {literal(each.type, number)}"
                for other, each in found.args.items()
                if other == argument or "!" in str(each.type)
            ]
            document = f"{kind} {{ {field}({', '.join(needed)}) {{ __typename }} }}"
            answer = client.post("/graphql", json={"query": document})

            is_no_failure_of_ours(answer)
            assert len(answer.text) < 30_000


def test_a_number_in_variables_is_refused(client: httpx.Client) -> None:
    for name, found in root_fields().items():
        kind, field = name.split()
        for argument, given in found.args.items():
            document = (
                f"{kind}($given: {str(given.type).rstrip('!')}) "
                f"{{ {field}({argument}: $given) {{ __typename }} }}"
            )
            for value in (DIGITS, [DIGITS], {"asOf": DIGITS}, 10**40, -1e300):
                asked = {"query": document, "variables": {"given": value}}
                answer = client.post("/graphql", json=asked)

                is_no_failure_of_ours(answer)
                assert len(answer.text) < 30_000


def test_a_number_in_json_is_refused(client: httpx.Client) -> None:
    sent = f'{{"query": "{{ log {{ position }} }}", "variables": {{"given": {DIGITS}}}}}'
    headers = {"content-type": "application/json"}

    assert client.post("/graphql", content=sent, headers=headers).status_code == 400


@pytest.mark.parametrize("number", [DIGITS, f"-{DIGITS}", f"2014-{DIGITS}", ZEROS, ARABIC])
def test_a_number_in_an_address_is_refused(client: httpx.Client, number: str) -> None:
    for address in ADDRESSES:
        parts = address.decode().split("%s")
        for gap in range(1, len(parts)):
            filled = number.join(["2014".join(parts[:gap]), "2014".join(parts[gap:])])

            answer = client.get(filled, headers={"accept": "application/json"})

            assert answer.status_code < 500, filled[:80]


def test_a_number_in_a_token_is_no_failure_of_ours(client: httpx.Client) -> None:
    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    for header, payload in (
        ('{"alg":"RS256","kid":"a"}', f'{{"exp":{DIGITS}}}'),
        (f'{{"alg":"RS256","kid":{DIGITS}}}', "{}"),
        (DIGITS, DIGITS),
    ):
        token = f"{part(header)}.{part(payload)}.{part('x')}"
        answer = client.post(
            "/graphql",
            json={"query": "{ log { position } }"},
            headers={"authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 401


@pytest.mark.parametrize("place", [f"[{DIGITS}]", f'["x", {DIGITS}]', f"[{DIGITS}, 1]", DIGITS])
def test_a_number_in_a_cursor_is_refused(client: httpx.Client, place: str) -> None:
    cursor = base64.urlsafe_b64encode(place.encode()).decode()
    for field in ('members(coalition: "global-coalition", ', "facts(", 'search(text: "a", '):
        document = f'{{ {field}after: "{cursor}") {{ edges {{ cursor }} }} }}'
        answer = client.post("/graphql", json={"query": document})

        codes = [error["extensions"]["code"] for error in answer.json()["errors"]]
        assert OURS.isdisjoint(codes), codes


@pytest.mark.parametrize("header", ["host", "if-none-match", "accept", "accept-encoding", "range"])
def test_a_number_in_a_header_is_no_failure_of_ours(client: httpx.Client, header: str) -> None:
    for number in (DIGITS, f"x:{DIGITS}", f"text/html;q={DIGITS}", f"bytes={DIGITS}-{DIGITS}"):
        for path in ("/", "/graphql?query={log{position}}", "/facts.csv", "/health/ready"):
            assert client.get(path, headers={header: number}).status_code < 500
