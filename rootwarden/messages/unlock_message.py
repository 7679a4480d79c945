"""The words for `Resource Policy Unlock`: whenever a policy was changed as root, or may have been."""

from rootwarden.messages.commands import quoted, restore
from rootwarden.messages.message import POLICY, Facts, Message, s3_object
from rootwarden.policies.locks import LockVerdict
from rootwarden.policies.service_control_policies import advice
from rootwarden.unlocking.outcome import PolicyChange, PolicyUnlocked
from rootwarden.unlocking.requests import ResourceKind

_DONE = {
    PolicyChange.DELETED: "was deleted as root. Reading back shows none.",
    PolicyChange.REPLACED: "was replaced as root by the one given. Reading back shows the change.",
    PolicyChange.RESTORED: "was put back as root from evidence. Reading back shows the change.",
    PolicyChange.FAILED: "was to be changed as root. rootwarden could not prove that it was.",
}
_WHY = "not meant to be"
_LABELS = {LockVerdict.LOCKS: "Locked by", LockVerdict.MAY_LOCK: "May have been locked by"}


def unlock_message(outcome: PolicyUnlocked, region: str) -> Message:
    """Compose the message. region: where the evidence is."""
    kind, result = outcome.resource.kind, outcome.result
    failed = result is PolicyChange.FAILED
    by_policy = advice(outcome.reason.text) if outcome.reason else None
    return Message(
        severity=outcome.weighed(),
        account=outcome.account,
        headline=f"{kind} policy may have changed" if failed else f"{kind} policy {result}",
        happened=f"{outcome.requested_by} asked for it: {outcome.request_reason}",
        done=f"The policy of the {outcome.resource} {_DONE[result]}",
        who=_who(outcome),
        facts=_facts(outcome),
        next_steps=tuple(step for step in (by_policy, _next_step(outcome), _undo(outcome)) if step),
        links=_links(outcome, region),
        entry=POLICY,
    )


def _who(outcome: PolicyUnlocked) -> Facts:
    approved = (("Approved by", ", ".join(outcome.approved_by)),) if outcome.approved_by else ()
    return (("Asked for by", outcome.requested_by), ("Why", outcome.request_reason), *approved)


def _facts(outcome: PolicyUnlocked) -> Facts:
    facts = [("Resource", outcome.resource.arn), ("Region", outcome.resource.region)]
    facts += [
        (_LABELS[each.verdict], f"{each}: {each.why}")
        for each in outcome.statements
        if each.verdict in _LABELS
    ]
    if outcome.evidence:
        facts.append(("Policy before", outcome.evidence.key))
    if outcome.reason:
        facts.append(("Reason", f"{outcome.reason.code}: {outcome.reason.text}"))
    return tuple(facts)


def _next_step(outcome: PolicyUnlocked) -> str:
    kind = outcome.resource.kind
    match outcome.result:
        case PolicyChange.FAILED:
            which = f"{kind} {outcome.account.account_id} {quoted(outcome.resource.name)}"
            # Queues of several Regions may have one name.
            where = f" --resource-region {outcome.resource.region}" if kind is ResourceKind.QUEUE else ""
            look = f"rootctl unlock {which}{where} --dry-run --reason {quoted(_WHY)}"
            return f"Look at the policy that is there now: {look}"
        case PolicyChange.DELETED:
            return (
                f"Give the {kind} a policy that locks no one out; until then IAM policies alone say who "
                "in the account may use it."
            )
        case _:
            return "Check that this was meant to be so."


def _undo(outcome: PolicyUnlocked) -> str | None:
    if outcome.evidence is None or outcome.result is PolicyChange.FAILED:
        return None
    command = restore(outcome.evidence.key, outcome.statements, _WHY)
    return f"If this was not meant to be, put the policy back: {command}"


def _links(outcome: PolicyUnlocked, region: str) -> Facts:
    evidence = outcome.evidence
    if evidence is None or evidence.bucket is None:
        return ()
    return (("The policy before", s3_object(region, evidence.bucket, evidence.key)),)
