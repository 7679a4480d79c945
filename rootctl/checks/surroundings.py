"""What the checks look at, asked for when the first of them needs it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from lambdas.adapters.member_forwarding import MemberForwarding
from lambdas.adapters.organization_checks import OrganizationChecks
from lambdas.adapters.refusals import refusals
from lambdas.adapters.service_control_policies import Organization, ServiceControlPolicies
from lambdas.domain.accounts import AccountId
from lambdas.domain.report.checks import Answers
from rootctl.aws import AwsSession
from rootctl.hub import Hub

# Where Organizations and the sign-in page tell what happens, and the organization's stack is.
EVENTS_REGION = "us-east-1"


@dataclass(frozen=True)
class Caller:
    """Who AWS says a session is."""

    arn: str
    account: AccountId

    @classmethod
    def of(cls, session: AwsSession) -> "Caller":
        """Ask AWS; raises CallRefused."""
        with refusals():
            found = session.client("sts").get_caller_identity()
        return cls(found["Arn"], AccountId(found["Account"]))


@dataclass(frozen=True)
class Surroundings:
    """The sessions and the time. management: of the management account where that is another profile.

    Every property raises CallRefused, and those of the hub NoHub.
    """

    session: AwsSession
    management: AwsSession
    clock: Callable[[], datetime]

    @cached_property
    def caller(self) -> Caller:
        """Whoever runs the command."""
        return Caller.of(self.session)

    @cached_property
    def management_caller(self) -> Caller:
        """Whoever asks what only the management account can answer."""
        return self.caller if self.management is self.session else Caller.of(self.management)

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
        return self.policies.organization()

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
        return MemberForwarding(self.management.client("cloudformation", region=EVENTS_REGION))

    @property
    def is_management(self) -> bool:
        """Say whether what only the management account can answer is asked there."""
        return self.management_caller.account == self.organization.management_account_id

    @property
    def is_management_hub(self) -> bool:
        """Say whether the hub is in the management account, which needs no delegated administrator."""
        return self.caller.account == self.organization.management_account_id
