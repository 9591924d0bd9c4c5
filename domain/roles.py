"""Who may record what. Reading is open; nobody, whatever the role, rewrites an event."""

from __future__ import annotations

from enum import StrEnum

from domain.corrections import Correction, FactCorroborated, HoldingAttested
from domain.definitions import Definition
from domain.errors import Refused
from domain.sources import Entry
from domain.stories import StoryWithdrawn


class Role(StrEnum):
    """Each may do what those before it may."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


def role_of(kind: type[Entry]) -> Role:
    """The least role that may record entries of a type: contributors add, reviewers correct,
    withdraw and define."""
    if issubclass(kind, Definition | StoryWithdrawn):
        return Role.REVIEWER
    if issubclass(kind, Correction) and not issubclass(kind, FactCorroborated | HoldingAttested):
        return Role.REVIEWER
    return Role.CONTRIBUTOR


def role_for(entry: Entry) -> Role:
    """The least role that may record an entry."""
    return role_of(type(entry))


def allow(role: Role | None, needed: Role) -> None:
    """Refused(UNAUTHENTICATED) without a role, Refused(FORBIDDEN) with too small a one."""
    if role is None:
        raise Refused(
            "UNAUTHENTICATED",
            "Writing needs a key, sent as «Authorization: Bearer …»: sijill keys add makes one.",
        )
    if not role.includes(needed):
        raise Refused(
            "FORBIDDEN",
            f"This needs the role {needed.value}; the key given has the role {role.value}.",
            needed=needed.value,
        )
