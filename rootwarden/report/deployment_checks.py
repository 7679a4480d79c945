"""Whether the deployment is as configured: who gets alerts, where members forward, if it is complete."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rootwarden.accounts import AccountId
from rootwarden.hardening.removal import CallRefused
from rootwarden.report.checks import FEATURES, Check, CheckName, unasked
from rootwarden.report.controls import ControlStatus


class Subscription(StrEnum):
    """How an address stands with a topic."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Whom the configuration has alerts sent to, and how each address AWS knows stands."""

    configured: tuple[str, ...]
    found: Mapping[str, Subscription] | CallRefused

    def unreached(self) -> Iterator[tuple[str, Subscription]]:
        """Yield each configured address that gets nothing, and why; nothing where AWS refused to say."""
        if isinstance(self.found, CallRefused):
            return
        known = {address.lower(): subscription for address, subscription in self.found.items()}
        for address in self.configured:
            stands = known.get(address.lower(), Subscription.NONE)
            if stands is not Subscription.CONFIRMED:
                yield address, stands


def alert_subscriptions(recipients: Recipients) -> Check:
    """Check that every configured address gets alerts."""
    name = CheckName.ALERT_SUBSCRIPTIONS
    if isinstance(recipients.found, CallRefused):
        return unasked(name, recipients.found)
    if unreached := [f"{address} ({_WHY[stands]})" for address, stands in recipients.unreached()]:
        return Check(name=name, status=ControlStatus.FAIL, text=f"get no alerts: {', '.join(unreached)}")
    text = f"all {len(recipients.configured)} configured addresses are subscribed and confirmed"
    return Check(name=name, status=ControlStatus.PASS, text=text)


_WHY = {
    Subscription.PENDING: "has not confirmed the subscription",
    Subscription.NONE: "is not subscribed",
}


# Neither is a failure: CloudFormation has not come to it yet, or leaves a suspended account alone.
_NO_FAILURE = frozenset({"PENDING", "RUNNING", "SKIPPED_SUSPENDED_ACCOUNT"})
_SHOWN = 5


@dataclass(frozen=True)
class Instance:
    """What is deployed in one account and Region.

    status: CURRENT when all is well; detailed: what CloudFormation did last there; why: its words.
    """

    account: AccountId
    region: str
    status: str
    why: str | None
    detailed: str | None = None
    stack_set: str | None = None

    @property
    def has_failed(self) -> bool:
        """Tell whether it is not as it should be, and CloudFormation will not change that by itself."""
        return self.status != "CURRENT" and self.detailed not in _NO_FAILURE


def member_stacks(answer: Sequence[Instance] | CallRefused | None) -> Check:
    """Check that no instance failed; None: only the management account sees them."""
    name = CheckName.MEMBER_STACKS
    if isinstance(answer, CallRefused):
        return unasked(name, answer)
    if answer is None:
        text = "the hub is another account, and only the management account sees the StackSet: rootctl doctor"
        return Check(name=name, status=ControlStatus.UNKNOWN, text=text)
    failed = [each for each in answer if each.has_failed]
    if failed:
        shown = ", ".join(f"{each.account} in {each.region} ({each.status})" for each in failed[:_SHOWN])
        more = f" and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
        text = f"do not forward as they should: {shown}{more}"
        return Check(name=name, status=ControlStatus.FAIL, text=text)
    text = f"all {len(answer)} instances of the StackSet are deployed"
    return Check(name=name, status=ControlStatus.PASS, text=text)


# What AWS answers a hub that nothing has been switched on for.
_NOT_THERE: Mapping[str, str] = {
    "AccessDenied": "the hub may not ask yet",
    "AccessDeniedException": "the hub may not ask yet",
    "AccountNotManagementOrDelegatedAdministratorException": "the hub is not the delegated administrator yet",
    "ServiceAccessNotEnabledException": "IAM has no trusted access yet",
}


def why_too_early(features: frozenset[str] | CallRefused) -> str | None:
    """Say why the organization's stack is not there yet; None where it is.

    Ask only before the first report: later the same answer is a finding. Raises any other refusal.
    """
    if isinstance(features, CallRefused):
        if features.code not in _NOT_THERE:
            raise features
        return f"{_NOT_THERE[features.code]} ({features})"
    off = [name for name in FEATURES.values() if name not in features]
    return f"{' and '.join(off)} not switched on yet" if off else None
