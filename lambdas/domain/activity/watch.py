"""What CloudTrail shows besides root's own acts: steps before a takeover, ways out, the watch touched."""

from dataclasses import dataclass

from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.finding import Finding
from lambdas.domain.activity.severity import Severity
from lambdas.domain.activity.takeover_steps import takeover_step
from lambdas.domain.activity.watch_changes import watch_change
from lambdas.domain.activity.watch_protection import protection_change
from lambdas.domain.cloudtrail import CloudTrailRecord


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Where rootwarden's own resources are."""

    management_account_id: AccountId
    hub_account_id: AccountId

    def finding(self, record: CloudTrailRecord) -> Finding | None:
        """Say what a record shows; None where it is to be judged as an act of root, or is none of ours."""
        step = takeover_step(record)
        if step:
            return step
        found = protection_change(record) or watch_change(
            record, self.management_account_id, self.hub_account_id
        )
        if found is None or not record.identity.is_root:
            return found
        # Whatever root does is reported: what says less than an act of root does not speak for it.
        return found if found.assessment.severity in {Severity.CRITICAL, Severity.HIGH} else None


def concerns_the_watch(record: CloudTrailRecord) -> bool:
    """Say whether a record is one that the rules about the watch take, of whichever account it is."""
    own = Watch(management_account_id=record.account_id, hub_account_id=record.account_id)
    return own.finding(record) is not None
