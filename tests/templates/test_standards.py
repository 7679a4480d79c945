"""What is asked of all that is deployed: tags, a boundary and a path for each role, one's own key."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from deploying.assembly import read_stacks
from deploying.policies import execution_policies
from stacks.configuration.reading import ConfigurationError, read_configuration
from tests.docs.page import Page
from tests.templates.synthesized import CONFIGURATION, HUB, Deployment, synthesized

_KEY = f"arn:aws:kms:us-east-1:{HUB}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_TAGS = {"team": "security", "cost-center": "4711"}
_STANDARDS: dict[str, Any] = {
    "tags": _TAGS,
    "permissions_boundary": "boundaries/rootwarden",
    "role_path": "/security/rootwarden/",
    "kms_key_arn": _KEY,
    # Canary units are a StackSet of their own.
    "member_organizational_units": ["ou-ab12-11111111", "ou-ab12-33333333"],
    "members": {"canary_organizational_units": ["ou-ab12-11111111"]},
}
_BOUNDARY = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/boundaries/rootwarden"}
# What takes no tags, or only in a way of its own; the tags of its stack are on it where CloudFormation can.
_WITHOUT_TAGS = {
    *(
        "AWS::CDK::Metadata",
        "Custom::AWS",
        "AWS::IAM::Policy",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
    ),
    *(
        "AWS::SQS::QueuePolicy",
        "AWS::S3::BucketPolicy",
        "AWS::Lambda::Permission",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Alias",
        "AWS::Lambda::Version",
    ),
    *("AWS::CloudWatch::Dashboard", "AWS::Scheduler::Schedule"),
}


@pytest.fixture(scope="module")
def held() -> Deployment:
    return synthesized(**_STANDARDS)


@pytest.mark.long
def test_every_role_has_boundary_and_path_in_every_template(held: Deployment) -> None:
    roles = list(_of_type(held, "AWS::IAM::Role"))
    assert {name for name, _ in roles} == {*held.templates, "member"}
    for name, properties in roles:
        assert (properties.get("PermissionsBoundary"), properties.get("Path")) == (
            _BOUNDARY,
            "/security/rootwarden/",
        ), name


def test_every_resource_and_stack_set_has_the_tags(held: Deployment) -> None:
    for template in held.templates.values():
        for logical_id, resource in template.body["Resources"].items():
            if resource["Type"] not in _WITHOUT_TAGS:
                assert _tags(resource["Properties"].get("Tags")) == _TAGS, (logical_id, resource["Type"])
    assert len(list(_of_type(held, "AWS::CloudFormation::StackSet"))) == 2


def test_members_let_in_the_collectors_role_by_its_path(held: Deployment) -> None:
    [policy] = held.member.properties("AWS::SQS::QueuePolicy")
    [arn] = [
        statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Sid") == "HubCollector"
    ]
    assert arn["Fn::Join"][1][-1] == f":iam::{HUB}:role/security/rootwarden/rootwarden-collect-undelivered"


def test_policies_to_deploy_with_follow_the_path(held: Deployment) -> None:
    stacks = read_stacks(held.directory)
    creating = {
        resource
        for stack in stacks
        if not stack.is_bootstrapless
        for policy in execution_policies(stack)
        for statement in policy["Statement"]
        if "iam:CreateRole" in statement["Action"]
        for resource in statement["Resource"]
    }
    assert creating
    assert all(":role/security/rootwarden/" in resource for resource in creating)


def test_with_an_own_key_none_is_created_and_everything_uses_it(held: Deployment) -> None:
    assert list(_of_type(held, "AWS::KMS::Key")) == []
    encrypted = [
        *(
            properties
            for _, properties in _of_type(held, "AWS::SNS::Topic")
            if "KmsMasterKeyId" in properties
        ),
        *(properties for properties in held.hub.properties("AWS::SQS::Queue")),
    ]
    assert {each["KmsMasterKeyId"] for each in encrypted} == {_KEY}
    assert _uses_of_key(held)


def test_key_policy_of_the_documentation_has_what_a_created_key_has_and_roles_need(
    deployed: Deployment, held: Deployment
) -> None:
    [block] = Page("docs/configuration.md").blocks("Your own key", "json")
    account, *services = json.loads(block)
    [key] = deployed.hub.properties("AWS::KMS::Key")
    assert services == [each for each in key["KeyPolicy"]["Statement"] if "Service" in each["Principal"]]
    assert account["Principal"] == {"AWS": f"arn:aws:iam::{HUB}:root"}
    assert _uses_of_key(held) <= set(account["Action"])


def test_tag_given_on_the_command_line_stays_a_text() -> None:
    given = {"rootwarden": {**CONFIGURATION, "tags": _TAGS}, "rootwarden.tags.cost-center": "0815"}
    assert read_configuration(given).tags == {"team": "security", "cost-center": "0815"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tags", ["team"]),
        ("tags", {"aws:team": "security"}),
        ("tags", {"team": 4711}),
        ("tags", {"team": "x" * 257}),
        ("tags", {str(number): "x" for number in range(51)}),
        ("permissions_boundary", "arn:aws:iam::111122223333:policy/boundary"),
        ("permissions_boundary", "/boundaries/rootwarden"),
        ("kms_key_arn", f"arn:aws:kms:us-east-1:{HUB}:alias/rootwarden"),
        ("kms_key_arn", _KEY.replace("us-east-1", "eu-west-1")),
        ("role_path", "rootwarden"),
        ("role_path", "/rootwarden"),
    ],
)
def test_what_aws_would_refuse_is_refused_before(key: str, value: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration({"rootwarden": {**CONFIGURATION, key: value}})
    assert [mistake.key for mistake in refused.value.mistakes] == [key]


def _of_type(held: Deployment, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((template.name, found) for template in held for found in template.properties(kind))


def _uses_of_key(held: Deployment) -> set[str]:
    """Return what the hub's roles may do with the key."""
    statements = [
        statement
        for policy in held.hub.properties("AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Resource"] == _KEY
    ]
    actions = [each["Action"] for each in statements]
    return {action for found in actions for action in ([found] if isinstance(found, str) else found)}


def _tags(found: Any) -> dict[str, str]:
    listed = (
        found
        if isinstance(found, list)
        else [{"Key": key, "Value": value} for key, value in (found or {}).items()]
    )
    return {each["Key"]: each["Value"] for each in listed}
