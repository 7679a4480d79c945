"""Root credentials: which an account has, the order they go in, their last use, and which stay for people."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from msgspec import Meta, field, structs

from rootwarden.events import Record
from rootwarden.outcomes import Time


class CredentialKind(StrEnum):
    """The four kinds of root credentials, in the order they are removed: strongest first, MFA last."""

    PASSWORD = "password"
    ACCESS_KEY = "access_key"
    SIGNING_CERTIFICATE = "signing_certificate"
    MFA_DEVICE = "mfa_device"


class Credential(Record, frozen=True, order=True):
    """One root credential by AWS's own identifier (never a secret); a password's is its kind."""

    kind: CredentialKind
    identifier: str = field(name="id")

    def __str__(self) -> str:
        """Name it for people; a password has no identifier of its own."""
        return self.kind if self.identifier == self.kind else f"{self.kind} {self.identifier}"


PASSWORD = Credential(CredentialKind.PASSWORD, CredentialKind.PASSWORD.value)


class Posture(Record, frozen=True, kw_only=True):
    """Which kinds of root credentials exist, as GetAccountSummary flags them: in the order of the kinds."""

    password: bool
    access_keys: bool
    signing_certificates: bool
    mfa_devices: bool

    @classmethod
    def of(cls, present: Collection[CredentialKind]) -> Self:
        """Return the posture in which just these kinds exist."""
        return cls(**{name: kind in present for name, kind in zip(_FLAGS, CredentialKind, strict=True)})

    @property
    def present(self) -> frozenset[CredentialKind]:
        """The kinds that exist."""
        flags = zip(CredentialKind, structs.astuple(self), strict=True)
        return frozenset(kind for kind, is_present in flags if is_present)

    @property
    def is_clean(self) -> bool:
        """Whether no root credential of any kind exists."""
        return not self.present


_FLAGS = Posture.__struct_fields__


KEEP_USED_WITHIN_DAYS = 30
# AWS says of no other kind when it was used.
USE_IS_KNOWN = frozenset({CredentialKind.PASSWORD, CredentialKind.ACCESS_KEY})


class LastUse(Record, frozen=True, order=True):
    """When AWS says that a password or an access key was last used."""

    kind: CredentialKind
    identifier: str = field(name="id")
    at: Annotated[Time | None, Meta(description="null: never, as far as AWS knows")] = None

    @property
    def credential(self) -> Credential:
        """What was used."""
        return Credential(self.kind, self.identifier)


def latest(before: Iterable[LastUse], now: Iterable[LastUse]) -> frozenset[LastUse]:
    """Return what was said of each credential last."""
    return frozenset({use.credential: use for use in (*before, *now)}.values())


@dataclass(frozen=True, kw_only=True)
class KeepRule:
    """What stays for a person to decide about: credentials of these kinds, used within days. 0: nothing."""

    now: datetime
    days: int = KEEP_USED_WITHIN_DAYS
    kinds: frozenset[CredentialKind] = USE_IS_KNOWN

    def asks_about(self, credential: Credential) -> bool:
        """Say whether the credential's last use decides."""
        return self.days > 0 and credential.kind in self.kinds

    def keeps(self, use: LastUse) -> bool:
        """Say whether the credential stays."""
        if use.at is None or not self.asks_about(use.credential):
            return False
        return use.at > self.now - timedelta(days=self.days)


def removal_order(credential: Credential) -> tuple[int, str]:
    """Return what to sort by: strongest first, MFA devices last."""
    return list(CredentialKind).index(credential.kind), credential.identifier


def in_order(uses: Iterable[LastUse]) -> list[LastUse]:
    """Return last uses in the order of removal."""
    return sorted(uses, key=lambda use: removal_order(use.credential))
