"""How Control Tower announces accounts.

An account that is vended ends in CreateManagedAccount, or UpdateManagedAccount when that is tried
again. Automatic enrolment, since November 2025, enables baselines instead, also in accounts that have
existed for years: those are only looked at.
https://docs.aws.amazon.com/controltower/latest/userguide/lifecycle-events.html
"""

from functools import partial

from lambdas.domain.accounts import parse_account_id
from lambdas.domain.event_fields import Fields, MalformedEvent
from lambdas.domain.hardening.reading import Mode, Ours, Reading, finished, skipped
from lambdas.domain.hardening.skip_reasons import SkipReason


def _managed_account(detail: Fields, _ours: Ours, *, status: str) -> Reading:
    return finished(detail.object("serviceEventDetails", status), "account", "accountId")


def _enabled_baseline(detail: Fields, ours: Ours, *, status: str) -> Reading:
    baseline = detail.object("serviceEventDetails", status, "enabledBaselineDetails")
    ended = baseline.text("statusSummary", "status")
    if ended == "FAILED":
        text = "Control Tower could not enable its baseline: look there for what to do"
        return skipped(SkipReason.ENROLMENT_FAILED, text)
    if ended != "SUCCEEDED":
        return skipped(SkipReason.NOT_FINISHED, f"the baseline is not enabled yet: {ended}")
    return _target(baseline, ours)


def _target(baseline: Fields, ours: Ours) -> Reading:
    """Read what the baseline was enabled for: `arn:…:organizations::…:account/o-…/444455556666`."""
    field = f"{baseline.path}.targetIdentifier"
    arn = baseline.text("targetIdentifier")
    kind, _, rest = arn.rpartition(":")[2].partition("/")
    organization, _, target = rest.partition("/")
    if kind not in {"account", "ou", "root"}:
        raise MalformedEvent(field, "the ARN of an account or an organizational unit", arn)
    if organization != ours.organization_id:
        text = f"{arn} belongs to another organization than {ours.organization_id}"
        return skipped(SkipReason.FOREIGN_ORGANIZATION, text)
    if kind != "account":
        text = f"the baseline was enabled for {target}: the next sweep looks at its accounts"
        return skipped(SkipReason.NOT_AN_ACCOUNT, text)
    return Reading(account_id=parse_account_id(target, field), mode=Mode.OBSERVE)


create_managed_account = partial(_managed_account, status="createManagedAccountStatus")
update_managed_account = partial(_managed_account, status="updateManagedAccountStatus")
enable_baseline = partial(_enabled_baseline, status="enableBaselineStatus")
update_enabled_baseline = partial(_enabled_baseline, status="updateEnabledBaselineStatus")
