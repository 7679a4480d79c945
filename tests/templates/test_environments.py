"""What functions are configured with fits into their environments, whatever AWS fills in."""

import json
from typing import Any

import pytest
from aws_cdk.region_info import RegionInfo

from rootwarden.contract.asked_values import MAX_EMAILS_BYTES
from stacks.configuration.blocks import MAX_EXEMPTIONS_BYTES, MAX_EXPECTED_BYTES
from tests.templates.synthesized import CONFIGURATION, HUB, MANAGEMENT, Deployment, Template, synthesized

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; measured as JSON.
_LAMBDA_TAKES = 4096
_REGION = "ap-southeast-1"
_PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": _REGION,
    "AWS::AccountId": HUB,
    "AWS::URLSuffix": "amazonaws.com",
}
# How long a name may be that CloudFormation makes up: the stack's, the logical id, 13 characters.
_LONGEST = {
    "AWS::DynamoDB::Table": 255,
    "AWS::Events::EventBus": 256,
    "AWS::IAM::Role": 64,
    "AWS::Lambda::Function": 64,
    "AWS::S3::Bucket": 63,
    "AWS::SNS::Topic": 256,
    "AWS::SQS::Queue": 80,
    "AWS::Scheduler::ScheduleGroup": 64,
    "AWS::SSM::Document": 128,
}
_NAMED_BY = ("Name", "RoleName", "FunctionName", "QueueName", "TopicName")


def _name(template: Template, logical_id: str) -> str:
    resource = template.body["Resources"][logical_id]
    given = (resource.get("Properties", {}).get(key) for key in _NAMED_BY)
    made_up = f"{template.name}-{logical_id}-{'X' * 13}"[: _LONGEST[resource["Type"]]]
    return next((name for name in given if isinstance(name, str)), made_up)


def _referred(template: Template, logical_id: str, *, attribute: bool) -> str:
    resource = template.body["Resources"][logical_id]
    kind, properties = resource["Type"], resource.get("Properties", {})
    if kind == "AWS::Lambda::Alias":
        function = _name(template, properties["FunctionName"]["Ref"])
        return f"arn:aws:lambda:{_REGION}:{HUB}:function:{function}:{properties['Name']}"
    name = _name(template, logical_id)
    if kind == "AWS::SQS::Queue" and not attribute:
        return f"https://sqs.{_REGION}.amazonaws.com/{HUB}/{name}"
    if kind == "AWS::IAM::Role" and attribute:
        return f"arn:aws:iam::{HUB}:role{properties.get('Path', '/')}{name}"
    if attribute or kind == "AWS::SNS::Topic":
        return f"arn:aws:{kind.split('::')[1].lower()}:{_REGION}:{HUB}:{name}"
    return name


def _text(value: Any, template: Template) -> str:
    """Return a variable as deployed, with names as CloudFormation makes them."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_text(part, template) for part in parts)
        case {"Ref": pseudo} if pseudo in _PSEUDO:
            return _PSEUDO[pseudo]
        case {"Ref": logical_id}:
            return _referred(template, logical_id, attribute=False)
        case {"Fn::GetAtt": [logical_id, _]}:
            return _referred(template, logical_id, attribute=True)
    assert isinstance(value, str), value
    return value


def _sizes(deployed: Deployment) -> dict[str, int]:
    """Return how long each function's environment is, as Lambda measures it."""
    found = {}
    for template in deployed:
        for function in template.properties("AWS::Lambda::Function"):
            variables: dict[str, Any] = function.get("Environment", {}).get("Variables", {})
            texts = {name: _text(value, template) for name, value in variables.items()}
            size = len(json.dumps(texts, separators=(",", ":")))
            found[f"{template.name} {function.get('Handler')}"] = size
    return found


def _at_most(entry: dict[str, Any], key: str, most: int) -> list[dict[str, Any]]:
    """Return one entry that takes as many bytes as a list of them may."""
    return [{**entry, key: "x" * (most - len(json.dumps(json.dumps([entry], separators=(",", ":")))))}]


def _emails() -> list[str]:
    few = [f"{number:03}@example.com" for number in range(MAX_EMAILS_BYTES // 20)]
    return [
        f"{'x' * (MAX_EMAILS_BYTES - len(json.dumps(json.dumps(few, separators=(',', ':')))))}{few[0]}",
        *few[1:],
    ]


# Whatever stands in an environment, as long as the configuration takes it.
_LONG: dict[str, Any] = {
    "hub_region": _REGION,
    "organization_id": f"o-{'a' * 32}",
    "alert_emails": _emails(),
    "slack": {
        **CONFIGURATION["slack"],
        "webhook_secret_arn": f"arn:aws:secretsmanager:{_REGION}:{HUB}:secret:{'s' * 519}",
    },
    "identity_center": {"start_url": f"https://{'a' * 492}", "permission_set": "p" * 32},
    "runbook_url": f"https://{'a' * 492}",
    "owner_tag": "o" * 128,
    "exemptions": _at_most(
        {"account": "444455556666", "reason": "", "until": "2099-01-31"}, "reason", MAX_EXEMPTIONS_BYTES
    ),
    "expected": _at_most(
        {
            "principal": f"arn:aws:iam::{HUB}:role/Operator",
            "calls": ["sts:AssumeRoot"],
            "reason": "",
            "until": "2099-01-31",
        },
        "reason",
        MAX_EXPECTED_BYTES,
    ),
    "forwarding_regions": [each.name for each in RegionInfo.regions if each.partition == "aws"],
    "sweep": {"mode": "enforce", "schedule": "rate(4 days)", "max_concurrency": 7, "security_hub": True},
    "name_prefix": "abcde-",
    "role_path": f"/{'p' * 126}/",
}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(
            {"hub_account_id": MANAGEMENT, "approval": {}, "forwarding_regions": ["default"]},
            id="in the management account",
            marks=pytest.mark.long,
        ),
        pytest.param(
            {"hub_account_id": HUB, "forwarding_regions": ["default"]},
            id="elsewhere",
            marks=pytest.mark.long,
        ),
        pytest.param(_LONG, id="longest"),
    ],
)
def test_every_environment_is_one_that_lambda_takes(given: dict[str, Any]) -> None:
    sizes = _sizes(synthesized(**given))

    assert len(sizes) > 10
    assert {name: size for name, size in sizes.items() if size > _LAMBDA_TAKES} == {}
