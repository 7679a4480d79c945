"""The organization as it starts: its accounts, their root credentials, what is switched on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

# The service that is trusted to manage root access, and has a delegated administrator for it.
IAM = "iam.amazonaws.com"
AccountState = Literal["PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"]


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
    refused, as AWS does for brand-new accounts. `joined_days_ago` is how many days before the start (or
    before joining) Organizations says that it joined.
    """

    id: str
    name: str
    state: AccountState = "ACTIVE"
    organizational_unit: str | None = None
    refuses_assume_root_for: int = 0
    joined_days_ago: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    root: RootCredentials = field(default_factory=RootCredentials)

    @property
    def email(self) -> str:
        """The address of the account's root user."""
        return f"root+{self.name}@example.com"


@dataclass(kw_only=True)
class Features:
    """What is switched on in the organization."""

    trusted_access: bool = True
    root_credentials_management: bool = True
    root_sessions: bool = True


@dataclass(frozen=True, kw_only=True)
class Organization:
    """A whole organization, as AWS knows it. unit_names: by id; a unit without one is called by its id."""

    organization_id: str
    management_account: Account
    accounts: tuple[Account, ...] = ()
    unit_names: Mapping[str, str] = field(default_factory=dict)
    features: Features = field(default_factory=Features)
    root_id: str = "r-ab12"

    @cached_property
    def members(self) -> tuple[Account, ...]:
        """Every account but the management account."""
        return self.accounts

    @cached_property
    def organizational_units(self) -> tuple[str, ...]:
        """Every organizational unit an account is in, each once."""
        units = (account.organizational_unit for account in self.members)
        return tuple(dict.fromkeys(unit for unit in units if unit))
