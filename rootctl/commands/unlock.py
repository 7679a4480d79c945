"""`rootctl unlock` and `restore`: policies that lock an account out of its own buckets and queues."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from rootctl.consent import ask, check_consent_possible
from rootctl.errors import Exit, WrongUsage
from rootctl.hub import Function, Hub
from rootctl.options import AccountArgument, Reason, RunOptions, ViaHub, Wait, reason_text
from rootctl.output import Columns, csv_of, printable, show, table_of, with_advice
from rootctl.requests import Answerer, CarryingOut, Request, Runbook, accepted, by_hub, who_asks
from rootctl.unlocking import direct_unlocking, saved_in_file, saved_in_hub
from rootwarden.event_fields import Fields
from rootwarden.hardening.outcome import Reason as WhyNot
from rootwarden.outcomes import AccountReference
from rootwarden.policies.locks import StatementVerdict, Verdict
from rootwarden.requests import RequestRefused
from rootwarden.unlocking.evidence import EvidenceReference
from rootwarden.unlocking.outcome import UnlockResult
from rootwarden.unlocking.requests import Resource, ResourceKind, UnlockAction, policy_document

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
    str, typer.Argument(metavar="EVIDENCE", help="The file, or with --via-hub the key, that unlock named.")
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
_FUNCTIONS = {
    ResourceKind.BUCKET: (Function.UNLOCK_BUCKET, "unlock_bucket"),
    ResourceKind.QUEUE: (Function.UNLOCK_QUEUE, "unlock_queue"),
}
_QUESTIONS = {
    UnlockAction.DELETE: "Delete this policy? It is saved first.",
    UnlockAction.PUT: "Put the given policy in place of this one? This one is saved first.",
    UnlockAction.RESTORE: "Put the saved policy in place of what is there? That is saved first.",
}
_COLOURS = {Verdict.LOCKS: "bold red", Verdict.MAY_LOCK: "yellow", Verdict.HARMLESS: "green"}
_DONE = {
    UnlockResult.DELETED: "The policy was deleted, and that was read back.",
    UnlockResult.REPLACED: "The policy was replaced, and that was read back.",
    UnlockResult.RESTORED: "The saved policy was put back, and that was read back.",
    UnlockResult.UNCHANGED: "There was nothing to change.",
    UnlockResult.FAILED: "The policy may or may not have been changed: look again with --dry-run.",
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
    via_hub: ViaHub = False,
    wait: Wait = False,
) -> None:
    """Repair the policy of a bucket or queue that locks its own account out: delete it, or put another there.

    Shows first which statements lock whom out, and asks; --dry-run only shows, with exit code 3 where a
    statement locks. The policy is saved before it is changed, by the hub in its bucket, else in a file below
    ./unlocks; rootctl restore puts it back. A policy that locks again is refused.
    """
    check_consent_possible(run)
    action = UnlockAction.DELETE if policy is None else UnlockAction.PUT
    request = {
        "policy": None if policy is None else _read(policy),
        "reason": reason_text(reason),
        "account": run.account_id(account),
        kind.value: name,
        "region": resource_region,
        "action": action.value,
        "lockAgain": lock_again,
    }
    _carry_out(run, _Change(kind, action, request), via_hub=via_hub, wait=wait)


def restore(
    run: RunOptions,
    evidence: Evidence,
    *,
    reason: Reason,
    lock_again: LockAgain = False,
    resource_region: ResourceRegion = None,
    via_hub: ViaHub = False,
    wait: Wait = False,
) -> None:
    """Put back the policy of a bucket or queue as it was before rootctl unlock changed it.

    Shows first what is there now, and asks. What is there is saved in its turn. A saved policy that locks
    is refused unless --lock-again says that it is meant.
    """
    check_consent_possible(run)
    saved = saved_in_hub(evidence) if via_hub else saved_in_file(evidence)
    action = UnlockAction.RESTORE
    request = {
        "account": saved.account_id,
        saved.kind.value: saved.name,
        "region": resource_region or saved.region,
        "action": action.value,
        "evidence": evidence,
        "lockAgain": lock_again,
        "reason": reason_text(reason),
    }
    _carry_out(run, _Change(saved.kind, action, request), via_hub=via_hub, wait=wait)


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
    """One change; request: everything but dryRun and who asks."""

    kind: ResourceKind
    action: UnlockAction
    request: Request

    def makes_sense_after(self, present: "PolicyAnswer") -> bool:
        """Say whether there is anything to change."""
        return present.result is UnlockResult.SHOWN and (
            present.policy is not None or self.action is not UnlockAction.DELETE
        )


def _carry_out(run: RunOptions, change: _Change, *, via_hub: bool, wait: bool) -> None:
    """Show what is there, ask, change it, and show what became of it; ends the command."""
    answer, runbook = _answerer(run, change.kind, via_hub=via_hub)
    if runbook and change.action is UnlockAction.PUT and not run.dry_run:
        raise WrongUsage(
            "The hub asks for approval, and a new policy cannot be approved: leave out --policy to have"
            " the policy deleted, then the account's own administrators can put theirs."
        )
    request = {**change.request, "requestedBy": who_asks(run.session)}
    present = PolicyAnswer.read(accepted(answer({**request, "dryRun": True})))
    if not run.dry_run and change.makes_sense_after(present):
        ask(_table(present), _QUESTIONS[change.action], yes=run.yes)
        present = PolicyAnswer.read(CarryingOut(answer, runbook, wait, run.output).do(request))
    show(run.output, table=_table(present), document=present.detail, csv=_csv(present))
    raise typer.Exit(present.exit)


def _answerer(run: RunOptions, kind: ResourceKind, *, via_hub: bool) -> tuple[Answerer, Runbook | None]:
    if not via_hub:
        return direct_unlocking(run.session, kind), None
    output, name = _FUNCTIONS[kind]
    hub = Hub.find(run.session)
    return by_hub(hub, output), Runbook.before(hub, name)


@dataclass(frozen=True, kw_only=True)
class PolicyAnswer:
    """One answer; detail is all of it, as it came."""

    result: UnlockResult
    account: AccountReference
    resource: Resource
    policy: str | None
    statements: tuple[StatementVerdict, ...]
    evidence: EvidenceReference | None
    not_looked_at: Mapping[str, str]
    reason: WhyNot | None
    detail: Mapping[str, object]

    @classmethod
    def read(cls, answer: Fields) -> Self:
        """Read an answer; raises MalformedEvent."""
        evidence, reason = answer.optional_object("evidence"), answer.optional_object("reason")
        missed = answer.optional_object("notLookedAt")
        regions = missed.value if missed and isinstance(missed.value, Mapping) else {}
        return cls(
            result=answer.choice(UnlockResult, "result"),
            account=AccountReference.from_detail(answer.object("account")),
            resource=Resource.from_detail(answer.object("resource")),
            policy=answer.optional_text("policy"),
            statements=tuple(map(StatementVerdict.from_detail, answer.objects("statements"))),
            evidence=EvidenceReference.from_detail(evidence) if evidence else None,
            not_looked_at={str(region): str(code) for region, code in regions.items()},
            reason=WhyNot(reason.text("code"), reason.optional_text("text") or "") if reason else None,
            detail=dict(answer.value) if isinstance(answer.value, Mapping) else {},
        )

    @property
    def locks(self) -> bool:
        """Whether a statement surely locks."""
        return any(statement.verdict is Verdict.LOCKS for statement in self.statements)

    @property
    def exit(self) -> Exit:
        """How the command ends."""
        if self.result is UnlockResult.FAILED or self.reason:
            return Exit.FAILED
        return Exit.FINDINGS if self.result is UnlockResult.SHOWN and self.locks else Exit.DONE


def _table(answer: PolicyAnswer) -> RenderableType:
    """Return the statements the policy had, and what became of it."""
    columns: Columns[StatementVerdict] = {
        "Verdict": lambda each: Text(each.verdict.value.replace("_", " "), _COLOURS[each.verdict]),
        "Statement": lambda each: f"{each.number} {each.sid or ''}".strip(),
        "Who": lambda each: each.who,
        "Why": lambda each: each.why,
    }
    resource, account = answer.resource, answer.account
    return Group(
        Text(printable(f"{str(resource).capitalize()} in {resource.region}, account {account}")),
        Text("It has no policy.")
        if answer.policy is None
        else table_of(answer.statements, columns, show_lines=True),
        *(Text(printable(line)) for line in _remarks(answer)),
    )


def _csv(answer: PolicyAnswer) -> str:
    """Return the statements, one a line; one line without, where there is no policy."""
    rows: list[StatementVerdict | None] = [*answer.statements]
    return csv_of(
        rows or [None],
        {
            "result": lambda _: answer.result.value,
            "account_id": lambda _: answer.account.account_id,
            "arn": lambda _: answer.resource.arn,
            "region": lambda _: answer.resource.region,
            "statement": lambda each: each and each.number,
            "sid": lambda each: each and each.sid,
            "verdict": lambda each: each and each.verdict.value,
            "who": lambda each: each and each.who,
            "actions": lambda each: each and each.actions,
            "conditions": lambda each: each and each.conditions,
            "why": lambda each: each and each.why,
        },
    )


def _remarks(answer: PolicyAnswer) -> list[str]:
    said = [_DONE[answer.result]] if answer.result in _DONE else []
    if answer.reason:
        said.append(with_advice(f"{answer.reason.code}: {answer.reason.text}"))
    if answer.evidence:
        hub = f" --via-hub (bucket {answer.evidence.bucket})" if answer.evidence.bucket else ""
        said.append(f"The policy before is saved: rootctl restore {shlex.quote(answer.evidence.key)}{hub}")
    missed = ", ".join(f"{region} ({code})" for region, code in answer.not_looked_at.items())
    if missed:
        said.append(f"Another one of this name may be where it could not be looked for: {missed}")
    return said
