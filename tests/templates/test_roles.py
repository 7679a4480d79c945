"""Each function's role: only the permissions that are listed here."""

import json
from typing import Any

import pytest

from tests.templates.synthesized import (
    HUB,
    MANAGEMENT,
    ORGANIZATION,
    Deployment,
    Template,
    arn,
    get_arn,
    synthesized,
)
from tests.templates.test_functions import (
    ASSESS,
    AUDIT,
    CLOSE_RECOVERY,
    COLLECT,
    FORGET,
    HANDLERS,
    HARDEN,
    LIST,
    NOTIFY,
    OPEN_RECOVERY,
    RECOVERY,
    REPORT,
    SWEEP,
    UNLOCK,
    UNLOCK_BUCKET,
    UNLOCK_QUEUE,
)

_SCHEDULER_ROLE, _NOT_CLOSED = "RecoverySchedulerRoleA99DC149", "RecoveryNotClosed5A792870"
_REFUSED_SESSIONS = "RootActivityRefusedSessionsQueueF0FDD299"
_EVIDENCE = "OrganizationSweepEvidence187A9B2B"
_KEY, _TABLE, _BUS, _ALERTS = "Key961B73FD", "State1C20CC9A", "BusEA82B648", "Alerts91F83244"
_DESCRIBE_ACCOUNTS = {
    "Effect": "Allow",
    "Action": "organizations:DescribeAccount",
    "Resource": arn(f"organizations::{MANAGEMENT}:account/{ORGANIZATION}/*"),
}
# Whoever publishes an outcome adds the account's owner and what its units are called.
_PARTICULARS: list[dict[str, Any]] = [
    _DESCRIBE_ACCOUNTS,
    {**_DESCRIBE_ACCOUNTS, "Action": "organizations:ListTagsForResource"},
    {
        "Effect": "Allow",
        "Action": "organizations:DescribeOrganizationalUnit",
        "Resource": arn(f"organizations::{MANAGEMENT}:ou/{ORGANIZATION}/*"),
    },
]
_REMEMBER: dict[str, Any] = {
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    "Resource": get_arn(_TABLE),
}
_PUBLISH_OUTCOMES = {
    "Effect": "Allow",
    "Action": "events:PutEvents",
    "Resource": get_arn(_BUS),
    "Condition": {
        "ForAllValues:StringLike": {"events:source": ["rootwarden"]},
        "Null": {"events:source": "false"},
    },
}
_DECRYPT = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": get_arn(_KEY)}
_ENCRYPT = {
    "Effect": "Allow",
    "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
    "Resource": get_arn(_KEY),
}

_USE_APPROVALS: list[dict[str, Any]] = [
    {
        "Effect": "Allow",
        "Action": "ssm:GetAutomationExecution",
        "Resource": arn(f"ssm:us-east-1:{HUB}:automation-execution/*"),
    },
    {**_REMEMBER, "Action": "dynamodb:UpdateItem"},
]


@pytest.mark.parametrize("handler", HANDLERS)
def test_role_may_do_only_what_is_listed(deployed: Deployment, handler: str) -> None:
    allowed = deployed.hub.statements(deployed.hub.role_of(handler))
    assert _sorted(allowed) == _sorted([*_expected(deployed, handler), *_of_approval(deployed, handler)])


def test_every_function_has_a_role_of_its_own(deployed: Deployment) -> None:
    roles = {deployed.hub.role_of(handler) for handler in HANDLERS}
    assert len(roles) == len(HANDLERS)


def _of_approval(deployed: Deployment, handler: str) -> list[dict[str, Any]]:
    needs_approval = "APPROVAL_DOCUMENT" in deployed.hub.function(handler)["Environment"]["Variables"]
    return _USE_APPROVALS if needs_approval else []


def _expected(deployed: Deployment, handler: str) -> list[dict[str, Any]]:
    if handler in SWEEP:
        return [_write_log(deployed, handler), *_expected_of_the_sweep(deployed, handler)]
    if handler in RECOVERY:
        return [_write_log(deployed, handler), _PUBLISH_OUTCOMES, *_expected_of_recovery(handler)]
    if handler in UNLOCK:
        return [_write_log(deployed, handler), *_expected_of_unlocking(handler)]
    queue = get_arn(deployed.hub.queue_of(handler))
    chat = {"Ref": "NotificationChatTopic94F37F5D"}
    of_every_function = [
        _write_log(deployed, handler),
        {
            "Effect": "Allow",
            "Action": [
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            "Resource": queue,
        },
    ]
    own: dict[str, list[dict[str, Any]]] = {
        HARDEN: [_REMEMBER, _PUBLISH_OUTCOMES, _DECRYPT, *_PARTICULARS, _harden_sessions()],
        ASSESS: [
            {
                **_REMEMBER,
                "Action": ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", *_REMEMBER["Action"]],
            },
            _PUBLISH_OUTCOMES,
            _ENCRYPT,
            *_PARTICULARS,
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue},
            {**of_every_function[1], "Resource": get_arn(_REFUSED_SESSIONS)},
        ],
        NOTIFY: [
            {**_REMEMBER, "Action": "dynamodb:UpdateItem"},
            _ENCRYPT,
            {"Effect": "Allow", "Action": "sns:Publish", "Resource": [{"Ref": _ALERTS}, chat]},
            {
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": f"arn:aws:secretsmanager:us-east-1:{HUB}:secret:slack-AbCdEf",
            },
        ],
        FORGET: [
            {
                **_REMEMBER,
                "Action": ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"],
            },
            _PUBLISH_OUTCOMES,
            _DECRYPT,
            *_PARTICULARS,
        ],
    }
    return [*of_every_function, *own[handler]]


