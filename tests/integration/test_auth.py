"""Who may do what: keys, tokens of an issuer, and every bad one refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.auth import Oidc, Principal, authenticate
from domain.codec import TYPES, read
from domain.errors import Refused
from domain.facts import Fact
from domain.roles import Role, allow, role_for
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
        async with await psycopg.AsyncConnection.connect(
            database.url, autocommit=True, **database.session(READER)
        ) as connection:
            return await authenticate(header, connection, oidc)

    return asyncio.run(asked())


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


now = int(time.time())
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
    "expired": lambda: f"Bearer {token(exp=now - 120, iat=now - 600)}",
    "no expiry": lambda: f"Bearer {token(exp=None)}",
    "living too long": lambda: f"Bearer {token(exp=now + 7200)}",
    "issued in the future": lambda: f"Bearer {token(iat=now + 600)}",
    "not yet valid": lambda: f"Bearer {token(nbf=now + 600)}",
    "no time of issue": lambda: f"Bearer {token(iat=None)}",
    "another issuer": lambda: f"Bearer {token(iss='https://other.example')}",
    "no issuer": lambda: f"Bearer {token(iss=None)}",
    "another audience": lambda: f"Bearer {token(aud='other')}",
    "no audience": lambda: f"Bearer {token(aud=None)}",
    "one audience of several": lambda: f"Bearer {token(aud=[AUDIENCE, 'other'])}",
    "no subject": lambda: f"Bearer {token(sub=None)}",
    "an empty subject": lambda: f"Bearer {token(sub='')}",
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
CONTRIBUTES = {"SourceRegistered", "EntityRegistered", "FactCorroborated"}


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("name", TYPES)
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
