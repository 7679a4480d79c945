"""The organization rootwarden is deployed to on this machine: what AWS knows, and rootwarden's settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_json

from embedded_aws.organizations import organization
from embedded_aws.organizations.organization import Account

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
    try:
        # In JSON, unlike Python, a list may be a tuple and a text a day, however strictly it is read.
        read = TypeAdapter(Organization).validate_json(
            to_json(document, bytes_mode="base64"), strict=True, extra="forbid"
        )
    except ValidationError as error:
        raise _unusable(origin, [_mistake(each) for each in error.errors()]) from error
    if mistakes := _contradictions(read):
        raise _unusable(origin, mistakes)
    return read


def _unusable(origin: str, mistakes: list[str]) -> OrganizationFileError:
    return OrganizationFileError("\n".join([f"{origin} cannot be used:", *mistakes]))


def _mistake(error: ErrorDetails) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])
    takes = error["msg"].replace("Input should be", "takes")
    said = {
        "missing": "missing",
        "unexpected_keyword_argument": "unknown; local/organization.example.yaml has every key",
        "string_type": f"{error['input']!r} found; takes text (account ids in quotes)",
    }
    text = said.get(error["type"], f"{error['input']!r} found; {takes}")
    return f"  {place.removeprefix('.') or 'the document'}: {text}"


def _contradictions(read: Organization) -> list[str]:
    everyone = [read.management_account, *read.accounts]
    ids = [account.id for account in everyone]
    return [
        *(f"  account {i!r}: an id is 12 digits, in quotes" for i in ids if not _ACCOUNT_ID.fullmatch(i)),
        *(f"  account {i!r}: listed twice" for i in sorted({i for i in ids if ids.count(i) > 1})),
        *(
            f"  exemption {exemption.reason!r}: takes either account or ou"
            for exemption in read.exemptions
            if (exemption.account is None) == (exemption.ou is None)
        ),
    ]
