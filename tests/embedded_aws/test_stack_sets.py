import json
from collections.abc import Callable
from typing import Any

import pytest

from embedded_aws.cloudformation.deployment import DeploymentError
from embedded_aws.environment import EmbeddedAws
from embedded_aws.organizations.organization import Account
from tests.embedded_aws.templates import HUB, MANAGEMENT, MEMBER, Stack, allow, aws_call, queue

Deploy = Callable[..., EmbeddedAws]
NEW = Account(id="777788889999", name="new", organizational_unit="ou-ab12-11111111")
ACTIVATION = {"service": "CloudFormation", "action": "activateOrganizationsAccess"}


def stack_set(*units: str, regions: tuple[str, ...] = ("us-east-1",), automatic: bool = True) -> Stack:
    template = {
        "Parameters": {"Name": {"Type": "String"}},
        "Resources": {"Queue": queue(QueueName={"Ref": "Name"})},
    }
    return Stack(
        account=MANAGEMENT,
        resources={
            **aws_call([allow("cloudformation:ActivateOrganizationsAccess")], **ACTIVATION),
            "Set": {
                "Type": "AWS::CloudFormation::StackSet",
                "DependsOn": "Call",
                "Properties": {
                    "StackSetName": "members",
                    "PermissionModel": "SERVICE_MANAGED",
                    "AutoDeployment": {"Enabled": automatic},
                    "Parameters": [{"ParameterKey": "Name", "ParameterValue": "in-member"}],
                    "StackInstancesGroup": [
                        {
                            "DeploymentTargets": {"OrganizationalUnitIds": list(units)},
                            "Regions": list(regions),
                        }
                    ],
                    "TemplateBody": json.dumps(template),
                },
            },
        },
    )


def has_queue(aws: EmbeddedAws, account: str, region: str = "us-east-1") -> bool:
    queues: dict[str, Any] = aws.client("sqs", account=account, region=region).list_queues()
    return any(url.endswith("/in-member") for url in queues.get("QueueUrls", []))


def test_every_member_gets_the_template_and_the_management_account_never(deployed: Deploy) -> None:
    aws = deployed(stack_set("r-ab12", regions=("us-east-1", "eu-west-1")))
    for region in ("us-east-1", "eu-west-1"):
        assert has_queue(aws, MEMBER, region)
        assert has_queue(aws, HUB, region)
        assert not has_queue(aws, MANAGEMENT, region)


def test_only_the_units_named_and_only_active_accounts(deployed: Deploy) -> None:
    aws = deployed(stack_set("ou-ab12-11111111"))
    assert has_queue(aws, MEMBER)
    assert not has_queue(aws, "555566667777")
    assert not has_queue(aws, "666677778888")


@pytest.mark.parametrize("automatic", [True, False])
def test_accounts_that_join_later_get_it_when_deployment_is_automatic(
    deployed: Deploy, *, automatic: bool
) -> None:
    aws = deployed(stack_set("r-ab12", automatic=automatic))
    aws.state.join(NEW)
    aws.run_until_idle()
    assert has_queue(aws, NEW.id) is automatic


def test_stack_sets_need_access_to_the_organization(deployed: Deploy) -> None:
    stack = stack_set("r-ab12")
    resources = {key: value for key, value in stack.resources.items() if key != "Call"}
    del resources["Set"]["DependsOn"]
    with pytest.raises(DeploymentError, match="must enable organizations access"):
        deployed(Stack(account=MANAGEMENT, resources=resources))
