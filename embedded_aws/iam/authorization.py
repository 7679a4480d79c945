"""Which IAM action, on which resource, a call needs; and whether its caller may make it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from embedded_aws.calls import ACTIONS, S3_ACTIONS, Call, CallRefusedError, access_denied
from embedded_aws.iam.policy_evaluation import (
    ALLOW_ALL,
    AccessRequest,
    Decision,
    Statement,
    Values,
    evaluate,
    validate,
)
from embedded_aws.sts import root_sessions

_DENY_ALL: Statement = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class Need:
    """One permission a call needs."""

    action: str
    resource: str = "*"
    context: Mapping[str, Values] = field(default_factory=dict)


_Rule = Callable[[Call, "Authorization"], Iterator[Need]]


class NoRuleError(Exception):
    """When the embedded AWS cannot say which permission a call needs."""


class Authorization:
    """Judges root sessions by their task policy, enforced roles by their policies, no one else."""

    def __init__(self, organization_id: str, management_account_id: str) -> None:
        """Take what resource ARNs and conditions need to know of the organization."""
        self.organization_id = organization_id
        self.management_account_id = management_account_id
        self._statements: dict[str, tuple[Statement, ...]] = {}

    def enforce(self, role_arn: str, statements: Sequence[Statement]) -> None:
        """Judge the role's calls by these statements from now on; unknown elements raise."""
        validate(statements)
        self._statements[role_arn] = tuple(statements)

    def needs(self, call: Call) -> list[Need]:
        """Return the permissions a call needs; raises NoRuleError where no rule says."""
        rule = _RULES.get(call.service)
        if rule is None:
            raise NoRuleError(f"embedded_aws/iam/authorization.py has no rule for {call.service}")
        return list(rule(call, self)) or [Need(_action(call))]

    def needs_or_name(self, call: Call) -> list[Need]:
        """Return the permissions a call needs; where no rule says, the one its operation is named after."""
        try:
            return self.needs(call)
        except NoRuleError:
            return [Need(f"{call.service}:{call.operation}")]

    def check(self, call: Call, *, is_member: bool) -> None:
        """Refuse the call as AWS words it when its caller may not make it."""
        statements = self._statements_of(call)
        if statements is None or call.operation == "GetCallerIdentity":
            return
        try:
            needs = self.needs_or_name(call) if call.principal.is_root else self.needs(call)
        except NoRuleError as error:
            raise access_denied(call, call.action, "*", f" because {error}") from error
        for need in needs:
            context = self.context_of(call, need, is_member=is_member)
            decision = evaluate(statements, AccessRequest(need.action, need.resource, context))
            if decision is not Decision.ALLOWED:
                raise _denial(call, need, decision)

    def _statements_of(self, call: Call) -> tuple[Statement, ...] | None:
        principal = call.principal
        if principal.task_policy_arn:
            return (ALLOW_ALL, *(root_sessions.task_policy(principal.task_policy_arn) or (_DENY_ALL,)))
        return self._statements.get(principal.role_arn) if principal.role_arn else None

    def context_of(self, call: Call, need: Need, *, is_member: bool) -> dict[str, Values]:
        """Return what conditions can ask about one permission a call needs."""
        owner = (need.resource.split(":") + [""] * 5)[4]
        return {
            **call.principal.condition_keys,
            **({"aws:PrincipalOrgID": self.organization_id} if is_member else {}),
            "aws:RequestedRegion": call.region,
            "aws:ResourceAccount": owner or call.account,
            "aws:SecureTransport": "true",
            **need.context,
        }


def _denial(call: Call, need: Need, decision: Decision) -> CallRefusedError:
    reason = f" because no identity-based policy allows the {need.action} action"
    if decision is Decision.EXPLICITLY_DENIED:
        policy = "a session policy" if call.principal.is_root else "an identity-based policy"
        reason = f" with an explicit deny in {policy}"
    if need.action == "sts:AssumeRoot":
        reason = ""  # It words every refusal alike.
    return access_denied(call, need.action, need.resource, reason)


