"""Repairs policies that lock an account out of its own buckets and queues."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from rootctl.aws import AwsSession
from rootctl.consent import check_consent_possible
from rootctl.errors import WrongUsage
from rootctl.options import (
    AccountArgument,
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
    account_ids,
    reason_text,
)
from rootctl.unlocking import Manner, PolicyChange
from rootwarden.requests import RequestRefused
from rootwarden.unlocking.requests import ResourceKind, UnlockAction, policy_document

Kind = Annotated[ResourceKind, typer.Argument(metavar="bucket|queue", help="What is locked.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The bucket's name; the queue's URL, ARN or name.")]
Policy = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="Put this policy in its place, rather than none; - reads it from standard input.",
    ),
]
_STANDARD_INPUT = "-"


def unlock(
    kind: Kind,
    account: AccountArgument,
    name: Name,
    *,
    reason: Reason,
    policy: Policy = None,
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
    """Repair the policy of a bucket or queue that locks its own account out: delete it, or put another there.

    Shows first which statements lock whom out, and asks; --dry-run only shows, with exit code 3 where a
    statement locks. The policy is saved before it is changed, by the hub in its bucket, else in a file below
    ./unlocks; rootctl restore puts it back. A policy that locks again is refused.
    """
    check_consent_possible(yes=yes, dry_run=dry_run)
    [account_id] = account_ids([account], named="ACCOUNT")
    action = UnlockAction.DELETE if policy is None else UnlockAction.PUT
    request = {
        "account": account_id,
        kind.value: name,
        "region": resource_region,
        "action": action.value,
        "policy": None if policy is None else _read(policy),
        "lockAgain": lock_again,
        "reason": reason_text(reason),
    }
    manner = Manner(via_hub=via_hub, wait=wait, dry_run=dry_run, yes=yes, output=output)
    change = PolicyChange(kind=kind, action=action, request=request)
    change.carry_out(AwsSession.begin(profile, region), manner)


def _read(policy: str) -> str:
    try:
        text = sys.stdin.read() if policy == _STANDARD_INPUT else Path(policy).read_text(encoding="utf-8")
        return policy_document(text)
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"--policy {policy} cannot be read: {error}.") from error
    except RequestRefused as refused:
        raise WrongUsage(f"--policy {policy}: {refused.text}. Nothing was done.") from refused
