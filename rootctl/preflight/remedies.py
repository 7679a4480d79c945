"""The smallest change after which a service control policy lets root sessions through, in words."""

from lambdas.domain.policies.service_control_policies import ACTIONS, IAM_REGIONS, Finding, Task, Verdict
from lambdas.domain.policies.statements import Statement

_EXEMPTION = '"Null": {"aws:AssumedRoot": "true"}'
_HUB_ROLES = '"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/RootWardenHub-*"}'
_REGION = "aws:requestedregion"
_FEW_ACTIONS = 3


def remedy(finding: Finding, partition: str) -> str:
    """Say what to change for a finding."""
    if finding.statement is None:
        return _allow(finding)
    if finding.policies[0].name.startswith("aws-guardrails-"):
        return _in_control_tower(finding.statement, finding.verdict)
    return _in_a_policy(finding, finding.statement, partition)


def _in_a_policy(finding: Finding, statement: Statement, partition: str) -> str:
    exempt = _exempt(finding, statement)
    keys = {key.lower() for key in finding.depends_on}
    if keys == {_REGION}:
        return f"Works in the Regions this statement leaves alone. For the others: {exempt}"
    if keys:
        return f"Depends on {', '.join(finding.depends_on)}. To be sure: {exempt}"
    if statement.not_actions:
        missing = f"add {_listed(finding)} to its NotAction, or {exempt}"
        if _is_about(statement, _REGION) and Task.OPEN_SESSIONS not in finding.tasks:
            return f"IAM is called in {IAM_REGIONS.get(partition, 'one Region only')}: {missing}"
        return missing[0].upper() + missing[1:]
    return exempt[0].upper() + exempt[1:]


def _listed(finding: Finding) -> str:
    """Name what a NotAction lacks: a service where it lacks all of it that is called, else each action."""
    called = {action for needed in ACTIONS.values() for action in needed}
    names = []
    for service in dict.fromkeys(action.partition(":")[0] for action in finding.actions):
        lacking = [action for action in finding.actions if action.startswith(f"{service}:")]
        is_whole = service != "sts" and {a for a in called if a.startswith(f"{service}:")} == set(lacking)
        names += [f"{service}:*"] if is_whole else lacking
    return ", ".join(f'"{name}"' for name in names)


def _exempt(finding: Finding, statement: Statement) -> str:
    if Task.OPEN_SESSIONS in finding.tasks:
        return (
            "leave it to the hub's roles, because this stops every root session: add"
            f" {_HUB_ROLES} to its Condition."
        )
    if _is_about(statement, "aws:assumedroot"):
        # Turned round it would deny to everybody else what it now denies to root sessions.
        return (
            "remove this statement, or detach the policy: it is aimed at root sessions, and at nothing else."
        )
    if any(condition.operator == "Null" for condition in statement.conditions):
        return 'add "aws:AssumedRoot": "true" to the "Null" of its Condition.'
    return f"add {_EXEMPTION} to its Condition."


def _in_control_tower(statement: Statement, verdict: Verdict) -> str:
    owned = "The policy belongs to Control Tower: leave it as it is. "
    if statement.label.upper() == "GRRESTRICTROOTUSER":
        return (
            f"{owned}Update its control AWS-GR_RESTRICT_ROOT_USER with the parameter ExemptAssumeRoot = true."
        )
    if verdict is Verdict.MAY_BLOCK and _is_about(statement, _REGION):
        return (
            "Works in the Regions this statement leaves alone. For the others: give the actions to its"
            " control's parameter ExemptedActions, in Control Tower."
        )
    return f"{owned}Exempt these actions by the parameters of its control, or disable the control there."


def _allow(finding: Finding) -> str:
    some = ", ".join(finding.actions[:_FEW_ACTIONS])
    more = len(finding.actions) - _FEW_ACTIONS
    actions = f"{some} and {more} more actions" if more > 0 else some
    if finding.depends_on:
        return f"Whether {actions} are allowed depends on {', '.join(finding.depends_on)}: allow them always."
    return f"Nothing here allows {actions}: attach FullAWSAccess, or allow them in a policy attached here."


def _is_about(statement: Statement, key: str) -> bool:
    return any(condition.key.lower() == key for condition in statement.conditions)
