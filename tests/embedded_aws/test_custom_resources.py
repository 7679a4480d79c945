from collections.abc import Callable
from typing import Any

import pytest

from embedded_aws.cloudformation.deployment import DeploymentError
from embedded_aws.environment import EmbeddedAws
from tests.embedded_aws.templates import HUB, MANAGEMENT, Stack, allow, att, aws_call, queue

Deploy = Callable[..., EmbeddedAws]


def call(*statements: Any, account: str = MANAGEMENT, rest: Any = None, **create: Any) -> Stack:
    return Stack(account=account, resources={**aws_call(statements, **create), **(rest or {})})


@pytest.mark.parametrize("service", ["Organizations", "organizations", "@aws-sdk/client-organizations"])
@pytest.mark.parametrize("action", ["describeOrganization", "DescribeOrganizationCommand"])
def test_the_call_is_made_and_its_answer_can_be_used(deployed: Deploy, service: str, action: str) -> None:
    user = {"Queue": queue(QueueName=att("Call", "Organization.Id"))}
    aws = deployed(
        call(allow("organizations:DescribeOrganization"), service=service, action=action, rest=user)
    )
    [url] = aws.client("sqs", account=MANAGEMENT).list_queues()["QueueUrls"]
    assert url.endswith("/o-aa111bb222")


def test_the_call_is_judged_by_the_provider_s_role(deployed: Deploy) -> None:
    with pytest.raises(DeploymentError, match="not authorized to perform: iam:EnableOrganizationsRoot"):
        deployed(call(service="IAM", action="enableOrganizationsRootSessions"))


def test_a_failure_fails_the_deployment_with_aws_s_reason(deployed: Deploy) -> None:
    enable = call(
        allow("iam:EnableOrganizationsRootSessions"),
        account=HUB,
        service="IAM",
        action="enableOrganizationsRootSessions",
    )
    with pytest.raises(DeploymentError, match=r"Stack/Call \(Custom::AWS\): .*neither management account"):
        deployed(enable)


def test_errors_declared_harmless_are_harmless(deployed: Deploy) -> None:
    aws = deployed(
        call(
            allow("iam:EnableOrganizationsRootSessions"),
            account=HUB,
            service="IAM",
            action="enableOrganizationsRootSessions",
            ignoreErrorCodesMatching="^AccountNotManagement",
        )
    )

    [refused] = [call for call in aws.extensions.calls if call.operation == "EnableOrganizationsRootSessions"]
    assert refused.error_code


def test_an_unknown_resource_type_is_an_error_that_names_it(deployed: Deploy) -> None:
    with pytest.raises(DeploymentError, match=r"Stack/X \(AWS::Moon::Base\): .*not known"):
        deployed(Stack(resources={"X": {"Type": "AWS::Moon::Base"}}))


def test_an_unknown_property_is_an_error_that_names_it(deployed: Deploy) -> None:
    with pytest.raises(DeploymentError, match=r"Stack/X .* has Colour"):
        deployed(Stack(resources={"X": queue(Colour="red")}))
