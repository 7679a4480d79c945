"""The IAM policies of docs/deploying.md, against what the templates create.

The actions of each type are those that its CloudFormation resource type declares for creating, reading
and deleting a resource with the properties used here.
"""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.synthesized import Deployment, synthesize
from tests.topologies.organizations import UNIT

_GUIDE = Path(__file__).parents[2] / "docs" / "deploying.md"
_BLOCK = re.compile(r"^```json policy=(?P<name>\S+)\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)
_LONGEST_MANAGED_POLICY = 6144

_SQS = "sqs:CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue"
_TYPES = {
    "AWS::CDK::Metadata": "",
    "AWS::Chatbot::SlackChannelConfiguration": "chatbot:CreateSlackChannelConfiguration"
    " DescribeSlackChannelConfigurations UpdateSlackChannelConfiguration DeleteSlackChannelConfiguration"
    " iam:PassRole",
    "AWS::CloudFormation::StackSet": "cloudformation:GetTemplateSummary CreateStackSet CreateStackInstances"
    " DescribeStackSet DescribeStackSetOperation ListStackSetOperationResults UpdateStackSet"
    " ListStackInstances DeleteStackInstances DeleteStackSet TagResource",
    "AWS::CloudWatch::Alarm": "cloudwatch:PutMetricAlarm DescribeAlarms DeleteAlarms TagResource"
    " ListTagsForResource",
    "AWS::CloudWatch::Dashboard": "cloudwatch:GetDashboard PutDashboard DeleteDashboards",
    "AWS::DynamoDB::Table": "dynamodb:CreateTable DescribeTable DeleteTable UpdateTable UpdateTimeToLive"
    " DescribeTimeToLive UpdateContinuousBackups DescribeContinuousBackups ListTagsOfResource",
    "AWS::Events::EventBus": "events:CreateEventBus DescribeEventBus PutPermission DeleteEventBus"
    " ListTagsForResource TagResource",
    "AWS::Events::Rule": "events:PutRule DescribeRule DeleteRule PutTargets RemoveTargets"
    " ListTargetsByRule iam:PassRole",
    "AWS::IAM::Policy": "iam:PutRolePolicy GetRolePolicy DeleteRolePolicy",
    "AWS::IAM::Role": "iam:CreateRole GetRole DeleteRole PutRolePolicy GetRolePolicy DeleteRolePolicy"
    " ListRolePolicies ListAttachedRolePolicies UpdateAssumeRolePolicy UpdateRole TagRole",
    "AWS::KMS::Key": "kms:CreateKey DescribeKey EnableKeyRotation GetKeyPolicy GetKeyRotationStatus"
    " ListResourceTags PutKeyPolicy ScheduleKeyDeletion UpdateKeyDescription TagResource",
    "AWS::Lambda::EventSourceMapping": "lambda:CreateEventSourceMapping GetEventSourceMapping"
    " UpdateEventSourceMapping DeleteEventSourceMapping",
    "AWS::Lambda::Function": "lambda:CreateFunction GetFunction UpdateFunctionCode"
    " UpdateFunctionConfiguration DeleteFunction GetFunctionCodeSigningConfig"
    " GetRuntimeManagementConfig TagResource iam:PassRole s3:GetObject GetObjectVersion",
    "AWS::Lambda::LayerVersion": "lambda:PublishLayerVersion GetLayerVersion DeleteLayerVersion"
    " s3:GetObject GetObjectVersion",
    "AWS::Logs::LogGroup": "logs:CreateLogGroup DeleteLogGroup PutRetentionPolicy DescribeLogGroups"
    " ListTagsForResource TagResource",
    "AWS::Organizations::Policy": "organizations:CreatePolicy DescribePolicy UpdatePolicy DeletePolicy"
    " AttachPolicy DetachPolicy ListTargetsForPolicy ListTagsForResource TagResource",
    "AWS::S3::Bucket": "s3:CreateBucket ListBucket PutBucketVersioning PutEncryptionConfiguration"
    " PutLifecycleConfiguration PutBucketPublicAccessBlock PutBucketOwnershipControls"
    " PutBucketObjectLockConfiguration",
    "AWS::S3::BucketPolicy": "s3:GetBucketPolicy PutBucketPolicy DeleteBucketPolicy",
    "AWS::SNS::Subscription": "sns:Subscribe Unsubscribe GetSubscriptionAttributes",
    "AWS::SNS::Topic": "sns:CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes"
    " ListSubscriptionsByTopic ListTagsForResource TagResource",
    "AWS::SNS::TopicPolicy": "sns:SetTopicAttributes",
    "AWS::SQS::Queue": _SQS,
    "AWS::SQS::QueuePolicy": "sqs:SetQueueAttributes",
    "AWS::SSM::Document": "ssm:CreateDocument GetDocument DescribeDocument DeleteDocument AddTagsToResource"
    " ListTagsForResource iam:PassRole",
    "AWS::Scheduler::ScheduleGroup": "scheduler:CreateScheduleGroup GetScheduleGroup DeleteScheduleGroup"
    " DeleteSchedule ListTagsForResource TagResource",
    "AWS::Scheduler::Schedule": "scheduler:CreateSchedule GetSchedule UpdateSchedule DeleteSchedule"
    " iam:PassRole",
    "AWS::StepFunctions::StateMachine": "states:CreateStateMachine DescribeStateMachine UpdateStateMachine"
    " DeleteStateMachine ListTagsForResource TagResource iam:PassRole",
    "Custom::AWS": "lambda:InvokeFunction",
}
_STACKS = {
    "RootWardenHub": ("rootwarden-hub", "rootwarden-sweep", "rootwarden-approval"),
    "RootWardenOrganization": ("rootwarden-organization",),
    "RootWardenForwarding-eu-west-1": ("rootwarden-deployer",),
}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A deployment with every option there is."""
    return synthesize(tmp_path_factory.mktemp("everything"), deny_root_organizational_units=[UNIT])


@pytest.fixture(scope="module")
def policies() -> dict[str, dict[str, Any]]:
    """The policies of the guide by name."""
    found = _BLOCK.finditer(_GUIDE.read_text(encoding="utf-8"))
    return {match["name"]: json.loads(match["body"]) for match in found}


@pytest.mark.parametrize("stack", _STACKS)
def test_the_policies_allow_what_a_stack_takes(
    stack: str, everything: Deployment, policies: dict[str, Any]
) -> None:
    types = {resource["Type"] for resource in everything.templates[stack].body["Resources"].values()}
    assert types - set(_TYPES) == set(), "what do these take? add it here and to the guide"
    needed = {action for each in types for action in _actions(_TYPES[each])}

    allowed = {action for name in _STACKS[stack] for action in _allowed(policies[name])}

    assert needed - allowed == set()


def test_the_guide_leaves_no_stack_out(everything: Deployment, policies: dict[str, Any]) -> None:
    assert set(everything.templates) == set(_STACKS)
    assert set(policies) == {name for names in _STACKS.values() for name in names}


def test_the_policies_fit_and_name_actions_that_exist(policies: dict[str, Any], tmp_path: Path) -> None:
    for name, policy in policies.items():
        assert len(json.dumps(policy, separators=(",", ":"))) <= _LONGEST_MANAGED_POLICY, name
    resources = {
        name.title().replace("-", ""): {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": policy},
        }
        for name, policy in policies.items()
    }
    template = tmp_path / "policies.json"
    template.write_text(json.dumps({"Resources": resources}))

    # It comes without types.
    assert import_module("cfnlint.api").lint_file(template) == []


def test_everything_with_a_name_is_bounded_by_it(policies: dict[str, Any]) -> None:
    unbounded = {
        statement["Sid"]
        for policy in policies.values()
        for statement in policy["Statement"]
        if statement["Resource"] == "*"
    }

    assert unbounded == {"DenyRoot", "Key", "QueuesToFunctions", "Slack", "StackSet"}


def _actions(written: str) -> Iterator[str]:
    service = ""
    for word in written.split():
        service, name = word.split(":") if ":" in word else (service, word)
        yield f"{service}:{name}"


def _allowed(policy: dict[str, Any]) -> Iterator[str]:
    for statement in policy["Statement"]:
        actions = statement["Action"]
        yield from [actions] if isinstance(actions, str) else actions
