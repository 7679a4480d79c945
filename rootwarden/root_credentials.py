"""Root credentials and posture: what an account's root user can be used with."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from rootwarden.event_fields import Fields


class CredentialKind(StrEnum):
    """The four kinds of root credentials, in the order they are removed: strongest first, MFA last."""

    PASSWORD = "password"
    ACCESS_KEY = "access_key"
    SIGNING_CERTIFICATE = "signing_certificate"
    MFA_DEVICE = "mfa_device"


@dataclass(frozen=True, order=True)
class Credential:
    """One root credential by AWS's own identifier (never a secret); a password's is its kind."""

    kind: CredentialKind
    identifier: str


def credentials_to_detail(credentials: Iterable[Credential]) -> list[dict[str, str]]:
    """Return the JSON form of credentials, in order."""
    return [{"kind": found.kind.value, "id": found.identifier} for found in sorted(credentials)]


def credentials_in(fields: Fields, name: str) -> frozenset[Credential]:
    """Read the JSON form; none where the field is missing, as in older events; raises MalformedEvent."""
    items = fields.objects(name) if fields.has(name) else ()
    return frozenset(Credential(item.choice(CredentialKind, "kind"), item.text("id")) for item in items)


_FLAGS = {
    "password": CredentialKind.PASSWORD,
    "accessKeys": CredentialKind.ACCESS_KEY,
    "signingCertificates": CredentialKind.SIGNING_CERTIFICATE,
    "mfaDevices": CredentialKind.MFA_DEVICE,
}

PASSWORD = Credential(CredentialKind.PASSWORD, CredentialKind.PASSWORD.value)


@dataclass(frozen=True)
class Posture:
    """Which kinds of root credentials exist, as GetAccountSummary flags them."""

    present: frozenset[CredentialKind]

    @property
    def is_clean(self) -> bool:
        """Whether no root credential of any kind exists."""
        return not self.present

    def to_detail(self) -> dict[str, bool]:
        """Return the JSON form."""
        return {flag: kind in self.present for flag, kind in _FLAGS.items()}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(frozenset(kind for flag, kind in _FLAGS.items() if fields.boolean(flag)))
