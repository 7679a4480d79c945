"""What each function is given: its code, its environment, and only the permissions it needs."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.settings import SETTINGS
from stacks.constructs.python_function import RUNTIME
from tests.infrastructure.synthesized import (
    HUB,
    MANAGEMENT,
    ORGANIZATION,
    Deployment,
    arn,
    get_arn,
    synthesize,
)

HARDEN = "lambdas.handlers.harden_account.handler"
ASSESS = "lambdas.handlers.assess_root_activity.handler"
NOTIFY = "lambdas.handlers.notify.handler"
FORGET = "lambdas.handlers.forget_account.handler"
HANDLERS = (HARDEN, ASSESS, NOTIFY, FORGET)
OBSERVABILITY = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}

_KEY, _TABLE, _BUS, _ALERTS = "Key961B73FD", "State1C20CC9A", "BusEA82B648", "Alerts91F83244"
_DESCRIBE_ACCOUNTS = {
    "Effect": "Allow",
    "Action": "organizations:DescribeAccount",
    "Resource": arn(f"organizations::{MANAGEMENT}:account/{ORGANIZATION}/*"),
}
_REMEMBER = {
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


def test_only_these_functions_are_deployed(deployed: Deployment) -> None:
    functions = deployed.hub.properties("AWS::Lambda::Function")
    assert sorted(function["Handler"] for function in functions) == sorted(HANDLERS)


@pytest.mark.parametrize("handler", HANDLERS)
def test_handler_string_is_something_that_can_be_called(deployed: Deployment, handler: str) -> None:
    module, _, name = deployed.hub.function(handler)["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("handler", HANDLERS)
def test_environment_holds_what_the_handler_reads_and_nothing_else(
    deployed: Deployment, handler: str
) -> None:
    variables = deployed.hub.function(handler)["Environment"]["Variables"]
    read = SETTINGS[handler.rpartition(".")[0]].variables()
    assert set(variables) == OBSERVABILITY | set(read)


def test_channels_that_are_not_configured_are_not_in_the_environment(
    tmp_path: Path,
) -> None:
    plain = synthesize(tmp_path, slack={})
    variables = plain.hub.function(NOTIFY)["Environment"]["Variables"]
    required = {name for name, needed in SETTINGS[NOTIFY.rpartition(".")[0]].variables().items() if needed}
    assert set(variables) == OBSERVABILITY | required


def test_values_of_the_environment_are_readable_by_the_handler(deployed: Deployment) -> None:
    variables = deployed.hub.function(HARDEN)["Environment"]["Variables"]
    assert json.loads(variables["EXEMPTIONS"]) == [
        {"account": "444455556666", "reason": "Being migrated", "until": "2099-01-31"},
        {"ou": "ou-ab12-11111111", "reason": "Sandboxes", "until": "2099-01-31"},
    ]
    assert variables["REMOVE_RECENTLY_USED_KEYS"] == "false"
    assert variables["MAX_RECEIVE_COUNT"] == "8"
    assert variables["POWERTOOLS_SERVICE_NAME"] == "harden_account"
    assessing = deployed.hub.function(ASSESS)["Environment"]["Variables"]
    role = deployed.hub.role_of(HARDEN)
    assert assessing["OWN_ROLE_ARNS"] == {"Fn::Join": ["", ['["', get_arn(role), '"]']]}
    assert assessing["HUB_ACCOUNT_ID"] == HUB


@pytest.mark.parametrize(
    ("handler", "timeout", "batch", "tries"),
    [(HARDEN, 120, 1, 8), (ASSESS, 30, 10, 5), (NOTIFY, 30, 10, 6), (FORGET, 30, 10, 5)],
)
def test_queue_fits_its_function(
    deployed: Deployment, handler: str, timeout: int, batch: int, tries: int
) -> None:
    hub = deployed.hub
    function, queue_id = hub.function(handler), hub.queue_of(handler)
    queue = hub.body["Resources"][queue_id]["Properties"]
    [source] = [
        mapping
        for mapping in hub.properties("AWS::Lambda::EventSourceMapping")
        if mapping["EventSourceArn"] == get_arn(queue_id)
    ]
    assert function["Timeout"] == timeout
    assert queue["VisibilityTimeout"] == 6 * timeout
    assert queue["RedrivePolicy"]["maxReceiveCount"] == tries
    assert source["BatchSize"] == batch
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("handler", HANDLERS)
def test_function_runs_with_its_own_packages_on_arm(deployed: Deployment, handler: str) -> None:
    function = deployed.hub.function(handler)
    assert function["Architectures"] == ["arm64"]
    assert function["Runtime"] == "python3.14"
    [layer] = function["Layers"]
    [built] = deployed.hub.of_type("AWS::Lambda::LayerVersion")
    assert layer == {"Ref": built}


def test_packages_are_built_for_the_runtime_the_functions_have() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    assert f"--python-version {RUNTIME.name.removeprefix('python')} " in makefile
    assert "--platform manylinux2014_aarch64 " in makefile


@pytest.mark.parametrize("handler", HANDLERS)
def test_role_may_do_only_what_is_listed(deployed: Deployment, handler: str) -> None:
    allowed = deployed.hub.statements(deployed.hub.role_of(handler))
    assert _sorted(allowed) == _sorted(_expected(deployed, handler))


def test_every_function_has_a_role_of_its_own(deployed: Deployment) -> None:
    roles = {deployed.hub.role_of(handler) for handler in HANDLERS}
    assert len(roles) == len(HANDLERS)


def _expected(deployed: Deployment, handler: str) -> list[dict[str, Any]]:
    queue = get_arn(deployed.hub.queue_of(handler))
    chat = {"Ref": "NotificationChatTopic94F37F5D"}
    log = deployed.hub.function(handler)["LoggingConfig"]["LogGroup"]["Ref"]
    of_every_function = [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": get_arn(log),
        },
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
        HARDEN: [_REMEMBER, _PUBLISH_OUTCOMES, _DECRYPT, _DESCRIBE_ACCOUNTS, _root_sessions()],
        ASSESS: [
            _REMEMBER,
            _PUBLISH_OUTCOMES,
            _ENCRYPT,
            _DESCRIBE_ACCOUNTS,
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue},
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
        ],
    }
    return [*of_every_function, *own[handler]]


def _root_sessions() -> dict[str, Any]:
    tasks = ("IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials")
    policies = [arn(f"iam::aws:policy/root-task/{task}") for task in tasks]
    return {
        "Effect": "Allow",
        "Action": "sts:AssumeRoot",
        "Resource": arn("iam::*:root"),
        "Condition": {"StringEquals": {"sts:TaskPolicyArn": policies}},
    }


def _sorted(statements: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(statement, sort_keys=True) for statement in statements)
