"""The policies `make policies` writes, against what CloudFormation's resource types declare.

The declarations are read here as they stand; what the policies leave out of them is written down below.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from deploying.__main__ import policies_of
from deploying.assembly import read_stacks
from deploying.own_resources import UnknownType, tails_of
from deploying.policies import MOST_CHARACTERS, ONLY_FOR, Policy, Stack, compact
from tests.templates.synthesized import HUB, MANAGEMENT, synthesized
from tests.wiring.topologies.organizations import UNIT

pytestmark = pytest.mark.long

_MOST_POLICIES_OF_A_ROLE = 10
# Services that properties or update policies no template here uses would need.
_OTHER_SERVICES = frozenset(
    {"codedeploy", "ec2", "elasticfilesystem", "firehose", "kinesis", "s3files", "s3tables", "secretsmanager"}
)
# Of what properties would name that are not used: code signing, capacity providers, in one stack layers.
_OF_OTHER_RESOURCES = frozenset(
    {"lambda:GetCodeSigningConfig", "lambda:PassCapacityProvider", "lambda:GetLayerVersion"}
)
_SECRET = f"arn:aws:secretsmanager:us-east-1:{HUB}:secret:pagerduty-AbCdEf"
_ROUTES = [{"name": "Pager", "to": {"pagerduty": _SECRET}}]
# Each key that adds resources, left out; yours is the key of queues and topics.
_NOTHING_OPTIONAL: dict[str, object] = {
    "slack": {},
    "teams": {},
    "approval": {},
    "deny_root_organizational_units": [],
    "kms_key_arn": f"arn:aws:kms:us-east-1:{HUB}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
}
_OF_USERS_AND_GROUPS = frozenset(
    f"iam:{verb}{whose}Policy" for verb in ("Get", "Put", "Delete") for whose in ("User", "Group")
)


@pytest.fixture(scope="module")
def stacks() -> list[Stack]:
    """A deployment with every option there is."""
    units = {"member_organizational_units": [UNIT, "ou-ab12-22222222"]}
    members = {"canary_organizational_units": [UNIT]}
    changes = {"deny_root_organizational_units": [UNIT], "members": members, **units}
    sweep = {"mode": "enforce", "object_lock": True, "security_hub": True}
    return read_stacks(synthesized(sweep=sweep, routes=_ROUTES, **changes).directory)


@pytest.fixture(scope="module")
def policies(stacks: list[Stack]) -> dict[str, dict[str, Policy]]:
    return policies_of(stacks)


def test_everything_the_types_declare_is_allowed_but_what_cannot_be_used(
    stacks: list[Stack], policies: dict[str, dict[str, Policy]]
) -> None:
    catalogue = _catalogue()
    for stack in stacks:
        allowed = _allowed(policies[stack.account])
        for resource_type in {resource["Type"] for resource in stack.resources}:
            left_out = _declared(resource_type) - allowed
            unexplained = {
                action
                for action in left_out - _OF_USERS_AND_GROUPS - _OF_OTHER_RESOURCES
                if _is_action(action, catalogue)
                and action.partition(":")[0] not in _OTHER_SERVICES
                and not any(action in only for (of, _), only in ONLY_FOR.items() if of == resource_type)
            }
            # A stack without a key or a bucket has nothing these could be done to.
            services = {each.partition(":")[0] for each in unexplained}
            assert services <= {"kms", "s3"} - _services(stack), (stack.name, unexplained)


def test_a_stack_with_layers_may_read_them(policies: dict[str, dict[str, Policy]]) -> None:
    assert "lambda:GetLayerVersion" in _allowed(policies[HUB])


def test_what_was_missing_in_earlier_policies_is_there(policies: dict[str, dict[str, Policy]]) -> None:
    assert {
        *("chatbot:AssociateToConfiguration", "chatbot:ListAssociations", "chatbot:TagResource"),
        *("iam:CreateServiceLinkedRole", "logs:DescribeIndexPolicies", "logs:DescribeResourcePolicies"),
    } <= _allowed(policies[HUB])
    for account in (HUB, MANAGEMENT):
        resources = _resources(policies[account])
        version = f"arn:aws:ssm:us-east-1:{account}:parameter/cdk-bootstrap/hnb659fds/version"
        assets = f"arn:aws:s3:::cdk-hnb659fds-assets-{account}-us-east-1/*"
        assert version in resources["ssm:GetParameters"]
        assert assets in resources["s3:GetObject"]
        # With one set of credentials, where the hub's account trusts the management account.
        reached = {MANAGEMENT, HUB} if account == MANAGEMENT else {HUB}
        assert resources["sts:AssumeRole"] == {
            f"arn:aws:iam::{each}:role/cdk-hnb659fds-*" for each in reached
        }


def test_a_route_s_key_is_read_and_kept_by_eventbridge(policies: dict[str, dict[str, Policy]]) -> None:
    resources = _resources(policies[HUB])
    kept = f"arn:aws:secretsmanager:us-east-1:{HUB}:secret:events!connection/*"
    assert resources["secretsmanager:GetSecretValue"] == {_SECRET, kept}
    assert resources["secretsmanager:DeleteSecret"] == {kept}
    assert resources["events:CreateConnection"] == {
        f"arn:aws:events:us-east-1:{HUB}:connection/RootWardenHub-*"
    }
    assert resources["iam:CreateServiceLinkedRole"] == {
        f"arn:aws:iam::{HUB}:role/aws-service-role/{service}.amazonaws.com/*"
        for service in ("management.chatbot", "apidestinations.events")
    }


def test_what_a_configuration_no_longer_has_may_still_be_deleted(
    stacks: list[Stack], policies: dict[str, dict[str, Policy]]
) -> None:
    """Else CloudFormation gives up, says UPDATE_COMPLETE, and leaves it where it is."""
    bare = policies_of(read_stacks(synthesized(**_NOTHING_OPTIONAL).directory))
    for stack in stacks:
        if stack.is_bootstrapless:
            continue
        allowed, still = _resources(policies[stack.account]), _resources(bare[stack.account])
        for resource_type in {resource["Type"] for resource in stack.resources}:
            # Types declare it for filters and headers that somebody's own key encrypts; here none are.
            for action in _declared(resource_type, "delete") & allowed.keys() - {"kms:Decrypt"}:
                assert allowed[action] <= still.get(action, set()), (resource_type, action)
    assert "secretsmanager:DeleteSecret" in _allowed(bare[HUB])


def test_a_configuration_may_not_create_what_it_does_not_have() -> None:
    bare = policies_of(read_stacks(synthesized(**_NOTHING_OPTIONAL).directory))
    assert not {
        *("chatbot:CreateSlackChannelConfiguration", "events:CreateConnection", "ssm:CreateDocument"),
        *("kms:CreateKey", "kms:Decrypt"),
    } & _allowed(bare[HUB])
    assert "organizations:CreatePolicy" not in _allowed(bare[MANAGEMENT])


def test_a_runbook_may_be_replaced_by_one_of_another_content(policies: dict[str, dict[str, Policy]]) -> None:
    """Its name ends in a digest of the content, such as who approves."""
    resources = _resources(policies[HUB])
    documents = {f"arn:aws:ssm:us-east-1:{HUB}:document/rootwarden-*"}
    assert resources["ssm:CreateDocument"] == resources["ssm:DeleteDocument"] == documents


def test_teams_without_slack_is_allowed_as_well() -> None:
    stacks = read_stacks(synthesized(slack={}).directory)
    assert "chatbot:CreateMicrosoftTeamsChannelConfiguration" in _allowed(policies_of(stacks)[HUB])


def test_a_type_that_is_not_known_is_an_error() -> None:
    stack = Stack("S", HUB, "us-east-1", {"Resources": {"Cache": {"Type": "AWS::DAX::Cluster"}}})
    with pytest.raises(UnknownType, match="S has AWS::DAX::Cluster"):
        tails_of(stack)


def test_no_property_is_used_whose_actions_are_left_out(stacks: list[Stack]) -> None:
    used = {
        (resource["Type"], name)
        for stack in stacks
        for resource in stack.resources
        for name in resource.get("Properties", {})
    }
    assert used & set(ONLY_FOR) == set()


def test_only_what_knows_no_resource_is_allowed_on_all(policies: dict[str, dict[str, Policy]]) -> None:
    catalogue = _catalogue()
    for found in policies.values():
        for action, resources in _resources(found).items():
            if "*" in resources:
                service, _, name = action.partition(":")
                assert not catalogue[service]["Actions"][name.lower()] or action.endswith("TemplateSummary")


def test_the_policies_are_ones_that_iam_takes(policies: dict[str, dict[str, Policy]], tmp_path: Path) -> None:
    resources: dict[str, dict[str, Any]] = {}
    for account, found in policies.items():
        assert len(found) <= _MOST_POLICIES_OF_A_ROLE
        for name, policy in found.items():
            assert len(compact(policy)) <= MOST_CHARACTERS
            key = f"{name}{account}".title().replace("-", "")
            resources[key] = {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": policy},
            }
    template = tmp_path / "policies.json"
    template.write_text(json.dumps({"Resources": resources}))

    # It comes without types.
    assert import_module("cfnlint.api").lint_file(template) == []
    with mock_aws():
        for name, resource in resources.items():
            document = json.dumps(resource["Properties"]["PolicyDocument"])
            boto3.client("iam").create_policy(PolicyName=name, PolicyDocument=document)


def _allowed(policies: dict[str, Policy]) -> set[str]:
    return set(_resources(policies))


def _resources(policies: dict[str, Policy]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for policy in policies.values():
        for statement in policy["Statement"]:
            for action in statement["Action"]:
                found.setdefault(action, set()).update(statement["Resource"])
    return found


def _declared(resource_type: str, *wanted: str) -> set[str]:
    """Return every permission a resource type's schema names; wanted: for these handlers alone."""
    if resource_type.startswith("Custom::"):
        return {"lambda:InvokeFunction"}
    if resource_type == "AWS::CDK::Metadata":
        return set()
    manager = import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    handlers = manager.get_resource_schema("us-east-1", resource_type).schema["handlers"]
    return {action for name in wanted or handlers for action in handlers[name]["permissions"]}


def _services(stack: Stack) -> set[str]:
    return {resource["Type"].split("::")[1].lower() for resource in stack.resources}


def _is_action(action: str, catalogue: dict[str, Any]) -> bool:
    service, _, name = action.partition(":")
    return name.lower() in catalogue.get(service, {"Actions": {}})["Actions"]


def _catalogue() -> dict[str, Any]:
    data = Path(import_module("cfnlint").__file__ or "").parent / "data" / "AdditionalSpecs"
    document = json.loads((data / "Policies.json").read_text(encoding="utf-8"))
    return {
        service: {
            "Actions": {name.lower(): found.get("Resources") for name, found in each["Actions"].items()}
        }
        for service, each in document.items()
    }
