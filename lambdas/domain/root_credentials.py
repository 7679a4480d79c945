"""Root credentials and posture: what an account's root user can be used with."""

from dataclasses import dataclass
from enum import StrEnum


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


PASSWORD = Credential(CredentialKind.PASSWORD, CredentialKind.PASSWORD.value)


@dataclass(frozen=True)
class Posture:
    """Which kinds of root credentials exist, as GetAccountSummary flags them."""

    present: frozenset[CredentialKind]

    @property
    def is_clean(self) -> bool:
        """Whether no root credential of any kind exists."""
        return not self.present
