"""Unlocking a bucket or queue for an operator: by the hub or directly."""

import time
from dataclasses import dataclass

import typer

from rootctl.approvals import Runbook
from rootctl.aws import AwsSession
from rootctl.consent import ask
from rootctl.errors import WrongUsage
from rootctl.hub import Function, Hub
from rootctl.options import Output, show
from rootctl.requests import (
    Answerer,
    CarryingOut,
    NoRegister,
    Request,
    accepted,
    by_hub,
    by_this_machine,
    tell_nobody,
    who_asks,
)
from rootctl.root_access import RootAccess
from rootctl.saved_policies import DIRECTORY, EvidenceFiles
from rootctl.unlock_answer import PolicyAnswer, as_csv, as_json, as_table
from rootwarden.approval.approvals import NoApprovals
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.root_buckets import RootBuckets
from rootwarden.aws.root_queues import RootQueues
from rootwarden.aws.service_control_policies import ServiceControlPolicies
from rootwarden.outcomes import utc_now
from rootwarden.unlocking.outcome import UnlockResult
from rootwarden.unlocking.requests import ResourceKind, UnlockAction
from rootwarden.unlocking.unlocker import PolicyHolders, Unlocker, UnlockFunction


def direct_unlocking(session: AwsSession, kind: ResourceKind) -> Answerer:
    """Return what answers requests about buckets, or queues; raises CallRefused."""
    client = session.client("organizations")
    organization = ServiceControlPolicies(client).organization()
    function = UnlockFunction(
        kind=kind,
        management_account_id=organization.management_account_id,
        directory=OrganizationsDirectory(client),
        approvals=NoApprovals(),
        unlocker=Unlocker(
            holders=_holders(session, kind),
            evidence=EvidenceFiles(DIRECTORY),
            publish=tell_nobody,
            clock=utc_now,
            sleep=time.sleep,
            organization_id=organization.organization_id,
        ),
    )
    return by_this_machine(function.handle)


def _holders(session: AwsSession, kind: ResourceKind) -> PolicyHolders:
    access = RootAccess(session)
    if kind is ResourceKind.BUCKET:
        return RootBuckets(access.sts(), access.s3, NoRegister())

    def regions(partition: str) -> list[str]:
        return session.boto3.get_available_regions("sqs", partition_name=partition)

    return RootQueues(access.sts(), access.sqs, NoRegister(), regions)


_FUNCTIONS = {
    ResourceKind.BUCKET: (Function.UNLOCK_BUCKET, "unlock_bucket"),
    ResourceKind.QUEUE: (Function.UNLOCK_QUEUE, "unlock_queue"),
}
_QUESTIONS = {
    UnlockAction.DELETE: "Delete this policy? It is saved first.",
    UnlockAction.PUT: "Put the given policy in place of this one? This one is saved first.",
    UnlockAction.RESTORE: "Put the saved policy in place of what is there? That is saved first.",
}


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a command goes about it, as its options say."""

    via_hub: bool
    wait: bool
    dry_run: bool
    yes: bool
    output: Output


@dataclass(frozen=True, kw_only=True)
class PolicyChange:
    """One change; request: everything but dryRun and who asks."""

    kind: ResourceKind
    action: UnlockAction
    request: Request

    def carry_out(self, session: AwsSession, manner: Manner) -> None:
        """Show it, ask, do it, show what became of it; ends the command."""
        answer, runbook = self._whoever_answers(session, via_hub=manner.via_hub)
        if runbook and self.action is UnlockAction.PUT and not manner.dry_run:
            raise WrongUsage(
                "The hub asks for approval, and a new policy cannot be approved: leave out --policy to have"
                " the policy deleted, then the account's own administrators can put theirs."
            )
        request = {**self.request, "requestedBy": who_asks(session)}
        present = PolicyAnswer.read(accepted(answer({**request, "dryRun": True})))
        if not manner.dry_run and self._changes(present):
            ask(as_table(present), _QUESTIONS[self.action], yes=manner.yes)
            doing = CarryingOut(answer, runbook, manner.wait, manner.output)
            present = PolicyAnswer.read(doing.do(request))
        show(manner.output, present, as_table=as_table, as_json=as_json, as_csv=as_csv)
        raise typer.Exit(present.exit)

    def _changes(self, present: PolicyAnswer) -> bool:
        return present.result is UnlockResult.SHOWN and (
            present.policy is not None or self.action is not UnlockAction.DELETE
        )

    def _whoever_answers(self, session: AwsSession, *, via_hub: bool) -> tuple[Answerer, Runbook | None]:
        if not via_hub:
            return direct_unlocking(session, self.kind), None
        output, name = _FUNCTIONS[self.kind]
        hub = Hub.find(session)
        return by_hub(hub, output), Runbook.before(hub, name)
