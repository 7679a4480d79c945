"""Puts back a policy that was saved before it was changed."""

from typing import Annotated

import typer

from rootctl.aws import AwsSession
from rootctl.consent import check_consent_possible
from rootctl.options import (
    DryRun,
    LockAgain,
    Output,
    OutputOption,
    Profile,
    Reason,
    Region,
    ResourceRegion,
    ViaHub,
    Wait,
    Yes,
    reason_text,
)
from rootctl.saved_policies import saved_in_file, saved_in_hub
from rootctl.unlocking import Manner, PolicyChange
from rootwarden.unlocking.requests import UnlockAction

Evidence = Annotated[
    str, typer.Argument(metavar="EVIDENCE", help="The file, or with --via-hub the key, that unlock told of.")
]


def restore(
    evidence: Evidence,
    *,
    reason: Reason,
    lock_again: LockAgain = False,
    resource_region: ResourceRegion = None,
    via_hub: ViaHub = False,
    wait: Wait = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Put back the policy of a bucket or queue as it was before rootctl unlock changed it.

    Shows first what is there now, and asks. What is there is saved in its turn. A saved policy that locks
    is refused unless --lock-again says that it is meant.
    """
    check_consent_possible(yes=yes, dry_run=dry_run)
    saved = saved_in_hub(evidence) if via_hub else saved_in_file(evidence)
    request = {
        "account": saved.account_id,
        saved.kind.value: saved.name,
        "region": resource_region or saved.region,
        "action": UnlockAction.RESTORE.value,
        "evidence": evidence,
        "lockAgain": lock_again,
        "reason": reason_text(reason),
    }
    manner = Manner(via_hub=via_hub, wait=wait, dry_run=dry_run, yes=yes, output=output)
    change = PolicyChange(kind=saved.kind, action=UnlockAction.RESTORE, request=request)
    change.carry_out(AwsSession.begin(profile, region), manner)