def _action(call: Call) -> str:
    prefix = "states" if call.service == "stepfunctions" else call.service
    return f"{prefix}:{ACTIONS.get((call.service, call.operation), call.operation)}"


def _arn(call: Call, resource: str) -> str:
    if resource.startswith("arn:"):
        return resource
    prefix = _action(call).partition(":")[0]
    return f"arn:{call.partition}:{prefix}:{call.region}:{call.account}:{resource}"


# The rule for services whose calls name their resource in one of these parameters.
def _named_by(**kinds: str) -> _Rule:
    def rule(call: Call, _: Authorization) -> Iterator[Need]:
        kind = next((kind for kind in kinds if kind in call.parameters), None)
        given = str(call.parameters[kind]) if kind else ""
        if given.startswith("alias/"):
            raise NoRuleError("embedded_aws/iam/authorization.py does not look up key aliases")
        resource = given if given.startswith("arn:") else f"{kinds.get(kind or '')}{given.lstrip('/')}"
        yield Need(_action(call), _arn(call, resource) if kind else "*")

    return rule


def _sts(call: Call, _: Authorization) -> Iterator[Need]:
    if call.operation == "AssumeRoot":
        root = f"arn:{call.partition}:iam::{root_sessions.target_account(call.parameters)}:root"
        context = {"sts:TaskPolicyArn": (call.parameters.get("TaskPolicyArn") or {}).get("arn", "")}
        yield Need("sts:AssumeRoot", root, context)
    else:
        yield Need(_action(call), call.parameters.get("RoleArn", "*"))


def _iam(call: Call, _: Authorization) -> Iterator[Need]:
    iam = f"arn:{call.partition}:iam::{call.account}"
    kinds = {"UserName": "user", "RoleName": "role", "GroupName": "group"}
    named = next((kind for kind in kinds if kind in call.parameters), None)
    if named:
        yield Need(_action(call), f"{iam}:{kinds[named]}/{call.parameters[named]}")
    elif call.operation == "DeleteVirtualMFADevice":
        yield Need(_action(call), call.parameters["SerialNumber"])
    else:
        yield Need(_action(call), f"{iam}:root" if call.principal.is_root else "*")


def _organizations(call: Call, organization: Authorization) -> Iterator[Need]:
    parameters = call.parameters
    keys = ("AccountId", "OrganizationalUnitId", "ChildId", "ParentId", "ResourceId", "TargetId")
    given = next((str(parameters[key]) for key in keys if key in parameters), None)
    resource = "*"
    if given:
        kind = {"o": "ou", "r": "root"}.get(given[0], "account")
        owner = f"arn:{call.partition}:organizations::{organization.management_account_id}"
        resource = f"{owner}:{kind}/{organization.organization_id}/{given}"
    service = parameters.get("ServicePrincipal")
    yield Need(_action(call), resource, {"organizations:ServicePrincipal": service} if service else {})


def _account(call: Call, organization: Authorization) -> Iterator[Need]:
    named = call.parameters.get("AccountId")
    prefix = f"arn:{call.partition}:account::"
    member = f"{organization.management_account_id}:account/{organization.organization_id}/{named}"
    yield Need(_action(call), f"{prefix}{member}" if named else f"{prefix}{call.account}:account")


def _dynamodb(call: Call, _: Authorization) -> Iterator[Need]:
    parameters = call.parameters
    for item in parameters.get("TransactItems", ()):
        ((kind, inner),) = item.items()
        action = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
        yield Need(f"dynamodb:{action}", _table(call, inner["TableName"]))
    for table in parameters.get("RequestItems", ()):
        yield Need(_action(call), _table(call, table))
    if "TableName" in parameters:
        index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
        yield Need(_action(call), _table(call, parameters["TableName"]) + index)


