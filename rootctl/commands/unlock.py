"""`rootctl unlock` and `restore`: policies that lock an account out of its own buckets and queues."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from msgspec import structs

from rootctl.consent import ask, check_consent_possible
from rootctl.errors import WrongUsage
from rootctl.hub import Function, NoHub
from rootctl.hub_or_direct import LOOKING, UNLOCKING, HubOrDirect
from rootctl.options import AccountArgument, Reason, RunOptions, ViaHubOrDirect, Wait, reason_text
from rootctl.output import show
from rootctl.policy_answer import exit_of, policy_csv, policy_table
from rootctl.requests import Answerer, CarryingOut, Request, Runbook, accepted, by_hub, who_asks
from rootctl.unlocking import SavedPolicy, direct_unlocking, is_file_here, saved_in_file, saved_in_hub
from rootwarden.events import AccountId
from rootwarden.requests import RequestRefused
from rootwarden.unlocking.outcome import Unlocked, UnlockResult, is_same
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
Evidence = Annotated[
    str,
    typer.Argument(
        metavar="EVIDENCE", help="What unlock named: a file here, or a key of the hub's evidence bucket."
    ),
]
LockAgain = Annotated[
    bool,
    typer.Option("--lock-again", help="Also put a policy there that may lock, or, restoring, that does."),
]
ResourceRegion = Annotated[
    str | None,
    typer.Option(
        "--resource-region", metavar="REGION", help="The Region it is in, where its name alone does not say."
    ),
]

_STANDARD_INPUT = "-"
_LEAVE_OUT = "Leave out --via-hub for a file."
_FUNCTIONS = {
    ResourceKind.BUCKET: (Function.UNLOCK_BUCKET, "unlock_bucket"),
    ResourceKind.QUEUE: (Function.UNLOCK_QUEUE, "unlock_queue"),
}
_QUESTIONS = {
    UnlockAction.DELETE: "Delete this policy? It is saved first.",
    UnlockAction.PUT: "Put the given policy in place of this one? This one is saved first.",
    UnlockAction.RESTORE: "Put the saved policy in place of what is there? That is saved first.",
}


def unlock(
    run: RunOptions,
    kind: Kind,
    account: AccountArgument,
    name: Name,
    *,
    reason: Reason,
    policy: Policy = None,
    lock_again: LockAgain = False,
    resource_region: ResourceRegion = None,
    via_hub: ViaHubOrDirect = None,
    wait: Wait = False,
) -> None:
    """Repair the policy of a bucket or queue that locks its own account out: delete it, or put another there.

    Shows first which statements lock whom out, and asks; --dry-run only shows, with exit code 3 where a
    statement locks. The policy is saved before it is changed, by the hub in its bucket, else in a file below
    ./unlocks; rootctl restore puts it back. A policy that locks again is refused. With your own credentials
    it asks about the alerts before anything else, with --dry-run too.
    """
    check_consent_possible(run)
    request = {
        "policy": None if policy is None else _read(policy),
        "reason": reason_text(reason),
        kind.value: name,
        "region": resource_region,
        "lockAgain": lock_again,
    }
    action = UnlockAction.DELETE if policy is None else UnlockAction.PUT
    change = _Change(kind, run.account_id(account), action, request)
    _carry_out(run, change, HubOrDirect.find(run.session, via_hub=via_hub), wait=wait)


def restore(
    run: RunOptions,
    evidence: Evidence,
    *,
    reason: Reason,
    lock_again: LockAgain = False,
    resource_region: ResourceRegion = None,
    via_hub: ViaHubOrDirect = None,
    wait: Wait = False,
) -> None:
    """Put back the policy of a bucket or queue as it was before rootctl unlock changed it.

    Shows first what is there now and what would come in its place, and asks. What is there is saved in its
    turn. A saved policy that locks is refused unless --lock-again says that it is meant. The hub cannot read
    files here: what was saved in one is put back with your own credentials, which asks about the alerts
    first, as --direct does.
    """
    check_consent_possible(run)
    why = reason_text(reason)
    saved, way = _saved(run, evidence, via_hub=via_hub)
    request = {
        saved.kind.value: saved.name,
        "region": resource_region or saved.region,
        "evidence": evidence,
        "lockAgain": lock_again,
        "reason": why,
    }
    _carry_out(run, _Change(saved.kind, saved.account_id, UnlockAction.RESTORE, request), way, wait=wait)


def _saved(run: RunOptions, evidence: str, *, via_hub: bool | None) -> tuple[SavedPolicy, HubOrDirect]:
    """Return whose policy was saved, and the only way to what saved it."""
    if via_hub is False or (via_hub is None and is_file_here(evidence)):
        return saved_in_file(evidence), HubOrDirect(
            None, f"{evidence} is a file here, which the hub cannot read. "
        )
    saved = saved_in_hub(evidence, otherwise=_LEAVE_OUT if via_hub else "There is no such file here either.")
    way = HubOrDirect.find(run.session, via_hub=via_hub)
    if way.hub is None:
        raise NoHub(f"There is no file {evidence} here. {way.said.strip()}")
    return saved, way


def _read(policy: str) -> str:
    try:
        text = sys.stdin.read() if policy == _STANDARD_INPUT else Path(policy).read_text(encoding="utf-8")
        return policy_document(text)
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"--policy {policy} cannot be read: {error}.") from error
    except RequestRefused as refused:
        raise WrongUsage(f"--policy {policy}: {refused.text}. Nothing was done.") from refused


@dataclass(frozen=True)
class _Change:
    """One change; details: what else the request says but for dryRun and who asks."""

    kind: ResourceKind
    account_id: AccountId
    action: UnlockAction
    details: Request

    @property
    def request(self) -> Request:
        """What is asked for."""
        return {**self.details, "account": self.account_id, "action": self.action.value}

    def is_there_already(self, present: Unlocked) -> bool:
        """Say whether there is nothing to change; a hub of before may not say what policy would come."""
        is_said = present.new_policy is not None or self.action is UnlockAction.DELETE
        return is_said and is_same(present.policy, present.new_policy)


def _carry_out(run: RunOptions, change: _Change, way: HubOrDirect, *, wait: bool) -> None:
    """Say which way, show what is there, ask, change it, and show what became of it; ends the command."""
    answer, runbook = _answerer(run, change, way)
    if runbook and change.action is UnlockAction.PUT and not run.dry_run:
        raise WrongUsage(
            "The hub asks for approval, and a new policy cannot be approved: leave out --policy to have"
            " the policy deleted, then the account's own administrators can put theirs."
        )
    request = {**change.request, "requestedBy": who_asks(run.session)}
    way.enter(run, [change.account_id], LOOKING if run.dry_run else UNLOCKING)
    present = Unlocked.from_detail(accepted(answer({**request, "dryRun": True})))
    is_to_do = not run.dry_run and present.result is UnlockResult.SHOWN
    if is_to_do and change.is_there_already(present):
        present = structs.replace(present, result=UnlockResult.UNCHANGED)
    elif is_to_do:
        ask(policy_table(present), _QUESTIONS[change.action], yes=run.yes)
        present = Unlocked.from_detail(CarryingOut(answer, runbook, wait, run.output).do(request))
    show(run.output, table=policy_table(present), document=present.to_detail(), csv=policy_csv(present))
    raise typer.Exit(exit_of(present))


def _answerer(run: RunOptions, change: _Change, way: HubOrDirect) -> tuple[Answerer, Runbook | None]:
    if way.hub is None:
        return direct_unlocking(run.session, change.kind, change.account_id), None
    output, name = _FUNCTIONS[change.kind]
    return by_hub(way.hub, output), Runbook.before(way.hub, name)
