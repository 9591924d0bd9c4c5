"""Who may do what: keys, tokens of an issuer, and every bad one refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import jwt
import psycopg
import pytest
from conftest import NewInstance, browsing
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.routing import Route
from thorough import THOROUGH

from api.app import create_app
from api.auth import Holders, Oidc, Principal, authenticate
from api.graphql.schema import schema_of
from api.instance import Instance
from domain.codec import read, write
from domain.errors import Refused
from domain.facts import Fact
from domain.roles import Role, allow, role_for
from domain.vocabulary import CORE
from store.database import READER, Database
from store.keys import add_key, list_keys, revoke_key

ISSUER, AUDIENCE = "https://issuer.example", "sijill"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, kid: str, algorithm: type[Any]) -> dict[str, Any]:
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"}


KEYS = {
    "keys": [
        jwk(RSA, "rsa", jwt.algorithms.RSAAlgorithm),
        jwk(EC, "ec", jwt.algorithms.ECAlgorithm),
    ]
}


@pytest.fixture
def oidc(monkeypatch: pytest.MonkeyPatch) -> Oidc:
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: KEYS)
    return Oidc(ISSUER, AUDIENCE, jwt.PyJWKClient("https://issuer.example/keys"))


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "amal", "sijill_role": "reviewer",
        "iat": now, "exp": now + 300,
    }  # fmt: skip
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


def token(
    key: Any = RSA, algorithm: str = "RS256", kid: str | None = "rsa",
    header: dict[str, Any] | None = None, **changes: Any,
) -> str:  # fmt: skip
    headers = {**({"kid": kid} if kid else {}), **(header or {})}
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


def ask(database: Database, header: str | None, oidc: Oidc | None) -> Principal | None:
    async def asked() -> Principal | None:
        return await authenticate(header, Holders(partial(reading, database)), oidc)

    return asyncio.run(asked())


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(
        database.url, autocommit=True, **database.session(READER)
    ) as connection:
        yield connection


def public_pem(key: Any) -> bytes:
    return bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def tampered(text: str) -> str:
    head, body, signature = text.split(".")
    return f"{head}.{body[:-4]}AAAA.{signature}"


def hmac_by_public_key() -> str:
    """The classic confusion: HS256 with the public key as its secret."""

    def part(obj: Any) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(obj).encode()).rstrip(b"=")

    signed = part({"alg": "HS256", "typ": "JWT", "kid": "rsa"}) + b"." + part(claims())
    digest = hmac.new(public_pem(RSA), signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


def in_seconds(seconds: int) -> int:
    """A time from now, as tokens have it."""
    return int(time.time()) + seconds


BAD: dict[str, Callable[[], str]] = {
    "no scheme": lambda: token(),
    "another scheme": lambda: f"Basic {token()}",
    "nothing after the scheme": lambda: "Bearer ",
    "two tokens": lambda: f"Bearer {token()} {token()}",
    "not a token": lambda: "Bearer abc",
    "two dots and nothing": lambda: "Bearer ..",
    "not ASCII": lambda: "Bearer كلمة",
    "far too long": lambda: "Bearer " + "a" * 10_000,
    "a key of the right shape that is none": lambda: "Bearer sijill_" + "a" * 43,
    "a key cut short": lambda: "Bearer sijill_abc",
    "no signature": lambda: f"Bearer {token().rsplit('.', 1)[0]}.",
    "the algorithm none": lambda: f"Bearer {jwt.encode(claims(), None, algorithm='none')}",
    "HS256 with the public key": lambda: f"Bearer {hmac_by_public_key()}",
    "an algorithm that is not pinned": lambda: f"Bearer {token(algorithm='RS512')}",
    "another's key under our kid": lambda: f"Bearer {token(OTHER_RSA)}",
    "an unknown kid": lambda: f"Bearer {token(kid='nobody')}",
    "no kid": lambda: f"Bearer {token(kid=None)}",
    "the kid of another kind of key": lambda: f"Bearer {token(kid='ec')}",
    "a changed body": lambda: f"Bearer {tampered(token())}",
    "expired": lambda: f"Bearer {token(exp=in_seconds(-120), iat=in_seconds(-600))}",
    "no expiry": lambda: f"Bearer {token(exp=None)}",
    "living too long": lambda: f"Bearer {token(exp=in_seconds(7200))}",
    "issued in the future": lambda: f"Bearer {token(iat=in_seconds(600))}",
    "not yet valid": lambda: f"Bearer {token(nbf=in_seconds(600))}",
    "no time of issue": lambda: f"Bearer {token(iat=None)}",
    "another issuer": lambda: f"Bearer {token(iss='https://other.example')}",
    "no issuer": lambda: f"Bearer {token(iss=None)}",
    "another audience": lambda: f"Bearer {token(aud='other')}",
    "no audience": lambda: f"Bearer {token(aud=None)}",
    "one audience of several": lambda: f"Bearer {token(aud=[AUDIENCE, 'other'])}",
    "no subject": lambda: f"Bearer {token(sub=None)}",
    "an empty subject": lambda: f"Bearer {token(sub='')}",
    "a subject that reads backwards": lambda: "Bearer " + token(sub="amal\u202enimda"),
    "a subject of blanks": lambda: "Bearer " + token(sub="   "),
    "a subject with a newline": lambda: "Bearer " + token(sub="amal\nadmin"),
    "no role": lambda: f"Bearer {token(sijill_role=None)}",
    "an unknown role": lambda: f"Bearer {token(sijill_role='owner')}",
    "a list of roles": lambda: f"Bearer {token(sijill_role=['admin'])}",
    "a critical header": lambda: f"Bearer {token(header={'crit': ['exp']})}",
    "a token of another type": lambda: f"Bearer {token(header={'typ': 'dpop+jwt'})}",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_token_is_refused(database: Database, oidc: Oidc, kind: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(database, BAD[kind](), oidc)
    assert caught.value.code == "UNAUTHENTICATED"


@pytest.mark.parametrize(("key", "algorithm", "kid"), [(RSA, "RS256", "rsa"), (EC, "ES256", "ec")])
def test_a_good_token_is_its_subject_in_its_role(
    database: Database, oidc: Oidc, key: Any, algorithm: str, kid: str
) -> None:
    header = f"Bearer {token(key, algorithm, kid)}"

    assert ask(database, header, oidc) == Principal("oidc:amal", Role.REVIEWER)


def test_without_an_issuer_no_token_counts(database: Database) -> None:
    with pytest.raises(Refused):
        ask(database, f"Bearer {token()}", None)


def test_without_a_header_nobody_is_asking(database: Database) -> None:
    assert ask(database, None, None) is None


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect() as connection:
        yield connection


def test_a_key_is_its_holder_until_it_is_revoked(
    database: Database, owner: psycopg.Connection[Any]
) -> None:
    key_id, key = add_key(owner, "Amal", Role.CONTRIBUTOR)
    good = ask(database, f"Bearer {key}", None)
    revoke_key(owner, key_id)

    assert good == Principal(f"Amal (key {key_id})", Role.CONTRIBUTOR)
    with pytest.raises(Refused):
        ask(database, f"Bearer {key}", None)
    assert list_keys(owner)[0].revoked_at is not None


def test_keys_that_come_at_the_same_time_are_looked_up_together(
    database: Database, owner: psycopg.Connection[Any]
) -> None:
    keys = [add_key(owner, f"someone {number}", Role.READER) for number in range(6)]
    given_up, revoked = keys[0][1], keys[5]
    looks = 0

    @asynccontextmanager
    async def counting() -> AsyncIterator[psycopg.AsyncConnection]:
        nonlocal looks
        looks += 1
        async with reading(database) as connection:
            await asyncio.sleep(0.01)
            yield connection

    async def asked() -> list[str | None]:
        holders = Holders(counting)
        first = asyncio.create_task(holders.find(given_up))
        await asyncio.sleep(0)
        others = [asyncio.create_task(holders.find(key)) for _, key in keys]
        await asyncio.sleep(0)
        revoke_key(owner, revoked[0])  # before its look has begun
        first.cancel()
        found = await asyncio.gather(*others, holders.find("sijill_of nobody"))
        assert looks == 2
        return [None if holder is None else holder.name for holder in found]

    assert asyncio.run(asked()) == [f"someone {number}" for number in range(5)] + [None, None]


def test_a_look_that_fails_fails_for_those_who_share_it_alone(
    database: Database, owner: psycopg.Connection[Any]
) -> None:
    _, key = add_key(owner, "someone", Role.READER)
    fails = True

    @asynccontextmanager
    async def failing() -> AsyncIterator[psycopg.AsyncConnection]:
        if fails:
            raise psycopg.OperationalError("the server is gone")
        async with reading(database) as connection:
            yield connection

    async def asked() -> None:
        nonlocal fails
        holders = Holders(failing)
        found = await asyncio.gather(*map(holders.find, [key] * 3), return_exceptions=True)
        assert [type(each) for each in found] == [psycopg.OperationalError] * 3
        fails = False
        holder = await holders.find(key)
        assert holder is not None

    asyncio.run(asked())


def test_a_key_ends_when_it_expires(database: Database, owner: psycopg.Connection[Any]) -> None:
    _, key = add_key(owner, "Amal", Role.ADMIN, datetime.now(UTC) - timedelta(seconds=1))

    with pytest.raises(Refused):
        ask(database, f"Bearer {key}", None)


def test_the_key_itself_is_kept_nowhere(owner: psycopg.Connection[Any]) -> None:
    _, key = add_key(owner, "Amal", Role.ADMIN)

    rows = str(owner.execute("SELECT * FROM keys").fetchall())
    assert key not in rows
    assert key.removeprefix("sijill_") not in rows


GOLDEN = Path(__file__).parents[1] / "golden" / "events-1.jsonl"
SAMPLES = {
    type(entry).__name__: entry
    for line in GOLDEN.read_text(encoding="utf-8").splitlines()
    for entry in [read(json.loads(line)["entry"])]
}
CONTRIBUTES = {
    "SourceRegistered", "EntityRegistered", "FactCorroborated", "HoldingAttested", "StoryTold",
}  # fmt: skip


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("name", CORE.types)
def test_each_role_may_record_what_it_may_and_no_more(name: str, role: Role | None) -> None:
    needed = role_for(SAMPLES[name])
    adds = name in CONTRIBUTES or isinstance(SAMPLES[name], Fact)

    may = role in (Role.REVIEWER, Role.ADMIN) or (adds and role is Role.CONTRIBUTOR)
    if may:
        allow(role, needed)
        return
    with pytest.raises(Refused) as caught:
        allow(role, needed)
    assert caught.value.code == ("UNAUTHENTICATED" if role is None else "FORBIDDEN")


# Over HTTP


def entry_of(kind: str) -> dict[str, Any]:
    """An entry of this type that the record below takes."""
    aims: dict[str, dict[str, Any]] = {
        "FactReinstated": {"fact": "gone"},
        "DisputeWithdrawn": {"fact": "doubted"},
        "AnnouncementCancelled": {"fact": "to-come"},
        "EntitiesSplit": {"entity": "whole", "into": ["part"]},
        "StoryWithdrawn": {"story": "told"},
    }
    return {**write(SAMPLES[kind]), **aims.get(kind, {})}


NAMED = ["a", "b", "c", "e", "part", "whole", *(f"{letter}1" for letter in "abcfhilmopstv")]
"""The entities that the samples speak of."""
RECORD: list[dict[str, Any]] = [
    *({"type": "SourceRegistered", "id": name, "title": name} for name in ("s", "s2")),
    *({"type": "EntityRegistered", "id": name, "kind": "FORCE", "names": {"en": name}}
      for name in NAMED),
    *({"type": "BaseEstablished", "id": name, "operator": "o1", "base": "b1", "when": "2015",
       "citations": [{"source": "s"}]} for name in ("f1", "f2", "f3", "gone", "doubted")),
    {"type": "BaseEstablished", "id": "to-come", "operator": "o1", "base": "b1", "when": "2035",
     "modality": "ANNOUNCED", "citations": [{"source": "s"}]},
    {"type": "EntitiesMerged", "id": "one", "entities": ["part"], "into": "whole", "reason": "one"},
    {"type": "FactRetracted", "id": "out", "fact": "gone", "reason": "a slip"},
    {"type": "FactDisputed", "id": "doubt", "fact": "doubted", "reason": "one source"},
    {"type": "FactPreferred", "id": "p", "fact": "f1", "over": ["f2"], "reason": "older"},
    {"type": "KindDefined", "id": "PACT", "names": {"en": "Pact"}},
    {"type": "StoryTold", "id": "told", "titles": {"en": "A story"}, "citations": [{"source": "s"}],
     "views": [{"entity": "a", "asOf": "2020", "texts": {"en": "A text."}}]},
]  # fmt: skip
REVIEWED = {
    "dispute": "FactDisputed", "withdrawDispute": "DisputeWithdrawn", "correct": "FactCorrected",
    "retract": "FactRetracted", "reinstate": "FactReinstated", "prefer": "FactPreferred",
    "withdrawPreference": "PreferenceWithdrawn", "callOff": "AnnouncementCancelled",
    "withdrawSource": "SourceWithdrawn",
    "reassessSource": "SourceReassessed", "correctSource": "SourceCorrected",
    "correctEntity": "EntityCorrected", "rename": "EntityRenamed", "merge": "EntitiesMerged",
    "split": "EntitiesSplit", "defineKind": "KindDefined", "defineFluent": "FluentDefined",
    "defineFactType": "FactTypeDefined", "extendDefinition": "DefinitionExtended",
    "withdrawStory": "StoryWithdrawn",
}  # fmt: skip
CONTRIBUTED = {
    "registerSource": "SourceRegistered", "registerEntity": "EntityRegistered",
    "record": "MemberJoined", "corroborate": "FactCorroborated", "attest": "HoldingAttested",
    "tellStory": "StoryTold",
}  # fmt: skip
OPERATIONS = [*CONTRIBUTED.items(), *REVIEWED.items(), *(("apply", kind) for kind in CORE.types)]
"""Each mutation, with the type of an entry for it."""


class Client:
    """Asks a served record, with keys of all roles, that trusts an issuer as well."""

    def __init__(self, instance: Instance, http: httpx.Client, keys: dict[Role, str]) -> None:
        self.instance, self.http, self.keys = instance, http, keys

    def headers(self, role: Role | None) -> dict[str, str]:
        return {"authorization": f"Bearer {self.keys[role]}"} if role else {}

    def write(
        self, field: str, headers: Mapping[Any, Any], *entries: dict[str, Any], dry: bool = True
    ) -> httpx.Response:
        query = f"""mutation ($entries: [JSON!]!, $dry: Boolean) {{
            {field}(entries: $entries, requestId: "one", dryRun: $dry) {{ recorded }} }}"""
        body = {"query": query, "variables": {"entries": entries, "dry": dry}}
        return self.http.post("/graphql", json=body, headers=headers)

    def log(self) -> list[tuple[Any, ...]]:
        """Every event as it is stored."""
        with self.instance.database.connect() as owner:
            return owner.execute(
                "SELECT id, type, data, tags FROM sijill_events_tt_main ORDER BY id"
            ).fetchall()


@pytest.fixture(scope="module")
def client(new_instance: NewInstance) -> Iterator[Client]:
    with new_instance() as instance, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIJILL_OIDC_ISSUER", ISSUER)
        patch.setenv("SIJILL_OIDC_AUDIENCE", AUDIENCE)
        patch.setenv("SIJILL_OIDC_JWKS", "https://issuer.example/keys")
        patch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: KEYS)
        instance.record.apply([read(entry) for entry in RECORD], actor="someone")
        instance.catch_up()
        with instance.database.connect() as owner:
            keys = {role: add_key(owner, f"the {role}", role)[1] for role in Role}
        with browsing(instance) as http:
            yield Client(instance, http, keys)


def code_of(response: httpx.Response) -> str | None:
    """The code of the only error, None without one."""
    (code,) = [error["extensions"]["code"] for error in response.json().get("errors", [])] or [None]
    return code and str(code)


def test_every_mutation_is_for_contributors_or_for_reviewers() -> None:
    assert schema_of(CORE).graphql.mutation_type is not None
    fields = set(schema_of(CORE).graphql.mutation_type.fields)

    assert fields == {"apply", *CONTRIBUTED, *REVIEWED}
    assert schema_of(CORE).graphql.subscription_type is None


@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_may_do_over_http_what_it_may_and_no_more(
    client: Client, role: Role | None
) -> None:
    before = client.log()
    for field, kind in OPERATIONS:
        response = client.write(field, client.headers(role), entry_of(kind))

        adds = kind in CONTRIBUTES or isinstance(SAMPLES[kind], Fact)
        if role in (Role.REVIEWER, Role.ADMIN) or (adds and role is Role.CONTRIBUTOR):
            assert response.json() == {"data": {field: {"recorded": 1}}}, (field, kind)
        else:
            code = "UNAUTHENTICATED" if role is None else "FORBIDDEN"
            assert code_of(response) == code, (field, kind)
    assert client.log() == before


@pytest.mark.parametrize("role", Role)
def test_nobody_rewrites_an_event_over_http(client: Client, role: Role) -> None:
    before = client.log()
    for entry in RECORD:
        key = next(key for key in ("title", "names", "titles", "when", "reason") if key in entry)
        other = {**entry, key: {"en": "Other"} if key in ("names", "titles") else "2016"}
        response = client.write("apply", client.headers(role), other, dry=False)

        may = role.includes(role_for(read(other)))
        taken = "NAME_TAKEN" if other["type"] == "KindDefined" else "ID_TAKEN"
        assert code_of(response) == (taken if may else "FORBIDDEN"), entry
    assert client.log() == before


@pytest.mark.parametrize("role", [None, *(Role if THOROUGH else (Role.ADMIN,))])
def test_all_other_addresses_are_for_everybody_and_for_reading_only(
    client: Client, role: Role | None
) -> None:
    routes = [route for route in create_app(client.instance).routes if isinstance(route, Route)]
    assert len(routes) > 10
    methods: dict[str, set[str]] = {}
    for route in routes:
        methods.setdefault(route.path, set()).update(route.methods or ())
    for route in routes:
        path = re.sub(r"\{[^}]*\}", "1", route.path)
        if path == "/graphql":
            assert methods[route.path] == {"GET", "HEAD", "POST"}
            continue
        if path.split("/")[1] in ("edit", "import"):  # forms, which tests of their own ask
            assert methods[route.path] == {"GET", "HEAD", "POST"}
            continue
        if path == "/reconcile":  # batches of queries come as forms, too
            assert methods[route.path] == {"GET", "HEAD", "POST"}
            response = client.http.post(path, headers=client.headers(role))
            assert response.status_code not in (401, 403)
            continue
        assert methods[route.path] == {"GET", "HEAD"}
        assert client.http.get(path, headers=client.headers(role)).status_code not in (401, 403)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            response = client.http.request(method, path, headers=client.headers(role))
            assert code_of(response) in ("METHOD_NOT_ALLOWED", "NOT_FOUND"), path
            assert response.status_code in (404, 405)


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_token_gets_nothing_over_http(client: Client, kind: str) -> None:
    before = client.log()
    headers = {b"authorization": BAD[kind]().encode().rstrip()}  # which a server would do

    wrote = client.write("apply", headers, entry_of("SourceRegistered"), dry=False)
    asked = client.http.get("/graphql", params={"query": "{ __typename }"}, headers=headers)

    for response in (wrote, asked):
        assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == 'Bearer realm="sijill"'
        assert "data" not in response.json()
    assert client.log() == before


def test_a_good_token_writes_over_http_where_every_bad_one_may_not(client: Client) -> None:
    good = {"authorization": f"Bearer {token()}"}

    assert code_of(client.write("apply", good, entry_of("SourceRegistered"))) is None
