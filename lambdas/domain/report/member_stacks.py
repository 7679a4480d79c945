"""Whether the StackSet that makes members forward is deployed everywhere it should be."""

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.accounts import AccountId
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.report.checks import Check, CheckName, unasked
from lambdas.domain.report.controls import ControlStatus

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
