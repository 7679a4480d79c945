"""The organization the embedded AWS plays: its accounts, their root credentials, its settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml

from local.strict_reader import read_strictly

AccountState = Literal["PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"]

_ACCOUNT_ID = re.compile(r"\d{12}")


class OrganizationFileError(ValueError):
    """When an organization file cannot be used; the message lists every mistake."""


@dataclass(frozen=True, kw_only=True)
class RootCredentials:
    """The long-term root credentials an account starts with."""

    password: bool = False
    access_keys: int = 0
    signing_certificates: int = 0
    mfa_devices: int = 0


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of the organization.

    `refuses_assume_root_for` is how many seconds after the start (or after joining) AssumeRoot is
    refused, as AWS does for brand-new accounts.
    """

    id: str
    name: str
    state: AccountState = "ACTIVE"
    organizational_unit: str | None = None
    refuses_assume_root_for: int = 0
    root: RootCredentials = field(default_factory=RootCredentials)

    @property
    def email(self) -> str:
        """The address of the account's root user."""
        return f"root+{self.name}@example.com"


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Where the hub stack goes."""

    account: str
    region: str = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Features:
    """What is switched on in the organization before anything is deployed."""

    trusted_access: bool = True
    root_credentials_management: bool = True
    root_sessions: bool = True


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """An account or organizational unit left alone until a day; exactly one of the two is set."""

    reason: str
    until: date
    account: str | None = None
    ou: str | None = None


@dataclass(frozen=True, kw_only=True)
class Slack:
    """How Slack is reached: a channel through Amazon Q, an incoming webhook, both or neither."""

    workspace_id: str | None = None
    channel_id: str | None = None
    webhook: bool = False


@dataclass(frozen=True, kw_only=True)
class Organization:
    """A whole organization.

    `configuration` holds any further key of the `rootwarden` block, as cdk.json would have it.
    """

    organization_id: str
    management_account: Account
    hub: Hub
    accounts: tuple[Account, ...] = ()
    features: Features = field(default_factory=Features)
    root_id: str = "r-ab12"
    exemptions: tuple[Exemption, ...] = ()
    remove_recently_used_keys: bool = False
    slack: Slack = field(default_factory=Slack)
    alert_emails: tuple[str, ...] = ("security@example.com",)
    configuration: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def members(self) -> tuple[Account, ...]:
        """Every account but the management account; a hub account not listed is one of them."""
        hub = self.hub.account
        listed = {self.management_account.id, *(account.id for account in self.accounts)}
        security = () if hub in listed else (Account(id=hub, name="security"),)
        return security + self.accounts

    @cached_property
    def organizational_units(self) -> tuple[str, ...]:
        """Every organizational unit an account is in, each once."""
        units = (account.organizational_unit for account in self.members)
        return tuple(dict.fromkeys(unit for unit in units if unit))


def load_organization(path: Path) -> Organization:
    """Read an organization file; local/organization.example.yaml documents every key."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise OrganizationFileError(f"{path}: {error}") from error
    return organization_from(document, origin=str(path))


def organization_from(document: object, *, origin: str = "organization") -> Organization:
    """Turn a parsed document into an organization."""
    mistakes: list[str] = []
    organization = read_strictly(Organization, document, "", mistakes)
    if not mistakes:
        mistakes = _contradictions(organization)
    if mistakes:
        raise OrganizationFileError("\n".join([f"{origin} cannot be used:", *mistakes]))
    assert isinstance(organization, Organization)  # noqa: S101 # narrows the type
    return organization


def _contradictions(organization: Organization) -> list[str]:
    everyone = [organization.management_account, *organization.accounts]
    ids = [account.id for account in everyone]
    return [
        *(f"  account {i!r}: an id is 12 digits, in quotes" for i in ids if not _is_account_id(i)),
        *(f"  account {i!r}: listed twice" for i in sorted({i for i in ids if ids.count(i) > 1})),
        *(
            f"  exemption {exemption.reason!r}: takes either account or ou"
            for exemption in organization.exemptions
            if (exemption.account is None) == (exemption.ou is None)
        ),
    ]


def _is_account_id(value: str) -> bool:
    return _ACCOUNT_ID.fullmatch(value) is not None