def _table(call: Call, name: str) -> str:
    return _arn(call, name if name.startswith("arn:") else f"table/{name}")


def _events(call: Call, _: Authorization) -> Iterator[Need]:
    if call.operation in ("ListRules", "ListRuleNamesByTarget"):
        yield Need(_action(call))
        return
    if call.operation == "ListTargetsByRule":
        bus = str(call.parameters.get("EventBusName", "default"))
        name = call.parameters["Rule"]
        yield Need(_action(call), _arn(call, f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}"))
        return
    if call.operation != "PutEvents":
        raise NoRuleError(f"embedded_aws/iam/authorization.py has no rule for events {call.operation}")
    buses: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for entry in call.parameters["Entries"]:
        buses[entry.get("EventBusName") or "default"].append(entry)
    for bus, entries in buses.items():
        context = {
            "events:source": [entry.get("Source", "") for entry in entries],
            "events:detail-type": [entry.get("DetailType", "") for entry in entries],
        }
        yield Need(_action(call), _arn(call, bus if bus.startswith("arn:") else f"event-bus/{bus}"), context)


def _sqs(call: Call, _: Authorization) -> Iterator[Need]:
    url = str(call.parameters.get("QueueUrl", ""))
    name = call.parameters.get("QueueName")
    if url:
        account, name = url.split("/")[-2:]
        queue = f"arn:{call.partition}:sqs:{call.region}:{account}:{name}"
    else:
        queue = _arn(call, str(name)) if name else "*"
    yield Need(_action(call), queue)


def _s3(call: Call, _: Authorization) -> Iterator[Need]:
    if call.operation not in S3_ACTIONS:
        raise NoRuleError(f"embedded_aws/iam/authorization.py has no rule for s3 {call.operation}")
    bucket, key = call.parameters.get("Bucket"), call.parameters.get("Key")
    path = f"{bucket}/{key}" if key else bucket
    prefix = call.parameters.get("Prefix")
    context = {"s3:prefix": str(prefix)} if prefix is not None else {}
    yield Need(_action(call), f"arn:{call.partition}:s3:::{path}" if bucket else "*", context)


def _scheduler(call: Call, _: Authorization) -> Iterator[Need]:
    name, group = call.parameters.get("Name"), call.parameters.get("GroupName", "default")
    yield Need(_action(call), _arn(call, f"schedule/{group}/{name}") if name else "*")
    if role := call.parameters.get("Target", {}).get("RoleArn"):
        yield Need("iam:PassRole", role, {"iam:PassedToService": "scheduler.amazonaws.com"})


def _cloudwatch(call: Call, _: Authorization) -> Iterator[Need]:
    namespace = call.parameters.get("Namespace")
    yield Need(_action(call), "*", {"cloudwatch:namespace": namespace} if namespace else {})


def _securityhub(call: Call, _: Authorization) -> Iterator[Need]:
    for finding in call.parameters.get("Findings", ()):
        yield Need(_action(call), finding["ProductArn"])


_RULES: Mapping[str, _Rule] = {
    "account": _account,
    "cloudformation": _named_by(StackSetName="stackset/"),
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "events": _events,
    "iam": _iam,
    "kms": _named_by(KeyId="key/"),
    "lambda": _named_by(FunctionName="function:"),
    "organizations": _organizations,
    "s3": _s3,
    "scheduler": _scheduler,
    "secretsmanager": _named_by(SecretId="secret:"),
    "securityhub": _securityhub,
    "sns": _named_by(TopicArn="", TargetArn=""),
    "sqs": _sqs,
    "ssm": _named_by(
        AutomationExecutionId="automation-execution/",
        DocumentName="automation-definition/",
        Name="parameter/",
    ),
    "stepfunctions": _named_by(stateMachineArn="", executionArn="", mapRunArn="", activityArn=""),
    "sts": _sts,
}
