"""The course of a change to a policy: shown, agreed to, saved, changed, read back."""

from dataclasses import dataclass

import typer

from lambdas.domain.unlocking.requests import UnlockAction
from lambdas.domain.unlocking.resource import ResourceKind
from lambdas.domain.unlocking.unlocked import UnlockResult
from rootctl.aws import AwsSession
from rootctl.errors import WrongUsage
from rootctl.hub import Function, Hub
from rootctl.options import Output
from rootctl.requests.approvals import Runbook
from rootctl.requests.asking import Answerer, Request, accepted, by_hub, who_asks
from rootctl.requests.carrying_out import CarryingOut
from rootctl.terminal.consent import ask
from rootctl.terminal.showing import show
from rootctl.unlock.answer import PolicyAnswer
from rootctl.unlock.direct import direct_unlocking
from rootctl.unlock.showing import as_csv, as_json, as_table

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
