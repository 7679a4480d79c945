"""iam:SimulatePrincipalPolicy, judged by the evaluator that judges every other call here."""

from typing import Any

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.iam.policy_evaluation import AccessRequest, Decision, Statement, evaluate
from embedded_aws.iam.roles import NoSuchRoleError, statements_of

_ALLOW_ALL: Statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
# Whoever administers an account here has no role in moto's IAM, and may do everything.
_ADMINISTRATOR = ":role/OrganizationAccountAccessRole"
_DECISIONS = {
    Decision.ALLOWED: "allowed",
    Decision.EXPLICITLY_DENIED: "explicitDeny",
    Decision.IMPLICITLY_DENIED: "implicitDeny",
}


def answer(call: Call) -> dict[str, Any] | None:
    """Answer SimulatePrincipalPolicy for roles; None for other calls."""
    if call.operation != "SimulatePrincipalPolicy":
        return None
    statements = _statements(call.parameters["PolicySourceArn"])
    context = {
        entry["ContextKeyName"]: entry["ContextKeyValues"][0]
        for entry in call.parameters.get("ContextEntries", ())
    }
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": _DECISIONS[evaluate(statements, AccessRequest(action, resource, context))],
        }
        for action in call.parameters["ActionNames"]
        for resource in call.parameters.get("ResourceArns") or ("*",)
    ]
    return {"EvaluationResults": results, "IsTruncated": False}


def _statements(arn: str) -> list[Statement]:
    if arn.endswith(_ADMINISTRATOR):
        return [_ALLOW_ALL]
    try:
        return [*statements_of(arn)]
    except NoSuchRoleError as error:
        raise CallRefusedError("NoSuchEntity", f"The role with arn {arn} cannot be found.", 404) from error
