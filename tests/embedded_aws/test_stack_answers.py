from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.environment import EmbeddedAws
from tests.embedded_aws.templates import HUB, MANAGEMENT, MEMBER, Stack, att, queue
from tests.embedded_aws.test_stack_sets import stack_set
from tests.stage import START

Deploy = Callable[..., EmbeddedAws]
OUTPUTS = {
    "Url": {"Value": {"Ref": "Queue"}, "Description": "where to send"},
    "Arn": {"Value": att("Queue")},
    "Both": {"Value": {"Fn::Join": ["/", [att("Queue", "QueueName"), {"Ref": "AWS::Region"}]]}},
}
NAMED = Stack(
    name="Named",
    resources={"Queue": queue(QueueName="mine")},
    rest={"Outputs": OUTPUTS},
)


def cloudformation(aws: EmbeddedAws, account: str = HUB, region: str = "us-east-1") -> Any:
    return aws.client("cloudformation", account=account, region=region)


def code_of(call: Callable[..., Any], **parameters: str) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


def test_a_stack_tells_its_outputs(deployed: Deploy) -> None:
    client = cloudformation(deployed(NAMED))
    [stack] = client.describe_stacks(StackName="Named")["Stacks"]
    assert (stack["StackStatus"], stack["CreationTime"]) == ("CREATE_COMPLETE", START)
    outputs = {output.pop("OutputKey"): output for output in stack["Outputs"]}
    assert outputs["Url"]["OutputValue"].endswith("/222233334444/mine")
    assert outputs["Url"]["Description"] == "where to send"
    assert outputs["Arn"] == {"OutputValue": f"arn:aws:sqs:us-east-1:{HUB}:mine"}
    assert outputs["Both"]["OutputValue"] == "mine/us-east-1"
    assert client.describe_stacks(StackName=stack["StackId"])["Stacks"] == client.describe_stacks()["Stacks"]


def test_a_stack_is_there_only_where_it_was_deployed(deployed: Deploy) -> None:
    aws = deployed(NAMED)
    for elsewhere in (cloudformation(aws, MEMBER), cloudformation(aws, region="eu-west-1")):
        assert code_of(elsewhere.describe_stacks, StackName="Named") == "ValidationError"
    assert code_of(cloudformation(aws).describe_stacks, StackName="Other") == "ValidationError"


def test_a_stack_set_tells_where_it_is_deployed(deployed: Deploy) -> None:
    aws = deployed(stack_set("ou-ab12-11111111", regions=("us-east-1", "eu-west-1")))
    client = cloudformation(aws, MANAGEMENT)
    described = client.describe_stack_set(StackSetName="members")["StackSet"]
    assert described["Status"] == "ACTIVE"
    assert described["AutoDeployment"]["Enabled"]
    assert described["OrganizationalUnitIds"] == ["ou-ab12-11111111"]
    assert described["Regions"] == ["us-east-1", "eu-west-1"]
    summaries = client.list_stack_instances(StackSetName="members")["Summaries"]
    assert [(s["Account"], s["Region"], s["OrganizationalUnitId"], s["Status"]) for s in summaries] == [
        (MEMBER, "us-east-1", "ou-ab12-11111111", "CURRENT"),
        (MEMBER, "eu-west-1", "ou-ab12-11111111", "CURRENT"),
    ]
    one = client.list_stack_instances(StackSetName="members", StackInstanceRegion="eu-west-1")
    assert one["Summaries"] == summaries[1:]


def test_a_stack_set_is_its_own_account_s(deployed: Deploy) -> None:
    aws = deployed(stack_set("r-ab12"))
    hub, management = cloudformation(aws), cloudformation(aws, MANAGEMENT)
    assert code_of(hub.describe_stack_set, StackSetName="members") == "StackSetNotFoundException"
    assert code_of(management.list_stack_instances, StackSetName="other") == "StackSetNotFoundException"
    as_delegate = {"StackSetName": "members", "CallAs": "DELEGATED_ADMIN"}
    assert code_of(hub.list_stack_instances, **as_delegate) == "ValidationError"


def test_a_stack_set_without_instances_is_in_no_region(deployed: Deploy) -> None:
    # A unit without an account
    client = cloudformation(deployed(stack_set("ou-ab12-99999999")), MANAGEMENT)
    described = client.describe_stack_set(StackSetName="members")["StackSet"]
    assert described["Regions"] == []
