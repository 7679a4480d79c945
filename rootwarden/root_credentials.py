"""Root credentials and posture: what an account's root user can be used with."""

from collections.abc import Collection
from enum import StrEnum
from typing import Self

from msgspec import field, structs

from rootwarden.outcomes import Record


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
