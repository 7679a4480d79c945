"""The root credentials an account really has, in the words of outcomes, and which of them are in use."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from embedded_aws.iam.root_credentials import RootUser

Credential = tuple[str, str]
PASSWORD: Credential = ("password", "password")
MFA_DEVICE = "mfa_device"


def credentials_of(user: RootUser) -> frozenset[Credential]:
    """Return the credentials of a root user, as outcomes name them."""
    return frozenset(
        (
            *((PASSWORD,) if user.password_created else ()),
            *(("access_key", key.id) for key in user.access_keys),
            *(("signing_certificate", certificate.id) for certificate in user.signing_certificates),
            *((MFA_DEVICE, device.id) for device in user.mfa_devices),
        )
    )


def uses_of(user: RootUser) -> dict[Credential, datetime]:
    """Return when each credential was last used, where it was and AWS says it."""
    password = {PASSWORD: user.password_last_used} if user.password_created else {}
    uses = {**password, **{("access_key", key.id): key.last_used for key in user.access_keys}}
    return {credential: at for credential, at in uses.items() if at}


def kept_for_use(
    present: frozenset[Credential], uses: Mapping[Credential, datetime], *, after: datetime, until: datetime
) -> frozenset[Credential]:
    """Return what was used between two times, and with a password the devices that protect it."""
    used = frozenset(credential for credential in present if after < uses.get(credential, after) < until)
    devices = frozenset(credential for credential in present if credential[0] == MFA_DEVICE)
    return used | (devices if PASSWORD in used else frozenset())


def named(detail: Mapping[str, Any], *fields: str) -> frozenset[Credential]:
    """Return the credentials an outcome names there."""
    return frozenset((each["kind"], each["id"]) for name in fields for each in detail.get(name, ()))


def in_words(credential: Credential) -> str:
    """Name a credential."""
    kind, identifier = credential
    return kind if kind == identifier else f"{kind} {identifier}"
