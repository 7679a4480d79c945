"""The smallest change after which a service control policy lets root sessions through, in words."""

from lambdas.domain.policies.service_control_policies import IAM_REGIONS, Finding, Verdict
from lambdas.domain.policies.statements import Statement

_EXEMPTION = '"Null": {"aws:AssumedRoot": "true"}'
_REGION = "aws:requestedregion"
_FEW_ACTIONS = 3


def remedy(finding: Finding, partition: str) -> str:
    """Say what to change for a finding."""
    if finding.statement is None:
        return _allow(finding)
    if finding.policies[0].name.startswith("aws-guardrails-"):
        return _in_control_tower(finding.statement, finding.verdict)
    exempt = _exempt(finding.statement)
    keys = {key.lower() for key in finding.depends_on}
    if keys == {_REGION}:
        return f"Works in the Regions this statement leaves alone. For the others: {exempt}"
    if keys:
        return f"Depends on {', '.join(finding.depends_on)}. To be sure: {exempt}"
    if finding.statement.not_actions and _is_about(finding.statement, _REGION):
        region = IAM_REGIONS.get(partition, "one Region only")
        return f'IAM is called in {region}: add "iam:*" to its NotAction, or {exempt}'
    return exempt[0].upper() + exempt[1:]


def _exempt(statement: Statement) -> str:
    if _is_about(statement, "aws:assumedroot"):
        return (
            f"turn its condition on aws:AssumedRoot round, to {_EXEMPTION}: now it is aimed at root sessions."
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
