"""Things that happen in an organization: each changes the embedded AWS, then AWS sends its events."""

from typing import Any

from embedded_aws.events.shape import Event
from embedded_aws.organizations.organization import Account
from local.aws import LocalAws
from local.scenarios import scenario_events as events

_AUDIT = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"


class Scenario:
    """Lets things happen; each method returns the events it delivered, if any, in order."""

    def __init__(self, aws: LocalAws) -> None:
        """Act on a deployed organization."""
        self._aws = aws

    def create_account(self, account: Account) -> list[Event]:
        """Create a member account; the organization hears of it in two ways."""
        self._aws.state.join(account)
        return self._deliver(
            events.create_account_result(account=account.id, **self._management),
            events.account_joined(account=account.id, method="CREATED", **self._management),
        )

    def fail_to_create_account(self, reason: str = "EMAIL_ALREADY_EXISTS") -> list[Event]:
        """Let the creation of an account fail."""
        return self._deliver(events.create_account_result(account=None, failure=reason, **self._management))

    def invite_account(self, account: Account) -> list[Event]:
        """Let an existing account join by invitation, with the root credentials it has."""
        self._aws.state.join(account, joined_method="INVITED")
        organization = self._aws.organization.organization_id
        return self._deliver(
            events.accept_handshake(account=account.id, organization=organization, **self._management),
            events.account_joined(account=account.id, method="INVITED", **self._management),
        )

    def announce_account(self, account: str) -> list[Event]:
        """Announce an account that is there already, as when an event arrives once more."""
        return self._deliver(events.create_account_result(account=account, **self._management))

    def close_account(self, account: str) -> list[Event]:
        """Close a member account."""
        self._aws.state.set_state(account, "PENDING_CLOSURE")
        return self._deliver(events.close_account_result(account=account, **self._management))

    def remove_account(self, account: str) -> list[Event]:
        """Let a member account leave the organization."""
        self._aws.state.leave(account)
        return self._deliver(events.account_departed(account=account, **self._management))

    def sign_in_as_root(self, account: str, *, succeeded: bool = True, mfa: bool = False) -> list[Event]:
        """Let a person sign in to the console as root."""
        return self._deliver(
            events.root_sign_in(account=account, time=self._aws.clock.now(), succeeded=succeeded, mfa=mfa)
        )

    def call_as_root(self, account: str, **call: Any) -> list[Event]:
        """Let a root user's access key make a call; see `scenario_events.root_api_call`."""
        return self._deliver(events.root_api_call(account=account, time=self._aws.clock.now(), **call))

    def assume_root_as_administrator(
        self, account: str, *, task_policy_arn: str = _AUDIT, region: str = "us-east-1"
    ) -> dict[str, Any]:
        """Let an administrator of the hub account assume root; CloudTrail sees the real call."""
        hub = self._aws.organization.hub.account
        answer: dict[str, Any] = self._aws.client("sts", account=hub, region=region).assume_root(
            TargetPrincipal=account, TaskPolicyArn={"arn": task_policy_arn}
        )
        return answer

    @property
    def _management(self) -> dict[str, Any]:
        return {"management": self._aws.state.management_account_id, "time": self._aws.clock.now()}

    def _deliver(self, *happened: Event) -> list[Event]:
        for event in happened:
            self._aws.deliver(event)
        return list(happened)
