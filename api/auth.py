"""Who is asking: the holder of a key of ours, or of a token of the issuer that we trust.

Whoever sends no Authorization header may read. A bad one is refused, reading or writing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import jwt
import psycopg

from domain.errors import Refused
from domain.names import is_name
from domain.roles import Role
from projections.asof import Connection
from store.keys import SHAPE, Holder, digest_of, find_holders

ALGORITHMS = ["RS256", "ES256"]
"""Signatures with a private key of the issuer's. Pinned: a token does not choose its own."""
LONGEST_LIFE = timedelta(minutes=15)
LEEWAY = timedelta(seconds=30)
LONGEST_TOKEN = 8_192


Reader = Callable[[], AbstractAsyncContextManager[Connection]]
"""Gives a connection in the reader's role for a while: a pool's `connection`."""


class Principal(NamedTuple):
    """Who is asking, as events name it, and what for."""

    actor: str
    role: Role


@dataclass(frozen=True, slots=True)
class Oidc:
    """An OpenID Connect issuer whose tokens count. `role_claim` names the claim with our role."""

    issuer: str
    audience: str
    jwks: jwt.PyJWKClient
    role_claim: str = "sijill_role"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Oidc | None:
        """From SIJILL_OIDC_ISSUER, _AUDIENCE, _JWKS (its keys' address) and _ROLE_CLAIM."""
        issuer = environ.get("SIJILL_OIDC_ISSUER")
        if not issuer:
            return None
        audience, keys = environ.get("SIJILL_OIDC_AUDIENCE"), environ.get("SIJILL_OIDC_JWKS")
        if not audience or not keys or not keys.startswith(("https://", "http://127.0.0.1:")):
            raise Refused(
                "BAD_SETTING",
                "SIJILL_OIDC_ISSUER needs SIJILL_OIDC_AUDIENCE and SIJILL_OIDC_JWKS, the https "
                "address of the issuer's keys (its jwks_uri).",
            )
        client = jwt.PyJWKClient(keys, cache_keys=False, lifespan=300, timeout=5)
        return cls(issuer, audience, client, environ.get("SIJILL_OIDC_ROLE_CLAIM") or "sijill_role")

    def principal(self, token: str) -> Principal:
        """Whose token it is. Raises jwt.PyJWTError for one that does not count. Blocks."""
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise jwt.InvalidAlgorithmError("the algorithm is not one of ours")
        if header.get("typ", "JWT") not in ("JWT", "at+jwt") or "crit" in header:
            raise jwt.InvalidTokenError("the header asks for what we do not do")
        key = self.jwks.get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=self.audience,
            issuer=self.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"], "strict_aud": True},
        )
        expires = datetime.fromtimestamp(claims["exp"], UTC)
        if expires > datetime.now(UTC) + LONGEST_LIFE + LEEWAY:
            raise jwt.InvalidTokenError("it lives too long")
        subject, role = claims["sub"], claims.get(self.role_claim)
        if not isinstance(subject, str) or not is_name(subject):
            raise jwt.InvalidTokenError("its subject is no name")
        if not isinstance(role, str) or role not in set(Role):
            raise jwt.InvalidTokenError("it gives no role of ours")
        return Principal(f"oidc:{subject}", Role(role))


UNAUTHENTICATED = "UNAUTHENTICATED"


def _bad_credentials() -> Refused:
    # One message for all: which part was wrong is nobody's business.
    return Refused(
        UNAUTHENTICATED,
        "The Authorization header is not «Bearer» with a key or token that is good now.",
    )


class _Batch:
    """Keys that are looked up together."""

    def __init__(self) -> None:
        self.digests: set[bytes] = set()
        self.found: dict[bytes, Holder] | None = None
        self.error: psycopg.Error | None = None


class Holders:
    """Whose a key is, as of now: requests that come while some are looked up are looked up next,
    together, so that one alone never waits."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._one_at_a_time = asyncio.Lock()
        self._next = _Batch()

    async def find(self, key: str) -> Holder | None:
        """The holder of a key that is good now. Raises psycopg.Error."""
        digest, batch = digest_of(key), self._next
        batch.digests.add(digest)
        async with self._one_at_a_time:
            if batch.found is None and batch.error is None:
                self._next = _Batch()
                try:
                    async with self._reader() as connection:
                        batch.found = await find_holders(connection, batch.digests)
                except psycopg.Error as error:
                    batch.error = error
        if batch.error is not None:
            raise batch.error
        assert batch.found is not None
        return batch.found.get(digest)


async def authenticate(header: str | None, holders: Holders, oidc: Oidc | None) -> Principal | None:
    """Who sends this Authorization header; None without one. Refused(UNAUTHENTICATED)."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.isascii() or len(token) > LONGEST_TOKEN:
        raise _bad_credentials()
    if SHAPE.match(token):
        holder = await holders.find(token)
        if holder is None:
            raise _bad_credentials()
        return Principal(f"{holder.name} (key {holder.id})", holder.role)
    if oidc is None:
        raise _bad_credentials()
    try:
        return await asyncio.to_thread(oidc.principal, token)
    except jwt.PyJWTError as error:
        raise _bad_credentials() from error
