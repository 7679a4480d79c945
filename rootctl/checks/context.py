"""What checks look at and how they end. "Could not check" is a result of its own, and never a good one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from rootctl.aws import AwsSession
from rootctl.checks.configured import ConfiguredForwarding
from rootctl.hub import Hub
from rootwarden.aws.clients import refusals
from rootwarden.aws.deployed import MemberForwarding
from rootwarden.aws.organizations import AccountRegions, Organization, OrganizationChecks, organization_of
from rootwarden.aws.service_control_policies import ServiceControlPolicies
from rootwarden.events import AccountId
from rootwarden.report.checks import Answers

ASK_THERE = "rootctl doctor --management-profile NAME"


class Status(StrEnum):
    """What a check says."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One thing looked at. remedy: the command that remedies it, or what to do where no command can."""

    status: Status
    text: str
    remedy: str | None = None


def ok(text: str) -> Result:
    """Say that all is ok."""
    return Result(status=Status.OK, text=text)


def wrong(text: str, *, remedy: str) -> Result:
    """Say what is wrong, and what remedies it."""
    return Result(status=Status.WRONG, text=text, remedy=remedy)


def unknown(text: str, *, remedy: str) -> Result:
    """Say what could not be checked, and what would let it be."""
    return Result(status=Status.UNKNOWN, text=f"could not check: {text}", remedy=remedy)


def hidden(what: str) -> Result:
    """Say what only the management account sees, where its credentials are not used."""
    return unknown(f"only the management account sees {what}", remedy=ASK_THERE)


# Where Organizations and the sign-in page log, and the organization's stack is.
EVENTS_REGION = "us-east-1"


@dataclass(frozen=True)
class CallerIdentity:
    """Who AWS says a session is."""

    arn: str
    account: AccountId

    @classmethod
    def of(cls, session: AwsSession) -> "CallerIdentity":
        """Ask AWS; raises CallRefused."""
        with refusals():
            found = session.client("sts").get_caller_identity()
        return cls(found["Arn"], AccountId(found["Account"]))


@dataclass(frozen=True)
class DoctorContext:
    """The sessions and the time. management: of the management account where that is another profile.

    Every property raises CallRefused, and those of the hub NoHub.
    """

    session: AwsSession
    management: AwsSession
    clock: Callable[[], datetime]

    @cached_property
    def caller(self) -> CallerIdentity:
        """The caller of the command."""
        return CallerIdentity.of(self.session)

    @cached_property
    def management_caller(self) -> CallerIdentity:
        """The caller that asks what only the management account can answer."""
        return self.caller if self.management is self.session else CallerIdentity.of(self.management)

    @cached_property
    def hub(self) -> Hub:
        """The deployed hub."""
        return Hub.find(self.session)

    @cached_property
    def policies(self) -> ServiceControlPolicies:
        """The organization's service control policies."""
        return ServiceControlPolicies(self.management.client("organizations"))

    @cached_property
    def organization(self) -> Organization:
        """The organization."""
        return organization_of(self.management.client("organizations"))

    @cached_property
    def answers(self) -> Answers:
        """What AWS says of the organization's protection, each question by itself."""
        checks = OrganizationChecks(
            self.management.client("iam"), self.management.client("organizations"), is_management=False
        )
        return checks.ask()

    @cached_property
    def forwarding(self) -> MemberForwarding:
        """The StackSet of the members, which lives where the organization's events are."""
        return MemberForwarding(
            self.management.client("cloudformation", region=EVENTS_REGION), self.session.name_prefix
        )

    @cached_property
    def configured(self) -> ConfiguredForwarding:
        """What the deployed hub was told of the members' forwarding."""
        return ConfiguredForwarding.of(self.hub)

    @cached_property
    def account_regions(self) -> AccountRegions:
        """Which Regions accounts have, by the management account, which alone may ask of others."""
        client = self.management.client("account", region=EVENTS_REGION)
        return AccountRegions(client, self.organization.management_account_id)

    @property
    def is_management(self) -> bool:
        """Say whether what only the management account can answer is asked there."""
        return self.management_caller.account == self.organization.management_account_id

    @property
    def is_management_hub(self) -> bool:
        """Say whether the hub is in the management account, which needs no delegated administrator."""
        return self.caller.account == self.organization.management_account_id
