"""The organization rootwarden is deployed to on this machine: what AWS knows, and rootwarden's settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import yaml

from embedded_aws.organizations import organization
from embedded_aws.organizations.organization import Account
from local.strict_reader import read_strictly

_ACCOUNT_ID = re.compile(r"\d{12}")


class OrganizationFileError(ValueError):
    """When an organization file cannot be used; the message lists every mistake."""


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Where the hub stack goes."""

    account: str
    region: str = "us-east-1"


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
class Organization(organization.Organization):
    """A whole organization, and rootwarden's settings in it.

    `configuration` holds any further key of rootwarden.yaml; `secrets`, by ARN, what the secrets hold that it
    names.
    """

    hub: Hub
    exemptions: tuple[Exemption, ...] = ()
    slack: Slack = field(default_factory=Slack)
    alert_emails: tuple[str, ...] = ("security@example.com",)
    configuration: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def members(self) -> tuple[Account, ...]:
        """Every account but the management account; a hub account not listed is one of them."""
        hub = self.hub.account
        listed = {self.management_account.id, *(account.id for account in self.accounts)}
        security = () if hub in listed else (Account(id=hub, name="security"),)
        return security + self.accounts


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
    read = read_strictly(Organization, document, "", mistakes)
    if not mistakes:
        mistakes = _contradictions(read)
    if mistakes:
        raise OrganizationFileError("\n".join([f"{origin} cannot be used:", *mistakes]))
    assert isinstance(read, Organization)  # noqa: S101 # narrows the type
    return read


def _contradictions(read: Organization) -> list[str]:
    everyone = [read.management_account, *read.accounts]
    ids = [account.id for account in everyone]
    return [
        *(f"  account {i!r}: an id is 12 digits, in quotes" for i in ids if not _is_account_id(i)),
        *(f"  account {i!r}: listed twice" for i in sorted({i for i in ids if ids.count(i) > 1})),
        *(
            f"  exemption {exemption.reason!r}: takes either account or ou"
            for exemption in read.exemptions
            if (exemption.account is None) == (exemption.ou is None)
        ),
    ]


def _is_account_id(value: str) -> bool:
    return _ACCOUNT_ID.fullmatch(value) is not None
