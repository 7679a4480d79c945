"""What a record shows: calls nobody allowed, permissions nobody used, arrows that nothing lets in."""

from collections.abc import Iterator, Mapping, Sequence

from embedded_aws.iam.policy_evaluation import AccessRequest, Decision, evaluate
from embedded_aws.iam.resource_policies import Question, judge
from proofs.permissions.arrows import Arrow
from proofs.permissions.deployed import Deployed, Role
from proofs.permissions.grants import Grant, grants_of
from proofs.permissions.uses import Use


def is_allowed(role: Role, request: AccessRequest) -> bool:
    """Say whether a role's own policies allow a call."""
    return evaluate(role.statements, request) is Decision.ALLOWED


def missing(roles: Mapping[str, Role], uses: Sequence[Use]) -> list[str]:
    """Return what was done and is not allowed."""
    found = (
        f"{roles[use.role].name} may not {use.action} on {use.resource}: {use.because}"
        for use in uses
        if not is_allowed(roles[use.role], use.request)
    )
    return list(dict.fromkeys(found))


def used_by(roles: Mapping[str, Role], uses: Sequence[Use]) -> dict[Grant, list[str]]:
    """Return each grant of every role with what used it, in the order it happened."""
    by_role: dict[str, list[Use]] = {}
    for use in uses:
        by_role.setdefault(use.role, []).append(use)
    return {
        grant: list(
            dict.fromkeys(use.because for use in by_role.get(role.arn, ()) if grant.allows(use.request))
        )
        for role in roles.values()
        for grant in grants_of(role)
    }


def refused(deployed: Deployed, arrows: Sequence[Arrow]) -> Iterator[str]:
    """Yield where a resource, its key or a role does not let an arrow in."""
    for arrow in arrows:
        for question in arrow.admissions:
            if not _admits(deployed, question):
                yield f"{arrow.words}: {question.resource} does not admit {question.action}"
        for question in arrow.trusts:
            if judge(deployed.roles[question.resource].trust, question) is not Decision.ALLOWED:
                yield f"{arrow.words}: {question.caller.service} may not take {question.resource}"


def _admits(deployed: Deployed, question: Question) -> bool:
    decision = judge(deployed.policies.get(question.resource), question)
    # Within one account a role's own permission is enough, unless the resource says no.
    if question.caller.arn and question.caller.account == question.resource.split(":")[4]:
        return decision is not Decision.EXPLICITLY_DENIED
    return decision is Decision.ALLOWED