def _expected_of_recovery(handler: str) -> list[dict[str, Any]]:
    schedules = arn(f"scheduler:us-east-1:{HUB}:schedule/rootwarden-recovery/rootwarden-recovery-*")
    own: dict[str, list[dict[str, Any]]] = {
        OPEN_RECOVERY: [
            {**_REMEMBER, "Action": ["dynamodb:DeleteItem", *_REMEMBER["Action"]]},
            {
                "Effect": "Allow",
                "Action": [
                    "scheduler:CreateSchedule",
                    "scheduler:DeleteSchedule",
                    "scheduler:UpdateSchedule",
                ],
                "Resource": schedules,
            },
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": get_arn(_SCHEDULER_ROLE),
                "Condition": {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
            },
            *_PARTICULARS,
            _root_sessions("IAMCreateRootUserPassword"),
        ],
        CLOSE_RECOVERY: [
            {**_REMEMBER, "Action": ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"]},
            {"Effect": "Allow", "Action": "scheduler:DeleteSchedule", "Resource": schedules},
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": get_arn(_NOT_CLOSED)},
            _ENCRYPT,
            *_PARTICULARS,
        ],
    }
    return own[handler]


def _expected_of_unlocking(handler: str) -> list[dict[str, Any]]:
    task = {UNLOCK_BUCKET: "S3UnlockBucketPolicy", UNLOCK_QUEUE: "SQSUnlockQueuePolicy"}[handler]
    evidence = {"Effect": "Allow", "Resource": _objects("unlocks/*")}
    return [
        _root_sessions(task),
        *_PARTICULARS,
        _REMEMBER,
        _PUBLISH_OUTCOMES,
        {**evidence, "Action": "s3:PutObject"},
        {**evidence, "Action": "s3:GetObject"},
    ]


def _write_log(deployed: Deployment, handler: str) -> dict[str, Any]:
    return _write_log_of(deployed.hub, handler)


def _write_log_of(hub: Template, handler: str) -> dict[str, Any]:
    log = hub.function(handler)["LoggingConfig"]["LogGroup"]["Ref"]
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    return {"Effect": "Allow", "Action": actions, "Resource": get_arn(log)}


def _expected_of_the_sweep(deployed: Deployment, handler: str) -> list[dict[str, Any]]:
    write_work = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": _objects("sweeps/*")}
    own: dict[str, list[dict[str, Any]]] = {
        LIST: [
            {"Effect": "Allow", "Action": "organizations:ListAccounts", "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:ListOrganizationsFeatures", "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": get_arn(_EVIDENCE),
                "Condition": {"StringLike": {"s3:prefix": ["reports/*"]}},
            },
            write_work,
        ],
        COLLECT: [
            {
                "Effect": "Allow",
                "Action": ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
                "Resource": arn("sqs:*:*:rootwarden-undelivered"),
            },
            {
                "Effect": "Allow",
                "Action": "sqs:SendMessage",
                "Resource": [
                    *(get_arn(deployed.hub.queue_of(name)) for name in (HARDEN, FORGET, ASSESS)),
                    get_arn(_REFUSED_SESSIONS),
                ],
            },
            {
                "Effect": "Allow",
                "Action": ["events:ListRuleNamesByTarget", "events:ListRules"],
                "Resource": "*",
            },
            _ENCRYPT,
            write_work,
        ],
        AUDIT: [
            # Sessions of a batch that is refused go on record one by one.
            {**_REMEMBER, "Action": ["dynamodb:BatchWriteItem", "dynamodb:GetItem", "dynamodb:PutItem"]},
            _PUBLISH_OUTCOMES,
            # An exemption of an organizational unit asks where an account stands.
            _DESCRIBE_ACCOUNTS,
            _root_sessions("IAMAuditRootUserCredentials"),
            write_work,
        ],
        REPORT: [
            {
                "Effect": "Allow",
                "Action": "sns:ListSubscriptionsByTopic",
                "Resource": {"Ref": _alerts(deployed)},
            },
            {**_REMEMBER, "Action": ["dynamodb:BatchGetItem", "dynamodb:PutItem"]},
            _PUBLISH_OUTCOMES,
            *_PARTICULARS,
            {
                "Effect": "Allow",
                "Action": "account:ListRegions",
                "Resource": [
                    arn(f"account::{MANAGEMENT}:account/{ORGANIZATION}/*"),
                    arn(f"account::{HUB}:account"),
                ],
            },
            {
                "Effect": "Allow",
                "Action": "events:ListTargetsByRule",
                "Resource": arn(f"events:*:{HUB}:rule/*"),
            },
            {
                "Effect": "Allow",
                "Action": [
                    "events:ListRules",
                    "iam:ListOrganizationsFeatures",
                    "organizations:ListAWSServiceAccessForOrganization",
                    "organizations:ListDelegatedAdministrators",
                ],
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": [_objects("reports/*"), _objects("sweeps/*")],
            },
            {
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": get_arn(_EVIDENCE),
                "Condition": {"StringLike": {"s3:prefix": ["sweeps/*", "reports/*"]}},
            },
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": _objects("reports/*")},
        ],
    }
    return own[handler]


@pytest.mark.long
def test_what_the_configuration_adds_to_the_sweeps_roles() -> None:
    changed = synthesized(sweep={"mode": "enforce", "security_hub": True})
    hub = changed.hub
    plain = [_write_log_of(hub, AUDIT), *_expected_of_the_sweep(changed, AUDIT)]
    enforcing = hub.statements(hub.role_of(AUDIT))
    assert _sorted([s for s in enforcing if s not in plain]) == _sorted(
        [
            {**_REMEMBER, "Action": sorted(["dynamodb:BatchWriteItem", *_REMEMBER["Action"]])},
            *_PARTICULARS[1:],
            _harden_sessions(),
        ]
    )
    assert {
        "Effect": "Allow",
        "Action": "securityhub:BatchImportFindings",
        "Resource": arn(f"securityhub:us-east-1:{HUB}:product/{HUB}/default"),
    } in hub.statements(hub.role_of(REPORT))
    assert hub.function(AUDIT)["Environment"]["Variables"]["SWEEP_MODE"] == "enforce"
    assert hub.function(REPORT)["Environment"]["Variables"]["SECURITY_HUB"] == "true"


@pytest.mark.long
def test_where_nothing_is_enforced_no_role_may_delete() -> None:
    hub = synthesized(hardening=dict.fromkeys(("created", "invited", "existing"), "observe")).hub
    assert _root_sessions("IAMAuditRootUserCredentials") in hub.statements(hub.role_of(HARDEN))
    assert "IAMDeleteRootUserCredentials" not in json.dumps(hub.body)
    modes = json.loads(hub.function(HARDEN)["Environment"]["Variables"]["HARDENING_MODES"])
    assert modes == {"created": "observe", "invited": "observe", "existing": "observe"}


_PLAIN: dict[str, object] = {"hub_account_id": MANAGEMENT, "approval": {}, "slack": {}, "exemptions": []}


@pytest.mark.long
def test_an_auditing_sweep_looks_no_account_up_where_no_exemption_names_a_unit() -> None:
    hub = synthesized(**_PLAIN).hub
    assert _DESCRIBE_ACCOUNTS not in hub.statements(hub.role_of(AUDIT))


def test_a_hub_in_the_management_account_looks_at_its_own_root() -> None:
    hub = synthesized(**_PLAIN).hub
    [checks] = [s for s in hub.statements(hub.role_of(REPORT)) if s["Resource"] == "*"]
    assert "iam:GetAccountSummary" in checks["Action"]
    [members] = [s for s in hub.statements(hub.role_of(REPORT)) if "stackset" in str(s["Resource"])]
    assert members["Resource"] == arn(
        f"cloudformation:us-east-1:{MANAGEMENT}:stackset/rootwarden-forwarding*"
    )
    assert members["Action"] == ["cloudformation:DescribeStackSet", "cloudformation:ListStackInstances"]


def _alerts(deployed: Deployment) -> str:
    variables = deployed.hub.function(REPORT)["Environment"]["Variables"]
    topic: str = variables["ALERT_TOPIC_ARN"]["Ref"]
    return topic


def _objects(pattern: str) -> dict[str, Any]:
    return {"Fn::Join": ["", [get_arn(_EVIDENCE), f"/{pattern}"]]}


def _root_sessions(*tasks: str) -> dict[str, Any]:
    policies = [arn(f"iam::aws:policy/root-task/{task}") for task in tasks]
    return {
        "Effect": "Allow",
        "Action": "sts:AssumeRoot",
        "Resource": arn("iam::*:root"),
        "Condition": {"StringEquals": {"sts:TaskPolicyArn": policies}},
    }


def _harden_sessions() -> dict[str, Any]:
    return _root_sessions("IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials")


def _sorted(statements: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(statement, sort_keys=True) for statement in statements)
