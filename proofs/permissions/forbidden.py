"""What roles must not be able to do, and which few may: each line is asked of every role."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from embedded_aws.iam.policy_evaluation import AccessRequest, Values
from proofs.permissions.deployed import Deployed, arn_of, plain, stack_of
from proofs.permissions.judgement import is_allowed

_MEMBER = "444455556666"
_TASKS = "arn:aws:iam::aws:policy/root-task/"
_HUB_FUNCTIONS_THAT_TELL = (
    *("harden_account", "assess_root_activity", "forget_account", "open_recovery", "close_recovery"),
    *("unlock_bucket", "unlock_queue", "write_report", "audit_accounts"),
)
_OF_APPROVAL = ("ApprovalsOpenRecoveryRole", "ApprovalsUnlockBucketRole", "ApprovalsUnlockQueueRole")
_APPROVED = ("open_recovery", "unlock_bucket", "unlock_queue")
_NOBODY: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Forbidden:
    """Something that only the roles named in `but` may do; who of them is not deployed does not matter."""

    action: str
    resource: str
    but: tuple[str, ...] = _NOBODY
    context: Mapping[str, Values] = field(default_factory=dict)

    @property
    def request(self) -> AccessRequest:
        """Return it as a policy judges it."""
        return AccessRequest(self.action, self.resource, self.context)

    @property
    def words(self) -> str:
        """Return it as people read it."""
        values = "".join(f", {key} {value}" for key, value in self.context.items())
        return f"{self.action} on {self.resource}{values}"


@dataclass(frozen=True, kw_only=True)
class Denials:
    """How many calls were denied, and what is wrong: a role that may, or one that should and may not."""

    denied: int
    wrong: tuple[str, ...]


def ask_all(deployed: Deployed, *, enforces: bool) -> Denials:
    """Ask every role for everything forbidden; `enforces`: whether sweeps may remove credentials."""
    denied, wrong = set[tuple[str, str, str]](), list[str]()
    for each in forbidden(deployed, enforces=enforces):
        for role in deployed.roles.values():
            may = is_allowed(role, each.request)
            if may is not (role.name in each.but):
                wrong.append(f"{role.name} {'may' if may else 'should be able to'} {each.words}")
            elif not may:
                denied.add((role.stack, role.name, each.words))
    return Denials(denied=len(denied), wrong=tuple(dict.fromkeys(wrong)))


def forbidden(deployed: Deployed, *, enforces: bool) -> list[Forbidden]:
    """Return the table for what is deployed."""
    places = _places(deployed)
    return [
        *_root_sessions(enforces=enforces),
        *_tampering(places),
        *_functions(deployed),
        *_queues(deployed),
        *_files(places["bucket"]),
        *_records(places),
        *_schedules(deployed, places),
        *_words_to_people(places),
    ]


def _places(deployed: Deployed) -> dict[str, str]:
    kinds = {
        "table": "AWS::DynamoDB::Table",
        "bucket": "AWS::S3::Bucket",
        "bus": "AWS::Events::EventBus",
        "key": "AWS::KMS::Key",
        "machine": "AWS::StepFunctions::StateMachine",
        "schedule": "AWS::Scheduler::Schedule",
        "rule": "AWS::Events::Rule",
        "function": "AWS::Lambda::Function",
        "queue": "AWS::SQS::Queue",
    }
    places = {name: arn_of(deployed.of_type(kind)[0][1]) for name, kind in kinds.items()}
    for topic, created in deployed.of_type("AWS::SNS::Topic"):
        places[f"{stack_of(topic)}/{plain(topic.logical_id)}"] = arn_of(created)
    return places


def _root_sessions(*, enforces: bool) -> Iterator[Forbidden]:
    root = f"arn:aws:iam::{_MEMBER}:root"
    tasks = {
        "IAMAuditRootUserCredentials": ("harden_account", "audit_accounts"),
        "IAMDeleteRootUserCredentials": ("harden_account", *(["audit_accounts"] if enforces else [])),
        "IAMCreateRootUserPassword": ("open_recovery",),
        "S3UnlockBucketPolicy": ("unlock_bucket",),
        "SQSUnlockQueuePolicy": ("unlock_queue",),
        # None of AWS's own: what a policy with a wildcard would let in.
        "Anything": _NOBODY,
    }
    for task, but in tasks.items():
        context = {"sts:TaskPolicyArn": f"{_TASKS}{task}"}
        yield Forbidden(action="sts:AssumeRoot", resource=root, but=but, context=context)
    yield Forbidden(action="sts:AssumeRoot", resource=root)


# What nobody may do, by what it would be done to.
_NEVER: Mapping[str, tuple[str, ...]] = {
    "arn:aws:iam::444455556666:role/Admin": ("sts:AssumeRole",),
    "arn:aws:iam::222233334444:role/Any": (
        *("iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"),
    ),
    "arn:aws:iam::222233334444:user/any": ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateUser"),
    "*": (
        *("cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "cloudwatch:DeleteAlarms"),
        *("iam:DisableOrganizationsRootCredentialsManagement", "iam:DisableOrganizationsRootSessions"),
        *("cloudwatch:DisableAlarmActions", "organizations:CloseAccount", "organizations:CreateAccount"),
        *("organizations:DeregisterDelegatedAdministrator", "organizations:DetachPolicy"),
        *("organizations:DisableAWSServiceAccess", "organizations:LeaveOrganization"),
        *("organizations:MoveAccount", "organizations:RemoveAccountFromOrganization"),
        *("organizations:UpdatePolicy", "ssm:CreateDocument", "ssm:SendAutomationSignal"),
        *("ssm:StartAutomationExecution", "ssm:UpdateDocument", "secretsmanager:ListSecrets"),
    ),
    "arn:aws:cloudformation:us-east-1:111122223333:stackset/rootwarden-forwarding": (
        *("cloudformation:DeleteStackInstances", "cloudformation:DeleteStackSet"),
        "cloudformation:UpdateStackSet",
    ),
    "arn:aws:s3:::ledger-of-a-member/any": ("s3:GetObject", "s3:PutObject"),
    "arn:aws:secretsmanager:us-east-1:222233334444:secret:another-AbCdEf": ("secretsmanager:GetSecretValue",),
}
_NEVER_OURS: Mapping[str, tuple[str, ...]] = {
    "table": ("dynamodb:DeleteTable", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateTable"),
    "key": ("kms:CreateGrant", "kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"),
    "bucket": ("s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"),
    "bus": ("events:DeleteEventBus", "events:PutPermission"),
    "rule": ("events:DeleteRule", "events:DisableRule", "events:PutRule", "events:RemoveTargets"),
    "function": (
        *("lambda:AddPermission", "lambda:DeleteFunction", "lambda:UpdateFunctionCode"),
        "lambda:UpdateFunctionConfiguration",
    ),
    "queue": ("sqs:DeleteQueue", "sqs:PurgeQueue", "sqs:SetQueueAttributes"),
    "machine": ("states:DeleteStateMachine", "states:UpdateStateMachine"),
    "schedule": ("scheduler:DeleteSchedule", "scheduler:UpdateSchedule"),
    **dict.fromkeys(
        ("RootWardenHub/Alerts", "RootWardenOrganization/Alerts"),
        ("sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe"),
    ),
}


def _tampering(places: Mapping[str, str]) -> Iterator[Forbidden]:
    never = {**_NEVER, **{places[place]: actions for place, actions in _NEVER_OURS.items()}}
    for resource, actions in never.items():
        yield from (Forbidden(action=action, resource=resource) for action in actions)


_MACHINE = "OrganizationSweepMachineRole"
# Who may invoke a function, by its alias; the functions without one are the sweep's alone.
_CALLERS = {
    ("list_accounts", ""): (_MACHINE,),
    ("write_report", ""): (_MACHINE,),
    ("audit_accounts", "sweep"): (_MACHINE,),
    ("collect_undelivered", "sweep"): (_MACHINE,),
    ("close_recovery", "sweep"): (_MACHINE,),
    ("close_recovery", "schedule"): ("RecoverySchedulerRole", "RecoveryOverdueRole"),
    ("unlock_bucket", "schedule"): ("TaskSessionsUnlockBucketBegunRole",),
    ("unlock_queue", "schedule"): ("TaskSessionsUnlockQueueBegunRole",),
    **{
        (function, "person"): (role,)
        for function, role in zip(
            ("open_recovery", "unlock_bucket", "unlock_queue"), _OF_APPROVAL, strict=True
        )
    },
}


def _functions(deployed: Deployed) -> Iterator[Forbidden]:
    aliases = [resource.properties for resource, _ in deployed.of_type("AWS::Lambda::Alias")]
    for function, created in deployed.of_type("AWS::Lambda::Function"):
        name, arn = deployed.roles[function.properties["Role"]].name, arn_of(created)
        for alias in ("", *(each["Name"] for each in aliases if each["FunctionName"] == created.reference)):
            place = f"{arn}:{alias}" if alias else arn
            yield Forbidden(
                action="lambda:InvokeFunction", resource=place, but=_CALLERS.get((name, alias), _NOBODY)
            )


def _queues(deployed: Deployed) -> Iterator[Forbidden]:
    for mapping, _ in deployed.of_type("AWS::Lambda::EventSourceMapping"):
        queue = mapping.properties["EventSourceArn"]
        [owner] = [
            deployed.roles[function.properties["Role"]].name
            for function, created in deployed.of_type("AWS::Lambda::Function")
            if mapping.properties["FunctionName"].startswith(arn_of(created))
        ]
        sends = _NOBODY if owner == "notify" else ("collect_undelivered",)
        if owner == "assess_root_activity" and "RefusedSessions" not in queue:
            sends = (owner, *sends)
        yield Forbidden(action="sqs:ReceiveMessage", resource=queue, but=(owner,))
        yield Forbidden(action="sqs:SendMessage", resource=queue, but=sends)


def _files(bucket: str) -> Iterator[Forbidden]:
    unlocking = ("unlock_bucket", "unlock_queue")
    for prefix, writers, readers in (
        (
            "sweeps/s/results/a.jsonl",
            ("list_accounts", "collect_undelivered", "audit_accounts"),
            ("write_report",),
        ),
        ("reports/s/report.json", ("write_report",), ("write_report",)),
        ("unlocks/a/bucket/b/t.json", unlocking, unlocking),
    ):
        yield Forbidden(action="s3:PutObject", resource=f"{bucket}/{prefix}", but=writers)
        yield Forbidden(action="s3:GetObject", resource=f"{bucket}/{prefix}", but=readers)
        for action in ("DeleteObject", "DeleteObjectVersion", "BypassGovernanceRetention"):
            yield Forbidden(action=f"s3:{action}", resource=f"{bucket}/{prefix}")
    for prefix, but in (("reports/", ("list_accounts", "write_report")), ("unlocks/", _NOBODY)):
        yield Forbidden(action="s3:ListBucket", resource=bucket, but=but, context={"s3:prefix": prefix})


def _records(places: Mapping[str, str]) -> Iterator[Forbidden]:
    yield Forbidden(
        action="dynamodb:DeleteItem",
        resource=places["table"],
        but=("forget_account", "open_recovery", "close_recovery"),
    )
    for source, but in (("rootwarden", _HUB_FUNCTIONS_THAT_TELL), ("aws.iam", _NOBODY), ("custom", _NOBODY)):
        context: dict[str, Values] = {"events:source": [source], "events:detail-type": ["Any"]}
        # Only EventBridge takes this role, for rules on AWS's events; the bus refuses other sources itself.
        yield Forbidden(
            action="events:PutEvents",
            resource=places["bus"],
            but=(*but, "ForwardingRole"),
            context=context,
        )
    undelivered = f"arn:aws:sqs:eu-west-1:{_MEMBER}:rootwarden-undelivered"
    for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage"):
        yield Forbidden(action=action, resource=undelivered, but=("collect_undelivered",))
    for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage"):
        yield Forbidden(action=action, resource=f"arn:aws:sqs:eu-west-1:{_MEMBER}:orders")


def _schedules(deployed: Deployed, places: Mapping[str, str]) -> Iterator[Forbidden]:
    group = places["schedule"].rpartition("schedule/")[0] + "schedule/"
    ours, others = f"{group}rootwarden-recovery/rootwarden-recovery-{_MEMBER}", f"{group}default/rootwarden"
    opening: tuple[str, ...] = ("open_recovery",)
    for action, but in (
        ("CreateSchedule", opening),
        ("UpdateSchedule", opening),
        ("DeleteSchedule", (*opening, "close_recovery")),
    ):
        yield Forbidden(action=f"scheduler:{action}", resource=ours, but=but)
        yield Forbidden(action=f"scheduler:{action}", resource=others)
    for passed, service, who in (
        ("RecoverySchedulerRole", "scheduler", opening),
        ("RecoverySchedulerRole", "lambda", _NOBODY),
        ("harden_account", "scheduler", _NOBODY),
        ("open_recovery", "scheduler", _NOBODY),
    ):
        context = {"iam:PassedToService": f"{service}.amazonaws.com"}
        role = deployed.role(passed).arn
        yield Forbidden(action="iam:PassRole", resource=role, but=who, context=context)
    starters = (
        "OrganizationSweepMachineRole",
        "OrganizationSweepSchedulerRole",
        "OrganizationSweepDeployedRole",
    )
    yield Forbidden(action="states:StartExecution", resource=places["machine"], but=starters)


def _words_to_people(places: Mapping[str, str]) -> Iterator[Forbidden]:
    yield Forbidden(action="sns:Publish", resource=places["RootWardenHub/Alerts"], but=("notify",))
    # Alarms alone write there.
    yield Forbidden(action="sns:Publish", resource=places["RootWardenOrganization/Alerts"])
    if approvals := places.get("RootWardenHub/ApprovalsTopic"):
        yield Forbidden(action="sns:Publish", resource=approvals, but=_OF_APPROVAL)
